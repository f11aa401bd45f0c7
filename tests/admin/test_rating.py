"""Rating a program, again or for the first time, and correcting a rating: who may, what is kept, what is said."""

import threading
from datetime import timedelta
from urllib.parse import unquote, urlencode

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import connection, connections
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.editorial.rating import may_rate, programs_user_may_not_rate
from catalog.models import NotRatedReason, Program, Rating, ScientificRating, Status, TopicArea

from ..conftest import catalog_permissions
from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, UserFactory
from ..importing.loading import load
from ..models.test_models import rolled_back
from ..pages import read
from .test_entries import BrowserForm, address, heading, said, submit, text_of

pytestmark = pytest.mark.django_db

BLANK = {"not_rated_reason": "", "rationale": "", "rated_on": "", "scale_edition": ""}
BEYOND = "Your account may not rate programs that are public."


@pytest.fixture
def sleep(db):
    return TopicAreaFactory(
        name="Sleep",
        slug="sleep",
        rating_criteria="Outcomes of *sleep*.",
        inclusion_criteria="It is about sleep.",
    )


@pytest.fixture
def calm(sleep):
    """The current rating of a program that was rated before."""
    program = ProgramFactory(name="Calm", scope_note="The group form.")
    RatingFactory(
        program=program,
        topic_area=sleep,
        scientific_rating="NR",
        not_rated_reason="no-control-group",
        rated_on="2020",
    )
    return RatingFactory(
        program=program,
        topic_area=sleep,
        scientific_rating="2",
        rated_on="2024-06",
        rationale="One *good* trial.",
        scale_edition="2023",
    )


def rate_page(program, area=None, **query):
    query |= {"area": area.slug} if area else {}
    return f"{address('rate', program)}?{urlencode(query)}"


def rate(client, program, area, level, **cells):
    """Open the page, choose a level, type the rest, and save it."""
    page = rate_page(program, area)
    form = BrowserForm(client.get(page)).data
    return client.post(page, {**form, "scientific_rating": level, **cells})


def again(client, response, **cells):
    """Press the button of a page that has come back, with what else is typed."""
    return client.post(
        response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"],
        {**BrowserForm(response).data, **cells},
    )


def facts(*ratings):
    """What is recorded, without which one is current."""
    fields = ("scientific_rating", "not_rated_reason", "rationale", "rated_on", "scale_edition")
    return [tuple(getattr(rating, field) for field in fields) for rating in ratings]


# --- The page


def test_page_shows_current_rating_earlier_ones_and_what_the_area_asks(editor_client, calm):
    page = read(editor_client.get(rate_page(calm.program, calm.topic_area)))

    main = page.main
    current = main.one("section", aria_labelledby="current")
    criteria = main.one("section", aria_labelledby="criteria")
    assert page.h1 == "Re-rate"
    assert main.all("h2")[0].text == "Calm in Sleep"
    assert current.one("p", class_="level").text == "2 Supported by Research Evidence"
    assert current.facts == {"Rated": "June 2024", "Edition of the scale": "2023"}
    assert current.one("em").text == "good"
    assert [item.text for item in current.all("li")] == [
        "2 June 2024. Able to be rated now: 2. It was NR before.",
        "NR 2020 (no study with a control group). First rating on record here.",
    ]
    assert [part.text for part in criteria.all("h4", "p")] == [
        "In order to be rated",
        "Outcomes of sleep.",
        "In order to be included",
        "It is about sleep.",
        "What of the program is reviewed",
        "The group form.",
    ]


