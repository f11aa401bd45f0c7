"""The rules of an import, kind by kind: what a file must keep, what its rows do, and what is never done."""

import csv
import io
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing import IMPORTERS
from catalog.importing.problems import Problem, Problems
from catalog.models import (
    Availability,
    DeliverySetting,
    NotRatedReason,
    Outcome,
    Program,
    Rating,
    Reference,
    ReferenceType,
    RelevanceLevel,
    ScientificRating,
    Status,
    Study,
    StudyRole,
    TopicArea,
    TopicExpert,
)
from catalog.resources import CSV, KINDS, XLSX, read
from catalog.values.fields import tidy

from ..conftest import catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
    publishable,
)

pytestmark = pytest.mark.django_db

# The order in which files build on one another.
LOADING_ORDER = ["experts", "references", "topic-areas", "programs", "ratings", "studies"]
# For each kind a row that adds an entry, where the entries of `neighbours` exist.
NEW_ROWS = {
    "experts": {"name": "Robin Example"},
    "references": {"title": "A trial", "authors": "Bride, B. E.", "year": "2007"},
    "topic-areas": {"name": "Parent training"},
    "programs": {"name": "Steady Ground"},
    "ratings": {"program": "old-program", "topic_area": "old-area", "scientific_rating": "2"},
    "studies": {"program": "old-program", "reference": "old-2020"},
}
NOTHING = {"new": 0, "changed": 0, "re-rated": 0, "unchanged": 0}


@pytest.fixture
def neighbours(db):
    """One entry of each kind that others refer to."""
    TopicExpertFactory(name="Old Expert")
    TopicAreaFactory(name="Old area", abbreviation="OA")
    ProgramFactory(name="Old program")
    ReferenceFactory(authors="Old, A.", year=2020, title="Old title")


def as_csv(rows):
    """Return rows, dictionaries by column, as the text of a CSV file."""
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def load(kind, content, *, user=None, reason="", record=None, **kwargs):
    """Import a file, given as text, as bytes or as rows."""
    if isinstance(content, list):
        content = as_csv(content)
    data = content.encode() if isinstance(content, str) else content
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        importer = IMPORTERS[kind](user=user, reason=reason, record=record)
        return importer.run(read(kind, Path(file.name)), **kwargs)


def problems(result):
    return [tuple(problem) for problem in result.problems]


def places(result):
    """Where the problems are, whatever they say."""
    return [(problem.row, problem.column) for problem in result.problems]


def counts(new=0, changed=0, re_rated=0, unchanged=0):
    return {"new": new, "changed": changed, "re-rated": re_rated, "unchanged": unchanged}


def stored():
    """Return every row of every table of the catalog, the tables of its history too."""
    tables = apps.get_app_config("catalog").get_models(include_auto_created=True)
    return {
        table._meta.label: sorted(map(repr, table._base_manager.values_list())) for table in tables
    }


def exported(kind, form=CSV):
    """Return the bytes of the file that the export writes."""
    return form().export_data(KINDS[kind]().export())


def exported_rows(kind):
    return list(csv.DictReader(io.StringIO(exported(kind).decode("utf-8-sig"), newline="")))


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


def full_program(**kwargs):
    return ProgramFactory(
        **{
            "name": "Full",
            "acronym": "F",
            "also_known_as": ("Filled",),
            "description": "Words.",
            "child_age_min": 3,
            "child_age_max": 12,
            "relevance_level": "high",
            "outcomes": ("safety",),
            "languages": ("English",),
            "manual_available": "yes",
            "is_nonresponder": True,
            "loaded_on": "2020-05",
            "website": "https://example.org/",
            **kwargs,
        }
    )


def values(entry):
    """Return what an entry's columns hold."""
    return {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}


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

    load("topic-areas", "slug,parent,year_added,experts,further_reading\npart,,,,\n")

    area.refresh_from_db()
    assert (area.parent, area.year_added) == (None, None)
    assert list(area.experts.all()) == list(area.further_reading.all()) == []


def test_blank_cells_clear_the_facts_of_references_and_studies(neighbours):
    Reference.objects.update(doi="10.1234/abc", container="Journal")
    StudyFactory(
        program=Program.objects.get(),
        reference=Reference.objects.get(),
        role="not-used",
        exclusion_reason="Old.",
        sample_size=7,
        design="Trial",
    )

    load("references", "key,year,container,doi\nold-2020,,,\n")
    load(
        "studies",
        "program,reference,role,exclusion_reason,sample_size,design\nold-program,old-2020,,,,\n",
    )

    reference, study = Reference.objects.get(), Study.objects.get()
    assert (reference.year, reference.container, reference.doi) == (None, "", "")
    assert (study.role, study.exclusion_reason, study.sample_size, study.design) == (
        "relevant",
        "",
        None,
        "",
    )


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
    ],
)
def test_the_ends_of_a_link_cannot_be_blank(kind, column, neighbours):
    text = "summary" if kind == "studies" else "rationale"

    result = load(kind, [{**NEW_ROWS[kind], column: "", text: "x"}])

    assert places(result) == [(2, column)]


# --- How a row finds its entry


@pytest.mark.parametrize(
    "name",
    [
        "Parents’ “Steady Ground”™ Program®",
        'parents\' "steady ground" program',
        "PARENTS‘  “STEADY   GROUND”  PROGRAM",
        'Parents\' "Steady Ground" (TM) Program (R)',
    ],
)
@pytest.mark.parametrize("kind", ["experts", "topic-areas", "programs"])
def test_row_finds_its_entry_by_name_however_it_is_written(kind, name, db):
    model = KINDS[kind]._meta.model
    model.objects.create(name="Parents’ “Steady Ground”™ Program®", slug="other-slug")

    result = load(kind, [{"name": name}])

    assert problems(result) == []
    assert result.counts["new"] == 0
    assert list(model.objects.values_list("slug", flat=True)) == ["other-slug"]


def test_row_finds_its_entry_by_slug_and_may_rename_it(db):
    program = ProgramFactory(name="Old name", slug="the-slug")

    result = load("programs", "slug,name\n the-slug ,New name\n")

    program.refresh_from_db()
    assert result.counts == counts(changed=1)
    assert (program.slug, program.name) == ("the-slug", "New name")


def test_row_with_another_entrys_name_is_about_the_entry_of_its_slug(db):
    ProgramFactory(name="One")
    ProgramFactory(name="Two")

    load("programs", "slug,name,acronym\none,Two,X\n")

    assert sorted(Program.objects.values_list("slug", "name", "acronym")) == [
        ("one", "Two", "X"),
        ("two", "Two", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "name"), [("experts", "expert"), ("topic-areas", "area"), ("programs", "program")]
)
def test_unknown_slug_in_a_file_without_names_is_said_to_be_unknown(kind, name, neighbours):
    entry = KINDS[kind]._meta.model._meta.verbose_name

    result = load(kind, f"slug\nold-{name}s\nzzz\n")

    assert problems(result) == [
        (
            2,
            "slug",
            f"old-{name}s",
            f"There is no {entry} “old-{name}s”. Did you mean “old-{name}”? A new one needs a name.",
        ),
        (3, "slug", "zzz", f"There is no {entry} “zzz”. A new one needs a name."),
    ]


def test_slugs_that_may_be_meant_are_looked_for_a_few_times_only(neighbours):
    result = load("programs", "slug\n" + "".join(f"old-program{n}\n" for n in range(30)))

    hints = ["Did you mean “old-program”?" in problem.message for problem in result.problems]
    assert hints == [True] * 20 + [False] * 10


def move(entry, *slugs):
    for slug in slugs:
        entry.slug = slug
        entry.save()


@pytest.mark.parametrize("kind", ["experts", "topic-areas", "programs"])
def test_former_slug_is_an_error_that_names_the_slug_of_now(kind, neighbours):
    """Last year's file must not make a second entry in the place of the redirect."""
    entry = KINDS[kind]._meta.model.objects.get()
    move(entry, "fs1", "fs2")
    before = stored()

    result = load(kind, "slug,name\nfs1,First\nfs2,Second\nfs3,Third\n")

    assert problems(result) == [(2, "slug", "fs1", "fs1 is the former slug of fs2; write fs2.")]
    assert stored() == before


