"""Files with the mistakes that people make: each is read, and what is said of it is exactly this."""

from collections import Counter
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CharField, CheckConstraint

from catalog.importing import IMPORTERS
from catalog.models import Status, TopicArea
from catalog.resources import KINDS, read

from ..conftest import catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .test_importer import load, places, stored

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent / "hostile_files"

NUMBER = "Write a whole number in digits, such as 12."
WHEN = "Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15."
LETTERS = "Write letters a to z, digits, hyphens and underscores only, such as steady-ground."
ADDRESS = "Write a whole web address, such as https://example.org/program."
E_MAIL = "Write one e-mail address, such as name@example.org."
LEVELS = "Use one of: 1, 2, 3, 4, 5, NR."
STATUSES = "Use one of: draft, in-review, published, retired."
OUTCOMES = "Use one of: safety, permanency, well-being. Separate several by |."
SETTINGS = (
    "Use one of: adoptive-home, birth-family-home, community-agency, community-setting, day-treatment, "
    "foster-kinship-care, group-residential-care, hospital, justice-setting, outpatient-clinic, "
    "public-agency, school, shelter, virtual, workplace, other. Separate several by |."
)
REASONS = (
    "Use one of: no-eligible-study, no-control-group, measures, not-peer-reviewed, outside-outcomes, "
    "nonresponder, not-stated."
)
TYPES = (
    "Use one of: journal-article, book, chapter, report, thesis, conference-paper, website, other."
)
NONE_ADDED = "An import adds none: create it first."
NO_EXPERT = "There is no such topic expert."
NOBODY = "“nobody”: There is no such topic expert. An import adds none: create it first."
STRESS = "secondary-traumatic-stress"
UMBRELLA = "“Workforce well-being” is an umbrella area; rate the program in one of its parts."
GARBLED = "Letters seem to be garbled. Compare the cell with the original."
NO_STATUS = "Your account may not publish or retire."
NO_CURRENT = "This would leave the program without a current rating in the topic area."
LEVELS_OF_AREAS = " has an umbrella area itself; areas have two levels."
BLANK = "This field cannot be blank."
A_DATE = "This looks like a date that a spreadsheet has made of numbers such as “3-4”."

