"""The history of an entry as people read it: who did what, when and why."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from catalog.editorial.transitions import WorkflowState
from catalog.history.narrative import day_heading
from catalog.importing import jobs
from catalog.importing.jobs import request_undo
from catalog.models import Program, Rating, Status, TopicArea
from catalog.models.history import one_save

from ...conftest import catalog_permissions
from ...factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..workflow.steps import make, send
from .versions import BEFORE, LONG_AGO, VERSION, address, days_of, main_of, on, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]


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
    study = StudyFactory.build(program=program, reference=reference, enrolled=12)
    on(day + timedelta(days=4), study, ann)
    # The save retires the rating before it, at a time of its own.
    new = Rating(program=program, topic_area=area, scientific_rating="3", rated_on="2020-03-07")
    on(day + timedelta(days=5), new, ann, "A trial came out")
    old.history.filter(is_current=False).update(history_date=day + timedelta(days=5))
    on(day + timedelta(days=6), new, editor, "A slip", scientific_rating="2")
    on(day + timedelta(days=7), study, editor, enrolled=120)
    study._history_date = day + timedelta(days=8)
    study.delete()
    program.published_at = day
    on(day + timedelta(days=9), program, editor, status=Status.PUBLISHED)
    on(day + timedelta(days=10), program, editor, "Nobody offers it", status=Status.RETIRED)

    assert told(editor_client, program) == [
        (
            "Thursday, March 12, 2020",
            [["Retired", "Why: Nobody offers it", "editor 5:05 PM " + VERSION.format(12)]],
        ),
        ("Wednesday, March 11, 2020", [["Published", "editor 5:05 PM " + VERSION.format(11)]]),
        (
            "Tuesday, March 10, 2020",
            [["Reference removed: Bride, B. E. (2007). Prevalence.", "editor 5:05 PM"]],
        ),
        (
            "Monday, March 9, 2020",
            [
                [
                    "Reference changed: Bride, B. E. (2007). Prevalence.",
                    "Enrolled: [removed: 12] → [added: 120]",
                    "editor 5:05 PM",
                ]
            ],
        ),
        (
            "Sunday, March 8, 2020",
            [
                [
                    "Rating corrected in Secondary Traumatic Stress: 2, was 3",
                    "Why: A slip",
                    "editor 5:05 PM",
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
                    "Ann Sprague 5:05 PM",
                ]
            ],
        ),
        (
            "Friday, March 6, 2020",
            [
                [
                    "Reference added: Bride, B. E. (2007). Prevalence.",
                    "Enrolled: 12",
                    "Ann Sprague 5:05 PM",
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
                    "editor 5:05 PM",
                ]
            ],
        ),
        (
            "Wednesday, March 4, 2020",
            [["Sent to review", "Why: Ready", "Ann Sprague 5:05 PM " + VERSION.format(4)]],
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
                    "Ann Sprague 5:05 PM " + VERSION.format(3),
                ]
            ],
        ),
        ("Monday, March 2, 2020", [["Added", "editor 5:05 PM " + VERSION.format(2)]]),
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

    hour = ahead.hour % 12 or 12
    moment = f"{ahead:%B} {ahead.day}, {ahead:%Y}, {hour}:{ahead:%M} {ahead:%p}"
    assert heads == ["Unscheduled: back to drafts", f"Scheduled for {moment}", "Added"]


def test_public_reason_for_retiring_is_told_in_the_headline(editor_client, editor):
    program = on(LONG_AGO, ProgramFactory.build(name="Calm"), editor)
    program.merged_into = ProgramFactory(name="Peace")
    program.retirement_reason = "The same as Peace."
    on(LONG_AGO + timedelta(days=1), program, editor, status=Status.RETIRED)

    (_, [latest]), *_ = told(editor_client, program)

    assert latest[:-1] == ["Retired: The same as Peace.", "Merged into: blank → [added: Peace]"]


@pytest.mark.parametrize(
    ("state", "target", "reason", "lines"),
    [
        (
            WorkflowState.PUBLISHED,
            Status.RETIRED,
            "Nobody offers it.",
            ["Retired: Nobody offers it."],
        ),
        (
            WorkflowState.IN_REVIEW,
            Status.PUBLISHED,
            "All is checked.",
            ["Published", "Why: All is checked."],
        ),
        (WorkflowState.IN_REVIEW, Status.PUBLISHED, "", ["Published"]),
    ],
)
def test_reason_of_a_step_is_said_once(editor_client, state, target, reason, lines):
    program = make(Program, state)
    send(editor_client, program, target, reason=reason)

    (_, [latest, *_]), *_ = told(editor_client, program)

    assert latest[:-1] == lines


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
    reading = ReferenceFactory(authors="Bride, B. E.", year=2007, title="Prevalence")
    with one_save():
        on(LONG_AGO + timedelta(days=2), area, editor, definition="What it is.")
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
                    f"editor 5:05 PM {VERSION.format(4)}",
                ]
            ],
        ),
        (
            "Tuesday, March 3, 2020",
            [
                [
                    "Topic experts changed",
                    "Topic experts: blank → [added: Ben (deleted)]",
                    f"editor 5:05 PM {VERSION.format(3)}",
                ]
            ],
        ),
        ("Monday, March 2, 2020", [["Added", f"editor 5:05 PM {VERSION.format(2)}"]]),
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
        ("Monday, March 2, 2020", [["Added", f"Somebody 5:05 PM {VERSION.format(2)}"]])
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
