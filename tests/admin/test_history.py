"""The history of an entry: what its page tells, how a version is shown, and the way back to one."""

from datetime import datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.history.diff import diff_segments, in_short, spaced, state_of
from catalog.history.narrative import day_heading
from catalog.importing import jobs
from catalog.importing.jobs import request_undo
from catalog.models import Program, Rating, Status, Study, TopicArea

from ..conftest import StrictClient, catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import Reader

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 3, 2, 17, 5, tzinfo=ZoneInfo("America/Los_Angeles"))
VERSION = "This version, of March {}, 2020, 5:05 p.m."
BEFORE = (
    "notice the early signs of strain in themselves and in each other before they become symptoms"
)


@pytest.fixture
def viewer(db):
    user = UserFactory(username="viewer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view"))
    return user


@pytest.fixture
def ann(db):
    return UserFactory(username="ann", first_name="Ann", last_name="Sprague", is_staff=True)


def on(when, entry, who=None, why=None, **changes):
    """Save an entry with these changes, by somebody, at a time and for a reason."""
    for name, value in changes.items():
        setattr(entry, name, value)
    entry._history_user, entry._history_date, entry._change_reason = who, when, why
    entry.save()
    # What follows, such as its relations, has a time of its own.
    del entry._history_date
    entry._change_reason = None
    return entry


def address(page, entry, *args):
    name = f"admin:catalog_{entry._meta.model_name}_{page}"
    return reverse(name, args=[entry.pk, *args])


def main_of(response):
    """Return the main part of an admin page as a tree; the rest is Django's, and not as strict."""
    html = response.content.decode()
    reader = Reader()
    reader.feed(html[html.index("<main") : html.index("</main>") + len("</main>")])
    return reader.open[0].main


def told(client, entry, page=1):
    """Return what the page of an entry's history says: by day, each item's headlines, changes, reasons and byline."""
    return days_of(main_of(client.get(address("history", entry), {"page": page})))


def days_of(main):
    return [
        (section.one("h2").text, [item_of(item) for item in section.one("ol").all("li")])
        for section in main.all("section")
    ]


def item_of(item):
    return [
        f"{part.one('dt').text}: {part.one('dd').text}" if part.tag == "div" else part.text
        for part in item.all("h3", "div", "p")
    ]


def compared(main):
    """Return the fields that the page of a version shows as different: what they were and are."""
    rows = [row.all("th", "td") for row in main.one("tbody").all("tr")]
    return {name.text: (then.text, now.text) for name, then, now in rows}


def go_back(client, entry, version, **data):
    """Press the button of a version's page, as it stands when it is opened."""
    path = address("simple_history", entry, version)
    form = main_of(client.get(path)).one("form")
    fields = {f.attributes["name"]: f.attributes.get("value", "") for f in form.all("input")[:-1]}
    return client.post(urljoin(path, form.attributes["action"]), {**fields, **data})


