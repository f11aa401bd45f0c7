"""What a step does and keeps, and what happens when somebody else was faster."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.admin.moment_form import DOUBLED, SKIPPED
from catalog.editorial import requirements, transitions
from catalog.editorial.transitions import WorkflowState, standing
from catalog.editorial.workflow import Hindered, apply_transition
from catalog.models import PROGRAM_ROWS, Program, Status, TopicArea
from catalog.values.moments import day_in_words

from ...examples import few
from ...factories import RatingFactory, StudyFactory
from ..pages import BrowserForm, address, said, submit, text_of
from .steps import AHEAD, PAST, each_model, hidden, make, page, send

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@each_model
def test_step_is_kept_with_who_and_why(publisher_client, publisher, model):
    entry = make(model, WorkflowState.PUBLISHED, name="Calm")

    response = send(publisher_client, entry, "retired", reason="Nobody *offers* it.\r\n")

    entry.refresh_from_db()
    change, creation = entry.history.all()
    assert (entry.status, entry.retirement_reason) == (Status.RETIRED, "Nobody *offers* it.")
    assert (change.history_user, change.history_change_reason) == (
        publisher,
        "Retired: Nobody *offers* it.",
    )
    assert (creation.status, change.status) == (Status.PUBLISHED, Status.RETIRED)
    assert LogEntry.objects.get().get_change_message() == "Changed status."
    day = day_in_words(entry.retired_at)
    assert said(response) == [f"“Calm”: Retired on {day}: Nobody offers it."]


@each_model
def test_publishing_again_keeps_the_first_day_and_drops_the_reason(publisher, model):
    entry = apply_transition(make(model, WorkflowState.RETIRED), Status.PUBLISHED, user=publisher)

    assert (entry.published_at, entry.retired_at, entry.retirement_reason) == (PAST, None, "")
    assert entry.history.first().history_change_reason == "Published again"


@each_model
def test_publishing_now_what_was_scheduled_makes_it_public(publisher, model):
    entry = apply_transition(make(model, WorkflowState.SCHEDULED), Status.PUBLISHED, user=publisher)

    assert entry.is_published
    assert list(model.objects.published().filter(pk=entry.pk)) == [entry]


@each_model
def test_entry_is_scheduled_in_the_sites_time(publisher_client, settings, model):
    settings.TIME_ZONE = "America/Los_Angeles"
    entry = make(model, WorkflowState.IN_REVIEW, name="Calm")

    response = send(
        publisher_client,
        entry,
        "published",
        when="later",
        day="2090-03-01",
        at="09:00",
        reason="The law.",
    )

    entry.refresh_from_db()
    assert said(response) == ["“Calm”: Scheduled for March 1, 2090, 9:00 AM"]
    assert entry.published_at == AHEAD
    assert entry.history.first().history_change_reason == (
        "Scheduled for March 1, 2090, 9:00 AM: The law."
    )
    assert not model.objects.addressable().filter(pk=entry.pk).exists()


def test_date_alone_is_midnight(publisher_client):
    program = make(Program, WorkflowState.IN_REVIEW)

    send(publisher_client, program, "published", when="later", day="2090-03-01")

    program.refresh_from_db()
    assert standing(program) == "Scheduled for March 1, 2090, 12:00 AM"


def test_hour_that_clocks_skip_or_show_twice_is_said(publisher_client, settings):
    settings.TIME_ZONE = "America/Los_Angeles"
    program = make(Program, WorkflowState.IN_REVIEW)

    skipped, doubled = (
        send(publisher_client, program, "published", when="later", day=day, at=at)
        for day, at in (("2090-03-12", "02:30"), ("2090-11-05", "01:30"))
    )

    errors = [answer.context["form"].errors["at"] for answer in (skipped, doubled)]
    assert errors == [[SKIPPED], [DOUBLED]]
    assert "The second one, an hour later" in text_of(doubled)
    send(
        publisher_client,
        program,
        "published",
        when="later",
        day="2090-11-05",
        at="01:30",
        fold="1",
    )
    program.refresh_from_db()
    assert program.published_at == datetime(2090, 11, 5, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"when": "later"}, {"day": ["Give the date from which it is to be public."]}),
        ({"when": "later", "day": "soon"}, {"day": ["Write a date as 2027-03-01."]}),
        (
            {"when": "later", "day": "2090-03-01", "at": "early"},
            {"at": ["Write a time as 14:30."]},
        ),
        ({"when": "later", "day": "2025-03-01"}, {"day": [requirements.NOT_AHEAD]}),
        ({"when": "later", "day": "0001-01-01"}, {"day": [requirements.NOT_AHEAD]}),
        (
            {"when": "later", "day": "9999-12-31", "at": "23:59"},
            {"day": ["The year is 2100 at the latest."]},
        ),
        (
            {"when": "now", "day": "2090-03-01"},
            {"when": ["You gave a date: choose “From a date on”, or leave the date blank."]},
        ),
        ({"when": ""}, {"when": ["Choose one of the two."]}),
    ],
)
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_wrong_moment_is_said_and_nothing_is_published(
    publisher_client, settings, zone, sent, errors
):
    settings.TIME_ZONE = zone
    program = make(Program, WorkflowState.IN_REVIEW)

    response = send(publisher_client, program, "published", **sent)

    assert response.context["form"].errors == errors
    assert Program.objects.get(pk=program.pk).status == Status.IN_REVIEW


@each_model
def test_what_was_public_is_not_scheduled(publisher_client, publisher, model):
    entry = make(model, WorkflowState.IN_REVIEW, published_at=PAST)

    response = publisher_client.get(page(entry, "published"))
    with pytest.raises(Hindered) as hindered:
        apply_transition(entry, Status.PUBLISHED, user=publisher, public_from=AHEAD)

    sentence = (
        "It was public from June 3, 2025 on, so it cannot be scheduled; "
        "publish it when it is ready."
    )
    assert hindered.value.sentences == (sentence,)
    assert sentence in text_of(response)
    assert 'name="day"' not in response.content.decode()


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        (WorkflowState.DRAFT, {}, "Draft"),
        (WorkflowState.DRAFT, {"published_at": PAST}, "Draft; it was public from June 3, 2025 on"),
        (WorkflowState.IN_REVIEW, {}, "In review"),
        (WorkflowState.SCHEDULED, {}, "Scheduled for March 1, 2090, 9:00 AM"),
        (WorkflowState.PUBLISHED, {}, "Published since June 3, 2025"),
        (WorkflowState.RETIRED, {}, "Retired on June 4, 2025: Nobody offers it."),
        (WorkflowState.RETIRED, {"retirement_reason": ""}, "Retired on June 4, 2025"),
    ],
)
@each_model
def test_form_says_where_an_entry_stands(publisher_client, model, state, fields, words):
    entry = make(model, state, **fields)

    response = publisher_client.get(address("change", entry))

    assert standing(entry) == words
    shown = re.search(r'<div class="readonly">([^<]*)</div>', response.content.decode())[1]
    assert html.unescape(shown) == words


@each_model
def test_status_in_a_form_is_ignored(publisher_client, model):
    entry = make(model, WorkflowState.DRAFT, name="Calm")

    submit(publisher_client, address("change", entry), status="published", acronym="CC")
    submit(publisher_client, address("add", model), name="Added", status="published")

    assert dict(model.objects.filter(name__in=["Calm", "Added"]).values_list("name", "status")) == {
        "Calm": Status.DRAFT,
        "Added": Status.DRAFT,
    }
    assert "status" not in BrowserForm(publisher_client.get(address("change", entry))).data


# --- Somebody else


@each_model
def test_step_is_not_taken_with_what_somebody_else_has_changed(publisher_client, editor, model):
    entry = make(model, WorkflowState.IN_REVIEW)
    editor.first_name, editor.last_name = "Robin", "Example"
    editor.save()
    seen = hidden(publisher_client.get(page(entry, "published")))
    entry._history_user, entry.target_population = editor, "Staff"
    entry.save()
    sent = {"seen": seen, "when": "now", "reason": "It is right."}

    first = publisher_client.post(page(entry, "published"), sent)
    status = model.objects.get(pk=entry.pk).status
    second = publisher_client.post(page(entry, "published"), {**sent, "seen": hidden(first)})

    assert "Robin Example has saved this entry since you opened the page." in text_of(first)
    assert "It is right." in text_of(first)
    assert status == Status.IN_REVIEW
    assert second.url == address("change", entry)
    assert model.objects.get(pk=entry.pk).is_published


@pytest.mark.parametrize("part", [RatingFactory, StudyFactory])
def test_program_is_not_published_with_ratings_or_studies_not_seen(part, publisher_client, editor):
    program = make(Program, WorkflowState.IN_REVIEW)
    theirs = part(program=program)
    seen = hidden(publisher_client.get(page(program, "published")))
    theirs._history_user = editor
    theirs.save()

    response = publisher_client.post(page(program, "published"), {"seen": seen, "when": "now"})

    parts = theirs._meta.verbose_name_plural
    assert f"editor has changed its {parts} since you opened the page." in text_of(response)
    assert not Program.objects.get(pk=program.pk).is_published
    sent = {"seen": hidden(response), "when": "now"}
    assert publisher_client.post(page(program, "published"), sent).status_code == 302
    assert Program.objects.get(pk=program.pk).is_published


def test_step_that_somebody_else_has_taken_leads_back_to_the_entry(publisher_client, editor):
    program = make(Program, WorkflowState.IN_REVIEW, name="Calm")
    seen = hidden(publisher_client.get(page(program, "published")))
    apply_transition(program, Status.DRAFT, user=editor, reason="No goals.")

    response = publisher_client.post(page(program, "published"), {"seen": seen, "when": "now"})

    assert response.url == address("change", program)
    assert Program.objects.get(pk=program.pk).status == Status.DRAFT


def test_scheduled_entry_whose_moment_comes_is_not_unscheduled(publisher):
    program = make(Program, WorkflowState.SCHEDULED)
    Program.objects.update(published_at=timezone.now() - timedelta(seconds=5))

    with pytest.raises(Hindered) as hindered:
        apply_transition(program, Status.IN_REVIEW, user=publisher)

    assert hindered.value.sentences == (
        "It is published; this can only be done with what is a draft or scheduled.",
    )


# A version for more kinds of rows than there are is none.
@pytest.mark.parametrize(
    "seen",
    [
        *("", "1", "1-", "1-2-3", "1-2.", f"1-2{'.3' * (len(PROGRAM_ROWS) + 2)}", "x-y"),
        "1-2 " * 1_000 + "1-2",
    ],
)
def test_page_that_was_tampered_with_is_refused(publisher_client, seen):
    program = make(Program, WorkflowState.IN_REVIEW)
    sent = {"seen": seen, "when": "now", "reason": ""}

    one = publisher_client.post(page(program, "published"), sent)
    many = publisher_client.post("/admin/catalog/program/status/publish/", sent)

    assert (one.status_code, many.status_code) == (400, 400)
    assert Program.objects.get().status == Status.IN_REVIEW


# --- Whatever the order


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(Status.values),
            st.booleans(),
            st.sampled_from(["", "Because.", "**Two**\r\nlines"]),
        ),
        max_size=8,
    ),
    model=st.sampled_from([Program, TopicArea]),
)
@few
def test_whatever_the_steps_the_entry_is_right_and_its_history_complete(publisher, moves, model):
    entry = make(model, WorkflowState.DRAFT)
    was_public, taken = False, 0
    for target, is_later, reason in moves:
        before = transitions.state(model.objects.get(pk=entry.pk))
        first = model.objects.get(pk=entry.pk).published_at
        public_from = AHEAD if is_later and target == Status.PUBLISHED else None
        try:
            entry = apply_transition(
                entry, target, user=publisher, reason=reason, public_from=public_from
            )
        except Hindered:
            assert transitions.state(model.objects.get(pk=entry.pk)) == before
            continue
        taken += 1
        stored = model.objects.get(pk=entry.pk)
        stored.full_clean()
        assert stored.history.count() == taken + 1
        change = stored.history.first()
        assert change.history_user == publisher
        assert change.history_change_reason.endswith(reason.replace("\r\n", "\n"))
        if was_public:
            assert stored.published_at == first
        was_public = was_public or stored.is_published
        assert stored.was_public == was_public
        addressable = model.objects.addressable().filter(pk=entry.pk).exists()
        assert addressable == (stored.is_published or (stored.is_retired and was_public))
        assert (stored.retirement_reason != "") == stored.is_retired


# --- What visitors read


@each_model
def test_retired_page_says_why_in_markdown(client, model):
    entry = make(model, WorkflowState.RETIRED)

    content = client.get(entry.get_absolute_url()).content.decode()

    assert "<p>Nobody <em>offers</em> it.</p>" in content
    assert '<time datetime="2025-06-04">June 4, 2025</time>' in content