def test_former_slug_that_another_entry_has_now_is_that_entrys(db):
    move(ProgramFactory(name="Moved"), "fs1", "fs2")
    ProgramFactory(name="Other", slug="fs1")

    result = load("programs", "slug,acronym\nfs1,X\n")

    assert problems(result) == []
    assert list(Program.objects.order_by("slug").values_list("slug", "acronym")) == [
        ("fs1", "X"),
        ("fs2", ""),
    ]


def test_cells_that_name_an_entry_by_a_former_slug_are_told_the_slug_of_now(neighbours):
    move(Program.objects.get(), "fs1", "fs2")
    move(TopicArea.objects.get(), "fa1", "fa2")

    result = load("ratings", [{**NEW_ROWS["ratings"], "program": "fs1", "topic_area": "FA1"}])

    assert problems(result) == [
        (2, "program", "fs1", "fs1 is the former slug of fs2; write fs2."),
        (2, "topic_area", "FA1", "fa1 is the former slug of fa2; write fa2."),
    ]


@pytest.mark.parametrize("kind", ["topic-areas", "programs"])
def test_new_rows_are_drafts_with_slugs_of_their_own(kind, db):
    model = KINDS[kind]._meta.model
    model.objects.create(name="Something else", slug="steady-ground")

    result = load(kind, "slug,name\n,Steady Ground®\nchosen,Calm Corners\n,Zoë’s Circle\n")

    assert result.counts == counts(new=3)
    assert sorted(model.objects.values_list("slug", "name", "status")) == [
        ("chosen", "Calm Corners", "draft"),
        ("steady-ground", "Something else", "draft"),
        ("steady-ground-2", "Steady Ground®", "draft"),
        ("zoes-circle", "Zoë’s Circle", "draft"),
    ]


def test_new_rows_take_the_status_that_the_file_gives(db):
    TopicAreaFactory(name="Area")
    load(
        "programs",
        "name,description,status,topic_area,scientific_rating\n"
        "A,What it is.,published,Area,3\nB,,In review,,\nC,,,,\n",
    )

    assert list(Program.objects.values_list("name", "status")) == [
        ("A", "published"),
        ("B", "in-review"),
        ("C", "draft"),
    ]


def test_name_of_several_entries_is_an_error_that_names_their_slugs(db):
    ProgramFactory(name="Homebuilders", slug="homebuilders")
    ProgramFactory(name="HOMEBUILDERS®", slug="homebuilders-utah")

    result = load("programs", "name,acronym\nHomebuilders,X\n")

    assert problems(result) == [
        (
            2,
            "name",
            "Homebuilders",
            "Several entries have this name; write the slug: homebuilders, homebuilders-utah.",
        )
    ]


def test_of_many_entries_of_one_name_five_are_named(db):
    rows = [{"slug": f"h-{number}", "name": "Homebuilders"} for number in range(1_007)]

    result = load("programs", [*rows, {"name": "Homebuilders"}])

    assert [problem.message for problem in result.problems] == [
        "Several entries have this name; write the slug: h-0, h-1, h-2, h-3, h-4 and 1,002 more."
    ]


def test_mistakes_and_warnings_are_all_counted_but_not_all_kept(db, monkeypatch):
    monkeypatch.setattr("catalog.importing.problems.MOST_PROBLEMS", 3)
    names = [
        "Calm Harbor",
        "Calm Harbour",
        "Calm Harbur",
        "Calm Harbr",
        "Calme Harbor",
        "Calm Harbore",
    ]
    rows = [{"name": name, "child_age_min": "x", "child_age_max": "y"} for name in names]

    result = load("programs", rows)

    assert places(result) == [(2, "child_age_min"), (2, "child_age_max"), (3, "child_age_min")]
    assert [warning.row for warning in result.warnings] == [3, 4, 5]
    assert (result.problem_count, result.warning_count) == (12, 5)


def test_only_the_first_mistake_of_a_cell_is_kept_and_counted_however_many_there_are():
    found = Problems()

    for message in ("First.", "Second."):
        for row in range(2, 60_002):
            found.add(Problem(row, "name", "x", message))

    assert (len(found.kept), found.count) == (50_000, 60_000)
    assert {problem.message for problem in found.kept} == {"First."}
    assert (found.has(60_001, "name"), found.has(60_002, "name")) == (True, False)


def test_name_of_several_programs_is_an_error_where_a_rating_names_it(neighbours):
    ProgramFactory(name="Home builders", slug="one")
    ProgramFactory(name="HOME BUILDERS®", slug="two")

    result = load("ratings", [{**NEW_ROWS["ratings"], "program": "Home Builders"}])

    assert problems(result) == [
        (
            2,
            "program",
            "Home Builders",
            "More than one program is called this; write its slug: one, two.",
        )
    ]


def test_slug_names_one_entry_even_where_another_has_it_for_a_name(neighbours):
    """The export writes slugs: what it writes must be understood."""
    ProgramFactory(name="Homebuilders", slug="homebuilders")
    ProgramFactory(name="Homebuilders®", slug="homebuilders-2")
    TopicAreaFactory(name="Parent training", slug="parent-training", abbreviation="PT")
    TopicAreaFactory(name="Play therapy", slug="pt")

    result = load(
        "ratings",
        "program,topic_area,scientific_rating\nhomebuilders,pt,3\nhomebuilders-2,parent-training,2\n",
    )

    assert problems(result) == []
    assert sorted(Rating.objects.values_list("program__slug", "topic_area__slug")) == [
        ("homebuilders", "pt"),
        ("homebuilders-2", "parent-training"),
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"key": "bride-2007", "doi": ""},
        {"doi": "10.1093/SW/52.1.63"},
        {"doi": "https://doi.org/10.1093/sw/52.1.63"},
        {"title": "PREVALENCE of  “stress”", "year": "2007"},
    ],
)
def test_reference_is_found_by_key_or_doi_or_title_and_year(row, db):
    ReferenceFactory(
        key="bride-2007", title='Prevalence of "Stress"', year=2007, doi="10.1093/sw/52.1.63"
    )

    result = load("references", [{**row, "volume": "52"}])

    assert problems(result) == []
    assert result.counts == counts(changed=1)
    assert list(Reference.objects.values_list("key", "volume")) == [("bride-2007", "52")]


def test_reference_of_another_year_is_another_reference(db):
    ReferenceFactory(authors="Bride, B. E.", title="Annual report", year=2006)

    load("references", 'authors,title,year\n"Bride, B. E.",Annual report,2007\n')

    assert list(Reference.objects.values_list("key", "year")) == [
        ("bride-2006", 2006),
        ("bride-2007", 2007),
    ]


def test_title_alone_finds_a_reference_in_a_file_without_years(db):
    ReferenceFactory(key="bride-2007", title="Prevalence of stress", year=2007)

    result = load("references", "title,volume\nPREVALENCE of stress,52\nAnother,1\n")

    assert (problems(result), result.counts) == ([], counts(new=1, changed=1))
    assert sorted(Reference.objects.values_list("key", "volume")) == [
        ("another-nd", "1"),
        ("bride-2007", "52"),
    ]


def test_title_of_several_references_is_an_error_that_names_their_keys(db):
    ReferenceFactory(key="b-2007", title="Annual report", year=2007)
    ReferenceFactory(key="a-2006", title="Annual Report", year=2006)

    result = load("references", "title,volume\nAnnual report,52\n")

    assert problems(result) == [
        (
            2,
            "title",
            "Annual report",
            "Several references have this title; write the key: a-2006, b-2007.",
        )
    ]


@pytest.mark.parametrize(
    "row", [{"title": "annual REPORT", "year": "2007"}, {"title": "Annual report", "key": "new"}]
)
def test_new_reference_of_a_title_that_another_has_is_a_warning(row, db):
    ReferenceFactory(key="bride-2006", title="Annual report", year=2006)

    result = load("references", [row])

    assert (problems(result), result.counts) == ([], counts(new=1))
    assert [tuple(warning) for warning in result.warnings] == [
        (2, "title", row["title"], "Possible duplicate of “bride-2006”.")
    ]


