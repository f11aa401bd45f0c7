"""The way of an entry from a draft to the public and on: the rules, the pages, and the files that keep them."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.editorial import workflow
from catalog.editorial.workflow import TRANSITIONS, Hindered, State, apply_transition, standing
from catalog.models import Program, Rating, Status, TopicArea

from ..conftest import group_user
from ..factories import (
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
    publishable,
)
from ..importing.loading import load, places, problems
from .test_entries import BrowserForm, actions, address, run_action, said, submit, text_of

pytestmark = pytest.mark.django_db

PAST = datetime(2025, 6, 3, 12, tzinfo=UTC)
AHEAD = datetime(2090, 3, 1, 17, tzinfo=UTC)
# How an entry gets to stand where it stands.
FIELDS = {
    State.DRAFT: {"status": Status.DRAFT},
    State.IN_REVIEW: {"status": Status.IN_REVIEW},
    State.SCHEDULED: {"status": Status.PUBLISHED, "published_at": AHEAD},
    State.PUBLISHED: {"status": Status.PUBLISHED, "published_at": PAST},
    State.RETIRED: {
        "status": Status.RETIRED,
        "published_at": PAST,
        "retired_at": PAST + timedelta(days=1),
        "retirement_reason": "Nobody *offers* it.",
    },
}
# Which step leads where, and what it takes.
WAYS = {
    (State.DRAFT, Status.IN_REVIEW): ("Send to review", "change"),
    (State.IN_REVIEW, Status.DRAFT): ("Back to draft", "change"),
    (State.IN_REVIEW, Status.PUBLISHED): ("Publish", "publish"),
    (State.SCHEDULED, Status.PUBLISHED): ("Publish now or on another date", "publish"),
    (State.SCHEDULED, Status.IN_REVIEW): ("Unschedule", "publish"),
    (State.PUBLISHED, Status.DRAFT): ("Withdraw", "publish"),
    (State.PUBLISHED, Status.RETIRED): ("Retire", "publish"),
    (State.RETIRED, Status.PUBLISHED): ("Publish again", "publish"),
}
MAY = {
    "nobody": set(),
    "Viewers": set(),
    "Editors": {"change"},
    "Publishers": {"change", "publish"},
    "superuser": {"change", "publish"},
}
each_model = pytest.mark.parametrize(
    "model", [Program, TopicArea], ids=lambda model: model._meta.model_name
)


def make(model, state, **fields):
    """Make an entry that stands somewhere, and lacks nothing to be published."""
    return publishable(model, **{**FIELDS[state], **fields})


def people():
    """Return somebody of each role."""
    return {
        "nobody": UserFactory(username="nobody", is_staff=True),
        **{name: group_user(name) for name in ("Viewers", "Editors", "Publishers")},
        "superuser": UserFactory(username="root", is_staff=True, is_superuser=True),
    }


@pytest.fixture
def publisher_client(client, publisher):
    client.force_login(publisher)
    return client


def page(entry, target):
    return address("status", entry, target)


def steps_offered(response):
    """Return the steps that a change form links to, by label."""
    links = re.findall(r'<a href="[^"]*/status/[\w-]+/">([^<]*)</a>', response.content.decode())
    return [html.unescape(label) for label in links]


def hidden(response, name="seen"):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


def send(client, entry, target, **sent):
    """Open the page of a step and send its form."""
    seen = hidden(client.get(page(entry, target)))
    return client.post(page(entry, target), {"seen": seen, "when": "now", "reason": "", **sent})


def confirm(client, action, entries, **sent):
    """Choose an action of a list for entries, and send the form of the page that asks about it."""
    response = run_action(client, action, entries)
    where = re.search(r'<form action="([^"]*)" method="post"', response.content.decode())[1]
    sent = {"seen": hidden(response), "when": "now", "reason": "", **sent}
    return client.post(html.unescape(where), sent, follow=True)


# --- Which steps there are, and who may take them


def test_steps_are_these():
    found = {(step.source, step.target): (step.label, step.permission) for step in TRANSITIONS}

    assert found == WAYS
    assert len(found) == len(TRANSITIONS) == len({step.name for step in TRANSITIONS})


@each_model
def test_each_step_is_taken_by_those_who_may_and_no_other_by_anybody(model):
    outcomes, expected = {}, {}
    for role, user in people().items():
        for state in State:
            for target in Status:
                entry = make(model, state)
                before = entry.history.count()
                try:
                    outcome = apply_transition(entry, target, user=user, reason="Why.").status
                except Hindered as hindered:
                    outcome = hindered.sentences
                    assert model.objects.get(pk=entry.pk).status == entry.status
                    assert entry.history.count() == before
                outcomes[role, state, target] = outcome
                way = WAYS.get((state, target))
                if way is None:
                    expected[role, state, target] = (workflow.no_way_to(entry, target),)
                elif way[1] in MAY[role]:
                    expected[role, state, target] = target
                else:
                    expected[role, state, target] = ("Your account may not do this.",)

    assert outcomes == expected


@each_model
def test_each_step_has_a_page_for_those_who_may_and_a_link_to_it(client, model):
    entries = {state: make(model, state) for state in State}
    found, expected, links, expected_links = {}, {}, {}, {}
    for role, user in people().items():
        client.force_login(user)
        for state, entry in entries.items():
            labels = [WAYS[way][0] for way in WAYS if way[0] == state and WAYS[way][1] in MAY[role]]
            if role != "nobody":
                links[role, state] = set(steps_offered(client.get(address("change", entry))))
                expected_links[role, state] = set(labels)
            for target in Status:
                way = WAYS.get((state, target))
                needed = way[1] if way else workflow.permission_for(target)
                allowed = needed in MAY[role]
                expected[role, state, target] = 403 if not allowed else 200 if way else 302
                response = client.get(page(entry, target))
                found[role, state, target] = response.status_code
                if allowed and not way:
                    assert response.url == address("change", entry)

    assert found == expected
    assert links == expected_links


@each_model
def test_page_of_a_step_asks_for_a_login_and_for_an_entry_that_is_there(client, publisher, model):
    entry = make(model, State.IN_REVIEW)

    assert client.get(page(entry, "published")).url.startswith("/admin/login/")
    client.force_login(publisher)
    assert client.get(page(entry, "nowhere")).status_code == 404
    assert client.get(page(entry, "published").replace(f"/{entry.pk}/", "/999/")).status_code == 404
    assert client.put(page(entry, "published")).status_code == 405


def test_no_step_from_where_an_entry_stands_says_from_where_there_is_one(publisher_client):
    draft = make(Program, State.DRAFT, name="Calm")

    response = publisher_client.get(page(draft, "published"))

    assert said(response) == [
        "“Calm”: It is a draft; this can only be done with what is in review, scheduled or retired."
    ]


# --- What hinders


@pytest.mark.parametrize(
    ("model", "fields", "is_rated", "sentences"),
    [
        (Program, {"description": "What."}, True, []),
        (Program, {"description": " \n"}, True, [workflow.NO_DESCRIPTION.sentence]),
        (Program, {"description": "What."}, False, [workflow.NOT_RATED.sentence]),
        (
            Program,
            {},
            False,
            [workflow.NO_DESCRIPTION.sentence, workflow.NOT_RATED.sentence],
        ),
        (
            Program,
            {"description": "What.", "contact_email": "nobody"},
            True,
            ["Contact email: Enter a valid email address."],
        ),
        (TopicArea, {"definition": "What.", "rating_criteria": "Which."}, False, []),
        (TopicArea, {"rating_criteria": "Which."}, False, [workflow.NO_DEFINITION.sentence]),
        (TopicArea, {"definition": "What."}, False, [workflow.NO_CRITERIA.sentence]),
    ],
)
def test_what_lacks_something_is_not_published_and_the_page_says_so_first(
    publisher_client, model, fields, is_rated, sentences
):
    factory = ProgramFactory if model is Program else TopicAreaFactory
    entry = factory(status=Status.IN_REVIEW, **fields)
    if is_rated:
        RatingFactory(program=entry)
    user = UserFactory(is_superuser=True)

    response = publisher_client.get(page(entry, "published"))

    found = re.findall(r"<li>([^<]*?) <a href", response.content.decode())
    assert [html.unescape(sentence) for sentence in found] == sentences
    assert ('type="submit" class="default"' in response.content.decode()) is not bool(sentences)
    if sentences:
        with pytest.raises(Hindered) as hindered:
            apply_transition(entry, Status.PUBLISHED, user=user)
        assert list(hindered.value.sentences) == sentences
    else:
        assert apply_transition(entry, Status.PUBLISHED, user=user).is_published


def test_obstacle_links_to_where_it_is_mended(publisher_client):
    program = ProgramFactory(status=Status.IN_REVIEW)
    change = address("change", program)

    response = publisher_client.get(page(program, "published"))
    form = publisher_client.get(change).content.decode()

    text = response.content.decode()
    assert re.findall(rf'href="{change}#([\w-]+)"', text) == ["id_description"]
    assert 'id="id_description"' in form
    assert f'href="{address("rate", program)}"' in text


def test_umbrella_area_needs_no_criteria(publisher):
    umbrella = TopicAreaFactory(status=Status.IN_REVIEW, definition="What.")
    TopicAreaFactory(parent=umbrella)

    assert apply_transition(umbrella, Status.PUBLISHED, user=publisher).is_published


def test_past_rating_is_none(publisher):
    program = make(Program, State.IN_REVIEW)
    Rating.objects.update(is_current=False)

    assert workflow.blockers(program, Status.PUBLISHED) == [workflow.NOT_RATED]


def test_program_that_was_merged_into_another_is_not_taken_up_again(publisher):
    program = make(Program, State.RETIRED, merged_into=ProgramFactory())

    with pytest.raises(Hindered) as hindered:
        apply_transition(program, Status.PUBLISHED, user=publisher)

    assert hindered.value.sentences == (workflow.MERGED.sentence,)


@pytest.mark.parametrize("reason", ["", " \r\n", "\u200b", "\u2060 \ufeff"])
@each_model
def test_retiring_needs_a_reason(publisher_client, publisher, model, reason):
    entry = make(model, State.PUBLISHED)

    response = send(publisher_client, entry, "retired", reason=reason)
    with pytest.raises(Hindered) as hindered:
        apply_transition(entry, Status.RETIRED, user=publisher, reason=reason)

    assert response.context["form"].errors == {"reason": [workflow.NO_REASON]}
    assert hindered.value.sentences == (workflow.NO_REASON,)
    assert model.objects.get(pk=entry.pk).is_published


# --- What to know


def test_remark_names_the_areas_that_are_not_public(publisher_client):
    program = ProgramFactory(status=Status.IN_REVIEW, description="What.")
    RatingFactory(program=program, topic_area__name="Open")
    RatingFactory(program=program, topic_area__name="Closed", topic_area__status=Status.DRAFT)

    response = publisher_client.get(page(program, "published"))

    remark = "It is rated in “Closed”, which is not public: the rating shows when that area does."
    assert workflow.remarks(program, Status.PUBLISHED) == [remark]
    assert remark in text_of(response)
    assert workflow.blockers(program, Status.PUBLISHED) == []


@pytest.mark.parametrize(
    ("programs", "remarks"),
    [
        (0, []),
        (1, ["1 public program is rated in it, and loses its place there."]),
        (2, ["2 public programs are rated in it, and lose their place there."]),
    ],
)
def test_remark_counts_the_public_programs_of_an_area_that_goes(programs, remarks):
    area = make(TopicArea, State.PUBLISHED)
    RatingFactory(topic_area=area, program__status=Status.DRAFT)
    for _ in range(programs):
        RatingFactory(topic_area=area)

    assert workflow.remarks(area, Status.RETIRED) == remarks
    assert workflow.remarks(area, Status.DRAFT) == remarks


def test_sending_to_review_says_what_is_lacking_and_lets_it_pass(publisher_client):
    program = ProgramFactory(status=Status.DRAFT)

    response = send(publisher_client, program, "in-review")

    assert workflow.remarks(program, Status.IN_REVIEW) == [
        "Before it can be published: It has no description, which visitors read first.",
        "Before it can be published: It has no current rating in any topic area.",
    ]
    assert response.url == address("change", program)
    assert Program.objects.get().status == Status.IN_REVIEW


# --- What a step does


@each_model
def test_step_is_kept_with_who_and_why(publisher_client, publisher, model):
    entry = make(model, State.PUBLISHED, name="Calm")

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
    day = workflow.day_in_words(entry.retired_at)
    assert said(response) == [f"“Calm”: Retired on {day}: Nobody offers it."]


@each_model
def test_publishing_again_keeps_the_first_day_and_drops_the_reason(publisher, model):
    entry = apply_transition(make(model, State.RETIRED), Status.PUBLISHED, user=publisher)

    assert (entry.published_at, entry.retired_at, entry.retirement_reason) == (PAST, None, "")
    assert entry.history.first().history_change_reason == "Published again"


@each_model
def test_publishing_now_what_was_scheduled_makes_it_public(publisher, model):
    entry = apply_transition(make(model, State.SCHEDULED), Status.PUBLISHED, user=publisher)

    assert entry.is_published
    assert list(model.objects.published().filter(pk=entry.pk)) == [entry]


@each_model
def test_entry_is_scheduled_in_the_sites_time(publisher_client, settings, model):
    settings.TIME_ZONE = "America/Los_Angeles"
    entry = make(model, State.IN_REVIEW, name="Calm")

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
    assert said(response) == ["“Calm”: Scheduled for March 1, 2090, 9:00 a.m."]
    assert entry.published_at == AHEAD
    assert entry.history.first().history_change_reason == (
        "Scheduled for March 1, 2090, 9:00 a.m.: The law."
    )
    assert not model.objects.addressable().filter(pk=entry.pk).exists()


def test_date_alone_is_midnight(publisher_client):
    program = make(Program, State.IN_REVIEW)

    send(publisher_client, program, "published", when="later", day="2090-03-01")

    program.refresh_from_db()
    assert standing(program) == "Scheduled for March 1, 2090, 12:00 a.m."


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"when": "later"}, {"day": ["Give the date from which it is to be public."]}),
        ({"when": "later", "day": "soon"}, {"day": ["Write a date as 2027-03-01."]}),
        (
            {"when": "later", "day": "2090-03-01", "at": "early"},
            {"at": ["Write a time as 14:30."]},
        ),
        ({"when": "later", "day": "2025-03-01"}, {"day": [workflow.NOT_AHEAD]}),
        ({"when": "later", "day": "0001-01-01"}, {"day": [workflow.NOT_AHEAD]}),
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
    program = make(Program, State.IN_REVIEW)

    response = send(publisher_client, program, "published", **sent)

    assert response.context["form"].errors == errors
    assert Program.objects.get(pk=program.pk).status == Status.IN_REVIEW


@each_model
def test_what_was_public_is_not_scheduled(publisher_client, publisher, model):
    entry = make(model, State.IN_REVIEW, published_at=PAST)

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
        (State.DRAFT, {}, "Draft"),
        (State.DRAFT, {"published_at": PAST}, "Draft; it was public from June 3, 2025 on"),
        (State.IN_REVIEW, {}, "In review"),
        (State.SCHEDULED, {}, "Scheduled for March 1, 2090, 9:00 a.m."),
        (State.PUBLISHED, {}, "Published since June 3, 2025"),
        (State.RETIRED, {}, "Retired on June 4, 2025: Nobody offers it."),
        (State.RETIRED, {"retirement_reason": ""}, "Retired on June 4, 2025"),
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
    entry = make(model, State.DRAFT, name="Calm")

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
    entry = make(model, State.IN_REVIEW)
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
def test_program_is_not_published_with_ratings_or_studies_that_were_not_seen(
    part, publisher_client, editor
):
    program = make(Program, State.IN_REVIEW)
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
    program = make(Program, State.IN_REVIEW, name="Calm")
    seen = hidden(publisher_client.get(page(program, "published")))
    apply_transition(program, Status.DRAFT, user=editor)

    response = publisher_client.post(page(program, "published"), {"seen": seen, "when": "now"})

    assert response.url == address("change", program)
    assert Program.objects.get(pk=program.pk).status == Status.DRAFT


def test_scheduled_entry_whose_moment_comes_is_not_unscheduled(publisher):
    program = make(Program, State.SCHEDULED)
    Program.objects.update(published_at=timezone.now() - timedelta(seconds=5))

    with pytest.raises(Hindered) as hindered:
        apply_transition(program, Status.IN_REVIEW, user=publisher)

    assert hindered.value.sentences == (
        "It is published; this can only be done with what is a draft or scheduled.",
    )


@pytest.mark.parametrize(
    "seen", ["", "1", "1-", "1-2-3", "1-2.", "1-2.3.4.5", "x-y", "1-2 " * 1_000 + "1-2"]
)
def test_page_that_was_tampered_with_is_refused(publisher_client, seen):
    program = make(Program, State.IN_REVIEW)
    sent = {"seen": seen, "when": "now", "reason": ""}

    one = publisher_client.post(page(program, "published"), sent)
    many = publisher_client.post("/admin/catalog/program/status/publish/", sent)

    assert (one.status_code, many.status_code) == (400, 400)
    assert Program.objects.get().status == Status.IN_REVIEW


# --- Many of a list


@each_model
def test_lists_offer_the_steps_that_somebody_may_take(client, model):
    offered = {}
    make(model, State.DRAFT)
    for role, user in people().items():
        if role != "nobody":
            client.force_login(user)
            offered[role] = set(actions(client.get(address("changelist", model))))

    exports = {"export_csv", "export_xlsx"}
    editors = exports | {"review", "draft"}
    publishers = editors | {"publish", "withdraw", "retire", "delete_selected"}
    assert offered == {
        "Viewers": exports,
        "Editors": editors,
        "Publishers": publishers,
        "superuser": publishers,
    }


@each_model
def test_many_are_asked_about_before_anything_is_done(publisher_client, model):
    entries = [make(model, State.IN_REVIEW, name=f"Fit {n:02}") for n in range(22)]
    entries += [make(model, State.DRAFT, name="Early")]

    response = run_action(publisher_client, "publish", entries)

    text = text_of(response)
    assert "Fit 19" in text
    assert "Fit 20" not in text
    assert "And 2 more." in text
    assert "What stays as it is: 1" in text
    assert "Early Draft It is a draft; this can only be done with what is in review." in text
    kind = "programs" if model is Program else "topic areas"
    assert f"Publish: 22 {kind}" in text
    assert model.objects.filter(pk__in=[e.pk for e in entries]).published().count() == 0


@each_model
def test_many_take_a_step_each_with_its_history(publisher_client, publisher, model):
    entries = [make(model, State.PUBLISHED, name=f"Fit {n}") for n in range(3)]
    entries += [make(model, State.DRAFT, name="Early")]
    before = {entry.pk: entry.history.count() for entry in entries}

    response = confirm(publisher_client, "retire", entries, reason="The *law* changed.")

    kind = "programs" if model is Program else "topic areas"
    assert said(response) == [f"Retired: 3 {kind}."]
    for entry in entries[:3]:
        entry.refresh_from_db()
        change = entry.history.first()
        assert (entry.status, entry.retirement_reason) == (Status.RETIRED, "The *law* changed.")
        assert entry.published_at == PAST
        assert entry.history.count() == before[entry.pk] + 1
        assert (change.history_user, change.history_change_reason, change.status) == (
            publisher,
            "Retired: The *law* changed.",
            Status.RETIRED,
        )
    assert model.objects.get(name="Early").status == Status.DRAFT
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {"Changed status."}
    assert LogEntry.objects.count() == 3


@pytest.mark.parametrize(
    ("action", "source", "done", "status"),
    [
        ("review", State.DRAFT, "Sent to review", Status.IN_REVIEW),
        ("draft", State.IN_REVIEW, "Back to draft", Status.DRAFT),
        ("publish", State.IN_REVIEW, "Published", Status.PUBLISHED),
        ("withdraw", State.PUBLISHED, "Withdrawn", Status.DRAFT),
    ],
)
def test_each_action_takes_its_step(publisher_client, action, source, done, status):
    program = make(Program, source)

    response = confirm(publisher_client, action, [program])

    program.refresh_from_db()
    assert said(response) == [f"{done}: 1 program."]
    assert (program.status, program.history.first().history_change_reason) == (status, done)


def test_many_that_changed_meanwhile_are_named_and_left(publisher_client, editor):
    entries = [make(Program, State.IN_REVIEW, name=f"P{n}") for n in range(4)]
    response = run_action(publisher_client, "publish", entries)
    entries[0]._history_user = editor
    entries[0].save()
    entries[1].ratings.all().delete()
    entries[2].ratings.all().delete()
    entries[2].delete()

    response = publisher_client.post(
        "/admin/catalog/program/status/publish/",
        {"seen": hidden(response), "when": "now", "reason": ""},
    )

    assert said(response) == [
        "“P0” stays as it is. editor has saved this entry since you opened the page.",
        "“P1” stays as it is. Somebody has changed its ratings since you opened the page.",
        "Deleted meanwhile: 1 program.",
        "Published: 1 program.",
    ]
    assert list(Program.objects.published().values_list("name", flat=True)) == ["P3"]


def test_many_are_scheduled_but_for_what_was_public(publisher_client):
    new = make(Program, State.IN_REVIEW, name="New")
    old = make(Program, State.IN_REVIEW, name="Old", published_at=PAST)

    response = confirm(publisher_client, "publish", [new, old], when="later", day="2090-03-01")

    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.is_scheduled, old.status) == (True, Status.IN_REVIEW)
    why = (
        "It was public from June 3, 2025 on, so it cannot be scheduled; "
        "publish it when it is ready."
    )
    assert said(response) == [
        f"“Old” stays as it is. {why}",
        "Scheduled for March 1, 2090, 12:00 a.m.: 1 program.",
    ]


def test_many_are_not_retired_without_a_reason(publisher_client):
    program = make(Program, State.PUBLISHED)

    response = confirm(publisher_client, "retire", [program])

    assert response.context["form"].errors == {"reason": [workflow.NO_REASON]}
    assert hidden(response) == f"{program.pk}-{workflow.version(program)}"
    assert Program.objects.get(pk=program.pk).is_published


@pytest.mark.parametrize("role", ["Viewers", "Editors", "nobody"])
def test_many_are_not_published_by_others(client, role):
    program = make(Program, State.IN_REVIEW)
    client.force_login(people()[role])

    run_action(client, "publish", [program])
    response = client.post(
        "/admin/catalog/program/status/publish/",
        {"seen": f"{program.pk}-{workflow.version(program)}", "when": "now", "reason": ""},
    )

    assert response.status_code == 403
    assert Program.objects.get(pk=program.pk).status == Status.IN_REVIEW


def test_page_of_many_is_left_by_reload_and_keeps_the_filters(publisher_client):
    program = make(Program, State.DRAFT)
    listed = f"{address('changelist', Program)}?status__exact=draft"
    selected = {"action": "review", "_selected_action": [program.pk]}
    asked = publisher_client.post(listed, selected).content.decode()
    where = html.unescape(re.search(r'<form action="([^"]*)" method="post"', asked)[1])

    assert publisher_client.get(where).url == listed
    assert publisher_client.get("/admin/catalog/program/status/nowhere/").status_code == 404


def test_too_many_are_refused_in_a_sentence(publisher_client, monkeypatch):
    monkeypatch.setattr("catalog.admin.workflow.transitions.MOST", 2)
    entries = [make(Program, State.DRAFT) for _ in range(3)]

    response = run_action(publisher_client, "review", entries)

    assert "More than 2 entries are selected." in text_of(response)
    assert Program.objects.exclude(status=Status.DRAFT).count() == 0


@each_model
def test_many_take_as_many_queries_as_few(publisher_client, model):
    counts = {}
    for number in (2, 12):
        entries = [make(model, State.IN_REVIEW) for _ in range(number)]
        with CaptureQueriesContext(connection) as asked:
            response = run_action(publisher_client, "publish", entries)
        sent = {"seen": hidden(response), "when": "now", "reason": ""}
        where = f"/admin/catalog/{model._meta.model_name}/status/publish/"
        with CaptureQueriesContext(connection) as done:
            publisher_client.post(where, sent)
        counts[number] = (len(asked), len(done))

    assert counts[2] == counts[12]


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
@settings(max_examples=12)
def test_whatever_the_steps_the_entry_is_right_and_its_history_complete(publisher, moves, model):
    entry = make(model, State.DRAFT)
    was_public, taken = False, 0
    for target, is_later, reason in moves:
        before = workflow.state(model.objects.get(pk=entry.pk))
        first = model.objects.get(pk=entry.pk).published_at
        public_from = AHEAD if is_later and target == Status.PUBLISHED else None
        try:
            entry = apply_transition(
                entry, target, user=publisher, reason=reason, public_from=public_from
            )
        except Hindered:
            assert workflow.state(model.objects.get(pk=entry.pk)) == before
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
    entry = make(model, State.RETIRED)

    content = client.get(entry.get_absolute_url()).content.decode()

    assert "<p>Nobody <em>offers</em> it.</p>" in content
    assert '<time datetime="2025-06-04">June 4, 2025</time>' in content


# --- Files


PROGRAM = "slug,name,description,status,topic_area,scientific_rating\n"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("a,A,What.,published,area,3\n", []),
        ("a,A,,published,area,3\n", [(2, workflow.NO_DESCRIPTION.sentence)]),
        ("a,A,What.,published,,\n", [(2, workflow.NOT_RATED.sentence)]),
        # Of each cell, the first mistake.
        ("a,A,,published,,\n", [(2, workflow.NO_DESCRIPTION.sentence)]),
        # A later row rates it.
        ("a,A,What.,published,,\nb,B,,,,\na,,,,area,3\n", []),
        ("a,A,,draft,,\n", []),
        ("old,Old,,published,,\n", [(2, workflow.NO_DESCRIPTION.sentence)]),
        ("old,Old,What.,published,,\n", []),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_file_publishes_only_programs_that_lack_nothing(rows, found, dry_run):
    area = TopicAreaFactory(slug="area")
    RatingFactory(
        program=ProgramFactory(slug="old", name="Old", status=Status.DRAFT), topic_area=area
    )

    result = load("programs", PROGRAM + rows, dry_run=dry_run)

    assert [(row, message) for row, _, _, message in problems(result)] == found
    assert set(places(result)) <= {(2, "status")}
    published = set(Program.objects.published().values_list("slug", flat=True))
    wanted = {"old" if "old" in rows else "a"} if ",published" in rows else set()
    assert published == (set() if found or dry_run else wanted)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("a,A,,What.,Which.,published\n", []),
        ("a,A,,,Which.,published\n", [(2, workflow.NO_DEFINITION.sentence)]),
        ("a,A,,What.,,published\n", [(2, workflow.NO_CRITERIA.sentence)]),
        # An umbrella area takes none, and shows as one only further down.
        ("a,A,,What.,,published\nb,B,a,What.,Which.,draft\n", []),
    ],
)
def test_file_publishes_only_topic_areas_that_lack_nothing(rows, found):
    result = load("topic-areas", "slug,name,parent,definition,rating_criteria,status\n" + rows)

    assert [(row, message) for row, _, _, message in problems(result)] == found
    assert set(places(result)) <= {(2, "status")}
    assert TopicArea.objects.published().count() == (0 if found else 1)


def test_file_leaves_alone_what_was_published_without(db):
    ProgramFactory(slug="bare", name="Bare")

    result = load("programs", "slug,name,acronym,status\nbare,Bare,B,published\n")

    assert problems(result) == []
    assert Program.objects.get().acronym == "B"


@pytest.mark.parametrize("status", ["draft", "in-review", "published"])
def test_file_does_not_take_up_a_merged_program(status):
    program = make(Program, State.RETIRED, slug="gone", merged_into=ProgramFactory())

    result = load("programs", f"slug,status\ngone,{status}\n")

    assert problems(result) == [(2, "status", status, workflow.MERGED.sentence)]
    assert Program.objects.get(pk=program.pk).is_retired
