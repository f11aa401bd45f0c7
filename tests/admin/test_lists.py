"""The admin's lists: what they cost, what they count, in which order they stand, and what a search in them finds."""

import re
from datetime import UTC, date, datetime

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.admin.lists import MOST_COUNTED, found
from catalog.models import (
    Contact,
    ExternalRating,
    Finding,
    Program,
    Rating,
    Reference,
    Status,
    Study,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.search import parse

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .pages import column

pytestmark = pytest.mark.django_db

LISTS = (Program, Rating, Study, Reference, TopicArea, TopicExpert, Term)
each_list = pytest.mark.parametrize("model", LISTS, ids=lambda model: model._meta.model_name)


def list_of(client, model, **query):
    return client.get(reverse(f"admin:catalog_{model._meta.model_name}_changelist"), query)


def listed(response):
    return list(response.context["cl"].result_list)


def add_entries(numbers):
    """Store entries of each model, each with its own words, dates and places."""
    for n in numbers:
        area = TopicAreaFactory(name=f"Area {n}", year_added=2000 + n % 20)
        area.experts.add(TopicExpertFactory(name=f"Expert {n}"))
        program = ProgramFactory(name=f"Program {n}", research_last_reviewed=str(2000 + n % 20))
        rated = date(2001 + n % 20, 1 + n % 12, 1 + n % 28).isoformat()
        RatingFactory(program=program, topic_area=area, rated_on=rated)
        StudyFactory(program=program, reference=ReferenceFactory(year=1990 + n % 30))
        TermFactory(name=f"Term {n}")


def test_lists_cost_the_same_at_two_and_at_eight(editor_client, some):
    asked = some([{}, {"o": "1"}, {"o": "-1"}, {"q": "program"}, {"q": "area"}], 2)

    def costs():
        counted = {}
        for model in LISTS:
            for query in asked:
                list_of(editor_client, model, **query)
                with CaptureQueriesContext(connection) as queries:
                    list_of(editor_client, model, **query)
                counted[model.__name__, *query.items()] = len(queries)
        return counted

    add_entries(range(2))
    few = costs()
    add_entries(range(2, 8))

    assert costs() == few
    assert max(few.values()) <= 13


# --- Counts and pages


def test_list_counts_only_so_far_and_says_so(editor_client):
    Term.objects.bulk_create(
        Term(name=f"Term {n}", slug=f"term-{n}", definition="What it means.")
        for n in range(MOST_COUNTED)
    )

    def footer():
        html = list_of(editor_client, Term).content.decode()
        nav = re.search(r'<nav class="paginator".*?</nav>', html, re.DOTALL)[0]
        return " ".join(re.sub(r"<[^>]+>", " ", nav).split())

    assert footer() == "Pagination glossary terms 1 2 3 4 … 99 100 5000 glossary terms"
    TermFactory(name="One more")
    assert footer() == "Pagination glossary terms 1 2 3 4 … 99 100 more than 5,000 glossary terms"

    last = list_of(editor_client, Term, p="100")
    assert (len(listed(last)), last.status_code) == (50, 200)
    assert list_of(editor_client, Term, p="101").status_code == 302


def test_pages_hold_every_entry_once(editor_client, monkeypatch):
    add_entries(range(12))

    for model in LISTS:
        monkeypatch.setattr(admin.site._registry[model], "list_per_page", 5)
        pages = [listed(list_of(editor_client, model, p=str(p))) for p in (1, 2, 3)]
        keys = [entry.pk for page in pages for entry in page]
        assert [len(page) for page in pages] == [5, 5, 2]
        assert sorted(keys) == sorted(model.objects.values_list("pk", flat=True))


@each_list
def test_order_of_a_column_turns_round(editor_client, model, some):
    add_entries(range(4))
    changelist = list_of(editor_client, model).context["cl"]
    options = admin.site._registry[model]
    sortable = [
        index
        for index, name in enumerate(changelist.list_display)
        if changelist.get_ordering_field(name)
        and (options.sortable_by is None or name in options.sortable_by)
    ]

    for index in some(sortable, 2):
        up = listed(list_of(editor_client, model, o=str(index)))
        down = listed(list_of(editor_client, model, o=f"-{index}"))
        assert len(up) == 4
        assert up == down[::-1]
    assert sortable


def test_ratings_and_studies_begin_with_the_one_recorded_last(editor_client):
    add_entries(range(3))

    for model in (Rating, Study):
        keys = [entry.pk for entry in listed(list_of(editor_client, model))]
        assert keys == sorted(keys, reverse=True)


# --- Search


def test_search_finds_entries_of_every_status(editor_client):
    for status in Status:
        ProgramFactory(name=f"Quiet {status.label}", status=status)
        TopicAreaFactory(name=f"Quiet area {status.label}", status=status)

    for model in (Program, TopicArea):
        assert {entry.status for entry in listed(list_of(editor_client, model, q="quiet"))} == set(
            Status.values
        )


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("elan", ["Élan Vital®"]),
        ("ÉLAN", ["Élan Vital®"]),
        ("vital elan", ["Élan Vital®"]),
        ("vital®", ["Élan Vital®", "Vital Signs"]),
        ("vita", ["Élan Vital®", "Vital Signs"]),
        ("elan signs", []),
        ("sign", ["Vital Signs"]),
        ("EV", ["Élan Vital®"]),
        ("spark", ["Élan Vital®"]),
        ("old-add", ["Vital Signs"]),
        ("old-address", ["Vital Signs"]),
        ("Old-Address", ["Vital Signs"]),
        ("vital -signs", ["Élan Vital®"]),
        ("vital -spark", ["Vital Signs"]),
        ("vital -body", ["Vital Signs", "Élan Vital®"]),
        ("-body", ["Vital Signs", "Élan Vital®"]),
        ("about the body", []),
    ],
)
def test_search_finds_programs_by_name_and_address(editor_client, words, names):
    ProgramFactory(name="Élan Vital®", acronym="EV", also_known_as=["Life Spark"])
    ProgramFactory(name="Vital Signs", slug="old-address", description="About the body.")

    response = list_of(editor_client, Program, q=words)

    # As PostgreSQL and SQLite both sort É behind Z.
    assert [program.name for program in listed(response)] == sorted(names)


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("bride", True),
        ("prevalence 2007", True),
        ("bride-20", True),
        ("10.1093/sw", True),
        ("10.1093/SW/52.1.63", True),
        ("https://doi.org/10.1093/sw/52.1.63", True),
        ("doi: 10.1093/sw", True),
        ("10.1093 63", False),
        ("sprang", False),
    ],
)
def test_search_finds_references_by_text_key_and_doi(editor_client, words, is_found):
    reference = ReferenceFactory(
        authors="Bride, B. E.", year=2007, title="Prevalence", doi="10.1093/sw/52.1.63"
    )

    assert listed(list_of(editor_client, Reference, q=words)) == [reference] * is_found