def test_new_references_get_keys_of_their_own(db):
    ReferenceFactory(authors="Bride, B. E.", year=2007, title="First")

    load(
        "references",
        as_csv(
            [
                {"authors": "Bride, B. E.; Sprang, G.", "year": "2007", "title": "Second"},
                {"authors": "Müller, K. T.", "year": "", "title": "Third"},
                {"authors": "", "year": "2001", "title": "A report"},
            ]
        ),
    )

    assert sorted(Reference.objects.values_list("key", "title")) == [
        ("a-report-2001", "A report"),
        ("bride-2007", "First"),
        ("bride-2007-2", "Second"),
        ("muller-nd", "Third"),
    ]


# --- Names very like others


@pytest.mark.parametrize(
    "name",
    [
        "Parent-Child Interaction Therapy",
        "Therapy: Parent/Child Interaction",
        "Parent Child Interacton Therapy",
        "The Parent Child Interaction Therapy",
    ],
)
def test_new_name_very_like_another_is_a_warning(name, db):
    ProgramFactory(name="Parent Child Interaction Therapy", slug="pcit")

    result = load("programs", [{"name": name}])

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "name", name, "Possible duplicate of “pcit”.")
    ]
    assert (problems(result), result.counts) == ([], counts(new=1))


@pytest.mark.parametrize(
    "name", ["Parent Training", "Trauma-Focused Therapy", "Parenting Inside Out"]
)
def test_new_name_unlike_others_is_no_warning(name, db):
    ProgramFactory(name="Parent Child Interaction Therapy", slug="pcit")

    assert load("programs", [{"name": name}]).warnings == []


def test_changed_entry_is_not_its_own_duplicate(db):
    ProgramFactory(name="Parent Child Interaction Therapy", slug="pcit")

    assert load("programs", "slug,name\npcit,Parent-Child Interaction Therapy\n").warnings == []


# --- Entries that a file names, and that are not there


@pytest.mark.parametrize(
    ("kind", "column", "message"),
    [
        (
            "topic-areas",
            "parent",
            "There is no such topic area. Did you mean “old-area”? An import adds none: create it first.",
        ),
        (
            "topic-areas",
            "experts",
            "“old-aera”: There is no such topic expert. An import adds none: create it first.",
        ),
        (
            "topic-areas",
            "further_reading",
            "“old-aera”: There is no such reference. An import adds none: create it first.",
        ),
        (
            "programs",
            "topic_area",
            "There is no such topic area. Did you mean “old-area”? An import adds none: create it first.",
        ),
        ("ratings", "program", "There is no such program. An import adds none: create it first."),
        (
            "ratings",
            "topic_area",
            "There is no such topic area. Did you mean “old-area”? An import adds none: create it first.",
        ),
        ("studies", "program", "There is no such program. An import adds none: create it first."),
        (
            "studies",
            "reference",
            "There is no such reference. An import adds none: create it first.",
        ),
    ],
)
def test_unknown_entries_are_errors_and_none_is_invented(kind, column, message, neighbours):
    before = stored()
    extra = {"scientific_rating": "3"} if kind == "programs" else {}

    result = load(kind, [{**NEW_ROWS[kind], **extra, column: "old-aera"}])

    assert problems(result) == [(2, column, "old-aera", message)]
    assert stored() == before


@pytest.mark.parametrize("area", ["old-area", "Old Area", "OLD  AREA", "oa", "OA"])
@pytest.mark.parametrize("program", ["old-program", "old PROGRAM®"])
def test_cells_name_entries_by_slug_or_name_or_abbreviation(area, program, neighbours):
    load("ratings", [{"program": program, "topic_area": area, "scientific_rating": "3"}])

    assert list(Rating.objects.values_list("program__slug", "topic_area__slug")) == [
        ("old-program", "old-area")
    ]


def test_several_entries_in_a_cell_are_all_checked(neighbours):
    before = stored()

    unknown = "There is no such topic expert. An import adds none: create it first."

    result = load("topic-areas", "slug,experts\nold-area,nobody | old-expert|Old Expert|no-one\n")

    assert problems(result) == [
        (
            2,
            "experts",
            "nobody | old-expert|Old Expert|no-one",
            f"“nobody”: {unknown} “no-one”: {unknown}",
        )
    ]
    assert stored() == before


def test_change_of_several_entries_alone_is_a_change(neighbours):
    TopicExpertFactory(name="New Expert")
    area = TopicArea.objects.get()
    area.experts.set(TopicExpert.objects.filter(slug="old-expert"))

    result = load("topic-areas", "slug,experts\nold-area,new-expert | Old Expert\n")

    assert result.counts == counts(changed=1)
    assert [tuple(change) for change in result.rows[0].changes] == [
        ("experts", "old-expert", "new-expert|old-expert")
    ]
    assert sorted(area.experts.values_list("slug", flat=True)) == ["new-expert", "old-expert"]


def test_same_entries_in_another_order_are_no_change(neighbours):
    TopicExpertFactory(name="New Expert")
    TopicArea.objects.get().experts.set(TopicExpert.objects.all())
    before = stored()

    result = load("topic-areas", "slug,experts\nold-area,Old Expert|new-expert|OLD EXPERT\n")

    assert result.counts == counts(unchanged=1)
    assert stored() == before


# --- What cells may hold


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
        ("studies", {**NEW_ROWS["studies"], "sample_size": "2147483648"}),
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


