"""Returning to an earlier version brings back its fields and nothing else."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from hypothesis import given
from hypothesis import strategies as st

from catalog.history.diff import state_of
from catalog.models import Program, Rating, Status, TopicArea

from ...conftest import StrictClient
from ...examples import few
from ...factories import (
    ProgramFactory,
    RatingFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .versions import LONG_AGO, address, compared, go_back, main_of, on, told, warnings

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_return_brings_back_the_fields_and_nothing_else(editor_client, editor, ann):
    ada, ben = TopicExpertFactory(name="Ada"), TopicExpertFactory(name="Ben")
    area = on(LONG_AGO, TopicArea(name="Sleep", definition="Then", year_added=2019))
    area.experts.set([ada])
    area.history.update(history_date=LONG_AGO)
    version = area.history.first()
    on(
        LONG_AGO + timedelta(days=1),
        area,
        ann,
        name="Rest",
        slug="rest",
        definition="Now",
        year_added=None,
        status=Status.PUBLISHED,
    )
    area.experts.set([ben])
    area.history.filter(history_date__gt=LONG_AGO).update(history_date=LONG_AGO + timedelta(days=1))
    published_at = area.published_at
    rating = RatingFactory(topic_area=area)

    response = go_back(editor_client, area, version.pk, reason="The old text was right")

    area = TopicArea.objects.get()
    assert response.url == address("history", area)
    assert warnings(response) == ["“Sleep” is again as it was on March 2, 2020, 5:05 PM."]
    assert (area.name, area.slug, area.definition, area.year_added) == (
        "Sleep",
        "sleep",
        "Then",
        2019,
    )
    assert set(area.experts.all()) == {ada}
    assert (area.status, area.published_at) == (Status.PUBLISHED, published_at)
    assert Rating.history.filter(id=rating.pk).count() == 1
    assert editor_client.get("/topics/rest/").url == "/topics/sleep/"
    assert {(r.history_user, r.history_change_reason) for r in area.history.all()[:3]} == {
        (editor, "The old text was right")
    }
    (today, [item]), *_ = told(editor_client, area)
    assert (today, item[0], item[-2]) == (
        "Today",
        "5 fields changed",
        "Why: The old text was right",
    )
    log = LogEntry.objects.get()
    assert (log.user, log.get_change_message()) == (
        editor,
        "Changed slug, name, definition, year added and topic experts.",
    )


def test_return_says_what_stays(editor_client):
    ada, ben = TopicExpertFactory(name="Ada"), TopicExpertFactory(name="Ben")
    umbrella = TopicAreaFactory(name="Well-being")
    area = on(LONG_AGO, TopicArea(name="Sleep", slug="sleep", parent=umbrella, definition="Then"))
    area.summary_document = "summaries/gone.pdf"
    area.experts.set([ada, ben])
    area.save()
    area.history.update(history_date=LONG_AGO)
    version = area.history.first()
    on(
        LONG_AGO + timedelta(days=1),
        area,
        slug="rest",
        parent=None,
        summary_document="",
        definition="Now",
    )
    area.experts.set([])
    ben.delete()
    TopicAreaFactory(name="Another", slug="sleep")
    RatingFactory(topic_area=umbrella)
    sentences = [
        "Summary document stays as it is: the file of then is gone.",
        "Topic experts: what is gone cannot come back: Ben (deleted).",
        "Slug stays as it is: Topic area with this Slug already exists.",
        "Umbrella area stays as it is: “Well-being” holds ratings, so it cannot be an umbrella area.",
    ]

    main = main_of(editor_client.get(address("simple_history", area, version.pk)))
    response = go_back(editor_client, area, version.pk)

    area.refresh_from_db()
    assert [item.text for item in main.one("ul", class_="stays").all("li")] == sentences
    assert warnings(response)[1:] == sentences
    assert (area.slug, area.parent, area.summary_document.name) == ("rest", None, "")
    assert (area.definition, list(area.experts.all())) == ("Then", [ada])


def test_return_to_what_cannot_be_says_why(editor_client):
    area = on(LONG_AGO, TopicArea(name="Sleep", definition="Then"))
    version = area.history.get()
    on(LONG_AGO + timedelta(days=1), area, name="Rest", definition="Now")
    why = "The entry cannot be as it was then: There is a topic area with this name already."
    path = address("simple_history", area, version.pk)
    TopicAreaFactory(name="SLEEP", slug="other")

    main = main_of(editor_client.get(path))
    data = {"reason": "x", "seen": area.history.first().pk}
    answer = main_of(editor_client.post(f"{path}return/", data))

    area.refresh_from_db()
    assert (area.name, area.definition) == ("Rest", "Now")
    assert main.all("form") == []
    assert main.one("p", class_="errornote").text == why
    assert answer.all("p", class_="errornote")[0].text == f"Nothing was changed. {why}"


def test_return_is_refused_after_a_later_change_with_an_earlier_date(editor_client, ann):
    """An import's records bear the time at which it began."""
    program = on(LONG_AGO, ProgramFactory.build(goals="Then"))
    version = program.history.get()
    on(LONG_AGO + timedelta(days=2), program, goals="Now")
    seen = program.history.first().pk
    on(LONG_AGO + timedelta(days=1), program, ann, goals="Imported")
    path = address("return", program, version.pk)

    refused = editor_client.post(path, {"reason": "Mine", "seen": seen})

    assert (
        main_of(refused)
        .one("p", class_="errornote")
        .text.startswith("Nothing was changed. Ann Sprague has saved this entry")
    )
    program.refresh_from_db()
    assert program.goals == "Imported"
    form = main_of(refused).one("form")
    data = {f.attributes["name"]: f.attributes.get("value") for f in form.all("input")[:-1]}
    assert editor_client.post(path, data).status_code == 302


