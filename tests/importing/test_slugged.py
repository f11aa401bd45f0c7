"""How a row finds its entry, and names very like others."""

import pytest

from catalog.importing.problems import Problem, Problems
from catalog.models import (
    Program,
    Rating,
    Reference,
    TopicArea,
)
from catalog.resources import KINDS

from ..factories import (
    ProgramFactory,
    ReferenceFactory,
    TopicAreaFactory,
)
from .loading import NEW_ROWS, as_csv, counts, load, places, problems, stored

pytestmark = pytest.mark.django_db


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


def test_cell_that_names_an_entry_by_a_former_slug_is_told_the_new_one(neighbours):
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


def test_only_the_first_mistake_of_each_cell_is_kept_and_counted():
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


@pytest.mark.parametrize("named", [{"doi": "10.1093/sw/52.1.63"}, {"key": "bride-2007"}])
@pytest.mark.parametrize("is_named_first", [True, False])
def test_reference_is_found_by_the_year_that_another_row_gives_it(named, is_named_first, db):
    """Or else the file would do one thing now, and another thing when it is imported again."""
    ReferenceFactory(
        key="bride-2007", title="Prevalence of stress", year=2007, doi="10.1093/sw/52.1.63"
    )
    work = {"title": "Prevalence of stress", "year": ""}
    rows = [{**named, **work}, {**dict.fromkeys(named, ""), **work}]

    result = load("references", rows if is_named_first else rows[::-1])

    column, value = next(iter(named.items())) if not is_named_first else ("title", work["title"])
    assert problems(result) == [
        (3, column, value, "Row 2 is about the same entry. Keep one of the two.")
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