def test_reason_for_leaving_a_study_out_goes_with_that_role_only(neighbours):
    result = load(
        "studies", [{**NEW_ROWS["studies"], "role": "relevant", "exclusion_reason": "Old"}]
    )

    assert problems(result) == [
        (
            2,
            "exclusion_reason",
            "Old",
            "Only a study that is not used in the rating takes a reason for that.",
        )
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
        and field.name
        not in {"research_last_reviewed", "content_last_reviewed", "loaded_on", "rated_on"}
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


# --- Several rows of one program


def test_further_rows_of_a_program_place_it_in_further_areas(neighbours):
    TopicAreaFactory(name="New area")

    result = load(
        "programs",
        [
            {"name": "Steady", "acronym": "S", "topic_area": "OA", "scientific_rating": "2"},
            {"name": "Calm", "acronym": "C", "topic_area": "OA", "scientific_rating": "NR"},
            {"name": "Steady", "acronym": "", "topic_area": "New area", "scientific_rating": "3"},
        ],
    )

    assert problems(result) == []
    assert sorted(Program.objects.values_list("slug", "acronym")) == [
        ("calm", "C"),
        ("old-program", ""),
        ("steady", "S"),
    ]
    assert sorted(
        Rating.objects.values_list("program__slug", "topic_area__slug", "scientific_rating")
    ) == [("calm", "old-area", "NR"), ("steady", "new-area", "3"), ("steady", "old-area", "2")]


def test_further_rows_leave_the_program_with_one_entry_in_its_history(neighbours):
    TopicAreaFactory(name="New area")

    load(
        "programs",
        [
            {"slug": "s", "name": "S", "goals": "G", "topic_area": "OA", "scientific_rating": "2"},
            {
                "slug": "s",
                "name": "",
                "goals": "",
                "topic_area": "New area",
                "scientific_rating": "3",
            },
        ],
    )

    program = Program.objects.get(slug="s")
    assert [entry.history_type for entry in program.history.all()] == ["+"]
    assert program.ratings.count() == 2


def test_export_writes_a_row_for_each_current_rating(neighbours):
    program = Program.objects.get()
    RatingFactory(program=program, topic_area=TopicArea.objects.get(), scientific_rating="1")
    RatingFactory(program=program, topic_area=TopicArea.objects.get(), scientific_rating="3")
    RatingFactory(
        program=program, topic_area=TopicAreaFactory(name="New area"), scientific_rating="2"
    )
    ProgramFactory(name="Unrated")

    rows = [
        (row["slug"], row["topic_area"], row["scientific_rating"])
        for row in exported_rows("programs")
    ]

    assert rows == [
        ("old-program", "new-area", "2"),
        ("old-program", "old-area", "3"),
        ("unrated", "", ""),
    ]


def test_further_row_that_says_something_else_names_both_rows(neighbours):
    TopicAreaFactory(name="New area")
    before = stored()

    result = load(
        "programs",
        "slug,name,acronym,topic_area,scientific_rating\n"
        "s,Steady,S,OA,2\n"
        "old-program,Old program,,,\n"
        "s,Steady,SG,New area,3\n",
    )

    assert problems(result) == [(4, "acronym", "SG", "Row 2 says “S” of the same program.")]
    assert stored() == before


@pytest.mark.parametrize("second", ["old-area", "OA", "Old Area"])
def test_further_row_for_the_same_area_names_both_rows(second, neighbours):
    result = load(
        "programs", f"slug,name,topic_area,scientific_rating\ns,Steady,old-area,2\ns,,{second},3\n"
    )

    assert problems(result) == [
        (3, "topic_area", second, "Row 2 places the same program in the same topic area.")
    ]


def test_further_row_without_an_area_is_an_error(db):
    result = load("programs", "slug,name,acronym\ns,Steady,S\ns,Steady,S\n")

    assert problems(result) == [
        (
            3,
            "topic_area",
            "",
            "Row 2 is about the same program; a further row names a further topic area.",
        )
    ]


@pytest.mark.parametrize("rows", [["s,Steady", ",Steady"], [",Steady", "s,Steady"]])
def test_rows_of_one_new_program_are_one_whichever_gives_the_slug(rows, neighbours):
    TopicAreaFactory(name="New area")
    first, second = rows

    load("programs", f"slug,name,topic_area,scientific_rating\n{first},OA,2\n{second},New area,3\n")

    assert list(Program.objects.filter(name="Steady").values_list("slug", flat=True)) == ["s"]
    assert Rating.objects.filter(program__slug="s").count() == 2


@pytest.mark.parametrize(
    ("cells", "wrong", "message"),
    [
        (",2,,", "topic_area", "A rating needs the topic area that it holds in."),
        ("OA,,2024,", "scientific_rating", "Give the rating that these cells belong to."),
        (",,2024,", "scientific_rating", "Give the rating that these cells belong to."),
        (
            "OA,,,",
            "scientific_rating",
            "To place a program in a topic area, give its rating there.",
        ),
    ],
)
def test_placing_a_program_takes_an_area_and_a_rating(cells, wrong, message, neighbours):
    result = load(
        "programs",
        f"slug,topic_area,scientific_rating,rated_on,not_rated_reason\nold-program,{cells}\n",
    )

    assert [(p.row, p.column, p.message) for p in result.problems] == [(2, wrong, message)]


# --- Rows that repeat one another


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("experts", "slug,name\na,A\nb,B\na,C\n", (4, "slug", "a")),
        ("experts", "name\nOld Expert\nB\nOLD  expert\n", (4, "name", "OLD  expert")),
        ("topic-areas", "slug,name\na,A\nb,B\na,C\n", (4, "slug", "a")),
        ("topic-areas", "slug,name\n,A\n,B\n,a\n", (4, "name", "a")),
        ("references", "key,title\na,A\nb,B\na,C\n", (4, "key", "a")),
        (
            "ratings",
            "program,topic_area,scientific_rating,is_current\n\
old-program,OA,2,no\nold-program,OA,3,yes\nOld Program,old-area,2,no\n",
            (4, "scientific_rating", "2"),
        ),
        (
            "studies",
            "program,reference,design\nold-program,old-2020,A\nOld Program,old-2020,B\n",
            (3, "reference", "old-2020"),
        ),
    ],
)
def test_rows_about_the_same_entry_are_errors_that_name_both(kind, text, expected, neighbours):
    before = stored()

    result = load(kind, text)

    first = 2
    assert (*expected, f"Row {first} is about the same entry. Keep one of the two.") in problems(
        result
    )
    assert {problem.row for problem in result.problems} == {expected[0]}
    assert stored() == before


# --- Everything at once, and all or nothing


def test_all_bad_cells_of_all_rows_are_reported_at_once(neighbours):
    before = stored()

    result = load(
        "programs",
        [
            {"slug": "good", "name": "Good", "topic_area": "OA", "scientific_rating": "1"},
            {
                "slug": "bad",
                "name": "B" * 301,
                "child_age_min": "12.5",
                "child_age_max": "99",
                "relevance_level": "huge",
                "outcomes": "luck",
                "website": "nowhere",
                "is_nonresponder": "maybe",
                "loaded_on": "03/04/2026",
                "status": "live",
                "topic_area": "nowhere",
                "scientific_rating": "9",
                "rated_on": "yesterday",
                "not_rated_reason": "laziness",
            },
            {"slug": "old-program", "name": "", "contact_email": "robin"},
        ],
    )

    assert sorted(places(result)) == [
        (3, "child_age_max"),
        (3, "child_age_min"),
        (3, "is_nonresponder"),
        (3, "loaded_on"),
        (3, "name"),
        (3, "not_rated_reason"),
        (3, "outcomes"),
        (3, "rated_on"),
        (3, "relevance_level"),
        (3, "scientific_rating"),
        (3, "status"),
        (3, "topic_area"),
        (3, "website"),
        (4, "contact_email"),
        (4, "name"),
    ]
    assert [problem.row for problem in result.problems] == [3] * 13 + [4] * 2
    assert all(problem.message for problem in result.problems)
    assert stored() == before


def test_row_without_an_entry_still_has_its_other_cells_checked(db):
    ProgramFactory(name="Twin", slug="one")
    ProgramFactory(name="Twin", slug="two")

    result = load("programs", "name,child_age_min\nTwin,x\n,y\n")

    assert places(result) == [(2, "name"), (2, "child_age_min"), (3, "name"), (3, "child_age_min")]


def test_wrong_area_is_reported_together_with_the_other_cells(neighbours):
    TopicAreaFactory(name="Part", parent=TopicAreaFactory(name="Umbrella"))

    result = load(
        "programs", "slug,child_age_min,topic_area,scientific_rating\nold-program,99,umbrella,3\n"
    )

    assert sorted(places(result)) == [(2, "child_age_min"), (2, "topic_area")]


BAD_ROWS = {
    "experts": {"name": "Other", "website": "nowhere"},
    "references": {"title": "Other", "year": "x"},
    "topic-areas": {"name": "Other", "parent": "nowhere"},
    "programs": {"name": "Other", "child_age_min": "x"},
    "ratings": {**NEW_ROWS["ratings"], "program": "nowhere"},
    "studies": {**NEW_ROWS["studies"], "program": "nowhere"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_row_keeps_all_rows_out(kind, neighbours):
    before = stored()

    result = load(kind, [NEW_ROWS[kind], BAD_ROWS[kind]])

    assert [problem.row for problem in result.problems] == [3]
    assert stored() == before


@pytest.mark.parametrize("kind", KINDS)
def test_dry_run_counts_and_writes_nothing(kind, neighbours):
    before = stored()

    result = load(kind, [NEW_ROWS[kind]], dry_run=True)

    assert (problems(result), result.counts) == ([], counts(new=1))
    assert stored() == before


@pytest.mark.parametrize("kind", KINDS)
def test_import_adds_an_entry_and_a_second_one_changes_nothing(kind, neighbours):
    model = KINDS[kind]._meta.model
    before = model.objects.count()

    first = load(kind, [NEW_ROWS[kind]])
    after_first = stored()
    second = load(kind, [NEW_ROWS[kind]])

    assert (first.counts, second.counts) == (counts(new=1), counts(unchanged=1))
    assert model.objects.count() == before + 1
    assert stored() == after_first


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("description", "First.\r\n\r\nSecond."),
        ("description", "First.\r\rSecond."),
        ("acronym", "Cafe\u0301"),
        ("outcomes", "well-being|safety"),
        ("delivery_settings", "School|hospital"),
        ("relevance_level", "High"),
        ("child_age_min", "03"),
        ("loaded_on", "May 2020"),
        ("is_nonresponder", "1"),
        ("also_known_as", "Filled | Filled |"),
    ],
)
def test_other_spelling_of_the_same_value_is_no_change(column, cell, db):
    """A spreadsheet writes line ends of its own, a Mac takes letters apart, people sort codes their way."""
    full_program(
        description="First.\n\nSecond.",
        acronym="Café",
        outcomes=("safety", "well-being"),
        delivery_settings=("hospital", "school"),
    )
    before = stored()

    result = load("programs", [{"slug": "full", column: cell}])

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_preview_says_what_changes_cell_by_cell(neighbours):
    full_program()

    result = load(
        "programs",
        "slug,acronym,child_age_max,is_nonresponder,outcomes\nfull,FF,,no,safety|permanency\n",
        dry_run=True,
    )

    assert [tuple(change) for change in result.rows[0].changes] == [
        ("acronym", "F", "FF"),
        ("child_age_max", "12", ""),
        ("outcomes", "safety", "safety|permanency"),
        ("is_nonresponder", "yes", "no"),
    ]


