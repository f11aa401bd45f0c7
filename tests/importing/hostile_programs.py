"""What is said of each hostile file of programs: its problems, and its warnings."""

from .hostile_messages import (
    ADDRESS,
    BLANK,
    E_MAIL,
    GARBLED,
    LETTERS,
    LEVELS,
    NO_STATUS,
    NONE_ADDED,
    NUMBER,
    OUTCOMES,
    REASONS,
    SETTINGS,
    STATUSES,
    STRESS,
    UMBRELLA,
    WHEN,
)

# Row, column, value, message.
PROGRAMS: dict[str, tuple[list, list]] = {
    "programs__abbreviation_of_two_areas": (
        [
            (
                2,
                "topic_area",
                "BO",
                "More than one topic area is called this; write its slug: burnout, boundaries.",
            )
        ],
        [],
    ),
    "programs__addresses": (
        [
            (2, "website", "www.example.org", ADDRESS),
            (2, "contact_email", "robin at example.org", E_MAIL),
            (3, "website", "see flyer", ADDRESS),
            (3, "contact_email", "robin@example", E_MAIL),
            (4, "website", "javascript:alert(1)", ADDRESS),
            (4, "contact_email", "robin@example.org; ana@example.org", E_MAIL),
        ],
        [],
    ),
    "programs__ages_against_those_recorded": (
        [(2, "child_age_min", "", "3 is above the greatest age, 2.")],
        [],
    ),
    "programs__column_without_name": (
        [(1, "", "", "Column 2 has no name.")],
        [],
    ),
    "programs__commas_in_a_list": (
        [
            (2, "delivery_settings", "school; shelter", SETTINGS),
            (2, "outcomes", "safety, permanency", OUTCOMES),
        ],
        [],
    ),
    "programs__control_characters": ([], []),
    "programs__dates": (
        [
            (
                2,
                "loaded_on",
                "03/04/2026",
                f"“03/04/2026” can be read as two different days. {WHEN}",
            ),
            (3, "loaded_on", "6/15/24", f"“6/15/24” is not a date. {WHEN}"),
            (4, "loaded_on", "Jun-24", f"“Jun-24” is not a date. {WHEN}"),
            (5, "loaded_on", "2024-06-31", "“2024-06-31” is not a date: June 2024 has no day 31."),
            (
                6,
                "loaded_on",
                "31 June 2024",
                "“2024-06-31” is not a date: June 2024 has no day 31.",
            ),
            (
                7,
                "loaded_on",
                "1776",
                "“1776” is not a date of the record: years run from 1900 to 2099.",
            ),
            (
                8,
                "loaded_on",
                "2999-01",
                "“2999-01” is not a date of the record: years run from 1900 to 2099.",
            ),
            (9, "loaded_on", "2024-13", f"“2024-13” is not a date. {WHEN}"),
            (10, "loaded_on", "last spring", f"“last spring” is not a date. {WHEN}"),
            (11, "loaded_on", "45000", f"“45000” is not a date. {WHEN}"),
            (12, "loaded_on", "2024-6-15", f"“2024-6-15” is not a date. {WHEN}"),
        ],
        [],
    ),
    "programs__emoji_and_right_to_left": ([], []),
    "programs__everything_wrong_in_one_row": (
        [
            (2, "slug", "a b", LETTERS),
            (2, "child_age_min", "x", NUMBER),
            (2, "outcomes", "joy", OUTCOMES),
            (2, "website", "example", ADDRESS),
            (2, "loaded_on", "soon", f"“soon” is not a date. {WHEN}"),
            (2, "status", "live", STATUSES),
            (2, "topic_area", "Nowhere", f"There is no such topic area. {NONE_ADDED}"),
            (2, "scientific_rating", "9", LEVELS),
        ],
        [],
    ),
    "programs__formulas": (
        [],
        [],
    ),
    "programs__further_row_without_area": (
        [
            (
                3,
                "topic_area",
                "",
                "Row 2 is about the same program; a further row names a further topic area.",
            )
        ],
        [],
    ),
    "programs__garbled_letters": (
        [],
        [
            (2, "name", "CafÃ© Talk", GARBLED),
            (2, "description", "Steady GroundÂ® helps", GARBLED),
            (3, "name", "Caf� Circle", GARBLED),
            (3, "description", "Itâ€™s good", GARBLED),
        ],
    ),
    "programs__header_in_capitals": (
        [],
        [],
    ),
    "programs__html": (
        [],
        [],
    ),
    "programs__impossible_ages": (
        [
            (2, "child_age_min", "12", "12 is above the greatest age, 5."),
            (3, "child_age_max", "99", "Write a whole number from 0 to 25."),
            (4, "child_age_min", "5-12", NUMBER),
            (5, "child_age_min", "-1", NUMBER),
            (6, "child_age_min", "12.5", NUMBER),
            (7, "child_age_min", "1e5", NUMBER),
            (8, "child_age_min", "١٢", NUMBER),
            (9, "child_age_min", "12 years", NUMBER),
            (10, "child_age_min", "O", NUMBER),
        ],
        [],
    ),
    "programs__misspelt_columns": (
        [
            (
                1,
                "",
                "acronim",
                "There is no such column in a file of programs. Did you mean “acronym”?",
            ),
            (
                1,
                "",
                "descripton",
                "There is no such column in a file of programs. Did you mean “description”?",
            ),
            (
                1,
                "",
                "rating",
                "There is no such column in a file of programs. Did you mean “duration”?",
            ),
            (1, "", "notes_from_ana", "There is no such column in a file of programs."),
        ],
        [],
    ),
    "programs__name_of_two": (
        [(2, "name", "Twin", "Several entries have this name; write the slug: twin, twin-2.")],
        [],
    ),
    "programs__near_duplicates": (
        [],
        [
            (2, "name", "The Steady Ground", "Possible duplicate of “steady-ground”."),
            (3, "name", "Steady Grounds", "Possible duplicate of “steady-ground”."),
            (5, "name", "Bright-Start", "Possible duplicate of “bright-start”."),
        ],
    ),
    "programs__no_key_column": (
        [(1, "", "", "The column that tells the rows apart is missing: slug or name.")],
        [],
    ),
    "programs__no_name": (
        [(2, "name", "", "Without a slug the row needs a name."), (3, "name", "", BLANK)],
        [],
    ),
    "programs__older_rating": (
        [],
        [(2, "rated_on", "2023-05", "This is older than the current rating, which is of 2024-06.")],
    ),
    "programs__placed_without_rating": (
        [
            (
                2,
                "scientific_rating",
                "",
                "To place a program in a topic area, give its rating there.",
            ),
            (3, "topic_area", "", "A rating needs the topic area that it holds in."),
            (4, "scientific_rating", "", "Give the rating that these cells belong to."),
        ],
        [],
    ),
    "programs__publishing_without_permission": (
        [
            (2, "status", "published", NO_STATUS),
            (3, "status", "draft", NO_STATUS),
            (4, "status", "in-review", NO_STATUS),
        ],
        [],
    ),
    "programs__rating_falls": (
        [],
        [(2, "scientific_rating", "4", "This falls by 3 levels: the current rating is 1.")],
    ),
    "programs__rating_in_other_words": (
        [
            (2, "scientific_rating", "Three", LEVELS),
            (3, "scientific_rating", "Promising Reserch Evidence", f"{LEVELS} Did you mean “3”?"),
            (4, "scientific_rating", "6", LEVELS),
            (5, "scientific_rating", "N/A", LEVELS),
            (6, "scientific_rating", "3*", LEVELS),
        ],
        [],
    ),
    "programs__rating_of_the_future": (
        [],
        [(2, "rated_on", "2098-05", "This date has not come yet.")],
    ),
    "programs__rating_recorded_before": (
        [(2, "", "", "This rating of the program, of the same date, is recorded already.")],
        [
            (2, "scientific_rating", "3", "This falls by 2 levels: the current rating is 1."),
            (2, "rated_on", "2020", "This is older than the current rating, which is of 2024-06."),
        ],
    ),
    "programs__reason_misspelt": (
        [
            (
                2,
                "not_rated_reason",
                "no control group",
                f"{REASONS} Did you mean “no-control-group”?",
            )
        ],
        [],
    ),
    "programs__reason_without_nr": (
        [(2, "not_rated_reason", "measures", "Only NR takes a reason for not being rated.")],
        [],
    ),
    "programs__repeated_column": (
        [(1, "", "acronym", "The column stands there twice.")],
        [],
    ),
    "programs__retired_touched": (
        [],
        [(2, "", "Calm Corners", "This entry is retired.")],
    ),
    "programs__rows_disagree": (
        [
            (3, "acronym", "N1", "Row 2 says “NO” of the same program."),
            (4, "child_age_min", "4", "Row 2 says “3” of the same program."),
        ],
        [],
    ),
    "programs__same_area_twice": (
        [(3, "topic_area", "Burnout", "Row 2 places the same program in the same topic area.")],
        [],
    ),
    "programs__slug_with_spaces": (
        [
            (2, "slug", "New One", LETTERS),
            (3, "slug", "zoë", LETTERS),
            (4, "slug", "https://example.org/programs/new", LETTERS),
        ],
        [],
    ),
    "programs__spreadsheet_errors": (
        [],
        [
            (2, "acronym", "#N/A", "The spreadsheet could not work this cell out."),
            (2, "description", "#REF!", "The spreadsheet could not work this cell out."),
            (3, "name", "#NAME?", "The spreadsheet could not work this cell out."),
        ],
    ),
    "programs__status_misspelt": (
        [
            (2, "status", "Published!", f"{STATUSES} Did you mean “published”?"),
            (3, "status", "live", STATUSES),
        ],
        [],
    ),
    "programs__too_long": (
        [
            (
                2,
                "name",
                "Very " * 61 + "long",
                "This has 309 characters; there may be 300 at most.",
            ),
            (2, "acronym", "A" * 51, "This has 51 characters; there may be 50 at most."),
            (3, "slug", "s" * 101, "This has 101 characters; there may be 100 at most."),
        ],
        [],
    ),
    "programs__trademark_variants": (
        [],
        [],
    ),
    "programs__trademark_variants_in_one_file": (
        [
            (3, "name", "BRIGHT START (TM)", "Row 2 says “Bright Start™” of the same program."),
            (4, "name", "Bright  Start®", "Row 2 says “Bright Start™” of the same program."),
            (4, "topic_area", "STS", "Row 2 places the same program in the same topic area."),
        ],
        [],
    ),
    "programs__umbrella_area_rated": (
        [(2, "topic_area", "Workforce well-being", UMBRELLA)],
        [],
    ),
    "programs__unknown_codes": (
        [
            (2, "relevance_level", "very high", "Use one of: high, medium, low."),
            (2, "manual_available", "maybe", "Use one of: yes, no, not-known."),
            (2, "outcomes", "safety|happiness", OUTCOMES),
        ],
        [],
    ),
    "programs__unknown_topic_area": (
        [
            *(
                (
                    row,
                    "topic_area",
                    "Secondary Trauma Stress",
                    f"There is no such topic area. Did you mean “{STRESS}”? {NONE_ADDED}",
                )
                for row in range(2, 14)
            ),
            (14, "topic_area", "Nowhere", f"There is no such topic area. {NONE_ADDED}"),
        ],
        [],
    ),
    "programs__very_long_line": (
        [
            (
                2,
                "description",
                ("word " * 20_000).strip(),
                "This has 99,999 characters; there may be 50,000 at most.",
            )
        ],
        [],
    ),
    "programs__yes_please": (
        [
            (2, "is_nonresponder", "yes please", "Write yes or no."),
            (3, "is_nonresponder", "Y", "Write yes or no."),
            (4, "is_nonresponder", "✓", "Write yes or no."),
        ],
        [],
    ),
}
