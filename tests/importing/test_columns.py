"""The columns of a file: its header, what it leaves out, and cells that are blank."""

import pytest

from catalog.models import (
    Program,
    Reference,
    Status,
    Study,
    TopicArea,
    TopicExpert,
)
from catalog.resources import KINDS

from ..factories import (
    ProgramFactory,
    StudyFactory,
    TopicAreaFactory,
)
from .loading import NEW_ROWS, NOTHING, counts, full_program, load, places, problems, stored, values

pytestmark = [pytest.mark.django_db, pytest.mark.once]


# --- The header


@pytest.mark.parametrize("kind", KINDS)
def test_header_is_checked_as_a_whole(kind, neighbours):
    rows = [["x"] * 6]
    header = ["nmae", "id", "", "status!", "nmae", "zzzz"]
    text = "\n".join(",".join(cells) for cells in [header, *rows])

    result = load(kind, text)

    assert [(row, column, value) for row, column, value, _ in problems(result)] == [
        (1, "", "nmae"),
        (1, "", "id"),
        (1, "", ""),
        (1, "", "status!"),
        (1, "", "zzzz"),
        (1, "", ""),
    ]
    assert result.problems[2].message == "Column 3 has no name."
    assert result.counts == NOTHING


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("experts", "slug or name"),
        ("references", "key or doi or title"),
        ("topic-areas", "slug or name"),
        ("programs", "slug or name"),
        ("ratings", "program and topic_area and scientific_rating"),
        ("studies", "program and reference"),
        ("findings", "program and reference and topic_area and outcome"),
        ("contacts", "program and purpose and name"),
        ("registries", "slug or name"),
        ("external-ratings", "program and registry and scope"),
    ],
)
def test_header_without_the_key_is_refused(kind, message, db):
    other = KINDS[kind].columns()[-1]

    result = load(kind, f"{other}\nx\n")

    assert problems(result) == [
        (1, "", "", f"The column that tells the rows apart is missing: {message}.")
    ]


def test_header_suggests_the_column_that_may_be_meant(db):
    result = load("programs", "slug,nmae,summery,relevance\na,b,c,d\n")

    assert problems(result) == [
        (1, "", "nmae", "There is no such column in a file of programs. Did you mean “name”?"),
        (1, "", "summery", "There is no such column in a file of programs."),
        (
            1,
            "",
            "relevance",
            "There is no such column in a file of programs. Did you mean “relevance_level”?",
        ),
    ]


def test_cells_of_known_columns_are_checked_beside_an_unknown_one(neighbours):
    """All that is wrong is said at once; a name that is missing may be the column that is misspelt."""
    before = stored()

    result = load(
        "programs", "slug,nmae,child_age_min,status\nold-program,X,young,\nnew,Y,2,gone\n"
    )

    assert [(row, column, value) for row, column, value, _ in problems(result)] == [
        (1, "", "nmae"),
        (2, "child_age_min", "young"),
        (3, "status", "gone"),
    ]
    assert stored() == before


def test_header_names_a_column_that_stands_there_twice(db):
    result = load("programs", "name,Acronym,acronym\na,b,c\n")

    assert problems(result) == [(1, "", "acronym", "The column stands there twice.")]