# What each file's problems are, and its warnings: row, column, value, message.
EXPECTED: dict[str, tuple[list, list]] = {
    "experts__repeated_slug": (
        [(4, "slug", "ana-lee", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
    "experts__same_name_twice": (
        [(4, "name", "Ana  LEE", "Row 2 is about the same entry. Keep one of the two.")],
        [],
    ),
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
    "programs__control_characters": (
        [],
        [
            (2, "name", "Bright\x0bStart", "The cell holds characters that cannot be seen."),
            (
                2,
                "description",
                "bell \x07 and escape \x1b[31m",
                "The cell holds characters that cannot be seen.",
            ),
        ],
    ),
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
    "programs__emoji_and_right_to_left": (
        [],
        [(2, "description", "שלום \u202eעולם", "The cell holds characters that cannot be seen.")],
    ),
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
        [],
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
            (2, "sample_size", "1,204", NUMBER),
            (2, "follow_up_months", "601", "Write a whole number from 0 to 600."),
            (3, "sample_size", "-5", NUMBER),
            (3, "follow_up_months", "1 year", NUMBER),
            (4, "sample_size", "99999999999", "Write a whole number from 0 to 999,999,999."),
            (4, "follow_up_months", "12.0", NUMBER),
        ],
        [],
    ),
    "studies__reason_with_another_role": (
        [
            (
                2,
                "exclusion_reason",
                "Too small.",
                "Only a study that is not used in the rating takes a reason for that.",
            )
        ],
        [],
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
# What the files without problems do.
COUNTS = {
    "programs__control_characters": {"new": 1},
    "programs__emoji_and_right_to_left": {"new": 1},
    "programs__formulas": {"new": 2},
    "programs__garbled_letters": {"new": 2},
    "programs__header_in_capitals": {"new": 1},
    "programs__html": {"new": 1},
    "programs__near_duplicates": {"new": 4},
    "programs__older_rating": {"re-rated": 1},
    "programs__rating_falls": {"re-rated": 1},
    "programs__rating_of_the_future": {"re-rated": 1},
    "programs__retired_touched": {"changed": 1},
    "programs__spreadsheet_errors": {"new": 2},
    "programs__trademark_variants": {"changed": 1},
    "programs__very_long_line": {"new": 1},
    "ratings__falls_and_is_older": {"re-rated": 1},
    "references__pages_made_a_date": {"new": 1},
}


@pytest.fixture
def importer(db):
    """Staff who import into a small catalog and rate what is public, and may not publish entries."""
    store_catalog()
    user = UserFactory(username="importer", is_staff=True)
    user.user_permissions.set(
        [
            *catalog_permissions("view", "add", "change", "import"),
            *(p for p in catalog_permissions("publish") if p.codename == "publish_rating"),
        ]
    )
    return user


def store_catalog():
    """Store the catalog that the files are about."""
    umbrella = TopicAreaFactory(name="Workforce well-being")
    stress = TopicAreaFactory(
        name="Secondary Traumatic Stress", abbreviation="STS", parent=umbrella
    )
    TopicAreaFactory(name="Burnout", abbreviation="BO")
    TopicAreaFactory(name="Boundaries", abbreviation="BO")
    steady = ProgramFactory(name="Steady Ground", child_age_min=3)
    RatingFactory(program=steady, topic_area=stress, scientific_rating="3", rated_on="2020")
    RatingFactory(program=steady, topic_area=stress, scientific_rating="1", rated_on="2024-06")
    ProgramFactory(name="Calm Corners", status=Status.RETIRED)
    ProgramFactory(name="Twin")
    ProgramFactory(name="Twin")
    TopicExpertFactory(name="Robin Example")
    bride = ReferenceFactory(
        key="bride-2007", title="Prevalence of stress", doi="10.1093/sw/52.1.63"
    )
    ReferenceFactory(key="sprang-2007", title="Compassion fatigue")
    StudyFactory(program=steady, reference=bride)


def test_folder_holds_the_files_of_the_table():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        f"{name}.csv" for name in EXPECTED
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_file_is_answered_with_exactly_this(name, importer):
    kind = name.partition("__")[0]
    problems, warnings = EXPECTED[name]
    before = stored()

    checked, imported = (
        IMPORTERS[kind](user=importer).run(read(kind, FOLDER / f"{name}.csv"), dry_run=dry_run)
        for dry_run in (True, False)
    )

    for result in (checked, imported):
        assert list(map(tuple, result.problems)) == problems
        assert list(map(tuple, result.warnings)) == warnings
    if problems:
        assert stored() == before
    else:
        assert Counter(imported.counts) == Counter(COUNTS[name])


# --- What the database would refuse is said before it is asked

RATING = {"program": "steady-ground", "topic_area": "burnout", "scientific_rating": "2"}
STUDY = {"program": "calm-corners", "reference": "bride-2007"}
# For each constraint the rows that would violate it, the last of them, and the column in which that is said.
VIOLATIONS = {
    "topicarea_status_is_known": ("topic-areas", [{"name": "New", "status": "live"}], "status"),
    "topicarea_name_is_unique": ("topic-areas", [{"slug": "new", "name": "BURNOUT"}], "name"),
    "topicarea_is_not_its_own_parent": (
        "topic-areas",
        [{"slug": "burnout", "parent": "burnout"}],
        "parent",
    ),
    "topicarea_year_added_is_plausible": (
        "topic-areas",
        [{"name": "New", "year_added": "1066"}],
        "year_added",
    ),
    "program_status_is_known": ("programs", [{"name": "New", "status": "live"}], "status"),
    "program_child_ages_are_possible": (
        "programs",
        [{"name": "New", "child_age_min": "12", "child_age_max": "5"}],
        "child_age_min",
    ),
    "program_caregiver_child_ages_are_possible": (
        "programs",
        [{"name": "New", "caregiver_child_age_max": "26"}],
        "caregiver_child_age_max",
    ),
    "program_delivery_settings_are_known": (
        "programs",
        [{"name": "New", "delivery_settings": "school|moon"}],
        "delivery_settings",
    ),
    "program_outcomes_are_known": ("programs", [{"name": "New", "outcomes": "joy"}], "outcomes"),
    "program_relevance_level_is_known": (
        "programs",
        [{"name": "New", "relevance_level": "lower"}],
        "relevance_level",
    ),
    "program_availability_is_known": (
        "programs",
        [{"name": "New", "manual_available": "perhaps"}],
        "manual_available",
    ),
    **{
        f"program_{column}_is_partial_date": (
            "programs",
            [{"name": "New", column: "May 24"}],
            column,
        )
        for column in ("research_last_reviewed", "content_last_reviewed", "loaded_on")
    },
    "rating_one_current": (
        "ratings",
        [
            {**RATING, "is_current": "yes"},
            {**RATING, "scientific_rating": "3", "is_current": "yes"},
        ],
        "is_current",
    ),
    "rating_is_a_new_fact": (
        "ratings",
        [
            {**RATING, "rated_on": "2020", "is_current": "yes"},
            {**RATING, "rated_on": "2020", "is_current": "no"},
        ],
        "scientific_rating",
    ),
    "rating_level_is_known": (
        "ratings",
        [{**RATING, "scientific_rating": "6"}],
        "scientific_rating",
    ),
    "rating_reason_is_known": (
        "ratings",
        [{**RATING, "scientific_rating": "NR", "not_rated_reason": "none"}],
        "not_rated_reason",
    ),
    "rating_reason_only_with_nr": (
        "ratings",
        [{**RATING, "not_rated_reason": "measures"}],
        "not_rated_reason",
    ),
    "rating_rated_on_is_partial_date": ("ratings", [{**RATING, "rated_on": "2024-6"}], "rated_on"),
    "reference_doi_is_unique": (
        "references",
        [{"key": "new", "title": "New", "doi": "10.1093/sw/52.1.63"}],
        "doi",
    ),
    "reference_doi_is_normalised": ("references", [{"title": "New", "doi": "11.1/a"}], "doi"),
    "reference_type_is_known": (
        "references",
        [{"title": "New", "reference_type": "scroll"}],
        "reference_type",
    ),
    "reference_year_is_plausible": ("references", [{"title": "New", "year": "1066"}], "year"),
    "study_reference_once_in_program": ("studies", [STUDY, STUDY], "reference"),
    "study_role_is_known": ("studies", [{**STUDY, "role": "used"}], "role"),
    "study_exclusion_reason_only_if_not_used": (
        "studies",
        [{**STUDY, "exclusion_reason": "Small."}],
        "exclusion_reason",
    ),
}
# What no cell can violate: the import itself dates a status, and merged programs are asked about (test_workflow.py).
KEPT_BY_ITSELF = {
    f"{model}_{rule}"
    for model in ("program", "topicarea")
    for rule in ("published_has_date", "retired_has_date", "retirement_reason_only_if_retired")
} | {"program_merged_is_retired"}


def models():
    return [resource._meta.model for resource in KINDS.values()]


def test_every_constraint_has_a_case():
    names = {constraint.name for model in models() for constraint in model._meta.constraints}

    assert {*VIOLATIONS, *KEPT_BY_ITSELF} == names


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violation_of_a_constraint_is_said_of_its_row(name, importer):
    kind, rows, column = VIOLATIONS[name]
    before = stored()

    result = load(kind, rows)

    assert (len(rows) + 1, column) in places(result)
    assert {place[0] for place in places(result)} <= set(range(2, len(rows) + 2))
    assert stored() == before


def check_constraints():
    return [
        (model, constraint)
        for model in models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint) and constraint.name not in KEPT_BY_ITSELF
    ]


@pytest.mark.parametrize(("model", "constraint"), check_constraints())
def test_cases_would_violate_their_constraints(model, constraint, importer):
    """Else the test above would prove nothing."""
    _, [row], _ = VIOLATIONS[constraint.name]
    entry = TopicArea.objects.get(slug="burnout") if "parent" in row else model()
    for column, cell in row.items():
        if column == "parent":
            entry.parent = entry
        elif not model._meta.get_field(column).is_relation:
            setattr(entry, column, int(cell) if cell.isdigit() else cell)

    with pytest.raises(ValidationError):
        constraint.validate(model, entry)


@pytest.mark.parametrize("kind", ["programs", "topic-areas"])
@pytest.mark.parametrize("status", ["published", "retired"])
def test_status_from_a_file_has_its_date(kind, status, importer):
    TopicAreaFactory(name="Area")
    needs = (
        {"description": "What it is.", "topic_area": "Area", "scientific_rating": "3"}
        if kind == "programs"
        else {"definition": "What it is.", "rating_criteria": "What counts."}
    )
    load(kind, [{"name": "New", "status": status, **needs}])

    entry = KINDS[kind]._meta.model.objects.get(name="New")
    assert getattr(entry, f"{status}_at") is not None


@pytest.mark.parametrize("kind", ["programs", "topic-areas", "experts", "references"])
def test_repeated_keys_are_said_of_their_rows(kind, importer):
    key = KINDS[kind].key_column
    name = "title" if kind == "references" else "name"
    areas = {"topic_area": "", "scientific_rating": ""} if kind == "programs" else {}

    result = load(kind, [{key: "new", name: text, **areas} for text in ("One", "Other")])

    assert {row for row, _ in places(result)} == {3}


def columns_of(kind):
    """Return the columns of a kind with the model's fields that they fill."""
    return [(column, KINDS[kind].model_field(column)) for column in KINDS[kind].columns()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_longer_than_its_column_is_said_of_its_cell(kind, importer):
    for column, field in columns_of(kind):
        if isinstance(field, CharField):
            result = load(kind, [{**LEAST[kind], column: "x" * (field.max_length + 1)}])
            assert (2, column) in places(result), column


LEAST = {
    "topic-areas": {"slug": "new", "name": "New"},
    "experts": {"slug": "new", "name": "New"},
    "references": {"key": "new", "title": "New"},
    "programs": {"slug": "new", "name": "New", "topic_area": "burnout", "scientific_rating": "NR"},
    "ratings": {**RATING, "scientific_rating": "NR"},
    "studies": {**STUDY, "role": "not-used"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_blank_cell_is_a_value_or_said_to_be_missing(kind, importer):
    """Nothing reaches a column that cannot be null without a value."""
    for column, field in columns_of(kind):
        result = load(kind, [{**LEAST[kind], column: ""}], dry_run=True)
        if result.problems:
            assert (2, column) in places(result) or column == "topic_area", column
            assert not field.null, column
