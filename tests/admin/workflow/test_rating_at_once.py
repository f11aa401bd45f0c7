"""Two who rate the same program, and ratings that are corrected."""

import threading

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Program, Rating, ScientificRating, Status

from ...examples import few
from ...factories import ProgramFactory, TopicAreaFactory, UserFactory
from ...pages import read
from ...transactions import rolled_back
from ..pages import BrowserForm, address, heading, submit, text_of
from .rate_page import BLANK, again, correct, facts, person, rate, rate_page

pytestmark = pytest.mark.django_db


def test_second_of_two_reviewers_is_told_keeps_her_text_and_can_insist(
    editor_client, editor, calm, client
):
    page = rate_page(calm.program, calm.topic_area)
    form = BrowserForm(editor_client.get(page)).data
    rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025", change_reason="Why")
    mine = {"scientific_rating": "3", "rationale": "Mine", "rated_on": "2025-02"}

    refused = editor_client.post(page, {**form, **mine})

    assert "editor has rated the program here on " in text_of(refused)
    assert "it is 1 now. The reason given: “Why”. Nothing of yours is saved" in text_of(refused)
    kept = BrowserForm(refused).data
    assert {name: kept[name] for name in mine} == {name: [mine[name]] for name in mine}
    assert Rating.objects.count() == 3
    # Against the new current rating this is a fall by two levels.
    again(editor_client, again(editor_client, refused))

    ratings = Rating.objects.filter(topic_area=calm.topic_area).order_by("pk")
    assert [r.scientific_rating for r in ratings] == ["NR", "2", "1", "3"]
    assert [r.is_current for r in ratings] == [False, False, False, True]


def test_rating_that_was_corrected_meanwhile_is_not_re_rated_unseen(editor_client, calm):
    page = rate_page(calm.program, calm.topic_area)
    form = BrowserForm(editor_client.get(page)).data
    correct(editor_client, calm, scientific_rating="3")

    refused = editor_client.post(page, {**form, "scientific_rating": "1", "rated_on": "2025"})

    assert "editor has corrected its rating here" in text_of(refused)
    assert Rating.objects.count() == 2


def test_two_first_ratings_in_an_area_meet(editor_client, sleep):
    program = ProgramFactory()
    page = rate_page(program, sleep)
    form = BrowserForm(editor_client.get(page)).data
    editor_client.post(page, {**form, "scientific_rating": "1"})

    refused = editor_client.post(page, {**form, "scientific_rating": "2"})

    assert "editor has rated the program here" in text_of(refused)
    assert facts(program.ratings.get())[0][0] == "1"


def published(program):
    program.update(status=Status.PUBLISHED, published_at=timezone.now())


def merged(program):
    into = ProgramFactory()
    program.update(status=Status.RETIRED, retired_at=timezone.now(), merged_into=into)