def test_header_may_differ_in_case_and_spacing_and_order(db):
    load("programs", " Child Age Max ,RELEVANCE-LEVEL,Name\n12,high,A\n")

    assert list(Program.objects.values_list("name", "relevance_level", "child_age_max")) == [
        ("A", "high", 12)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_file_without_rows_does_nothing(kind, neighbours):
    before = stored()

    result = load(kind, ",".join(KINDS[kind].columns()) + "\n")

    assert (problems(result), result.counts) == ([], NOTHING)
    assert stored() == before


# --- Absent columns and blank cells


def test_absent_columns_leave_their_fields_alone(db):
    program = full_program()
    before = values(program)

    result = load("programs", "slug,acronym\nfull,FF\n")

    program.refresh_from_db()
    assert result.counts == counts(changed=1)
    assert values(program) == {**before, "acronym": "FF"}


def test_blank_cells_clear_their_fields(db):
    program = full_program()
    cleared = {
        "acronym": "",
        "also_known_as": (),
        "description": "",
        "child_age_min": None,
        "child_age_max": None,
        "relevance_level": "",
        "outcomes": (),
        "languages": (),
        "manual_available": "not-known",
        "is_nonresponder": False,
        "loaded_on": "",
        "website": "",
    }
    before = values(program)

    load("programs", [{"slug": "full", **dict.fromkeys(cleared, "  ")}])

    program.refresh_from_db()
    assert values(program) == {**before, **cleared}


def test_blank_cells_clear_links_to_other_entries(neighbours):
    umbrella = TopicAreaFactory(name="Umbrella")
    area = TopicAreaFactory(name="Part", parent=umbrella, year_added=2020)
    area.experts.set(TopicExpert.objects.all())
    area.further_reading.set(Reference.objects.all())
    area.related_areas.set([umbrella])

    load("topic-areas", "slug,parent,year_added,experts,further_reading,related_areas\npart,,,,,\n")

    area.refresh_from_db()
    assert (area.parent, area.year_added) == (None, None)
    assert list(area.experts.all()) == list(area.further_reading.all()) == []
    assert list(area.related_areas.all()) == []


def test_related_areas_may_stand_anywhere_in_the_file(db):
    TopicAreaFactory(name="There", slug="there", abbreviation="TH")
    rows = "slug,name,abbreviation,related_areas\na,First,F,Second|TH|second\nsecond,Second,,f|a\n"

    previewed, result = load("topic-areas", rows, dry_run=True), load("topic-areas", rows)

    assert problems(result) == []
    assert previewed.plan == result.plan
    related = {a.slug: {r.slug for r in a.related_areas.all()} for a in TopicArea.objects.all()}
    assert related == {"a": {"second", "there"}, "second": {"a"}, "there": set()}
    last = TopicArea.history.filter(slug="a").latest("history_id")
    assert last.related_areas.count() == 2
    assert load("topic-areas", rows).counts["unchanged"] == 2


def test_an_area_is_not_related_to_itself(db):
    TopicAreaFactory(name="There", slug="there")

    result = load("topic-areas", "slug,name,related_areas\nthere,There,There\nnew,New,new\n")

    message = "A topic area is not related to itself."
    assert problems(result) == [
        (2, "related_areas", "There", message),
        (3, "related_areas", "new", message),
    ]


def test_blank_cells_clear_the_facts_of_references_and_studies(neighbours):
    Reference.objects.update(doi="10.1234/abc", container="Journal")
    StudyFactory(
        program=Program.objects.get(),
        reference=Reference.objects.get(),
        enrolled=7,
        design="rct",
        usual_care="yes",
    )

    load("references", "key,year,container,doi\nold-2020,,,\n")
    load(
        "studies",
        "program,reference,enrolled,design,usual_care\nold-program,old-2020,,,\n",
    )

    reference, study = Reference.objects.get(), Study.objects.get()
    assert (reference.year, reference.container, reference.doi) == (None, "", "")
    assert (study.enrolled, study.design, study.usual_care) == (None, "", "not-known")


@pytest.mark.parametrize("status", Status.values)
def test_blank_status_is_kept_because_every_entry_has_one(status, db):
    program = ProgramFactory(name="A", status=status)

    result = load("programs", "slug,status\na,\n")

    program.refresh_from_db()
    assert (result.counts, program.status) == (counts(unchanged=1), status)


@pytest.mark.parametrize(
    ("kind", "row", "column", "message"),
    [
        ("experts", {"slug": "old-expert", "name": ""}, "name", "This field cannot be blank."),
        ("topic-areas", {"slug": "old-area", "name": ""}, "name", "This field cannot be blank."),
        ("programs", {"slug": "old-program", "name": ""}, "name", "This field cannot be blank."),
        ("programs", {"slug": "new", "name": ""}, "name", "This field cannot be blank."),
        ("references", {"key": "old-2020", "title": ""}, "title", "This field cannot be blank."),
        (
            "programs",
            {"slug": "", "name": "", "acronym": "A"},
            "name",
            "Without a slug the row needs a name.",
        ),
    ],
)
def test_what_every_entry_has_cannot_be_blank(kind, row, column, message, neighbours):
    before = stored()

    result = load(kind, [row])

    assert problems(result) == [(2, column, "", message)]
    assert stored() == before


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("ratings", "program"),
        ("ratings", "topic_area"),
        ("ratings", "scientific_rating"),
        ("studies", "program"),
        ("studies", "reference"),
        ("findings", "program"),
        ("findings", "reference"),
        ("findings", "topic_area"),
        ("contacts", "program"),
        ("contacts", "purpose"),
        ("external-ratings", "program"),
        ("external-ratings", "registry"),
        ("external-ratings", "rating"),
    ],
)
def test_the_ends_of_a_link_cannot_be_blank(kind, column, neighbours):
    texts = {"studies": "summary", "findings": "note", "contacts": "title"}
    text = {**texts, "external-ratings": "checked_by"}.get(kind, "rationale")

    result = load(kind, [{**NEW_ROWS[kind], column: "", text: "x"}])

    assert places(result) == [(2, column)]
