"""A program's page as of a day shows what visitors saw at the end of that day, and nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.history.bulk_writer import BulkWriter
from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.models.base import CatalogModel

from ..conftest import StrictClient
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ..pages import internals, read

MARKER = "zanzibar"


@pytest.fixture(autouse=True)
def noon(settings):
    """It is about noon where the site is, so that no test runs across midnight; and no clock is ever changed there."""
    hours = 12 - datetime.now(UTC).hour
    settings.TIME_ZONE = f"Etc/GMT{-hours:+}" if hours else "UTC"


def days_pass(days=1):
    """Make everything on record as much older as if these days had passed."""
    for model in [*CatalogModel.__subclasses__(), Program, TopicArea]:
        if model._meta.abstract:
            continue
        for table in (model, model.history.model):
            moments = [f.name for f in table._meta.fields if isinstance(f, models.DateTimeField)]
            if moments:
                passed = {name: F(name) - timedelta(days=days) for name in moments}
                table._base_manager.update(**passed)


def ago(days):
    return timezone.localdate() - timedelta(days=days)


def change(entry, **values):
    """Save an entry as it is stored now with other values."""
    entry.refresh_from_db()
    for name, value in values.items():
        setattr(entry, name, value)
    entry.save()


def get(program, day=None):
    return StrictClient().get(program.get_absolute_url(), {"as_of": day} if day else {})


def content(response):
    """Return what a program's page says of the entry, or None where it shows none."""
    page = read(response) if response.status_code == 200 else None
    if page is None or not page.all("h2", id="about"):
        return None
    shown = {
        section.all("h2")[0].text: section.text
        for section in page.all("section")
        if section.all("h2")
        and section.all("h2")[0].text not in {"Cite this page", "Contact", "At a glance"}
    }
    return page.h1, shown, page.section("At a glance").facts


def names(response):
    return [heading.text for heading in read(response).section("Scientific rating").all("h3")]


# --- Random lives ----------------------------------------------------------------------------------------------------

which = st.integers(0, 1)
statuses = st.sampled_from(Status.values)
levels = st.sampled_from(["1", "3", "NR"])
actions = st.one_of(
    st.tuples(st.just("write"), which),
    st.tuples(st.just("write_in_bulk"), which),
    st.tuples(st.just("rename"), which),
    st.tuples(st.just("set_status"), which, statuses),
    st.tuples(st.just("publish"), which),
    st.tuples(st.just("schedule"), which, st.integers(1, 3)),
    st.tuples(st.just("rate"), which, which, levels),
    st.tuples(st.just("correct"), which, which, levels),
    st.tuples(st.just("rename_area"), which),
    st.tuples(st.just("set_area_status"), which, statuses),
    st.tuples(st.just("schedule_area"), which, st.integers(1, 3)),
    st.tuples(st.just("cite"), which, which),
    st.tuples(st.just("leave_out"), which, which),
    st.tuples(st.just("correct_reference"), which),
    st.tuples(st.just("merge"), which),
)


class Life:
    """A small catalog whose every change is made by the ways that the site has."""

    def __init__(self):
        self.count = 0
        draft = {"status": Status.DRAFT}
        self.programs = [
            ProgramFactory(name=self.word()),
            ProgramFactory(name=self.word(), **draft),
        ]
        self.areas = [
            TopicAreaFactory(name=self.word()),
            TopicAreaFactory(name=self.word(), **draft),
        ]
        self.references = [ReferenceFactory(title=self.word()) for _ in range(2)]
        for area in self.areas:
            RatingFactory(program=self.programs[0], topic_area=area, rated_on="1900")
        StudyFactory(program=self.programs[0], reference=self.references[0])

    def word(self):
        self.count += 1
        return f"word{self.count}"

    def write(self, program):
        change(self.programs[program], name=self.word(), description=self.word())

    def write_in_bulk(self, program):
        entry = Program.objects.get(pk=self.programs[program].pk)
        entry.description = self.word()
        BulkWriter(user=None, reason="", record=None).change([entry], ["description"])

    def rename(self, program):
        change(self.programs[program], slug=self.word())

    def set_status(self, program, status):
        merged = {} if status == Status.RETIRED else {"merged_into": None}
        change(self.programs[program], status=status, **merged)

    def publish(self, program):
        self.set_status(program, Status.PUBLISHED)

    def schedule(self, program, days):
        self.schedule_entry(self.programs[program], days)

    def set_area_status(self, area, status):
        change(self.areas[area], status=status)

    def schedule_area(self, area, days):
        self.schedule_entry(self.areas[area], days)

    def schedule_entry(self, entry, days):
        entry.refresh_from_db()
        if not entry.was_public:
            # In the morning: visitors come at noon, and the page as of a day shows its end.
            moment = timezone.now() + timedelta(days=days, hours=-3)
            entry.merged_into = None
            entry.status, entry.published_at = Status.PUBLISHED, moment
            entry.save()

    def rate(self, program, area, level):
        self.count += 1
        Rating.objects.create(
            program=self.programs[program],
            topic_area=self.areas[area],
            scientific_rating=level,
            rated_on=str(1900 + self.count),
        )

    def correct(self, program, area, level):
        current = Rating.objects.current().filter(
            program=self.programs[program], topic_area=self.areas[area]
        )
        for rating in current:
            change(rating, scientific_rating=level, rationale=self.word())

    def rename_area(self, area):
        change(self.areas[area], name=self.word(), slug=self.word(), rating_criteria=self.word())

    def cite(self, program, reference):
        Study.objects.get_or_create(
            program=self.programs[program],
            reference=self.references[reference],
            defaults={"summary": self.word()},
        )

    def leave_out(self, program, reference):
        for study in Study.objects.filter(
            program=self.programs[program], reference=self.references[reference]
        ):
            study.delete()

    def correct_reference(self, reference):
        change(self.references[reference], title=self.word())

    def merge(self, program):
        gone, stays = self.programs[program], self.programs[1 - program]
        stays.refresh_from_db()
        if stays.merged_into_id:
            return
        for rating in gone.ratings.all():
            has_current = stays.ratings.current().filter(topic_area=rating.topic_area_id).exists()
            change(rating, program=stays, is_current=rating.is_current and not has_current)
        for study in gone.studies.all():
            if stays.studies.filter(reference=study.reference_id).exists():
                study.delete()
            else:
                change(study, program=stays)
        change(gone, status=Status.RETIRED, merged_into=stays)

    def seen(self):
        """Return what a visitor sees now of each program."""
        for entry in self.programs:
            entry.refresh_from_db()
        return [content(get(entry)) for entry in self.programs]