def test_preview_says_what_is_in_a_new_entry(neighbours):
    result = load(
        "programs",
        [
            {
                "name": "Steady Ground",
                "acronym": "",
                "description": "x" * 101,
                "goals": "y" * 100,
                "is_nonresponder": "no",
                "outcomes": "safety",
                "topic_area": "OA",
                "scientific_rating": "3",
                "rated_on": "",
            }
        ],
        dry_run=True,
    )

    assert [tuple(change) for change in result.rows[0].changes] == [
        ("slug", "", "steady-ground"),
        ("name", "", "Steady Ground"),
        ("description", "", "x" * 100 + "…"),
        ("goals", "", "y" * 100),
        ("outcomes", "", "safety"),
        ("is_nonresponder", "", "no"),
        ("topic_area", "", "old-area"),
        ("scientific_rating", "", "3"),
    ]


def test_preview_names_what_a_new_entry_is_linked_to(neighbours):
    result = load("topic-areas", [{"name": "New", "experts": "Old Expert"}], dry_run=True)

    assert [tuple(change) for change in result.rows[0].changes] == [
        ("slug", "", "new"),
        ("name", "", "New"),
        ("experts", "", "old-expert"),
    ]


# --- Re-rating by programs.csv


def ratings():
    """Return the ratings of all programs, past ones first."""
    columns = ("scientific_rating", "rated_on", "not_rated_reason", "is_current")
    return list(Rating.objects.order_by("is_current", "pk").values_list(*columns))


def rate(level, rated_on="", reason=""):
    """Import a row of programs.csv that rates the old program in the old area."""
    return load(
        "programs",
        "slug,topic_area,scientific_rating,rated_on,not_rated_reason\n"
        f"old-program,OA,{level},{rated_on},{reason}\n",
        reason="Imported from programs.csv",
    )


@pytest.fixture
def rated(neighbours):
    """The old program's rating: NR since 2024-06, because of the measures."""
    return RatingFactory(
        program=Program.objects.get(),
        topic_area=TopicArea.objects.get(),
        scientific_rating="NR",
        not_rated_reason="measures",
        rated_on="2024-06",
        rationale="Why.",
    )


def test_new_level_adds_a_rating_and_retires_the_one_before(rated):
    result = rate("3", "2026")

    assert result.counts == counts(re_rated=1)
    assert ratings() == [("NR", "2024-06", "measures", False), ("3", "2026", "", True)]
    assert [tuple(change) for change in result.rows[0].changes] == [
        ("topic_area", "old-area", "old-area"),
        ("scientific_rating", "NR", "3"),
        ("rated_on", "2024-06", "2026"),
        ("not_rated_reason", "measures", ""),
    ]


def test_re_rating_keeps_both_ratings_histories(rated):
    user = UserFactory(username="robin", is_superuser=True)

    load(
        "programs",
        "slug,topic_area,scientific_rating\nold-program,OA,3\n",
        user=user,
        reason="Imported from programs.csv",
    )

    new = Rating.objects.get(is_current=True)
    columns = ("history_type", "is_current", "history_change_reason", "history_user__username")
    assert list(rated.history.values_list(*columns)) == [
        ("~", False, "Imported from programs.csv", "robin"),
        ("+", True, None, None),
    ]
    assert list(new.history.values_list(*columns)) == [
        ("+", True, "Imported from programs.csv", "robin")
    ]


def test_same_level_of_another_date_is_a_new_rating(rated):
    rate("NR", "2026", "measures")

    assert ratings() == [("NR", "2024-06", "measures", False), ("NR", "2026", "measures", True)]


@pytest.mark.parametrize(
    ("recorded", "given"),
    [("", "2025"), ("2025", "2025-06"), ("2025", "2025-06-15"), ("2025-06", "2025-06-15")],
)
def test_same_level_with_more_of_the_date_completes_the_rating(recorded, given, rated):
    Rating.objects.update(rated_on=recorded)

    result = rate("NR", given, "measures")

    assert result.counts == counts(changed=1)
    assert ratings() == [("NR", given, "measures", True)]
    assert Rating.objects.get().rationale == "Why."


@pytest.mark.parametrize("given", ["", "2024-06", "2024-06-15"])
def test_another_reason_corrects_the_current_rating_with_a_warning(given, rated):
    result = rate("NR", given, "no-control-group")

    assert [tuple(warning) for warning in result.warnings] == [
        (
            2,
            "not_rated_reason",
            "no-control-group",
            "This changes the reason recorded for the rating of 2024-06; a new rating takes a new date.",
        )
    ]
    assert result.counts == counts(changed=1)
    assert ratings() == [("NR", given or "2024-06", "no-control-group", True)]


@pytest.mark.parametrize(("recorded", "given"), [("", "measures"), ("measures", "")])
def test_blank_reason_is_filled_and_no_reason_is_cleared_by_a_blank(recorded, given, rated):
    Rating.objects.update(not_rated_reason=recorded)

    result = rate("NR", "2024-06-15", given)

    assert (result.warnings, result.counts) == ([], counts(changed=1))
    assert ratings() == [("NR", "2024-06-15", "measures", True)]


@pytest.mark.parametrize(
    ("cells", "needed"), [(("3", "2026"), ["add", "change"]), (("NR", "2024-06-15"), ["change"])]
)
def test_re_rating_takes_the_permissions_for_both_ratings(cells, needed, rated):
    header = "slug,topic_area,scientific_rating,rated_on\nold-program,OA,"
    allowed = {"add", "change"}

    def refused(*actions):
        user = UserFactory()
        user.user_permissions.set(catalog_permissions("publish", *actions))
        result = load("programs", f"{header}{','.join(cells)}\n", user=user, dry_run=True)
        return [problem.message for problem in result.problems]

    for action in needed:
        assert refused(*allowed - {action}) == [f"Your account may not {action} ratings."]
    assert refused(*needed) == []


@pytest.mark.parametrize("given", ["", "2024-06", "June 2024", "2024"])
def test_same_level_with_the_same_or_less_of_the_date_changes_nothing(given, rated):
    before = stored()

    result = rate("NR", given)

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_area_without_a_level_leaves_the_rating_alone(rated):
    before = stored()

    result = load("programs", "slug,topic_area,scientific_rating\nold-program,OA,\n")

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_rating_that_was_recorded_before_is_not_recorded_again(rated):
    rate("3", "2026")
    before = stored()

    result = rate("NR", "2024-06", "measures")

    assert [(p.row, p.message) for p in result.problems] == [
        (2, "This rating of the program, of the same date, is recorded already.")
    ]
    assert stored() == before


def test_umbrella_area_takes_no_rating(neighbours):
    TopicAreaFactory(name="Part", parent=TopicArea.objects.get())

    result = rate("3")

    assert problems(result) == [
        (
            2,
            "topic_area",
            "OA",
            "“Old area” is an umbrella area; rate the program in one of its parts.",
        )
    ]


# --- ratings.csv, the whole history


