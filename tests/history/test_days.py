"""The days of the site: its clock, addresses with a date, and what came in without a history."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.utils import timezone

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.public import caching

from ..conftest import StrictClient
from ..factories import (
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ..pages import internals, read
from .past import ago, change, content, days_pass, get, marked_life

# --- A day on the site's clock ---------------------------------------------------------------------------------------


def written(program, when, **values):
    program._history_date = when
    change(program, **values)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def test_day_ends_at_midnight_where_the_site_is(db, settings, zone):
    settings.TIME_ZONE = zone
    day, place = date(2026, 3, 8), ZoneInfo(zone)  # in California, a day of 23 hours
    program = ProgramFactory.build(
        name="Program", published_at=datetime(2026, 1, 1, tzinfo=UTC), description="Begin."
    )
    program._history_date = datetime(2026, 2, 1, tzinfo=UTC)
    program.save()
    written(program, datetime.combine(day, time(23, 30), place), description="Late.")
    written(program, datetime.combine(day, time(23, 59, 59, 999_999), place), description="Latest.")
    written(program, datetime.combine(day + timedelta(days=1), time(), place), description="Next.")

    texts = [
        read(get(program, day.isoformat())).section("About the program").text
        for day in (date(2026, 3, 7), day, date(2026, 3, 9))
    ]

    assert texts == [
        "About the program Begin.",
        "About the program Latest.",
        "About the program Next.",
    ]


@pytest.mark.parametrize(("clock", "first"), [(time(23, 30), 200), (time(0), 404)])
def test_moment_of_publication_belongs_to_a_day_of_the_site(db, settings, clock, first):
    settings.TIME_ZONE = "America/Los_Angeles"
    day = date(2026, 3, 8 if first == 200 else 9)
    program = ProgramFactory.build(
        name="Program",
        published_at=datetime.combine(day, clock, ZoneInfo(settings.TIME_ZONE)),
    )
    program._history_date = datetime(2026, 2, 1, tzinfo=UTC)
    program.save()

    answers = [
        get(program, text).status_code for text in ("2026-03-07", "2026-03-08", "2026-03-09")
    ]

    assert answers == [404, first, 200]


def test_what_is_scheduled_for_later_today_is_not_of_today(db):
    program = ProgramFactory(description="Public.")
    days_pass()
    area = TopicAreaFactory(name="Later", published_at=timezone.now() + timedelta(hours=2))
    RatingFactory(program=program, topic_area=area)

    assert "Later" not in read(get(program, ago(0).isoformat())).text


# --- Addresses -------------------------------------------------------------------------------------------------------


def test_current_page_is_cited_as_of_today_and_asks_for_a_day(db):
    program, *_ = marked_life()

    page = read(get(program))

    cite = page.section("Cite this page")
    field = cite.one("input")
    link = cite.one("a", class_="citation-link")
    assert link.text == f"http://testserver/programs/program/?as_of={ago(0)}"
    assert link.attributes["rel"] == "nofollow"
    assert cite.one("form").attributes["action"] == "/programs/program/"
    wanted = {"name": "as_of", "min": str(ago(2)), "max": str(ago(0)), "value": str(ago(0))}
    assert wanted.items() <= field.attributes.items()
    assert content(get(program)) == content(get(program, ago(0).isoformat()))


def test_entry_without_a_history_is_cited_by_the_day_it_was_read(db):
    program = ProgramFactory(name="Program")
    Program.history.all().delete()
    Program.objects.update(published_at=F("published_at") - timedelta(days=9))
    today = ago(0)

    citation = read(get(program)).section("Cite this page").one("p", class_="citation").text

    assert citation.endswith(
        f"(n.d.). Program. Retrieved {today:%B} {today.day}, {today.year}, "
        "from http://testserver/programs/program/"
    )
    Program.objects.update(source="Retold from a page")
    cited = read(get(program)).section("Cite this page").one("p", class_="citation").text
    assert cited == citation.replace("Program. R", "Program. Source: Retold from a page. R")
    assert content(get(program)) == content(get(program, today.isoformat()))
    answer = get(program, ago(1).isoformat())
    assert answer.status_code == 404
    assert "No earlier state of this entry is on record." in read(answer).main.text


def test_records_may_begin_after_publication(db):
    program = ProgramFactory(name="Program")
    days_pass(2)
    Program.objects.update(published_at=F("published_at") - timedelta(days=9))
    Program.history.update(published_at=F("published_at") - timedelta(days=9))
    begin = ago(2)

    answer = get(program, ago(3).isoformat())

    assert answer.status_code == 404
    assert f"begin on {begin:%B} {begin.day}, {begin.year}. The earliest" in read(answer).main.text
    assert get(program, begin.isoformat()).status_code == 200


def test_draft_does_not_tell_when_it_was_begun(db):
    program, *_ = marked_life()

    texts = [read(get(program, ago(n).isoformat())).main.text for n in (3, 4)]

    assert ["not public at the end of" in text for text in texts] == [True, True]
    assert "records" not in "".join(texts)


def test_what_was_published_and_withdrawn_within_a_day_has_no_state_of_it(db):
    program = ProgramFactory()
    change(program, status=Status.DRAFT)
    days_pass(2)
    change(program, status=Status.PUBLISHED)
    days_pass(1)

    answers = [get(program, ago(n).isoformat()) for n in (3, 2, 1, 0)]

    assert [answer.status_code for answer in answers] == [404, 404, 200, 200]
    assert read(answers[0]).one("input").attributes["min"] == str(ago(1))


@pytest.mark.alike(6)
@pytest.mark.parametrize(
    "value",
    [
        *("x", "2026", "2026-03", "2026-02-30", "2026-13-01", "2026-3-1", "20260301", "2026-W09-7"),
        *(
            "0000-01-01",
            "99999-01-01",
            "-001-01-01",
            "9" * 5000,
            "\0",
            "2026-03-01\0",
            "٢٠٢٦-٠٣-٠١",
        ),
        *(" 2026-03-01", "2026-03-01T00:00", "<script>alert(1)</script>", "{{ 7 }}", " "),
    ],
)
def test_nonsense_is_answered_in_words(db, value):
    program = ProgramFactory(name="Program")

    response = get(program, value)

    page = read(response)
    assert response.status_code == 400
    assert page.h1 == "Program"
    assert "The date in this address is not a date." in page.main.text
    assert page.one("input").attributes["min"] == str(ago(0))
    assert internals(response) == []


@pytest.mark.parametrize("query", ["as_of=2026-03-01&as_of=2026-03-01", "as_of=&as_of=2026-03-01"])
def test_two_dates_are_nonsense(db, client, query):
    ProgramFactory(slug="program")

    assert client.get(f"/programs/program/?{query}").status_code == 400


def test_array_of_dates_is_no_date_at_all(db, client):
    ProgramFactory(slug="program")

    response = client.get("/programs/program/?as_of[]=2026-03-01")

    assert response.content == client.get("/programs/program/").content


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "tomorrow"])
def test_day_without_a_state_is_missing(db, day):
    program = ProgramFactory()

    response = get(program, ago(-1).isoformat() if day == "tomorrow" else day)

    assert response.status_code == 404
    assert ("lies ahead" in read(response).main.text) is (day != "0001-01-01")


def test_blank_date_leads_to_the_page_of_today(db, client):
    ProgramFactory(slug="program")

    response = client.get("/programs/program/?as_of=")

    assert (response.status_code, response["Location"]) == (302, "/programs/program/")


def test_former_address_keeps_the_date(db, client):
    program = ProgramFactory(slug="former")
    change(program, slug="present")

    response = client.get("/programs/former/?as_of=2026-03-01")

    assert (response.status_code, response["Location"]) == (
        301,
        "/programs/present/?as_of=2026-03-01",
    )
    assert client.get("/programs/nothing/?as_of=2026-03-01").status_code == 404


def test_each_day_has_its_own_entity_tag(db):
    program, *_ = marked_life()

    pages = [get(program, ago(n).isoformat()) for n in range(4)]

    assert len({page["ETag"] for page in pages}) == 4
    again = StrictClient().get(
        "/programs/program/", {"as_of": ago(1)}, headers={"If-None-Match": pages[1]["ETag"]}
    )
    assert again.status_code == 304


# --- Queries, and what came in without a history ---------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3])
def test_queries_do_not_grow_with_the_records(db, django_assert_num_queries, size):
    program = ProgramFactory()
    for _ in range(size):
        rating = RatingFactory(program=program, rated_on="2020")
        RatingFactory(program=program, topic_area=rating.topic_area, rated_on="2021")
        study = StudyFactory(program=program)
        for entry in (program, rating.topic_area, study, study.reference):
            change(entry)
    day = ago(0).isoformat()
    get(program, day)
    caching.forget()

    # The version; the program; when it was public; its row; ratings, findings, areas, studies, references and what
    # registries say by their history, and those without one; related programs; what changed; the ratings, studies,
    # findings, relations and what registries say of now; the areas of now; the glossary.
    with django_assert_num_queries(4 + 18 + 1 + 5 + 1):
        response = get(program, day)

    assert response.status_code == 200


def test_what_came_in_without_a_history_stands_until_its_first_change(db):
    program = ProgramFactory(name="Program")
    rating = RatingFactory(program=program, topic_area__name="Loaded", rated_on="2020")
    study = StudyFactory(program=program, reference__title="Loaded")
    TopicArea.objects.update(published_at=F("published_at") - timedelta(days=9))
    for model in (TopicArea, Rating, Study, Reference):
        model.history.all().delete()
    days_pass()
    before = content(get(program, ago(1).isoformat()))

    change(rating.topic_area, name="Renamed")
    Rating.objects.create(
        program=program, topic_area=rating.topic_area, scientific_rating="1", rated_on="2021"
    )
    change(study.reference, title="Corrected")
    study.delete()

    assert "In Loaded, this program is rated 3" in before[1]["Scientific rating"]
    assert content(get(program, ago(1).isoformat())) == before


def test_state_before_the_first_recorded_change_is_nobodys_doing(db):
    area = TopicAreaFactory(name="Loaded")
    TopicArea.history.all().delete()
    area._history_user = user = UserFactory()
    change(area, name="Renamed")
    change(area, name="Renamed again")

    rows = area.history.order_by("history_id").values_list("name", "history_type", "history_user")
    assert list(rows) == [
        ("Loaded", "~", None),
        ("Renamed", "~", user.pk),
        ("Renamed again", "~", user.pk),
    ]
