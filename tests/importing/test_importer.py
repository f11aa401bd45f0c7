"""What holds for every kind of file: all or nothing, who may do what, what is kept of it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import (
    Rating,
    TopicArea,
    TopicExpert,
)
from catalog.resources import KINDS

from ..conftest import catalog_permissions
from ..factories import (
    ProgramFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
    publishable,
)
from .loading import NEW_ROWS, counts, full_program, load, places, problems, stored

pytestmark = pytest.mark.django_db


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
        (
            "findings",
            "program,reference,topic_area,outcome\nold-program,old-2020,OA,\nOld Program,old-2020,old-area,\n",
            (3, "outcome", ""),
        ),
        (
            "contacts",
            "program,purpose,name,phone\nold-program,training,,555\nOld Program,Training,,556\n",
            (3, "name", ""),
        ),
        ("registries", "slug,name\na,A\nb,B\na,C\n", (4, "slug", "a")),
        (
            "external-ratings",
            "program,registry,scope,rating\nold-program,old-registry,,A\nOld Program,Old registry,,B\n",
            (3, "scope", ""),
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
    "findings": {**NEW_ROWS["findings"], "reference": "nowhere"},
    "contacts": {**NEW_ROWS["contacts"], "program": "nowhere"},
    "registries": {"name": "Other", "state": "asleep"},
    "external-ratings": {**NEW_ROWS["external-ratings"], "registry": "nowhere"},
}


@pytest.mark.alike(5)
@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_row_keeps_all_rows_out(kind, neighbours):
    before = stored()

    result = load(kind, [NEW_ROWS[kind], BAD_ROWS[kind]])

    assert [problem.row for problem in result.problems] == [3]
    assert stored() == before


@pytest.mark.alike(5)
@pytest.mark.parametrize("kind", KINDS)
def test_dry_run_counts_and_writes_nothing(kind, neighbours):
    before = stored()

    result = load(kind, [NEW_ROWS[kind]], dry_run=True)

    assert (problems(result), result.counts) == ([], counts(new=1))
    assert stored() == before


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


@pytest.mark.parametrize(
    "kind", ["programs", "ratings", "studies", "findings", "contacts", "external-ratings"]
)
def test_rows_that_name_what_is_not_there_take_no_query_each(db, kind):
    def queries(number):
        row = dict.fromkeys(
            ("topic_area", "program", "reference", "outcome", "registry", "scope"), "nowhere"
        )
        row |= {"slug": "", "name": "Name", "scientific_rating": "1"}
        row = {column: row[column] for column in KINDS[kind].columns() if column in row}
        rows = [{**row, **({"name": f"Name {i}"} if "name" in row else {})} for i in range(number)]
        with CaptureQueriesContext(connection) as captured:
            result = load(kind, rows, dry_run=True)
        assert result.problems
        return len(captured)

    assert queries(1) == queries(20)