def history_file(*rows):
    header = "program,topic_area,scientific_rating,not_rated_reason,rationale,rated_on,is_current"
    return "\n".join([header, *(f"old-program,OA,{row}" for row in rows), ""])


def test_history_of_ratings_is_loaded_whichever_order_it_is_in(neighbours):
    result = load(
        "ratings", history_file("2,,,2025,yes", "NR,measures,Old.,2020,no", "3,,,2022,no")
    )

    assert problems(result) == []
    assert ratings() == [
        ("NR", "2020", "measures", False),
        ("3", "2022", "", False),
        ("2", "2025", "", True),
    ]


def test_row_repeats_a_current_rating_and_may_correct_its_rationale(rated):
    result = load("ratings", history_file("NR,measures,Better words.,2024-06,yes"))

    assert result.counts == counts(changed=1)
    assert Rating.objects.get().rationale == "Better words."


def test_new_current_rating_retires_the_one_before(rated):
    load("ratings", history_file("2,,,2026,yes"))

    assert ratings() == [("NR", "2024-06", "measures", False), ("2", "2026", "", True)]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("NR,measures,New words.,2024-06,no", "rationale"),
        ("NR,not-stated,Why.,2024-06,no", "not rated reason"),
        ("NR,measures,Why.,2024-06,yes", "current"),
    ],
)
def test_past_rating_is_never_overwritten(cells, what, rated):
    rate("3", "2026")
    before = stored()

    result = load("ratings", history_file(cells))

    assert f"A past rating is kept as it was; {what} cannot change." in [
        problem.message for problem in result.problems
    ]
    assert {problem.row for problem in result.problems} == {2}
    assert stored() == before


def test_two_current_ratings_in_one_area_are_refused(rated):
    before = stored()

    result = load("ratings", history_file("2,,,2025,yes", "3,,,2026,yes"))

    assert problems(result) == [
        (
            3,
            "is_current",
            "yes",
            "Row 2 gives another current rating of the same program in the same topic area.",
        )
    ]
    assert stored() == before


NO_CURRENT = "This would leave the program without a current rating in the topic area."


def test_program_is_not_left_without_a_current_rating(rated):
    before = stored()

    result = load("ratings", history_file("NR,measures,Why.,2024-06,no"))

    assert problems(result) == [(2, "is_current", "no", NO_CURRENT)]
    assert stored() == before


def test_past_rating_alone_is_refused(neighbours):
    result = load("ratings", history_file("3,,,2020,no"))

    assert problems(result) == [(2, "is_current", "no", NO_CURRENT)]


def test_every_program_left_without_a_current_rating_is_reported(neighbours):
    ProgramFactory(name="Other program")

    result = load(
        "ratings",
        "program,topic_area,scientific_rating,is_current\nold-program,OA,3,no\nother-program,OA,3,no\n",
    )

    assert problems(result) == [
        (2, "is_current", "no", NO_CURRENT),
        (3, "is_current", "no", NO_CURRENT),
    ]


def test_current_rating_is_retired_where_the_same_file_gives_another(rated):
    result = load("ratings", history_file("3,,,2026,yes", "NR,measures,Why.,2024-06,no"))

    assert (problems(result), result.counts) == ([], counts(changed=1, re_rated=1))
    assert ratings() == [("NR", "2024-06", "measures", False), ("3", "2026", "", True)]


@pytest.mark.parametrize("others", [[], ["1,,Why.,2024-06,no"]])
def test_re_rating_is_compared_with_what_was_current_before_the_file(others, rated):
    Rating.objects.update(scientific_rating="1", not_rated_reason="")

    result = load("ratings", history_file("4,,,2023,yes", *others))

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "scientific_rating", "4", "This falls by 3 levels: the current rating is 1."),
        (2, "rated_on", "2023", "This is older than the current rating, which is of 2024-06."),
    ]
    assert [planned.action for planned in result.rows if planned.number == 2] == ["re-rated"]
    assert ratings() == [("1", "2024-06", "", False), ("4", "2023", "", True)]
    retired = Rating.objects.get(is_current=False)
    assert retired.history.filter(history_type="~", is_current=False).count() == 1


@pytest.mark.parametrize(
    ("recorded", "given", "kept"),
    [
        ("", "2025", "2025"),
        ("2025", "2025-06", "2025-06"),
        ("2025-06-15", "June 2025", "2025-06-15"),
        ("2025", "", "2025"),
    ],
)
def test_row_of_the_history_completes_the_date_of_the_current_rating(recorded, given, kept, rated):
    Rating.objects.update(rated_on=recorded)

    result = load("ratings", history_file(f"NR,measures,Why.,{given},yes"))

    assert (problems(result), result.counts) == (
        [],
        counts(unchanged=1) if kept == recorded else counts(changed=1),
    )
    assert ratings() == [("NR", kept, "measures", True)]


def test_row_of_the_date_recorded_comes_before_one_that_says_more(rated):
    result = load(
        "ratings", history_file("NR,measures,Why.,2024-06-15,yes", "NR,measures,Why.,2024-06,no")
    )

    assert (problems(result), result.counts) == ([], counts(changed=1, re_rated=1))
    assert ratings() == [
        ("NR", "2024-06", "measures", False),
        ("NR", "2024-06-15", "measures", True),
    ]


def test_only_one_row_completes_a_rating(rated):
    result = load(
        "ratings", history_file("NR,measures,Why.,2024-06-15,no", "NR,measures,Why.,2024-06-20,yes")
    )

    assert problems(result) == []
    assert ratings() == [
        ("NR", "2024-06-15", "measures", False),
        ("NR", "2024-06-20", "measures", True),
    ]


def test_date_of_a_past_rating_is_not_completed(rated):
    rate("3", "2026")

    load("ratings", history_file("NR,measures,Why.,2024-06-15,no", "3,,,2026,yes"))

    assert ratings() == [
        ("NR", "2024-06", "measures", False),
        ("NR", "2024-06-15", "measures", False),
        ("3", "2026", "", True),
    ]


@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_undated_rating_in_the_place_of_a_dated_one_is_a_warning(kind, rated):
    result = rate("3") if kind == "programs" else load(kind, history_file("3,,,,yes"))

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "rated_on", "", "This has no date; the current rating is of 2024-06.")
    ]
    assert result.counts == counts(re_rated=1)


def test_ratings_without_a_column_for_it_are_current(neighbours):
    load("ratings", [NEW_ROWS["ratings"]])

    assert ratings() == [("2", "", "", True)]


@pytest.mark.parametrize("is_current", [True, False])
def test_blank_cell_for_current_leaves_a_recorded_rating_as_it_is(is_current, rated):
    if not is_current:
        rate("3", "2026")
    before = stored()

    result = load("ratings", history_file("NR,measures,Why.,2024-06,"))

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_file_without_dates_is_about_the_ratings_that_are_recorded(rated):
    """An absent column leaves the date alone: this is not a re-rating of an unknown date."""
    load(
        "ratings",
        "program,topic_area,scientific_rating,rationale\nold-program,OA,NR,Better words.\n",
    )

    assert ratings() == [("NR", "2024-06", "measures", True)]
    assert Rating.objects.get().rationale == "Better words."


# --- Umbrella areas


def test_a_part_finds_its_stored_umbrella_area_after_a_new_one(db):
    TopicAreaFactory(name="Stored umbrella")

    result = load("topic-areas", "slug,name,parent\nnew,New,\npart,Part,stored-umbrella\n")

    assert problems(result) == []
    assert TopicArea.objects.get(slug="part").parent.name == "Stored umbrella"


def test_a_part_names_an_umbrella_area_that_the_file_holds_too(db):
    TopicAreaFactory(slug="abc", name="Umbrella")

    result = load("topic-areas", "slug,name,parent\nabc,Umbrella,\npart,Part,Umbrella\n")

    assert problems(result) == []
    assert TopicArea.objects.get(slug="part").parent.slug == "abc"


