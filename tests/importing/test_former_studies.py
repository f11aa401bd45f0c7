"""Files of studies of before: what their columns become, once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.importing.former_studies import NOTICES
from catalog.importing.jobs import request_undo
from catalog.importing.permissions import LIVE
from catalog.importing.studies import RATED_NOWHERE
from catalog.models import Finding, Program, Reference, Study, TopicArea
from catalog.values.studies import DESIGNS

from ..conftest import catalog_permissions
from ..factories import FindingFactory, ProgramFactory, RatingFactory, TopicAreaFactory, UserFactory
from .loading import NEW_ROWS, counts, load, problems, stored
from .undoing import bring_in, entries, history_is_complete

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROW = NEW_ROWS["studies"]
REASON = "It has no control group."


@pytest.fixture
def program(neighbours):
    """A program that is rated in two topic areas, and was in a third."""
    program = Program.objects.get()
    RatingFactory(program=program, topic_area=TopicArea.objects.get())
    RatingFactory(program=program, topic_area=TopicAreaFactory(name="Other area"))
    past = TopicAreaFactory(name="Past area")
    RatingFactory(program=program, topic_area=past, is_current=False)
    return program


def findings():
    columns = ("topic_area__slug", "outcome", "effect", "counts", "not_counted_reason", "note")
    return list(Finding.objects.order_by("topic_area__slug").values_list(*columns))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"role": "relevant"}, (True, "", "")),
        ({"role": "Relevant published, peer-reviewed research"}, (True, "", "")),
        ({"role": "not-used"}, (False, "", "")),
        ({"role": "not-used", "exclusion_reason": REASON}, (False, "no-control-group", REASON)),
        ({"role": "Not-Used", "exclusion_reason": "Old."}, (False, "other", "Old.")),
        ({"role": "additional"}, None),
        ({"role": ""}, None),
        ({}, None),
    ],
)
def test_role_becomes_findings_where_the_program_is_rated_now(cells, said, program):
    result = load("studies", [{**ROW, **cells}])
    again = load("studies", [{**ROW, **cells}])

    places = ("old-area", "other-area") if said else ()
    assert (problems(result), result.counts) == ([], counts(new=1))
    assert findings() == [(place, "", "", *said) for place in places]
    assert again.counts == counts(unchanged=1)
    assert [(w.row, w.value, w.message) for w in result.warnings] == [
        (1, name, NOTICES[name]) for name in ("role", "exclusion_reason") if name in cells
    ]


def test_role_gives_no_findings_to_a_study_that_has_one(program):
    FindingFactory(program=program, reference=Reference.objects.get(), effect="harm")
    before = stored()

    result = load("studies", [{**ROW, "role": "not-used"}])

    assert (problems(result), result.counts, stored()) == ([], counts(unchanged=1), before)


def test_preview_shows_the_findings_that_a_row_adds(program):
    load("studies", [ROW])

    result = load(
        "studies", [{**ROW, "role": "not-used", "exclusion_reason": REASON}], dry_run=True
    )

    why = "does not count in the rating (No control group)"
    assert [(row.action, row.changes) for row in result.rows] == [
        (
            "changed",
            [("finding", "", f"Old area: {why}"), ("finding", "", f"Other area: {why}")],
        )
    ]


def test_role_says_nothing_where_the_program_is_rated_nowhere(neighbours):
    result = load("studies", [{**ROW, "role": "relevant"}])

    assert (problems(result), result.counts, findings()) == ([], counts(new=1), [])
    assert [w for w in result.warnings if w.row == 2] == [(2, "role", "relevant", RATED_NOWHERE)]


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"role": "used"}, "role", "Use one of: relevant, not-used, additional."),
        (
            {"role": "relevant", "exclusion_reason": "Old."},
            "exclusion_reason",
            "Only a study whose role is not-used takes a reason.",
        ),
        (
            {"role": "not-used", "exclusion_reason": "x" * 10_001},
            "exclusion_reason",
            "This has 10,001 characters; there may be 10,000 at most.",
        ),
        ({"sample_size": "many"}, "sample_size", "Write a whole number in digits, such as 12."),
    ],
)
def test_what_is_wrong_is_said_in_the_column_that_the_file_has(cells, column, message, program):
    result = load("studies", [{**ROW, **cells}])

    assert problems(result) == [(2, column, cells[column], message)]


def test_sample_size_beside_enrolled_is_refused(neighbours):
    result = load("studies", [{**ROW, "sample_size": "7", "enrolled": "8"}])

    message = "The file has “enrolled” as well, which is the same. Leave out one of the two."
    assert problems(result) == [(1, "", "sample_size", message)]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"design": "rct"}, ("rct", "As it was.", None)),
        ({"design": "Single case"}, ("single-case", "As it was.", None)),
        ({"design": DESIGNS["rct"][3]}, ("rct", DESIGNS["rct"][3], None)),
        ({"design": "Trial, follow-up"}, ("other", "Trial, follow-up", None)),
        ({"population": "Nurses"}, ("other", "Nurses", None)),
        ({"design": "", "population": ""}, ("", "As it was.", None)),
        (
            {"design": "Trial", "population": "Nurses", "design_note": "By ward."},
            ("other", "By ward.\nTrial\nNurses", None),
        ),
        ({"sample_size": "7"}, ("other", "As it was.", 7)),
    ],
)
def test_texts_become_codes_where_that_is_certain_and_are_kept(cells, kept, neighbours):
    load("studies", [{**ROW, "design": "other", "design_note": "As it was."}])

    result = load("studies", [{**ROW, **cells}])

    again = load("studies", [{**ROW, **cells}])
    study = Study.objects.get()
    assert (problems(result), (study.design, study.design_note, study.enrolled)) == ([], kept)
    assert again.counts == counts(unchanged=1)


def test_role_takes_the_permission_to_add_findings(program):
    user = UserFactory()
    may = catalog_permissions("import", "add", "change", "publish")
    user.user_permissions.set([p for p in may if p.codename != "add_finding"])

    result = load("studies", [{**ROW, "role": "relevant"}], user=user)

    message = "Your account may not add findings."
    assert problems(result) == [(2, "role", "relevant", message)]


def test_role_of_a_study_that_visitors_read_takes_the_permission_to_publish(program):
    load("studies", [ROW])
    Program.objects.update(status="published", published_at=timezone.now())
    user = UserFactory()
    user.user_permissions.set(catalog_permissions("import", "add", "change"))

    result = load("studies", [{**ROW, "role": "relevant"}], user=user)

    assert ([(p.row, p.message) for p in result.problems], findings()) == ([(2, LIVE)], [])


@pytest.mark.parametrize("is_new", [True, False])
def test_undo_takes_the_findings_back(is_new, program, ann, bob):
    if not is_new:
        load("studies", [ROW])
    before = entries()
    record = bring_in("studies", [{**ROW, "role": "relevant", "sample_size": "7"}], ann)
    assert len(findings()) == 2

    request_undo(record, bob)

    assert (record.kept, entries()) == ([], before)
    assert history_is_complete()


def test_undo_keeps_an_added_study_of_which_something_was_found_since(program, ann, bob):
    record = bring_in("studies", [ROW], ann)
    found = FindingFactory(program=program, reference=Reference.objects.get())
    before = entries()

    request_undo(record, bob)

    assert [item["why"] for item in record.kept] == [f"“{found}” refers to it."]
    assert entries() == before


def test_undo_keeps_a_study_whose_other_reference_of_the_same_sample_is_gone(neighbours, ann, bob):
    other = Reference.objects.create(title="Other", key="other")
    load("studies", [{**ROW, "same_sample_as": "other"}])
    record = bring_in("studies", [{**ROW, "same_sample_as": ""}], ann)
    other.delete()
    before = entries()

    request_undo(record, bob)

    why = "The reference that it named as of the same sample has been deleted."
    assert ([item["why"] for item in record.kept], entries()) == ([why], before)


def test_roles_take_no_query_for_each_row(program):
    def queries(number):
        rows = []
        for index in range(number):
            new = ProgramFactory(name=f"P {number} {index}")
            RatingFactory(program=new, topic_area=TopicArea.objects.first())
            rows.append({**ROW, "program": new.slug, "role": "relevant"})
        with CaptureQueriesContext(connection) as found:
            load("studies", rows)
        return len(found)

    assert queries(1) == queries(5)