def warnings(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- The history


def test_life_of_a_program_is_told(editor_client, editor, ann):
    area = TopicAreaFactory(name="Secondary Traumatic Stress")
    day = LONG_AGO
    program = Program(name="Calm", description=f"They {BEFORE}.", languages=["English"])
    on(day, program, editor)
    on(
        day + timedelta(days=1),
        program,
        ann,
        "The owner wrote",
        acronym="CC",
        description=f"They learn to {BEFORE}.",
        outcomes=["safety", "permanency"],
        languages=["Español", "English"],
        manual_available="yes",
        is_nonresponder=True,
        child_age_min=0,
        research_last_reviewed="2019-06",
    )
    on(day + timedelta(days=2), program, ann, "Ready", status=Status.IN_REVIEW)
    old = Rating(
        program=program,
        topic_area=area,
        scientific_rating="NR",
        not_rated_reason="measures",
        rated_on="2019",
    )
    on(day + timedelta(days=3), old, editor)
    reference = ReferenceFactory(
        authors="Bride, B. E.", year=2007, title="Prevalence", url="https://example.org/1"
    )
    study = StudyFactory.build(program=program, reference=reference, sample_size=12)
    on(day + timedelta(days=4), study, ann)
    # The save retires the rating before it, at a time of its own.
    new = Rating(program=program, topic_area=area, scientific_rating="3", rated_on="2020-03-07")
    on(day + timedelta(days=5), new, ann, "A trial came out")
    old.history.filter(is_current=False).update(history_date=day + timedelta(days=5))
    on(day + timedelta(days=6), new, editor, "A slip", scientific_rating="2")
    on(day + timedelta(days=7), study, editor, sample_size=120)
    study._history_date = day + timedelta(days=8)
    study.delete()
    program.published_at = day
    on(day + timedelta(days=9), program, editor, status=Status.PUBLISHED)
    on(day + timedelta(days=10), program, editor, "Nobody offers it", status=Status.RETIRED)

    assert told(editor_client, program) == [
        (
            "Thursday, March 12, 2020",
            [["Retired", "Why: Nobody offers it", "editor 5:05 p.m. " + VERSION.format(12)]],
        ),
        ("Wednesday, March 11, 2020", [["Published", "editor 5:05 p.m. " + VERSION.format(11)]]),
        (
            "Tuesday, March 10, 2020",
            [["Reference removed: Bride, B. E. (2007). Prevalence.", "editor 5:05 p.m."]],
        ),
        (
            "Monday, March 9, 2020",
            [
                [
                    "Reference changed: Bride, B. E. (2007). Prevalence.",
                    "Sample size: [removed: 12] → [added: 120]",
                    "editor 5:05 p.m.",
                ]
            ],
        ),
        (
            "Sunday, March 8, 2020",
            [
                [
                    "Rating corrected in Secondary Traumatic Stress: 2, was 3",
                    "Why: A slip",
                    "editor 5:05 p.m.",
                ]
            ],
        ),
        (
            "Saturday, March 7, 2020",
            [
                [
                    "Re-rated in Secondary Traumatic Stress: 3, was NR",
                    "Not rated reason: [removed: Measures not reliable or valid] → blank",
                    "Rated on: [removed: 2019] → [added: March 7, 2020]",
                    "Why: A trial came out",
                    "Ann Sprague 5:05 p.m.",
                ]
            ],
        ),
        (
            "Friday, March 6, 2020",
            [
                [
                    "Reference added: Bride, B. E. (2007). Prevalence.",
                    "Role: Relevant published, peer-reviewed research",
                    "Sample size: 12",
                    "Ann Sprague 5:05 p.m.",
                ]
            ],
        ),
        (
            "Thursday, March 5, 2020",
            [
                [
                    "Rated in Secondary Traumatic Stress: NR",
                    "Not rated reason: Measures not reliable or valid",
                    "Rated on: 2019",
                    "editor 5:05 p.m.",
                ]
            ],
        ),
        (
            "Wednesday, March 4, 2020",
            [["Sent to review", "Why: Ready", "Ann Sprague 5:05 p.m. " + VERSION.format(4)]],
        ),
        (
            "Tuesday, March 3, 2020",
            [
                [
                    "8 fields changed",
                    "Acronym: blank → [added: CC]",
                    "Description: They [added: learn to] notice the early signs of strain in themselves …",
                    "Children from age: blank → [added: 0]",
                    "Languages: English, [added: Español]",
                    "Is there a manual?: [removed: Not known] → [added: Yes]",
                    "Child-welfare outcomes: blank → [added: Safety, Permanency]",
                    "Nonresponder: [removed: No] → [added: Yes]",
                    "Research last reviewed: blank → [added: June 2019]",
                    "Why: The owner wrote",
                    "Ann Sprague 5:05 p.m. " + VERSION.format(3),
                ]
            ],
        ),
        ("Monday, March 2, 2020", [["Added", "editor 5:05 p.m. " + VERSION.format(2)]]),
    ]


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ([("draft", "in-review")], "Sent to review"),
        ([("draft", "in-review"), ("in-review", "draft")], "Sent back to drafts"),
        ([("draft", "published")], "Published"),
        ([("draft", "published"), ("published", "draft")], "Withdrawn to drafts"),
        ([("draft", "published"), ("published", "in-review")], "Withdrawn to review"),
        ([("draft", "published"), ("published", "retired")], "Retired"),
        ([("draft", "retired"), ("retired", "draft")], "Taken up again: back to drafts"),
        ([("draft", "retired"), ("retired", "published")], "Published"),
        (
            [("draft", "published"), ("published", "draft"), ("draft", "published")],
            "Published again",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_change_of_status_is_a_headline(editor_client, changes, headline):
    area = on(LONG_AGO, TopicArea(name="Sleep"))
    for day, (before, after) in enumerate(changes, 1):
        assert area.status == before
        area.published_at = area.published_at or (LONG_AGO if after == "published" else None)
        on(LONG_AGO + timedelta(days=day), area, status=after)

    (_, [latest]), *_ = told(editor_client, area)

    assert latest[0] == headline


def test_publishing_date_ahead_is_told_and_that_it_is_given_up(editor_client):
    ahead = (timezone.localtime() + timedelta(days=30)).replace(microsecond=0)
    area = on(LONG_AGO, TopicArea(name="Sleep"))
    area.published_at = ahead
    on(LONG_AGO + timedelta(days=1), area, status=Status.PUBLISHED)
    on(LONG_AGO + timedelta(days=2), area, status=Status.DRAFT)

    heads = [item[0] for _, items in told(editor_client, area) for item in items]

    hour, half = ahead.hour % 12 or 12, "a.m." if ahead.hour < 12 else "p.m."
    moment = f"{ahead:%B} {ahead.day}, {ahead:%Y}, {hour}:{ahead:%M} {half}"
    assert heads == ["Unscheduled: back to drafts", f"Scheduled for {moment}", "Added"]


def test_public_reason_for_retiring_is_told_in_the_headline(editor_client, editor):
    program = on(LONG_AGO, ProgramFactory.build(name="Calm"), editor)
    program.merged_into = ProgramFactory(name="Peace")
    program.retirement_reason = "The same as Peace."
    on(LONG_AGO + timedelta(days=1), program, editor, status=Status.RETIRED)

    (_, [latest]), *_ = told(editor_client, program)

    assert latest[:-1] == ["Retired: The same as Peace.", "Merged into: blank → [added: Peace]"]


@pytest.mark.parametrize(
    ("days", "words"), [(0, "Today"), (1, "Yesterday"), (-1, None), (2, None), (400, None)]
)
def test_days_are_named_as_people_name_them(days, words):
    day = timezone.localdate() - timedelta(days=days)

    assert day_heading(day) == (words or f"{day:%A, %B} {day.day}, {day.year}")


def test_one_save_is_one_item(editor_client, editor):
    area = TopicArea(name="Sleep")
    on(LONG_AGO, area, editor)
    first, second = TopicExpertFactory(name="Ada"), TopicExpertFactory(name="Ben")
    area.experts.add(second)
    area.history.exclude(history_date=LONG_AGO).update(history_date=LONG_AGO + timedelta(days=1))
    on(LONG_AGO + timedelta(days=2), area, editor, definition="What it is.")
    reading = ReferenceFactory(authors="Bride, B. E.", year=2007, title="Prevalence")
    area.experts.set([first])
    area.further_reading.add(reading)
    latest = LONG_AGO + timedelta(days=2)
    area.history.filter(history_date__gt=latest).update(history_date=latest)
    second.delete()

    assert told(editor_client, area) == [
        (
            "Wednesday, March 4, 2020",
            [
                [
                    "Definition, topic experts and further reading changed",
                    "Definition: blank → [added: What it is.]",
                    "Topic experts: [removed: Ben (deleted)]; [added: Ada]",
                    "Further reading: blank → [added: Bride, B. E. (2007). Prevalence.]",
                    f"editor 5:05 p.m. {VERSION.format(4)}",
                ]
            ],
        ),
        (
            "Tuesday, March 3, 2020",
            [
                [
                    "Topic experts changed",
                    "Topic experts: blank → [added: Ben (deleted)]",
                    f"editor 5:05 p.m. {VERSION.format(3)}",
                ]
            ],
        ),
        ("Monday, March 2, 2020", [["Added", f"editor 5:05 p.m. {VERSION.format(2)}"]]),
    ]


def test_import_is_told_once_and_leads_to_its_record(client, editor_client, editor, viewer):
    program = on(LONG_AGO, ProgramFactory.build(name="Calm"), editor)
    area = TopicAreaFactory(name="Sleep")
    RatingFactory(program=program, topic_area=area, scientific_rating="NR")
    Rating.history.update(history_date=LONG_AGO + timedelta(days=1), history_user=editor)
    rows = "slug,name,acronym,topic_area,scientific_rating\ncalm,Calm,CC,sleep,3\n"
    file = ContentFile(rows.encode(), name="spring.csv")
    record = jobs.receive("programs", file, user=editor, source="The spring review")
    jobs.check_soon(record)
    jobs.confirm(record)
    request_undo(record, editor)

    newest, imported, *_ = [item for _, items in told(editor_client, program) for item in items]
    link = f'href="{record.get_absolute_url()}"'
    page = editor_client.get(address("history", program)).content.decode()
    client.force_login(viewer)
    seen = client.get(address("history", program)).content.decode()

    assert [item[:-1] for item in (newest, imported)] == [
        [
            "Acronym changed",
            "Acronym: [removed: CC] → blank",
            "Rating in Sleep put back: NR, was 3",
            "Why: Undone: The spring review",
        ],
        [
            "Acronym changed",
            "Acronym: blank → [added: CC]",
            "Re-rated in Sleep: 3, was NR",
            "Why: The spring review",
        ],
    ]
    assert page.count(link) == 2
    assert (link in seen, seen.count("Import of spring.csv")) == (False, 2)


def test_what_moves_between_programs_is_told_of_both(editor_client, editor):
    here, there = ProgramFactory(name="Here"), ProgramFactory(name="There")
    rating = RatingFactory(program=there, topic_area=TopicAreaFactory(name="Sleep"))
    study = StudyFactory(program=there, reference=ReferenceFactory(title="Prevalence", url=""))
    on(timezone.now() + timedelta(seconds=5), rating, editor, program=here)
    on(timezone.now() + timedelta(seconds=9), rating, editor, is_current=False)
    on(timezone.now() + timedelta(seconds=20), study, editor, program=here)

    heads = {
        program: [item[:-1] for _, items in told(editor_client, program) for item in items][:3]
        for program in (here, there)
    }

    reference = "Author, A. (2020). Prevalence."
    assert heads[here] == [
        [f"Reference taken over from “There”: {reference}"],
        ["Rating in Sleep became a past rating: 3"],
        ["Rating in Sleep taken over from “There”: 3"],
    ]
    assert heads[there][:2] == [
        [f"Reference moved to “Here”: {reference}"],
        ["Rating in Sleep moved to “Here”: 3"],
    ]


def test_save_without_a_change_is_told_only_with_a_reason(editor_client, editor):
    term = on(LONG_AGO, TermFactory.build(name="Usual care"), editor)
    on(LONG_AGO + timedelta(days=1), term, editor)
    on(LONG_AGO + timedelta(days=2), term, editor, "Checked against the source")

    told_of = [item for _, items in told(editor_client, term) for item in items]

    assert [item[:-1] for item in told_of] == [
        ["Saved without a change", "Why: Checked against the source"],
        ["Added"],
    ]


def test_command_is_nobody_signed_in(editor_client):
    term = on(LONG_AGO, TermFactory.build())

    assert told(editor_client, term) == [
        ("Monday, March 2, 2020", [["Added", f"Somebody 5:05 p.m. {VERSION.format(2)}"]])
    ]


def test_topic_area_leads_to_its_ratings(editor_client):
    area = TopicAreaFactory(name="Sleep")
    RatingFactory(topic_area=area)

    main = main_of(editor_client.get(address("history", area)))

    ratings = f"{reverse('admin:catalog_rating_changelist')}?area=sleep"
    assert [(text, link) for text, link in main.links if "version" not in text] == [
        ("all ratings in this topic area", ratings)
    ]
    assert [item[0] for _, items in days_of(main) for item in items] == ["Added"]


def test_ratings_are_told_only_to_those_who_may_view_them(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        [p for p in catalog_permissions("view") if p.codename == "view_program"]
    )
    client.force_login(user)
    rating = RatingFactory()
    StudyFactory(program=rating.program)

    told_of = [item for _, items in told(client, rating.program) for item in items]

    assert [item[:-1] for item in told_of] == [["Added", "Published"]]


def test_history_of_deleted_entry_is_kept(editor_client):
    term = TermFactory(name="Usual care")
    path, version = address("history", term), term.history.get().pk
    shown_at = address("simple_history", term, version)
    term.delete()

    page, shown = editor_client.get(path), editor_client.get(shown_at)

    assert days_of(main_of(page))[0][1][0][0] == "Deleted"
    assert main_of(shown).section("What it held").facts == {
        "Name": "Usual care",
        "Slug": "usual-care",
        "Definition": "What it means.",
    }
    assert main_of(shown).all("form") == []
    assert editor_client.post(f"{shown_at}return/").status_code == 403


@pytest.mark.parametrize("number", ["0", "999", "abc", "9" * 30, "1_5F"])
def test_history_of_what_never_was_is_not_found(editor_client, number):
    path = f"/admin/catalog/program/{number}/history/"

    answers = [editor_client.get(p).status_code for p in (path, f"{path}1/", f"{path}{'9' * 30}/")]

    assert answers == [404, 404, 404]


def test_version_of_another_entry_is_not_found(editor_client):
    program, other = ProgramFactory(), ProgramFactory()
    path = address("simple_history", program, other.history.get().pk)

    assert editor_client.get(path).status_code == 404
    assert editor_client.post(f"{path}return/", {"reason": "x"}).status_code == 404


def test_pages_of_a_history_cost_the_same_at_any_length(editor_client, editor):
    program, area = ProgramFactory(), TopicAreaFactory()
    reference = ReferenceFactory()

    def live(start, days):
        for day in range(start, start + days):
            when = LONG_AGO + timedelta(days=day)
            on(when, program, editor, goals=f"{day}")
            rating = Rating(program=program, topic_area=area, scientific_rating="3")
            on(when, rating, editor, rated_on=f"{1900 + day}")
            study = Study(program=program, reference=reference)
            on(when, study, editor)
            study.delete()

    def queries(page):
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert editor_client.get(address("history", program), {"page": page}).status_code == 200
        return len(found)

    live(0, 3)
    queries(1)
    few = queries(1)
    live(3, 60)

    assert [queries(1), queries(3)] == [few, few]


HOSTILE = "<script>alert(1)</script> \\\"' &amp; <ins>"


def test_hostile_text_is_shown_as_it_is(editor_client):
    user = UserFactory(username="mallory", first_name="<b>Mal", last_name="</b>")
    term = on(LONG_AGO, TermFactory.build(name="Calm", definition="a b c d e f g"))
    definition = f"a b c d e f g {HOSTILE}"
    day = LONG_AGO + timedelta(days=1)
    on(day, term, user, HOSTILE, name=HOSTILE, definition=definition)
    old, new = term.history.last(), term.history.first()

    ((_, [latest]), _) = told(editor_client, term)
    then = main_of(editor_client.get(address("simple_history", term, old.pk)))
    now = main_of(editor_client.get(address("simple_history", term, new.pk)))

    assert latest == [
        "Name and definition changed",
        f"Name: [removed: Calm] → [added: {HOSTILE}]",
        f"Definition: a b c d e f g [added: {HOSTILE}]",
        f"Why: {HOSTILE}",
        f"<b>Mal </b> 5:05 p.m. {VERSION.format(3)}",
    ]
    assert compared(then) == {
        "Name": ("Calm", f"[removed: Calm] → [added: {HOSTILE}]"),
        "Definition": ("a b c d e f g", f"a b c d e f g [added: {HOSTILE}]"),
    }
    assert now.h1 == "As it stood on March 3, 2020, 5:05 p.m."
    assert now.section("What is as it was").facts["Definition"] == definition


# --- Marked words


def words(most=30):
    return st.lists(st.sampled_from(["a", "b,", "c.", "\n\n", "d"]), max_size=most).map(" ".join)


@given(words(), words())
def test_marked_words_are_the_two_texts(before, after):
    marked = list(spaced(diff_segments(before, after))) if before.strip() and after.strip() else []

    for gone, text in (("ins", before), ("del", after)):
        kept = "".join(word for kind, word in marked if kind != gone).replace("→", "")
        assert kept.split() == (text.split() if marked else [])


@given(st.integers(0, 60), st.integers(0, 60))
def test_only_words_near_a_change_are_shown(ahead, behind):
    start, end = " before" * ahead, " after" * behind

    short = "".join(word for _, word in in_short([("", start), ("ins", " new"), ("", end)]))

    shown_start = start if ahead <= 10 else " …" + " before" * 8
    shown_end = end if behind <= 10 else " after" * 8 + " …"
    assert short == f"{shown_start} new{shown_end}"


def test_texts_that_take_too_long_to_compare_stand_side_by_side():
    before, after = "word " * 2_000, "word " * 2_001

    assert diff_segments(before, after) == [("del", before), ("", " → "), ("ins", after)]


# --- One version


def test_version_shows_what_has_become_of_it(editor_client, editor):
    program = on(
        LONG_AGO,
        ProgramFactory.build(
            name="Calm",
            slug="calm",
            status=Status.DRAFT,
            description=f"They {BEFORE}.",
            acronym="CC",
        ),
        editor,
        "First draft",
    )
    on(LONG_AGO + timedelta(days=1), program, editor, description=f"Staff {BEFORE}.", acronym="")
    first = program.history.last()

    main = main_of(editor_client.get(address("simple_history", program, first.pk)))

    assert main.h1 == "As it stood on March 2, 2020, 5:05 p.m."
    assert main.all("p")[0].text == "Saved by editor on March 2, 2020, 5:05 p.m.: First draft"
    assert compared(main) == {
        "Acronym": ("CC", "[removed: CC] → blank"),
        "Description": (f"They {BEFORE}.", f"[removed: They] [added: Staff] {BEFORE}."),
    }
    facts = main.section("What is as it was").facts
    assert facts.pop("Blank").startswith("Other names, Scope note, Target population, ")
    assert facts == {
        "Name": "Calm",
        "Slug": "calm",
        "Status": "Draft",
        "Is there a manual?": "Not known",
        "Is there training?": "Not known",
        "Nonresponder": "No",
    }
    reason = main.one("form").one("input", name="reason")
    assert reason.attributes["value"] == "Returned to the version of March 2, 2020, 5:05 p.m."


def test_latest_version_offers_no_way_back(editor_client):
    program = ProgramFactory()

    main = main_of(editor_client.get(address("simple_history", program, program.history.get().pk)))

    assert main.all("form") == []
    assert "This is the latest version: the entry stands so now." in main.text


def test_who_may_only_view_reads_versions_and_returns_to_none(client, viewer):
    client.force_login(viewer)
    program = on(LONG_AGO, ProgramFactory.build(acronym="A"))
    on(LONG_AGO + timedelta(days=1), program, acronym="B")
    path = address("simple_history", program, program.history.last().pk)

    main = main_of(client.get(path))
    answer = client.post(f"{path}return/", {"reason": "x", "seen": program.history.first().pk})

    assert compared(main) == {"Acronym": ("A", "[removed: A] → [added: B]")}
    assert main.all("form") == []
    assert answer.status_code == 403
    assert Program.objects.get().acronym == "B"


# --- The way back


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
    assert warnings(response) == ["“Sleep” is again as it was on March 2, 2020, 5:05 p.m.."]
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


def test_return_is_refused_after_a_change_that_is_not_the_newest_by_its_date(editor_client, ann):
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


def test_addresses_of_versions_take_no_form_of_the_entry(editor_client):
    program = on(LONG_AGO, ProgramFactory.build(goals="Then"))
    version = program.history.get()
    path = address("simple_history", program, version.pk)

    assert editor_client.post(path, {"goals": "Overwritten", "_save": "1"}).status_code == 405
    assert editor_client.get(f"{path}return/").status_code == 405
    assert program.history.count() == 1


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
@settings(max_examples=12)
def test_return_to_any_version_gives_its_fields(editor, edits, data):
    Rating.objects.all().delete()
    Program.objects.all().delete()
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