def test_program_of_several_new_rows_is_new_in_all_of_them(neighbours):
    TopicAreaFactory(name="Other area")

    result = load(
        "programs",
        "slug,name,topic_area,scientific_rating\n"
        "s,Steady,OA,1\ns,,other-area,NR\nold-program,Old program,OA,2\n",
    )

    assert (problems(result), result.counts) == ([], counts(new=2, changed=1))


@pytest.mark.parametrize("kind", ["ratings", "studies"])
def test_change_of_what_belongs_to_a_retired_program_is_a_warning(kind, neighbours):
    Program.objects.update(status="retired", retired_at="2026-01-01T00:00Z")
    ProgramFactory(name="Other program")
    row = NEW_ROWS[kind]

    result = load(kind, [row, {**row, "program": "other-program"}])
    again = load(kind, [row])

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "", "Old program", "This entry is retired.")
    ]
    assert (again.counts, again.warnings) == (counts(unchanged=1), [])


def test_re_rating_of_a_retired_program_is_a_warning(rated):
    Program.objects.update(status="retired", retired_at="2026-01-01T00:00Z")

    result = load("ratings", history_file("3,,,2026,yes"))

    assert (problems(result), result.counts) == ([], counts(re_rated=1))
    assert [tuple(warning) for warning in result.warnings] == [
        (2, "", "Old program", "This entry is retired.")
    ]


def test_names_of_topic_areas_are_passed_on_in_two_steps(db):
    TopicAreaFactory(slug="a", name="First")
    TopicAreaFactory(slug="b", name="Second")

    def refused(slug):
        return (
            f"The topic area “{slug}” has this name now. "
            "Import in two steps: give that area its other name first."
        )

    swap = load("topic-areas", "slug,name\na,Second\nb,FIRST\n")
    new = load("topic-areas", "slug,name\nb,Third\nc,Second\n")

    assert problems(swap) == [
        (2, "name", "Second", refused("b")),
        (3, "name", "FIRST", refused("a")),
    ]
    assert problems(new) == [(3, "name", "Second", refused("b"))]
    assert [
        problems(load("topic-areas", f"slug,name\n{row}\n")) for row in ("b,Third", "c,Second")
    ] == [[], []]


def test_name_of_a_topic_area_that_keeps_it_is_refused(db):
    TopicAreaFactory(slug="a", name="First")

    result = load("topic-areas", "slug,name\nb,first\n")

    assert problems(result) == [
        (2, "name", "first", "There is a topic area with this name already.")
    ]


@pytest.mark.parametrize("kind", ["programs", "ratings", "studies"])
def test_rows_that_name_what_is_not_there_take_no_query_each(db, kind):
    def queries(number):
        row = dict.fromkeys(("topic_area", "program", "reference"), "nowhere")
        row |= {"slug": "", "name": "Name", "scientific_rating": "1"}
        row = {column: row[column] for column in KINDS[kind].columns() if column in row}
        rows = [{**row, **({"name": f"Name {i}"} if "name" in row else {})} for i in range(number)]
        with CaptureQueriesContext(connection) as captured:
            result = load(kind, rows, dry_run=True)
        assert result.problems
        return len(captured)

    assert queries(1) == queries(20)


def test_parts_may_stand_before_their_umbrella_area(db):
    result = load("topic-areas", "name,parent\nPart,Umbrella\nUmbrella,\nOther part,umbrella\n")

    assert problems(result) == []
    assert sorted(TopicArea.objects.values_list("name", "parent__name")) == [
        ("Other part", "Umbrella"),
        ("Part", "Umbrella"),
        ("Umbrella", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name,parent\nA,\nB,A\nC,B\n",
        "name,parent\nC,B\nB,A\nA,\n",
        "slug,parent\nold-area,old-area\n",
        "slug,parent\nold-area,new\n",
    ],
)
def test_areas_have_two_levels_and_no_circles(text, neighbours):
    TopicAreaFactory(name="New", parent=TopicArea.objects.get())
    before = stored()

    result = load("topic-areas", text)

    assert {problem.column for problem in result.problems} == {"parent"}
    assert stored() == before


# --- Who may do what, and what is kept of it


@pytest.mark.parametrize(
    ("before", "after", "is_allowed"),
    [
        ("draft", "in-review", True),
        ("in-review", "draft", True),
        ("published", "published", True),
        ("draft", "published", False),
        ("in-review", "retired", False),
        ("published", "draft", False),
        ("published", "retired", False),
        ("retired", "published", False),
    ],
)
@pytest.mark.parametrize("kind", ["programs", "topic-areas"])
def test_status_of_what_is_or_was_public_takes_a_permission(kind, before, after, is_allowed, db):
    model = KINDS[kind]._meta.model
    entry = publishable(model, name="A", status=before)
    writer, publisher = UserFactory(), UserFactory()
    publisher.user_permissions.set(catalog_permissions("publish"))

    without = load(kind, f"slug,status\na,{after}\n", user=writer, dry_run=True)
    with_it = load(kind, f"slug,status\na,{after}\n", user=publisher)

    entry.refresh_from_db()
    refused = [(2, "status", after, "Your account may not publish or retire.")]
    assert problems(without) == ([] if is_allowed else refused)
    assert (problems(with_it), entry.status) == ([], after)


@pytest.mark.parametrize("status", ["published", "retired"])
def test_new_entry_is_public_only_with_the_permission(status, db):
    before = stored()

    result = load("programs", f"name,status\nA,{status}\n", user=UserFactory())

    assert problems(result) == [(2, "status", status, "Your account may not publish or retire.")]
    assert stored() == before


def test_permission_to_publish_programs_is_not_one_for_topic_areas(db):
    user = UserFactory()
    user.user_permissions.set(
        p for p in catalog_permissions("publish") if p.codename == "publish_program"
    )

    result = load("topic-areas", "name,status\nA,published\n", user=user)

    assert places(result) == [(2, "status")]


@pytest.mark.parametrize("kind", KINDS)
def test_history_names_the_file_and_the_user(kind, neighbours):
    model = KINDS[kind]._meta.model
    user = UserFactory(username="robin", is_superuser=True)
    old = set(model.history.values_list("pk", flat=True))

    load(kind, [NEW_ROWS[kind]], user=user, reason="Imported from spring.csv")

    new = model.history.exclude(pk__in=old)
    columns = ("history_type", "history_change_reason", "history_user__username")
    assert list(new.values_list(*columns)) == [("+", "Imported from spring.csv", "robin")]


def test_history_of_linked_entries_names_the_file_and_the_user(neighbours):
    area = TopicArea.objects.get()
    old = set(area.history.values_list("pk", flat=True))

    load(
        "topic-areas",
        "slug,experts\nold-area,old-expert\n",
        user=UserFactory(username="robin", is_superuser=True),
        reason="Imported from spring.csv",
    )

    new = area.history.exclude(pk__in=old)
    assert set(new.values_list("history_change_reason", "history_user__username")) == {
        ("Imported from spring.csv", "robin")
    }
    assert [link.topicexpert.slug for link in area.history.first().experts.all()] == ["old-expert"]


def test_history_is_written_only_for_rows_that_change_something(db):
    one, two = ProgramFactory(name="One", acronym="O"), ProgramFactory(name="Two", acronym="T")

    load("programs", "slug,acronym\none,O\ntwo,TT\n")

    assert (one.history.count(), two.history.count()) == (1, 2)


def test_progress_is_told_as_the_rows_are_done(db, monkeypatch):
    monkeypatch.setattr("catalog.importing.importer.BATCH", 2)
    seen = []

    load("programs", "name\nA\nB\nC\n", progress=seen.append)

    assert seen == [2, 3]


# --- Export and import again, on any catalog