def test_search_finds_what_belongs_to_a_program(editor_client):
    program = ProgramFactory(name="Calm Corners")
    rating = RatingFactory(program=program)
    study = StudyFactory(program=program, reference__key="own-key")
    RatingFactory()
    StudyFactory()

    assert listed(list_of(editor_client, Rating, q="corner")) == [rating]
    assert listed(list_of(editor_client, Study, q="corner")) == [study]
    assert listed(list_of(editor_client, Study, q="own-ke")) == [study]


def test_search_in_the_glossary_finds_parts_of_its_texts(editor_client):
    term = TermFactory(name="Été", definition="The warm season.")
    TermFactory()

    for words in ("ét", "ÉTÉ", "arm seas", "season été"):
        assert listed(list_of(editor_client, Term, q=words)) == [term]


def test_dash_before_a_word_leaves_out_all_that_the_word_finds(editor_client):
    """The word may stand in an entry's own texts, or in those of what it belongs to."""
    summer, cited = ProgramFactory(name="Été"), ReferenceFactory(title="Été")
    other = FindingFactory()
    program, reference = other.program, other.reference
    for rows, own in (
        (FindingFactory, {"reference": cited}),
        (ContactFactory, {"name": "Été"}),
        (ExternalRatingFactory, {"registry__name": "Été"}),
    ):
        rows(program=program, **own)
    FindingFactory(program=summer, reference=reference)
    ContactFactory(program=summer)
    ExternalRatingFactory(program=summer)
    TermFactory(definition="Été.")
    kept = {
        Program: [program],
        Reference: [reference],
        Finding: [other],
        Study: [Study.objects.get(program=program, reference=reference)],
        Contact: [ContactFactory(program=program)],
        ExternalRating: [ExternalRatingFactory(program=program)],
        Term: [TermFactory()],
    }

    for model, entries in kept.items():
        assert listed(list_of(editor_client, model, q="-été")) == entries, model


