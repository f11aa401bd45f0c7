"""What cells may hold."""

import pytest
from django.db import models

from catalog.models import (
    Program,
    Rating,
    Reference,
    ScientificRating,
)
from catalog.resources import KINDS
from catalog.values.fields import PartialDateField

from ..factories import (
    ProgramFactory,
    ReferenceFactory,
)
from .loading import NEW_ROWS, load, places, problems, stored

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def cell_of(column, cell):
    """Import a cell of a program's column; return the field's value, or what is wrong."""
    ProgramFactory(name="A", relevance_level="", manual_available="yes")
    result = load("programs", [{"slug": "a", column: cell}])
    if result.problems:
        assert places(result) == [(2, column)]
        assert result.problems[0].value == cell
        return result.problems[0].message
    return getattr(Program.objects.get(slug="a"), column)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("yes", True),
        ("TRUE", True),
        ("1", True),
        ("no", False),
        ("False", False),
        ("0", False),
        ("", False),
    ],
)
def test_boolean_cells_are_understood(cell, value, db):
    assert cell_of("is_nonresponder", cell) is value


@pytest.mark.parametrize("cell", ["maybe", "2", "x", "yes!", "-", "n/a", "None"])
def test_other_boolean_cells_are_errors(cell, db):
    assert cell_of("is_nonresponder", cell) == "Write yes or no."


@pytest.mark.parametrize(
    "cell",
    ["1e1000000", "12.5", "12.0", "-1", "1,2", "٣", "twelve", "0x1", "1_0"],
)
def test_number_cells_hold_whole_numbers_in_digits(cell, db):
    assert cell_of("child_age_min", cell) == "Write a whole number in digits, such as 12."


@pytest.mark.parametrize("cell", ["26", "99999", "9" * 10, "9" * 5000])
def test_numbers_that_are_too_great_are_told_how_great_they_may_be(cell, db):
    assert cell_of("child_age_min", cell) == "Write a whole number from 0 to 25."


@pytest.mark.parametrize("cell", ["007", "7", " 7 "])
def test_number_cells_are_read_as_numbers(cell, db):
    assert cell_of("child_age_min", cell) == 7


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("studies", {**NEW_ROWS["studies"], "follow_up_months": "32768"}),
        ("studies", {**NEW_ROWS["studies"], "enrolled": "2147483648"}),
        ("findings", {**NEW_ROWS["findings"], "sustained_months": "601"}),
        ("references", {**NEW_ROWS["references"], "year": "20077"}),
        ("references", {**NEW_ROWS["references"], "year": "1499"}),
        ("topic-areas", {**NEW_ROWS["topic-areas"], "year_added": "99999"}),
        ("programs", {**NEW_ROWS["programs"], "child_age_min": "99999"}),
    ],
)
def test_numbers_that_no_database_holds_or_nobody_means_are_errors(kind, row, neighbours):
    """Both databases: SQLite would store what PostgreSQL refuses."""
    before = stored()

    result = load(kind, [row])

    assert places(result) == [(2, list(row)[-1])]
    assert stored() == before


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("relevance_level", "high", "high"),
        ("relevance_level", "High", "high"),
        ("manual_available", "Not known", "not-known"),
        ("manual_available", "NO", "no"),
        ("outcomes", "safety|Child/Family Well-Being", ("safety", "well-being")),
        ("outcomes", " Safety | safety | ", ("safety",)),
        (
            "delivery_settings",
            "Community-based agency, organization or provider|school",
            ("community-agency", "school"),
        ),
        ("languages", "Spanish|English|Spanish", ("Spanish", "English")),
        ("status", "In Review", "in-review"),
    ],
)
def test_codes_and_official_labels_are_understood(column, cell, value, db):
    assert cell_of(column, cell) == value


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("relevance_level", "very high", "Use one of: high, medium, low."),
        ("manual_available", "perhaps", "Use one of: yes, no, not-known."),
        ("status", "live", "Use one of: draft, in-review, published, retired."),
        (
            "outcomes",
            "safety|stability",
            "Use one of: safety, permanency, well-being. Separate several by |.",
        ),
    ],
)
def test_other_codes_are_errors_that_list_the_codes(column, cell, message, db):
    assert cell_of(column, cell) == message