def test_return_is_refused_after_a_change_that_was_not_seen(editor_client, ann):
    program = on(LONG_AGO, ProgramFactory.build(goals="Then", duration="A week"))
    version = program.history.get()
    on(LONG_AGO + timedelta(days=1), program, goals="Now")
    seen = program.history.first().pk
    on(LONG_AGO + timedelta(days=2), program, ann, duration="A year")
    before = program.history.count()
    path = address("return", program, version.pk)

    refused = editor_client.post(path, {"reason": "Mine", "seen": seen})

    main = main_of(refused)
    assert main.one("p", class_="errornote").text.startswith(
        "Nothing was changed. Ann Sprague has saved this entry since you opened this page."
    )
    assert program.history.count() == before
    assert compared(main)["Recommended duration"] == ("A week", "A [removed: week] [added: year]")
    form = {
        f.attributes["name"]: f.attributes.get("value") for f in main.one("form").all("input")[:-1]
    }
    assert form["reason"] == "Mine"
    assert editor_client.post(path, form).status_code == 302
    program.refresh_from_db()
    assert (program.goals, program.duration) == ("Then", "A week")


def test_return_asks_for_a_reason(editor_client):
    program = on(LONG_AGO, ProgramFactory.build(goals="Then"))
    version = program.history.get()
    on(LONG_AGO + timedelta(days=1), program, goals="Now")

    answer = go_back(editor_client, program, version.pk, reason=" ")

    main = main_of(answer)
    assert main.one("ul", class_="errorlist").text == "Say why; it is kept in the history."
    assert main.one("p", class_="errornote").text == "Nothing was changed."
    assert Program.objects.get().goals == "Now"


def test_past_rating_stays_and_a_current_one_can_be_corrected_back(editor_client):
    old = on(LONG_AGO, RatingFactory.build(program=ProgramFactory(), topic_area=TopicAreaFactory()))
    on(LONG_AGO + timedelta(days=1), old, scientific_rating="2", rationale="A slip")
    new = Rating(program=old.program, topic_area=old.topic_area, scientific_rating="1")
    on(LONG_AGO + timedelta(days=2), new)
    on(LONG_AGO + timedelta(days=3), new, scientific_rating="NR", not_rated_reason="measures")
    before = Rating.objects.values().get(pk=old.pk)
    first = old.history.last().pk
    data = {"reason": "x", "seen": old.history.first().pk}

    page = main_of(editor_client.get(address("simple_history", old, first)))
    refused = editor_client.post(address("return", old, first), data)
    go_back(editor_client, new, new.history.last().pk)

    new.refresh_from_db()
    assert page.all("form") == []
    assert refused.status_code == 403
    assert Rating.objects.values().get(pk=old.pk) == before
    assert (new.scientific_rating, new.not_rated_reason, new.is_current) == ("1", "", True)


def test_term_returns_without_its_slug(editor_client):
    term = on(LONG_AGO, TermFactory.build(name="Usual care", slug="usual", definition="Then"))
    version = term.history.get()
    on(LONG_AGO + timedelta(days=1), term, slug="care", definition="Now")

    go_back(editor_client, term, version.pk)

    term.refresh_from_db()
    assert (term.slug, term.definition) == ("care", "Then")


EDITS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.sampled_from(["Calm", "Calm®", "Peace"]),
            "slug": st.sampled_from(["calm", "peace", "quiet"]),
            "description": st.sampled_from(["", "One\n\ntwo", "One three"]),
            "child_age_min": st.sampled_from([None, 0, 5]),
            "languages": st.sampled_from([(), ("English",), ("Español", "English")]),
            "outcomes": st.sampled_from([(), ("safety",)]),
            "research_last_reviewed": st.sampled_from(["", "2024", "2024-06"]),
            "is_nonresponder": st.booleans(),
            "status": st.sampled_from(Status.values),
            "rated": st.sampled_from(["1", "NR"]),
        },
    ),
    min_size=2,
    max_size=6,
)


@given(edits=EDITS, data=st.data())
@few
def test_return_to_any_version_gives_its_fields(editor, edits, data):
    Rating.objects.all().delete()
    Program.objects.all().delete()
    Program.history.all().delete()  # whose slugs nothing else would get
    client = StrictClient()
    client.force_login(editor)
    area = TopicArea.objects.first() or TopicAreaFactory()
    program = on(LONG_AGO, Program(name="Calm"))
    versions = [(program.history.first().pk, state_of(program))]
    for day, edit in enumerate(edits, 1):
        when = LONG_AGO + timedelta(days=day)
        rated = edit.pop("rated", None)
        on(when, program, **edit)
        versions.append((program.history.first().pk, state_of(program)))
        if rated:
            rating = Rating(program=program, topic_area=area, scientific_rating=rated)
            on(when, rating, rated_on=f"{2000 + day}")
    pk, then = data.draw(st.sampled_from(versions))
    before, now = program.history.count(), state_of(program)
    ratings = list(Rating.objects.order_by("pk").values())
    items = sum(len(items) for _, items in told(client, program))

    status = {"status", "published_at", "retired_at"}
    expected = {name: (now if name in status else then)[name] for name in then}
    is_back = expected != now
    path = address("return", program, pk)
    response = client.post(path, {"reason": "Back", "seen": program.history.first().pk})

    program = Program.objects.get()
    assert response.status_code == (302 if is_back else 200)
    assert state_of(program) == expected
    assert program.history.count() == before + is_back
    assert sum(len(items) for _, items in told(client, program)) == items + is_back
    assert list(Rating.objects.order_by("pk").values()) == ratings