@given(st.lists(st.text("abcdefgXYZéÉñü0123", min_size=1, max_size=12), min_size=1, max_size=8))
@settings(max_examples=20)
def test_a_name_finds_its_program_whatever_the_order_of_its_words(words):
    program = ProgramFactory(name=" ".join(words), slug="")

    for text in (program.name, program.name.upper(), " ".join(reversed(words)), program.slug):
        assert program in Program.objects.filter(pk__in=found(Program, parse(text))), text
    program.delete()


@given(st.text(max_size=60))
@settings(max_examples=20)
def test_any_text_can_be_looked_for(rf, text):
    request = rf.get("/")
    for model in (Program, Rating, Study, Reference, TopicArea, TopicExpert, Term):
        queryset, has_duplicates = admin.site._registry[model].get_search_results(
            request, model.objects.all(), text
        )
        assert (list(queryset), has_duplicates) == ([], False)


@pytest.mark.parametrize(
    "query",
    ["?area=%00", "?rating=%00", "?relevance_level__exact=%00", "?status=%00", "?q=%00", "?p=%00"],
)
def test_filter_that_holds_a_nul_is_as_without_it(editor_client, query):
    page = editor_client.get(reverse("admin:catalog_program_changelist") + query, follow=True)

    assert page.status_code == 200


# --- The last change


def test_lists_say_when_an_entry_was_last_changed_and_by_whom(editor_client, editor):
    ann = UserFactory(first_name="Ann", last_name="Example")
    for model, factory in {
        Program: ProgramFactory,
        TopicArea: TopicAreaFactory,
        Reference: ReferenceFactory,
        TopicExpert: TopicExpertFactory,
    }.items():
        changed, by_nobody, unrecorded = factory.create_batch(3)
        for entry in (changed, by_nobody, unrecorded):
            entry.history.all().delete()
        for day, user in ((3, editor), (5, ann), (4, editor)):
            record(changed, day, user)
        record(by_nobody, 7, None)

        response = list_of(editor_client, model)

        keys = [entry.pk for entry in listed(response)]
        assert dict(zip(keys, column(response, "last_change"), strict=True)) == {
            changed.pk: "June 5, 2026, Ann Example",
            by_nobody.pk: "June 7, 2026, Somebody",
            unrecorded.pk: "Not recorded",
        }


def test_last_change_of_a_program_counts_its_ratings_and_studies(editor_client, editor):
    program = ProgramFactory()
    rating, study = RatingFactory(program=program), StudyFactory(program=program)
    for entry, day in ((program, 3), (rating, 9), (study, 4)):
        entry.history.all().delete()
        record(entry, day, editor)

    def last():
        return column(list_of(editor_client, Program), "last_change")

    assert last() == ["June 9, 2026, editor"]
    record(study, 10, editor)
    assert last() == ["June 10, 2026, editor"]


def record(entry, day, user):
    """Record a change of an entry on a day of June 2026."""
    moment = datetime(2026, 6, day, 12, tzinfo=UTC)
    entry.history.create(
        **{
            field.attname: getattr(entry, field.attname)
            for field in entry.history.model.tracked_fields
        },
        history_date=moment,
        history_user=user,
        history_type="~",
    )