@pytest.mark.parametrize(("code", "label"), ScientificRating.choices)
def test_levels_are_understood_by_code_and_by_official_label(code, label, neighbours):
    ProgramFactory(name="Other program")

    result = load(
        "ratings",
        [
            {**NEW_ROWS["ratings"], "scientific_rating": code.lower()},
            {**NEW_ROWS["ratings"], "program": "other-program", "scientific_rating": label.upper()},
        ],
    )

    assert problems(result) == []
    assert list(Rating.objects.values_list("scientific_rating", flat=True)) == [code, code]


@pytest.mark.parametrize("cell", ["0", "6", "N/R", "1.0", "Promising", "-"])
@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_other_levels_are_errors(kind, cell, neighbours):
    result = load(
        kind,
        [
            {
                "program" if kind == "ratings" else "slug": "old-program",
                "topic_area": "OA",
                "scientific_rating": cell,
            }
        ],
    )

    hint = " Did you mean “NR”?" if cell == "N/R" else ""
    message = f"Use one of: 1, 2, 3, 4, 5, NR.{hint}"
    assert problems(result) == [(2, "scientific_rating", cell, message)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2024", "2024"),
        ("2024-06", "2024-06"),
        ("2024-02-29", "2024-02-29"),
        ("October 2016", "2016-10"),
        ("oct 2016", "2016-10"),
        ("October  5, 2016", "2016-10-05"),
        ("5 October 2016", "2016-10-05"),
        ("11/2026", "2026-11"),
        ("", ""),
    ],
)
def test_dates_are_kept_at_the_precision_given(cell, value, db):
    assert cell_of("loaded_on", cell) == value


EXPECTED_DATE = "Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15."


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("03/04/2026", "“03/04/2026” can be read as two different days. " + EXPECTED_DATE),
        ("3.4.26", "“3.4.26” can be read as two different days. " + EXPECTED_DATE),
        ("2023-02-29", "“2023-02-29” is not a date: February 2023 has no day 29."),
        ("31 April 2020", "“2020-04-31” is not a date: April 2020 has no day 31."),
        ("2024-13", "“2024-13” is not a date. " + EXPECTED_DATE),
        ("2024-6", "“2024-6” is not a date. " + EXPECTED_DATE),
        ("24", "“24” is not a date. " + EXPECTED_DATE),
        ("Octember 2016", "“Octember 2016” is not a date. " + EXPECTED_DATE),
        ("last year", "“last year” is not a date. " + EXPECTED_DATE),
        ("2024-06-15T00:00", "“2024-06-15T00:00” is not a date. " + EXPECTED_DATE),
        ("45458", "“45458” is not a date. " + EXPECTED_DATE),
    ],
)
def test_other_dates_are_errors_that_say_why(cell, message, db):
    assert cell_of("loaded_on", cell) == message


@pytest.mark.parametrize("cell", ["6/15/2024", "15.06.2024"])
def test_date_of_one_possible_reading_is_not_called_ambiguous(cell, db):
    """Excel writes 2024-06-15 so; the person must learn what to write, and no untruth."""
    message = cell_of("loaded_on", cell)

    assert EXPECTED_DATE in message
    assert "two different days" not in message


@pytest.mark.parametrize("place", ["programs", "ratings"])
def test_dates_of_ratings_keep_the_same_rules(place, neighbours):
    key = "program" if place == "ratings" else "slug"
    row = {key: "old-program", "topic_area": "OA", "scientific_rating": "3"}

    bad = load(place, [{**row, "rated_on": "03/04/2026"}])
    load(place, [{**row, "rated_on": "October 2016"}])

    assert places(bad) == [(2, "rated_on")]
    assert list(Rating.objects.values_list("rated_on", flat=True)) == ["2016-10"]