@contextmanager
def examples_own_data():
    """Take back what an example has stored, so that the next one starts with nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def keep(entry):
    """Save what the catalog lets in; return it, or None."""
    try:
        entry.full_clean()
    except ValidationError:
        return None
    entry.save()
    return entry


LINES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30) | (
    st.sampled_from(
        [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "- first of a list",
            "@SUM(A1)",
            "'quoted'",
            "''=twice",
            "'- not a list",
            'He said "so, then"; and left',
            "a\tb | c",
            "Steady Ground® (TM)™",
            "Zoë Cafe\u0301",
            "<script>alert(1)</script>",
            "NULL",
            "007",
            "1e5",
        ]
    )
)
PROSE = st.lists(LINES, max_size=3).map("\n\n".join)
# Few, so that some are alike.
NAMES = st.sampled_from(["Homebuilders", "homebuilders®", "=Sum", "+1", "- dash", "'quote"]) | (
    LINES.filter(str.strip)
)
CODES = st.sampled_from(["", "AB", "Ab", "homebuilders", "entry"])
DATES = st.sampled_from(["", "2019", "2024", "2024-06", "2024-06-15", "2025-01-31"])
VALUES = st.lists(LINES, max_size=3)
NUMBERS = st.none() | st.integers(0, 25)
INDEXES = st.integers(0, 5)
CATALOGS = st.fixed_dictionaries(
    {
        "experts": st.lists(
            st.fixed_dictionaries(
                {"name": NAMES, "credentials": LINES, "position": LINES, "biography": PROSE}
            ),
            max_size=2,
        ),
        "references": st.lists(
            st.fixed_dictionaries(
                {
                    "authors": LINES,
                    "year": st.none() | st.integers(1990, 1992),
                    "title": NAMES,
                    "reference_type": st.sampled_from(ReferenceType.values),
                    "pages": LINES,
                    "doi": st.sampled_from(["", "10.1234/a", "10.1234/(B)"]),
                    "url": st.sampled_from(["", "https://example.org/?a=b&c=d"]),
                }
            ),
            max_size=2,
        ),
        "areas": st.lists(
            st.fixed_dictionaries(
                {
                    "name": NAMES,
                    "abbreviation": CODES,
                    "definition": PROSE,
                    "rating_criteria": PROSE,
                    "year_added": st.none() | st.integers(2000, 2030),
                    "status": st.sampled_from(Status.values),
                }
            ),
            max_size=3,
        ),
        "parents": st.lists(st.tuples(INDEXES, INDEXES), max_size=2),
        "programs": st.lists(
            st.fixed_dictionaries(
                {
                    "name": NAMES,
                    "acronym": CODES,
                    "also_known_as": VALUES,
                    "description": PROSE,
                    "child_age_min": NUMBERS,
                    "caregiver_child_age_max": NUMBERS,
                    "relevance_level": st.sampled_from(["", *RelevanceLevel.values]),
                    "delivery_settings": st.lists(
                        st.sampled_from(DeliverySetting.values), max_size=3
                    ),
                    "languages": VALUES,
                    "manual_available": st.sampled_from(Availability.values),
                    "manual_notes": PROSE,
                    "outcomes": st.lists(st.sampled_from(Outcome.values), max_size=3),
                    "contact_phone": LINES,
                    "is_nonresponder": st.booleans(),
                    "loaded_on": DATES,
                    "status": st.sampled_from(Status.values),
                }
            ),
            max_size=3,
        ),
        "ratings": st.lists(
            st.fixed_dictionaries(
                {
                    "program": INDEXES,
                    "topic_area": INDEXES,
                    "scientific_rating": st.sampled_from(["1", "3", "NR", "NR"]),
                    "not_rated_reason": st.sampled_from(["", *NotRatedReason.values]),
                    "rationale": PROSE,
                    "rated_on": DATES,
                    "scale_edition": LINES,
                }
            ),
            max_size=6,
        ),
        "studies": st.lists(
            st.fixed_dictionaries(
                {
                    "program": INDEXES,
                    "reference": INDEXES,
                    "role": st.sampled_from(StudyRole.values),
                    "exclusion_reason": PROSE,
                    "sample_size": NUMBERS,
                    "follow_up_months": NUMBERS,
                    "summary": PROSE,
                }
            ),
            max_size=3,
        ),
    }
)


AREA_NEEDS = ("definition", "rating_criteria")


def fit(values, *needed):
    """Return values of an entry that may have its status: what is published has its texts."""
    if values["status"] != Status.PUBLISHED:
        return values
    return {**values, **{name: tidy(values[name]) or "Something." for name in needed}}


def store(catalog):
    """Store a catalog; leave out what the models refuse."""

    def kept(entries):
        return [entry for entry in map(keep, entries) if entry]

    def at(entries, index):
        return entries[index % len(entries)] if entries else None

    def linked(rows, **ends):
        return [
            {**row, **{name: at(entries, row[name]) for name, entries in ends.items()}}
            for row in rows
            if all(ends.values())
        ]

    experts = kept(TopicExpert(**values) for values in catalog["experts"])
    references = kept(Reference(**values) for values in catalog["references"])
    areas = kept(TopicArea(**fit(values, *AREA_NEEDS)) for values in catalog["areas"])
    for number, area in enumerate(areas):
        area.experts.set(experts[number:])
        area.further_reading.set(references[: number + 1])
    for part, umbrella in catalog["parents"]:
        if areas:
            # Read anew: what an area is the umbrella of shows in the database only.
            area = TopicArea.objects.get(pk=at(areas, part).pk)
            area.parent = TopicArea.objects.get(pk=at(areas, umbrella).pk)
            keep(area)
    areas = list(TopicArea.objects.filter(children__isnull=True).order_by("pk"))
    programs = kept(
        # Without an area to be rated in, none is published.
        Program(**fit(values if areas else {**values, "status": "draft"}, "description"))
        for values in catalog["programs"]
    )
    rows = linked(catalog["ratings"], program=programs, topic_area=areas)
    kept(
        Rating(
            **{
                **row,
                "not_rated_reason": row["not_rated_reason"]
                if row["scientific_rating"] == "NR"
                else "",
            }
        )
        for row in rows
    )
    for program in programs:
        if program.status == Status.PUBLISHED and not program.ratings.exists():
            Rating.objects.create(program=program, topic_area=areas[0], scientific_rating="NR")
    rows = linked(catalog["studies"], program=programs, reference=references)
    kept(
        Study(
            **{
                **row,
                "exclusion_reason": row["exclusion_reason"] if row["role"] == "not-used" else "",
            }
        )
        for row in rows
    )


def empty():
    """Delete every entry of the catalog."""
    Rating.objects.all().delete()
    Study.objects.all().delete()
    Program.objects.all().delete()
    TopicArea.objects.filter(parent__isnull=False).delete()
    TopicArea.objects.all().delete()
    TopicExpert.objects.all().delete()
    Reference.objects.all().delete()


def as_set(rows):
    """Return rows without their order, which an export does not promise."""
    return {tuple(row.items()) for row in rows}


def test_lists_are_stored_as_tidily_as_other_texts(db):
    """What the import writes and what the admin writes must be the same, or every export would change it."""
    program = ProgramFactory.build(name="A", languages=("Cafe\u0301", "two\r\nlines"))

    keep(program)

    assert Program.objects.get().languages == ("Café", "two\nlines")


@pytest.mark.parametrize("form", [CSV, XLSX])
@given(catalog=CATALOGS)
def test_export_is_imported_without_any_change(form, catalog):
    with examples_own_data():
        store(catalog)
        before = stored()

        for kind in LOADING_ORDER:
            rows = exported_rows(kind)
            result = load(kind, exported(kind, form))

            assert (kind, problems(result), result.warnings) == (kind, [], [])
            assert [change for row in result.rows for change in row.changes] == []
            assert (kind, result.counts) == (kind, counts(unchanged=len(rows)))
        assert stored() == before


@pytest.mark.parametrize("form", [CSV, XLSX])
@given(catalog=CATALOGS)
def test_export_makes_the_same_catalog_in_an_empty_database(form, catalog):
    with examples_own_data():
        store(catalog)
        files = {kind: exported(kind, form) for kind in LOADING_ORDER}
        rows = {kind: as_set(exported_rows(kind)) for kind in LOADING_ORDER}
        empty()

        for kind in LOADING_ORDER:
            assert (kind, problems(load(kind, files[kind]))) == (kind, [])

        for kind in LOADING_ORDER:
            assert (kind, as_set(exported_rows(kind)) ^ rows[kind]) == (kind, set())