@given(st.lists(st.lists(actions, max_size=4), min_size=2, max_size=5))
# Ratings and research move from one public program to another.
@example([[("publish", 1)], [("merge", 0)], []])
@settings(max_examples=10)
def test_as_of_a_day_shows_what_visitors_saw_that_day(db, days):
    with transaction.atomic():
        life = Life()
        seen = []
        for number, today in enumerate(days):
            if number:
                days_pass()
            for name, *values in today:
                getattr(life, name)(*values)
            seen.append(life.seen())

        for place, program in enumerate(life.programs):
            is_there = Program.objects.addressable().filter(pk=program.pk).exists()
            as_of = [get(program, ago(n).isoformat()) for n in reversed(range(len(days)))]
            then = [day[place] if is_there else None for day in seen]
            assert [content(response) for response in as_of] == then
            assert [response.status_code for response in as_of] == [
                200 if shown else 404 for shown in then
            ]
        transaction.set_rollback(True)


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


# --- What the page says ----------------------------------------------------------------------------------------------


def marked_life():
    """A program that was public for a while in between; what was not public then bears the marker."""
    hidden = TopicAreaFactory(name=f"{MARKER} area", status=Status.DRAFT, rating_criteria=MARKER)
    area = TopicAreaFactory(name="Area")
    program = ProgramFactory(
        name=MARKER, slug="program", description=MARKER, scope_note=MARKER, status=Status.DRAFT
    )
    program.also_known_as = [MARKER]
    program.save()
    rating = RatingFactory(program=program, topic_area=area, rationale=MARKER, rated_on="2020")
    RatingFactory(program=program, topic_area=hidden, rationale=MARKER, rated_on="2020")
    study = StudyFactory(program=program, reference=ReferenceFactory(title=MARKER), summary=MARKER)
    days_pass()
    public = {"name": "Program", "description": "", "scope_note": "", "also_known_as": ()}
    change(rating, rationale="Public.")
    change(study.reference, title="Public")
    change(study, summary="")
    change(program, status=Status.PUBLISHED, **public)
    days_pass(2)
    return program, area, rating


def test_nothing_that_was_not_public_shows(db):
    program, *_ = marked_life()
    later = TopicAreaFactory(
        name=f"{MARKER} later", published_at=timezone.now() + timedelta(days=9)
    )
    RatingFactory(program=program, topic_area=later, rationale=MARKER, rated_on="2021")
    asked = [*(ago(n).isoformat() for n in range(-2, 6)), MARKER[:0], "nonsense", "0001-01-01"]

    pages = [get(program, text) for text in asked]

    assert [page.status_code for page in pages] == [
        *(404, 404, 200, 200, 200, 404, 404, 404),
        *(200, 400, 404),
    ]
    assert [
        text for text, page in zip(asked, pages, strict=True) if MARKER in page.text.lower()
    ] == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_what_is_withdrawn_has_no_past_for_anyone(db, editor_client, status):
    program, *_ = marked_life()
    change(program, status=status, description=MARKER)
    unknown = StrictClient().get("/programs/nothing/")

    assert get(program, ago(1).isoformat()).content == unknown.content
    assert editor_client.get("/programs/program/", {"as_of": ago(1)}).status_code == 404


def test_staff_see_of_a_day_what_everyone_saw(db, editor_client):
    marked_life()
    days = [{"as_of": ago(n).isoformat()} for n in range(5)]

    as_staff = [editor_client.get("/programs/program/", day) for day in days]

    as_public = [StrictClient().get("/programs/program/", day) for day in days]
    assert [r.content for r in as_staff] == [r.content for r in as_public]
    assert as_staff[0]["Cache-Control"] == "private, no-cache"


