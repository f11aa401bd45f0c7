"""What is said of each hostile file of another kind: its problems, and its warnings."""

from catalog.importing.former_studies import NOTICES

from .hostile_messages import (
    A_DATE,
    ADDRESS,
    BLANK,
    LETTERS,
    LEVELS_OF_AREAS,
    NO_CURRENT,
    NO_EXPERT,
    NOBODY,
    NONE_ADDED,
    NUMBER,
    STRESS,
    TYPES,
    UMBRELLA,
)

# Row, column, value, message.
OTHERS: dict[str, tuple[list, list]] = {
    "experts__repeated_slug": (
        [(4, "slug", "ana-lee", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
    "experts__same_name_twice": (
        [(4, "name", "Ana  LEE", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
    "ratings__column_of_another_kind": (
        [(1, "", "doi", "There is no such column in a file of ratings.")],
        [],
    ),
    "ratings__falls_and_is_older": (
        [],
        [
            (2, "scientific_rating", "5", "This falls by 4 levels: the current rating is 1."),
            (2, "rated_on", "2019", "This is older than the current rating, which is of 2024-06."),
        ],
    ),
    "ratings__misspelt_names": (
        [
            (
                2,
                "program",
                "Stedy Ground",
                f"There is no such program. Did you mean “steady-ground”? {NONE_ADDED}",
            ),
            (4, "topic_area", "workforce-well-being", UMBRELLA),
        ],
        [],
    ),
    "ratings__none_current": (
        [(2, "is_current", "no", NO_CURRENT), (3, "is_current", "no", NO_CURRENT)],
        [],
    ),
    "ratings__past_rating_changed": (
        [(2, "", "", "A past rating is kept as it was; rationale cannot change.")],
        [],
    ),
    "ratings__past_rating_made_current": (
        [(2, "", "", "A past rating is kept as it was; current cannot change.")],
        [],
    ),
    "ratings__repeated": (
        [(3, "scientific_rating", "2", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
    "ratings__two_current": (
        [
            (
                3,
                "is_current",
                "yes",
                "Row 2 gives another current rating of the same program in the same topic area.",
            )
        ],
        [],
    ),
    "references__doi": (
        [
            (
                2,
                "doi",
                "see publisher",
                "“see publisher” is not a DOI. A DOI looks like 10.1093/sw/52.1.63.",
            ),
            (3, "doi", "10.1093/SW/52.1.63", "The reference “bride-2007” has this DOI already."),
            (
                5,
                "doi",
                "https://doi.org/10.5555/NEW",
                "The reference “c-2020” has this DOI already.",
            ),
            (6, "doi", "10.1234", "“10.1234” is not a DOI. A DOI looks like 10.1093/sw/52.1.63."),
        ],
        [],
    ),
    "references__key_with_spaces": (
        [(2, "key", "Bride 2007", LETTERS)],
        [],
    ),
    "references__pages_made_a_date": (
        [],
        [(2, "issue", "3-Apr", A_DATE), (2, "pages", "12-Mar", A_DATE)],
    ),
    "references__same_title_twice": (
        [(3, "title", "On  STRESS", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
    "references__type_in_other_words": (
        [(2, "reference_type", "Article", TYPES), (2, "url", "doi.org/x", ADDRESS)],
        [],
    ),
    "references__years": (
        [
            (2, "year", "in press", NUMBER),
            (3, "year", "20007", "Write a whole number from 1500 to 2100."),
            (4, "year", "1066", "Write a whole number from 1500 to 2100."),
            (5, "year", "2019a", NUMBER),
        ],
        [],
    ),
    "studies__numbers": (
        [
            (2, "follow_up_months", "601", "Write a whole number from 0 to 600."),
            (2, "sample_size", "1,204", NUMBER),
            (3, "follow_up_months", "1 year", NUMBER),
            (3, "sample_size", "-5", NUMBER),
            (4, "follow_up_months", "12.0", NUMBER),
            (4, "sample_size", "99999999999", "Write a whole number from 0 to 999,999,999."),
        ],
        [(1, "", "sample_size", "Notice. This is called enrolled now.")],
    ),
    "studies__reason_with_another_role": (
        [
            (
                2,
                "exclusion_reason",
                "Too small.",
                "Only a study whose role is not-used takes a reason.",
            )
        ],
        [(1, "", name, NOTICES[name]) for name in ("role", "exclusion_reason")],
    ),
    "studies__twice": (
        [(3, "reference", "SPRANG-2007", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
    "studies__unknown_reference": (
        [
            (
                2,
                "reference",
                "bride-2008",
                f"There is no such reference. Did you mean “bride-2007”? {NONE_ADDED}",
            ),
            (
                3,
                "program",
                "steady ground two",
                f"There is no such program. Did you mean “steady-ground”? {NONE_ADDED}",
            ),
            (4, "program", "", BLANK),
        ],
        [],
    ),
    "topic-areas__circles_and_levels": (
        [
            (2, "parent", "burnout", "A topic area cannot be its own umbrella area."),
            (
                3,
                "parent",
                "Secondary Traumatic Stress",
                f"“Secondary Traumatic Stress”{LEVELS_OF_AREAS}",
            ),
            (
                4,
                "parent",
                "boundaries",
                "This area is an umbrella area itself; areas have two levels.",
            ),
            (
                5,
                "parent",
                "Secondary Traumatic Stres",
                f"There is no such topic area. Did you mean “{STRESS}”? {NONE_ADDED}",
            ),
        ],
        [],
    ),
    "topic-areas__name_of_another": (
        [
            (2, "name", "BURNOUT", "There is a topic area with this name already."),
            (3, "name", "Fatigue", "There is a topic area with this name already."),
            (4, "name", "fatigue", "There is a topic area with this name already."),
        ],
        [
            (2, "name", "BURNOUT", "Possible duplicate of “burnout”."),
            (4, "name", "fatigue", "Possible duplicate of “fatigue”."),
        ],
    ),
    "topic-areas__unknown_experts": (
        [
            (2, "year_added", "21", "Write a whole number from 1900 to 2100."),
            (
                2,
                "experts",
                "robin-exampel|nobody",
                f"“robin-exampel”: {NO_EXPERT} Did you mean “robin-example”? {NONE_ADDED} {NOBODY}",
            ),
            (
                2,
                "further_reading",
                "Bride 2007",
                f"“Bride 2007”: There is no such reference. Did you mean “bride-2007”? {NONE_ADDED}",
            ),
        ],
        [],
    ),
}