def test_each_level_is_offered_with_its_meaning_and_what_the_page_will_say(editor_client, calm):
    page = read(editor_client.get(rate_page(calm.program, calm.topic_area)))

    offered = [
        (
            level.one("input").attributes["value"],
            level.one("label").text,
            level.one("p", id=level.one("input").attributes["aria-describedby"]).text,
        )
        for level in page.one("fieldset", class_="module levels").all("div")
        if level.attributes.get("class", "").startswith("level")
    ]
    says = {
        "1": "Changed from 2 to 1.",
        "2": "Reviewed again: still 2.",
        "3": "Changed from 2 to 3.",
        "4": "Changed from 2 to 4.",
        "5": "Changed from 2 to 5.",
        "NR": "No longer able to be rated: NR. It was 2 before.",
    }
    assert offered == [
        (
            level.value,
            f"{level.value} {level.label}{' (current)' if level == '2' else ''}",
            f"{level.meaning} The page will say: “{says[level]}”",
        )
        for level in ScientificRating
    ]


@pytest.mark.parametrize("level", [ScientificRating("1"), ScientificRating("NR")])
@pytest.mark.parametrize("dates", [["2020", "2024"], ["", ""], ["2024", "2020"], [""], []])
def test_what_the_page_will_say_is_what_the_public_page_says(client, editor, sleep, level, dates):
    program = ProgramFactory()
    for known, past in zip(dates, ("2", "4"), strict=False):
        RatingFactory(program=program, topic_area=sleep, scientific_rating=past, rated_on=known)
    client.force_login(editor)
    page = read(client.get(rate_page(program, sleep)))
    meaning = page.one("p", id=f"meaning-{level}")
    foretold = [part.text for part in meaning.all("span", class_="change")]

    why = "not-stated" if level == "NR" else ""
    cells = {"not_rated_reason": why, "rated_on": "2026-01-02"}
    response = rate(client, program, sleep, level, **cells)
    if response.status_code == 200:
        again(client, response)

    public = read(client.get(program.get_absolute_url()))
    newest = [
        item.text for line in public.all("ol", class_="timeline") for item in line.all("li")[:1]
    ]
    words = f"Scientific rating {level}: {level.label}"
    assert newest == (
        [f"January 2, 2026 {words} {foretold[0].split('“')[1][:-1]}"] if foretold else newest[:1]
    )
    assert bool(newest) == bool(dates)


def test_edition_of_the_newest_rating_and_today_are_offered(editor_client, calm):
    other = ProgramFactory()
    RatingFactory(scale_edition="")

    response = editor_client.get(rate_page(other, calm.topic_area))

    form = BrowserForm(response)
    assert heading(response) == "Rate for the first time"
    assert form.data["scale_edition"] == ["2023"]
    assert form.data["rated_on"] == [""]
    assert f"today is {timezone.localdate()}" in text_of(response)


# --- Saving


def test_re_rating_keeps_the_rating_before_as_a_past_one(editor_client, editor, calm):
    before = facts(calm)

    response = rate(
        editor_client,
        calm.program,
        calm.topic_area,
        "1",
        rationale="A second trial.",
        rated_on="October 2025",
        scale_edition="2025",
        change_reason="New trial of 2025",
    )

    calm.refresh_from_db()
    new = Rating.objects.current().get()
    assert response.url == address("change", calm.program)
    assert said(response) == ["“Calm” in Sleep: Changed from 2 to 1."]
    assert facts(new) == [("1", "", "A second trial.", "2025-10", "2025")]
    assert (facts(calm), calm.is_current) == (before, False)
    for rating, kind in ((new, "+"), (calm, "~")):
        change = rating.history.first()
        assert (change.history_type, change.history_user, change.history_change_reason) == (
            kind,
            editor,
            "New trial of 2025",
        )
    assert (new.history.count(), calm.history.count()) == (1, 2)
    logged = LogEntry.objects.get()
    assert (logged.user, logged.action_flag, logged.object_id) == (editor, ADDITION, str(new.pk))


def test_without_a_reason_the_history_says_what_was_done(editor_client, calm):
    elsewhere = TopicAreaFactory()

    rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")
    rate(editor_client, calm.program, elsewhere, "4", rated_on="2025")

    current = Rating.objects.current().order_by("scientific_rating")
    assert [rating.history.get().history_change_reason for rating in current] == [
        "Re-rated",
        "Rated for the first time here",
    ]