def test_page_is_plainly_marked(db, settings):
    settings.SITE_NAME = "Clearing House"
    program, area, _ = marked_life()
    Rating.objects.create(
        program=program, topic_area=area, scientific_rating="2", rated_on="2026-06"
    )
    other = TopicAreaFactory(name="Other area")
    RatingFactory(program=program, topic_area=other, scientific_rating="NR", rated_on="")
    change(program, name="Program™", goals="New ones.")
    StudyFactory(program=program)
    day = ago(1)
    words = f"{day:%B} {day.day}, {day.year}"

    response = get(program, day.isoformat())

    page = read(response)
    banner = page.one("aside", class_="preview-banner")
    address = f"http://testserver/programs/program/?as_of={day}"
    assert page.h1 == "Program"
    assert page.one("title").text == f"Program as of {words} – Clearing House"
    assert [p.text for p in banner.all("p")] == [
        f"As of {words}. This is how the entry stood that day; see it as it stands now.",
        "What has changed since:",
    ]
    assert banner.links == [("see it as it stands now", "/programs/program/")]
    assert [item.text for item in banner.all("li")] == [
        "Its name is Program™ now.",
        "Area, June 2026: Changed from 3 to 2.",
        "Other area: rated NR.",
        "Its text has been edited.",
        "Its list of research is another one.",
    ]
    assert page.one("meta", name="robots").attributes["content"] == "noindex"
    canonical = page.one("link", rel="canonical").attributes["href"]
    assert canonical == "http://testserver/programs/program/"
    assert page.section("Cite this page").one("p", class_="citation").text == (
        f"Clearing House. ({day.year}, {day:%B} {day.day}). Program: Scientific rating 3 in Area "
        f"[Entry as of {words}]. {address}"
    )
    assert [text for text, _ in page.main.links if text.startswith("Compare")] == []
    assert read(get(program, ago(0).isoformat())).one(class_="preview-banner").all("li") == []


def test_correction_changes_no_earlier_day(db):
    program, _, rating = marked_life()
    before = content(get(program, ago(1).isoformat()))
    change(rating, scientific_rating="1", rationale="It was a slip.")
    days_pass()

    response = get(program, ago(2).isoformat())

    assert content(response) == before
    assert read(response).one(class_="preview-banner").all("li")[0].text == (
        "Area: the rating has been corrected from 3 to 1."
    )


def test_area_leads_to_its_page_only_while_it_is_public(db):
    program, area, _ = marked_life()
    change(area, name="Area of today", slug="today")
    before = read(get(program, ago(1).isoformat())).section("Scientific rating").links
    change(area, status=Status.RETIRED)
    after = read(get(program, ago(1).isoformat())).section("Scientific rating")

    assert ("Area", "/topics/today/") in before
    assert "In Area, this program is rated 3" in after.text
    assert [address for _, address in after.links if address.startswith("/topics/")] == []


def test_retired_program_shows_as_of_then_under_a_banner(db):
    program, *_ = marked_life()
    change(program, status=Status.RETIRED, retirement_reason="Its owners stopped it.")
    today = timezone.localdate()

    page = read(get(program, ago(1).isoformat()))
    missing = get(program, today.isoformat())

    words = f"It was retired on {today:%B} {today.day}, {today.year}."
    banner = page.one(class_="preview-banner")
    assert banner.all("p")[1].text == words
    assert banner.one("div", class_="prose").text == "Its owners stopped it."
    assert missing.status_code == 404
    notice = read(missing).one("div", class_="notice").all("p")
    assert notice[2].text == "Its owners stopped it."
    assert notice[0].text.startswith(
        "This page cannot be shown as of that date. This entry was not public at the end of "
    )
    assert notice[1].text == words


@pytest.mark.parametrize("is_public", [True, False])
def test_merged_program_says_where_it_lives_now(db, is_public):
    program, *_ = marked_life()
    into = ProgramFactory(name="Survivor", status="published" if is_public else "draft")
    change(program, status=Status.RETIRED, merged_into=into)

    banner = read(get(program, ago(1).isoformat())).one(class_="preview-banner")

    links = [("Survivor", "/programs/survivor/")] if is_public else []
    assert banner.links[1:] == links
    assert ("Survivor" in banner.text) is is_public


def test_age_of_the_review_is_as_of_the_day(db):
    program = ProgramFactory(research_last_reviewed="2020-01")
    days_pass(400)

    now, then = (read(get(program, day and ago(400).isoformat())) for day in (None, True))

    age = {page: page.one("p", class_="review-age").text for page in (now, then)}
    assert age[now].split(" months")[0] != age[then].split(" months")[0]
    months = [int(text.split()[3]) for text in age.values()]
    assert months[0] - months[1] in (13, 14)


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
    assert "The date in this address is none." in page.main.text
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

    # The version; the program; when it was public; its row; ratings, areas, studies and references by their history,
    # and those without one; the ratings and the studies of now; the areas of now; the glossary.
    with django_assert_num_queries(4 + 8 + 2 + 1 + 1):
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