@pytest.mark.parametrize(
    ("cell", "doi"),
    [
        ("10.1093/SW/52.1.63", "10.1093/sw/52.1.63"),
        ("https://doi.org/10.1093/sw/52.1.63", "10.1093/sw/52.1.63"),
        ("http://dx.doi.org/10.1093/sw/52.1.63", "10.1093/sw/52.1.63"),
        ("doi: 10.1093/sw/52.1.63", "10.1093/sw/52.1.63"),
    ],
)
def test_dois_are_normalised(cell, doi, db):
    load("references", [{**NEW_ROWS["references"], "doi": cell}])

    assert Reference.objects.get().doi == doi


@pytest.mark.parametrize("cell", ["doi", "10.1", "11.1234/abc", "10.1234/a b", "www.example.org"])
def test_other_dois_are_errors(cell, db):
    result = load("references", [{**NEW_ROWS["references"], "doi": cell}])

    assert problems(result) == [
        (2, "doi", cell, f"“{cell}” is not a DOI. A DOI looks like 10.1093/sw/52.1.63.")
    ]


def test_doi_of_another_reference_is_an_error(db):
    ReferenceFactory(key="one", doi="10.1234/abc")
    ReferenceFactory(key="two")

    result = load("references", "key,doi\ntwo,10.1234/ABC\n")

    assert [(p.row, p.message) for p in result.problems] == [
        (2, "The reference “one” has this DOI already.")
    ]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"child_age_min": "12", "child_age_max": "3"}, "child_age_min"),
        (
            {"caregiver_child_age_min": "9", "caregiver_child_age_max": "2"},
            "caregiver_child_age_min",
        ),
        ({"child_age_max": "26"}, "child_age_max"),
        ({"child_age_min": "6"}, "child_age_min"),
    ],
)
def test_ages_must_be_possible_together_with_those_recorded(row, wrong, db):
    ProgramFactory(name="A", child_age_min=1, child_age_max=5)

    result = load("programs", [{"slug": "a", **row}])

    assert places(result) == [(2, wrong)]


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("ratings", {**NEW_ROWS["ratings"], "not_rated_reason": "measures"}),
        (
            "programs",
            {
                "slug": "old-program",
                "topic_area": "OA",
                "scientific_rating": "2",
                "not_rated_reason": "measures",
            },
        ),
    ],
)
def test_reason_for_not_being_rated_goes_with_nr_only(kind, row, neighbours):
    result = load(kind, [row])

    assert problems(result) == [
        (2, "not_rated_reason", "measures", "Only NR takes a reason for not being rated.")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_texts_that_are_too_long_are_errors(kind, neighbours):
    """On SQLite too, which would store them."""
    short = {
        field.name: "x" * (field.max_length + 1)
        for field in KINDS[kind]._meta.model._meta.concrete_fields
        if field.name in KINDS[kind].columns()
        and isinstance(field, models.CharField)
        and not field.choices
        and not isinstance(field, PartialDateField)
    }

    result = load(kind, [{**NEW_ROWS[kind], **short}])

    too_long = {p.column for p in result.problems if "This has " in p.message}
    assert too_long | {"doi"} & set(short) == set(short)
    assert {p.column for p in result.problems} == set(short)


@pytest.mark.parametrize(
    ("kind", "row", "wrong"),
    [
        ("programs", {"slug": "old program", "name": "A"}, "slug"),
        ("programs", {"slug": "a", "name": "A", "website": "example"}, "website"),
        ("programs", {"slug": "a", "name": "A", "website": "javascript:alert(1)"}, "website"),
        ("programs", {"slug": "a", "name": "A", "contact_email": "robin"}, "contact_email"),
        ("references", {"key": "a b", "title": "T"}, "key"),
        ("references", {"key": "a", "title": "T", "url": "nowhere"}, "url"),
        ("experts", {"name": "A", "website": "nowhere"}, "website"),
    ],
)
def test_addresses_must_be_addresses(kind, row, wrong, db):
    assert places(load(kind, [row])) == [(2, wrong)]


def test_text_is_stored_as_it_is(db):
    """What is dangerous in a page is made harmless where the page is made."""
    text = "<script>alert(1)</script> & “quotes” {{ x }}"

    load("programs", [{"name": text, "description": text}])

    assert list(Program.objects.values_list("name", "description")) == [(text, text)]