def test_first_rating_in_an_area_leaves_the_other_areas_alone(editor_client, calm):
    elsewhere = TopicAreaFactory(name="Stress")

    response = rate(
        editor_client, calm.program, elsewhere, "NR", not_rated_reason=NotRatedReason.MEASURES
    )

    assert said(response) == ["“Calm” in Stress: Rated NR."]
    assert facts(elsewhere.ratings.get()) == [("NR", "measures", "", "", "2023")]
    calm.refresh_from_db()
    assert calm.is_current
    assert calm.history.count() == 1


def test_nr_needs_a_reason_and_another_level_drops_it(editor_client, calm):
    refused = rate(editor_client, calm.program, calm.topic_area, "NR", rated_on="2025")

    assert "Say why it is NR; “Reason not stated” is one of the reasons." in text_of(refused)
    assert Rating.objects.count() == 2

    # The box for the reason is hidden as soon as another level is chosen.
    again(editor_client, refused, scientific_rating="3", not_rated_reason="measures")

    assert facts(Rating.objects.current().get()) == [("3", "", "", "2025", "2023")]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"rated_on": "03/04/2025"}, "“03/04/2025” can be read as two different days."),
        ({"scientific_rating": ""}, "This field is required."),
        ({"scientific_rating": "6"}, "6 is not one of the available choices."),
        (
            {"scientific_rating": "2", "rated_on": "June 2024"},
            "This level of this date is recorded already.",
        ),
        (
            {"scientific_rating": "NR", "not_rated_reason": "measures", "rated_on": "2020"},
            "This level of this date is recorded already.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_is_typed_is_kept(editor_client, calm, cells, message):
    typed = {**BLANK, "scientific_rating": "1", "rationale": "Long *thoughts*.", **cells}

    response = rate(
        editor_client, calm.program, calm.topic_area, typed.pop("scientific_rating"), **typed
    )

    assert response.status_code == 200
    assert message in text_of(response)
    kept = BrowserForm(response).data
    assert {name: kept[name] for name in typed} == {name: [typed[name]] for name in typed}
    assert Rating.objects.count() == 2


@pytest.mark.parametrize(
    ("level", "cells", "doubts"),
    [
        ("4", {"rated_on": "2025"}, ["This falls by 2 levels: the current rating is 2."]),
        ("3", {"rated_on": "2025"}, []),
        (
            "1",
            {"rated_on": "2023"},
            ["This is older than the current rating, which is of 2024-06."],
        ),
        (
            "5",
            {"rated_on": ""},
            [
                "This falls by 3 levels: the current rating is 2.",
                "This has no date; the current rating is of 2024-06.",
            ],
        ),
        ("1", {"rated_on": "2099"}, ["This date has not come yet."]),
        ("NR", {"rated_on": "2025", "not_rated_reason": "measures"}, []),
    ],
)
def test_what_deserves_a_second_look_is_saved_when_the_button_is_pressed_again(
    editor_client, calm, level, cells, doubts
):
    response = rate(editor_client, calm.program, calm.topic_area, level, **cells)

    if doubts:
        notice = read(response).one("div", class_="doubts")
        assert [item.text for item in notice.all("li")] == doubts
        assert Rating.objects.count() == 2
        response = again(editor_client, response)
    assert response.status_code == 302
    assert Rating.objects.current().get().scientific_rating == level


def test_one_doubt_that_is_confirmed_does_not_confirm_another(editor_client, calm):
    response = rate(editor_client, calm.program, calm.topic_area, "4", rated_on="2025")

    response = again(editor_client, response, scientific_rating="5")

    doubts = read(response).one("div", class_="doubts").all("li")
    assert [doubt.text for doubt in doubts] == ["This falls by 3 levels: the current rating is 2."]
    assert Rating.objects.count() == 2


def test_rating_of_a_retired_program_is_worth_a_second_look(editor_client, calm):
    calm.program.status = Status.RETIRED
    calm.program.save()

    response = rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")

    (doubt,) = read(response).one("div", class_="doubts").all("li")
    assert doubt.text == "This program is retired."
    assert again(editor_client, response).status_code == 302


def test_rating_in_a_retired_topic_area_is_worth_a_second_look(editor_client, calm):
    calm.topic_area.status = Status.RETIRED
    calm.topic_area.save()

    response = rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")

    (doubt,) = read(response).one("div", class_="doubts").all("li")
    assert doubt.text == "This topic area is retired."
    assert again(editor_client, response).status_code == 302


@pytest.mark.parametrize(
    ("next_page", "leads_to"),
    [
        ("/admin/catalog/topicarea/1/rate/?q=calm&page=2", None),
        ("/admin/", None),
        ("https://example.org/", "change"),
        ("//example.org/", "change"),
        ("javascript:alert(1)", "change"),
    ],
)
def test_saving_leads_back_whence_one_came_on_this_site(editor_client, calm, next_page, leads_to):
    page = rate_page(calm.program, calm.topic_area, next=next_page)
    form = BrowserForm(editor_client.get(page)).data

    response = editor_client.post(page, {**form, "scientific_rating": "1", "rated_on": "2025"})

    assert response.url == (address("change", calm.program) if leads_to else next_page)


# --- Two at once


def test_second_of_two_reviewers_is_told_keeps_her_text_and_can_insist(
    editor_client, editor, calm, client
):
    page = rate_page(calm.program, calm.topic_area)
    form = BrowserForm(editor_client.get(page)).data
    rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025", change_reason="Why")
    mine = {"scientific_rating": "3", "rationale": "Mine", "rated_on": "2025-02"}

    refused = editor_client.post(page, {**form, **mine})

    assert "editor has rated the program here at " in text_of(refused)
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


def correct(client, rating, **cells):
    return submit(client, address("change", rating), **{"change_reason": "Typing mistake", **cells})


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
@settings(max_examples=10)
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


# --- From the program and from the topic area


def test_one_topic_area_needs_no_choice_and_leads_to_others(editor_client, calm):
    response = editor_client.get(f"{address('rate', calm.program)}?next=/admin/")

    page = address("rate", calm.program)
    assert unquote(response.url) == f"{page}?area=sleep&next=/admin/"
    page = read(editor_client.get(response.url))
    others = dict(page.main.links)["Rate it in another topic area"]
    assert others == f"{address('rate', calm.program)}?area="


def rows(response):
    """The rows of a page to choose from: their words, and the address of their link."""
    table = read(response).main.one("table")
    return [
        (
            [cell.text for cell in row.all("th", "td")],
            [unquote(target) for _, target in row.links],
        )
        for row in table.one("tbody").all("tr")
    ]


def test_topic_areas_to_choose_from_hold_no_umbrella(editor_client, calm):
    umbrella = TopicAreaFactory(name="All of it")
    TopicAreaFactory(name="Diet", slug="diet", status=Status.DRAFT, parent=umbrella)

    response = editor_client.get(f"{address('rate', calm.program)}?area=&next=/admin/")

    page = address("rate", calm.program)
    assert rows(response) == [
        (
            [
                "Sleep",
                "Published",
                "2 Supported by Research Evidence",
                "June 2024",
                "Re-rate Sleep",
            ],
            [f"{page}?area=sleep&next=/admin/"],
        ),
        (["Diet", "Draft", "Not rated here", "", "Rate Diet"], [f"{page}?area=diet&next=/admin/"]),
    ]


@pytest.mark.parametrize(
    ("slug", "wrong"),
    [
        ("all", "“All of it” is an umbrella area; programs are rated in its parts."),
        ("nowhere", "There is no topic area “nowhere”."),
        ("a b\0", "There is no topic area “a b”."),
    ],
)
def test_area_in_which_nothing_is_rated_leads_to_the_choice(editor_client, calm, slug, wrong):
    umbrella = TopicAreaFactory(name="All of it", slug="all")
    TopicAreaFactory(parent=umbrella)

    response = editor_client.get(f"{address('rate', calm.program)}?{urlencode({'area': slug})}")

    assert response.url == f"{address('rate', calm.program)}?area="
    assert said(response) == [f"{wrong} Choose the topic area here."]


def test_topic_area_lists_its_programs_and_finds_the_others(editor_client, calm):
    sleep = calm.topic_area
    RatingFactory(program=ProgramFactory(name="Calm sea"), topic_area=sleep, scientific_rating="NR")
    best = RatingFactory(topic_area=sleep, scientific_rating="1", program__name="Zen")
    other = ProgramFactory(name="A calm new one", status=Status.DRAFT)
    page = address("rate", sleep)

    own, found = editor_client.get(page), editor_client.get(f"{page}?q=calm")

    assert [cells[:4] for cells, _ in rows(own)] == [
        ["Zen", "Published", "1 Well-Supported by Research Evidence", "Date not recorded"],
        ["Calm", "Published", "2 Supported by Research Evidence", "June 2024"],
        ["Calm sea", "Published", "NR Not able to be Rated", "Date not recorded"],
    ]
    assert rows(own)[0][1] == [f"{address('rate', best.program)}?area=sleep&next={page}"]
    assert [cells[0] for cells, _ in rows(found)] == ["Calm", "Calm sea", "A calm new one"]
    assert rows(found)[2] == (
        ["A calm new one", "Draft", "Not rated here", "", "Rate A calm new one"],
        [f"{address('rate', other)}?area=sleep&next={page}?q=calm"],
    )


def test_adding_a_rating_begins_with_its_program(editor_client, calm):
    page = "/admin/catalog/rating/add/"

    response = editor_client.get(page)
    posted = editor_client.post(page, {"program": calm.program_id, "scientific_rating": "1"})

    assert rows(response) == [(["Calm", "Published", "Rate Calm"], [address("rate", calm.program)])]
    assert posted.status_code == 405
    assert Rating.objects.count() == 2


@pytest.mark.parametrize("page", ["topicarea", "rating", "program"])
def test_pages_to_choose_from_cost_the_same_for_any_number(editor_client, calm, page):
    pages = {
        "topicarea": address("rate", calm.topic_area),
        "rating": "/admin/catalog/rating/add/",
        "program": f"{address('rate', calm.program)}?area=",
    }
    queries = []
    for number in (0, 101):
        numbers = range(number)
        programs = Program.objects.bulk_create(
            Program(name=f"P {n}", slug=f"p-{n}") for n in numbers
        )
        Rating.objects.bulk_create(
            Rating(program=program, topic_area=calm.topic_area, scientific_rating="3")
            for program in programs
        )
        TopicArea.objects.bulk_create(TopicArea(name=f"A {n}", slug=f"a-{n}") for n in numbers)
        with CaptureQueriesContext(
            connection,
        ) as context:
            response = editor_client.get(pages[page])
        queries.append(len(context))

    assert queries[0] == queries[1]
    assert len(rows(response)) == 100


def test_new_program_has_no_ratings_in_its_form_and_leads_on_to_rating(editor_client):
    form = BrowserForm(editor_client.get("/admin/catalog/program/add/")).data

    response = submit(editor_client, "/admin/catalog/program/add/", name="New")

    program = Program.objects.get()
    assert not [name for name in form if name.startswith("ratings")]
    assert said(response)[1:] == [
        f'It is not rated yet. <a href="{address("rate", program)}">Rate it in a topic area …</a>'
    ]


def test_ratings_are_read_in_the_program_with_links_to_what_may_be_done(editor_client, calm):
    past = Rating.objects.get(is_current=False)
    page = read(editor_client.get(address("change", calm.program)))

    inline = page.one("div", id="ratings-group")
    ratings = [row for row in inline.all("tr") if row.all("p")]
    words = [
        [c.text for c in row.all("td") if c.text and c.attributes.get("class") != "original"]
        for row in ratings
    ]
    assert words == [
        ["Sleep", "2 Supported by Research Evidence", "June 2024", "Re-rate Correct"],
        ["Sleep", "NR Not able to be Rated: no study with a control group", "2020 (past)", "View"],
    ]
    assert [row.links[1:] for row in ratings] == [
        [
            ("Re-rate", f"{address('rate', calm.program)}?area=sleep"),
            ("Correct", address("change", calm)),
        ],
        [("View", address("change", past))],
    ]


def test_forged_inline_changes_no_rating(editor_client, calm):
    before = list(Rating.objects.values())
    forged = {
        "ratings-TOTAL_FORMS": "3",
        "ratings-INITIAL_FORMS": "2",
        "ratings-0-id": calm.pk,
        "ratings-0-program": calm.program_id,
        "ratings-0-scientific_rating": "1",
        "ratings-0-DELETE": "on",
        "ratings-2-program": calm.program_id,
        "ratings-2-topic_area": TopicAreaFactory().pk,
        "ratings-2-scientific_rating": "1",
    }

    submit(editor_client, address("change", calm.program), **forged)

    assert list(Rating.objects.values()) == before


# --- Who may


STATES = {
    "draft": {"status": Status.DRAFT},
    "in review": {"status": Status.IN_REVIEW},
    "withdrawn": {"status": Status.DRAFT, "published_at": timezone.now() - timedelta(days=9)},
    "scheduled": {"published_at": timezone.now() + timedelta(days=9)},
    "published": {},
    "retired": {"status": Status.RETIRED, "published_at": timezone.now() - timedelta(days=9)},
    "retired draft": {"status": Status.RETIRED},
}
NEVER_PUBLIC = {"draft", "in review", "retired draft"}
ROLES = {
    "reader": ["view"],
    "writer": ["view", "add", "change"],
    "adder": ["view", "add"],
    "publisher": ["view", "add", "change", "publish"],
}


def person(role):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(catalog_permissions(*ROLES[role]))
    return user


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_rate_and_correct(client, sleep, role, state):
    user = person(role)
    program = ProgramFactory(name="Calm", **STATES[state])
    rating = RatingFactory(program=program, topic_area=sleep, rated_on="2020")
    is_open = role == "publisher" or state in NEVER_PUBLIC
    rates = role in {"writer", "adder", "publisher"} and is_open
    corrects = role in {"writer", "publisher"} and is_open
    client.force_login(user)
    page = rate_page(program, sleep)

    posted = client.post(page, {**BLANK, "scientific_rating": "6", "seen": ""})
    saved = client.post(address("change", rating), {"scientific_rating": "6"})
    shown = client.get(address("change", rating))
    page_of_program = read(client.get(address("change", program)))
    tools = page_of_program.one("ul", class_="object-tools").links
    inline = page_of_program.one("div", id="ratings-group").links
    found = {
        "rates": [may_rate(user, program), client.get(page).status_code, posted.status_code],
        "corrects": [may_rate(user, program, "change"), heading(shown), saved.status_code],
        "tools": [label for label, _ in tools if "rate" in label],
        "inline": [label for label, _ in inline if label in {"Re-rate", "Correct", "View"}],
    }

    assert found == {
        "rates": [True, 200, 200] if rates else [False, 403, 403],
        "corrects": [True, "Correct a rating", 200] if corrects else [False, "View rating", 403],
        "tools": ["Rate or re-rate"] * rates,
        "inline": ["Re-rate"] * rates + ["Correct" if corrects else "View"],
    }
    is_beyond = program in programs_user_may_not_rate(user)
    assert is_beyond == (state not in NEVER_PUBLIC and role != "publisher")
    assert Rating.objects.get().history.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_pages_to_choose_from_link_to_what_may_be_rated(client, sleep, role):
    draft, public = ProgramFactory(name="Draft", status="draft"), ProgramFactory(name="Public")
    for program in (draft, public):
        RatingFactory(program=program, topic_area=sleep)
    client.force_login(person(role))

    answers = [client.get(address("rate", sleep)), client.get("/admin/catalog/rating/add/")]

    if role == "reader":
        assert [answer.status_code for answer in answers] == [403, 403]
        return
    last = "Public: publishers rate it"
    for answer in answers:
        linked = [(cells[0], bool(links)) for cells, links in rows(answer)]
        assert linked == [("Draft", True), ("Public", role == "publisher")]
        assert (rows(answer)[1][0][-1] == last) == (role != "publisher")


@pytest.mark.parametrize(
    ("state", "cells"),
    [*((state, "1,2025") for state in STATES), ("published", "3,2020-05"), ("published", "1,")],
)
@pytest.mark.parametrize("role", ["writer", "publisher"])
@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_import_rates_what_the_pages_rate(sleep, role, state, kind, cells):
    program = ProgramFactory(name="Calm", slug="calm", **STATES[state])
    RatingFactory(program=program, topic_area=sleep, scientific_rating="3", rated_on="2020")
    key = "slug" if kind == "programs" else "program"
    file = f"{key},topic_area,scientific_rating,rated_on\ncalm,sleep,{cells}\n"

    result = load(kind, file, user=person(role))

    is_refused = role == "writer" and state not in NEVER_PUBLIC
    column = "topic_area" if kind == "programs" else "program"
    assert [(p.row, p.column, p.message) for p in result.problems] == (
        [(2, column, BEYOND)] if is_refused else []
    )
    assert Rating.history.count() == (1 if is_refused else 3 if cells[0] == "1" else 2)


@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_import_that_changes_no_rating_takes_no_permission_to_rate(sleep, kind):
    program = ProgramFactory(name="Calm", slug="calm")
    RatingFactory(program=program, topic_area=sleep, scientific_rating="3", rated_on="2020")
    key = "slug" if kind == "programs" else "program"
    file = f"{key},topic_area,scientific_rating,rated_on\ncalm,sleep,3,2020\n"

    result = load(kind, file, user=person("writer"))

    assert result.problems == []
    assert result.counts["unchanged"] == 1


def test_import_may_rate_the_programs_that_it_adds(sleep):
    header = "slug,name,topic_area,scientific_rating"
    TopicAreaFactory(slug="diet")

    result = load("programs", f"{header}\nnew,New,sleep,3\nnew,,diet,4\n", user=person("writer"))

    assert result.problems == []
    assert Rating.objects.count() == 2


# --- What the public sees of it


def test_public_page_shows_the_re_rating_with_its_date(editor_client, calm):
    today = timezone.localdate()
    rate(editor_client, calm.program, calm.topic_area, "3", rated_on=today.isoformat())

    page = read(editor_client.get(calm.program.get_absolute_url()))
    area = read(editor_client.get(calm.topic_area.get_absolute_url()))

    card = page.one("article", class_="rating-card")
    date = f"{today:%B} {today.day}, {today.year}"
    supported = "Scientific rating 2: Supported by Research Evidence"
    assert card.facts["Rated"] == date
    assert [item.text for item in card.one("ol", class_="timeline").all("li")] == [
        f"{date} Scientific rating 3: Promising Research Evidence Changed from 2 to 3.",
        f"June 2024 {supported} Able to be rated now: 2. It was NR before.",
        "2020 Scientific rating NR: Not able to be Rated First rating on record here.",
    ]
    assert "Scientific rating 3: Promising Research Evidence" in area.main.text
    assert "Scientific rating 2: Supported by Research Evidence Calm" not in area.main.text


def test_public_page_says_that_a_date_is_not_recorded(client):
    rating = RatingFactory(rated_on="")

    page = read(client.get(rating.program.get_absolute_url()))

    assert page.one("article", class_="rating-card").facts["Rated"] == "Date not recorded"