@pytest.mark.parametrize(
    ("change", "status"), [(published, 403), (merged, 403), (QuerySet.delete, 404)]
)
def test_what_becomes_of_a_program_between_the_look_and_the_lock_counts(
    client, sleep, change, status
):
    program = ProgramFactory(status="draft")
    client.force_login(person("writer"))
    page, waiting = rate_page(program, sleep), [change]

    def meanwhile(execute, sql, *args):
        # The topic area is looked up after the program, and before the lock.
        if waiting and 'FROM "catalog_topicarea"' in sql:
            waiting.pop()(Program.objects.filter(pk=program.pk))
        return execute(sql, *args)

    with connection.execute_wrapper(meanwhile):
        answer = client.post(page, {**BLANK, "scientific_rating": "1", "seen": ""})

    assert (waiting, answer.status_code, Rating.objects.count()) == ([], status, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_of_ratings_sent_at_the_same_moment_one_is_saved():
    users = [UserFactory(is_staff=True, is_superuser=True) for _ in range(4)]
    program, area = ProgramFactory(), TopicAreaFactory(slug="sleep")
    page, start, answers = rate_page(program, area), threading.Barrier(len(users)), []

    def send(user, level):
        client = Client()
        client.force_login(user)
        form = BrowserForm(client.get(page)).data
        start.wait(30)
        response = client.post(page, {**form, "scientific_rating": level})
        answers.append((response.status_code, level))
        connections.close_all()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(users, "1234", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (saved,) = [level for status, level in answers if status == 302]
    assert sorted(status for status, _ in answers) == [200, 200, 200, 302]
    assert Rating.objects.get().scientific_rating == saved


# --- Correcting


def test_correction_keeps_who_why_and_what_stood_there_in_the_history(editor_client, editor, calm):
    response = correct(editor_client, calm, scientific_rating="3", rated_on="2024-07")

    assert response.status_code == 302
    assert Rating.objects.count() == 2
    corrected = Rating.objects.current().get()
    assert facts(corrected) == [("3", "", "One *good* trial.", "2024-07", "2023")]
    change, creation = corrected.history.all()
    assert (change.scientific_rating, change.history_user, change.history_change_reason) == (
        "3",
        editor,
        "Typing mistake",
    )
    assert (creation.scientific_rating, creation.rated_on) == ("2", "2024-06")


def test_correction_needs_a_reason_and_nr_needs_its_own(editor_client, calm):
    silent = correct(editor_client, calm, rationale="Better", change_reason=" ")
    unexplained = correct(editor_client, calm, scientific_rating="NR")

    assert list(silent.context["adminform"].form.errors) == ["change_reason"]
    assert unexplained.context["adminform"].form.errors == {
        "not_rated_reason": ["Say why it is NR; “Reason not stated” is one of the reasons."]
    }
    calm.refresh_from_db()
    assert (calm.rationale, calm.scientific_rating) == ("One *good* trial.", "2")


def test_page_of_a_correction_says_what_it_is_and_leads_to_re_rating(editor_client, calm):
    response = editor_client.get(address("change", calm))

    page = read(response)
    links = dict(page.one("div", class_="description").links)
    assert heading(response) == "Correct a rating"
    assert links == {"re-rate instead": f"{address('rate', calm.program)}?area=sleep"}
    assert "Recorded now: 2 Supported by Research Evidence, rated June 2024." in text_of(response)
    assert "as if it always had been so, except on pages as of an earlier date" in text_of(response)


def test_rating_that_was_re_rated_meanwhile_is_not_corrected(editor_client, calm):
    page = address("change", calm)
    form = BrowserForm(editor_client.get(page)).data
    rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")

    response = editor_client.post(page, {**form, "rationale": "Late", "change_reason": "Late"})

    calm.refresh_from_db()
    assert response.status_code == 409
    assert "Late" in read(response).main.text  # nothing that was typed is lost
    assert (calm.rationale, calm.is_current) == ("One *good* trial.", False)


def placed():
    """Return the ratings as they are recorded, by primary key, without which one is current."""
    ratings = Rating.objects.values_list("pk", "scientific_rating", "rated_on", "rationale")
    return {pk: tuple(cells) for pk, *cells in ratings}


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["rate", "correct"]),
            st.sampled_from(ScientificRating.values),
            st.sampled_from(["", "2024", "2024-06", "2025"]),
            st.integers(0, 1),
        ),
        max_size=5,
    )
)
@few
def test_any_sequence_of_re_ratings_and_corrections_keeps_every_fact(steps):
    with rolled_back():
        client = Client()
        client.force_login(UserFactory(is_staff=True, is_superuser=True))
        program, areas = ProgramFactory(), [TopicAreaFactory(), TopicAreaFactory()]
        for number, (action, level, date, where) in enumerate(steps):
            area, why = areas[where], f"Step {number}"
            current = Rating.objects.current().filter(topic_area=area).first()
            if action == "correct" and not current:
                continue
            before, entries = placed(), Rating.history.count()
            past = set(Rating.objects.filter(is_current=False).values_list("pk", flat=True))
            cells = {
                "scientific_rating": level,
                "rated_on": date,
                "rationale": why,
                "change_reason": why,
                "not_rated_reason": "not-stated" if level == "NR" else "",
            }
            if action == "correct":
                response = submit(client, address("change", current), **cells)
            else:
                response = rate(client, program, area, cells.pop("scientific_rating"), **cells)
                if response.status_code == 200 and response.context["doubts"]:
                    response = again(client, response)
            after = placed()

            changed = {pk for pk in before if after[pk] != before[pk]}
            new = set(after) - set(before)
            assert not changed & past
            reasons = Rating.history.order_by("-pk")[: Rating.history.count() - entries]
            told = {(change.id, change.history_change_reason) for change in reasons}
            if response.status_code == 200:
                assert (after, told) == (before, set())
            elif action == "correct":
                assert (changed, new, told) == ({current.pk}, set(), {(current.pk, why)})
            else:
                replaced = {(current.pk, why)} if current else set()
                assert (changed, len(new)) == (set(), 1)
                assert told == {(*new, why)} | replaced
            assert len(told) == len(reasons)
            held = Rating.objects.current().values_list("topic_area", flat=True)
            assert sorted(held) == sorted({rating.topic_area_id for rating in Rating.objects.all()})
