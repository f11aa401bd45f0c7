"""The desk: what waits for whom, and the lists that it leads to."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.admin import filters
from catalog.admin.desk import evidence
from catalog.admin.desk.lines import MOST, SHOWN
from catalog.importing.worker import KEY
from catalog.models import (
    Import,
    ImportKind,
    ImportStatus,
    Program,
    Proposal,
    Rating,
    Reference,
    Status,
    TopicArea,
    TopicExpert,
)
from catalog.values.signs import leave_sign

from ..evidence.studied import add_study, rated_program
from ..factories import (
    ExternalRatingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import read
from .desk_entries import COMPLETE, area, complete_program, moved, proposed, staff

NO_WORKER = "No worker has been heard of for a minute: large imports wait until one is started."

pytestmark = pytest.mark.once


@pytest.fixture
def somebody(db):
    return UserFactory(username="somebody")


@pytest.fixture
def waiting(somebody, today):
    """Something of everything that can wait; nothing else is said of what is retired."""
    for name, status, day in (("Early", "in-review", 2), ("Late", "in-review", 5)):
        entry = complete_program(name=name, status="draft")
        moved(entry, Status(status), somebody, day)
        moved(entry, Status(status), None, day + 10)  # a change that is no arrival
    moved(TopicAreaFactory(name="New area", status="draft"), Status.IN_REVIEW, somebody, 3)
    moved(complete_program(name="Fresh", status="draft"), Status.DRAFT, somebody, 9)
    complete_program(name="Stale", status="draft")
    Program.history.filter(name="Stale").delete()
    complete_program(name="Soon", published_at=datetime(2099, 1, 2, 12, tzinfo=UTC))
    complete_program(name="Old", research_last_reviewed="2019")
    complete_program(name="Older", research_last_reviewed="2019-03")
    complete_program(name="Due", research_last_reviewed="2024-12")
    complete_program(name="Undated", research_last_reviewed="")
    bare = ProgramFactory(name="Bare", **COMPLETE | {"goals": "", "duration": ""})
    silent = complete_program(name="Silent")
    RatingFactory(program=silent, topic_area=TopicAreaFactory(name="Sleep", slug="sleep"))
    unsaid = complete_program(name="Unsaid")
    RatingFactory(
        program=unsaid,
        topic_area=TopicArea.objects.get(slug="sleep"),
        scientific_rating="NR",
        not_rated_reason="not-stated",
        rationale="Because.",
    )
    linked = complete_program(name="Linked", website="https://https://program.gov/")
    ReferenceFactory(key="wrong-doi", doi="10.1093/sw.")
    TopicExpertFactory(name="Expert", website="https://localhost/")
    retired = ProgramFactory(name="Gone", status="retired", website="nowhere")
    RatingFactory(program=retired, topic_area=area(), scientific_rating="NR")
    check_elsewhere(linked, retired)
    return {p.name: p.pk for p in (*Program.objects.all(), bare, linked)}


def check_elsewhere(program, retired):
    """Let registries rate two programs, of which some ratings are to be checked again."""
    index, over = RegistryFactory(name="Index"), RegistryFactory(name="Over", state="closed")
    for day in ("2025-10-23", "2025-10-24", "2025", "2024", ""):
        ExternalRatingFactory(program=program, registry=index, scope=day, checked_on=day)
    ExternalRatingFactory(program=program, registry=over, checked_on="2019")
    ExternalRatingFactory(program=retired, registry=index, checked_on="2019")


def sections_of(client, user):
    """Return the sections of somebody's desk by their headings, with the numbers."""
    client.force_login(user)
    sections = read(client.get("/admin/")).all("section")
    return {s.one("h3").text: s for s in sections if not s.all("h2")}


def desk_of(client, user):
    """Return what somebody's desk shows: the lines of each section, in words and with their links."""
    found = {}
    for heading, section in sections_of(client, user).items():
        lines = [(item.text, [href for _, href in item.links]) for item in section.all("li")]
        found[heading] = lines or [p.text for p in section.all("p")]
    return found


def program_page(pk, place=""):
    return f"/admin/catalog/program/{pk}/change/{place}"


def rating_of(name, **fields):
    return Rating.objects.get(program__name=name, **fields)


@pytest.mark.parametrize("role", ["Viewers", "Editors", "Publishers"])
def test_desk_tells_everyone_what_waits_and_links_to_what_they_may_do(client, waiting, role):
    user = staff(role)
    writes, publishes = role != "Viewers", role == "Publishers"
    proposals = [
        proposed(program="Linked", state="submitted", day=6),
        proposed(program="Due", state="approved", day=7, author=user),
        proposed(program="Old", state="sent-back", day=8, author=user, why="Sent back: Whose?"),
        proposed(program="Bare", state="draft", day=9),
        proposed(program="Undated", state="discarded", day=9, author=user),
    ]
    submitted, approved, sent_back = [[p.get_absolute_url()] for p in proposals[:3]]

    found = desk_of(client, user)

    def at(name, place=""):
        return program_page(waiting[name], place if writes else "")

    def publish(name):
        step = f"/admin/catalog/program/{waiting[name]}/status/published/?from=desk"
        return [at(name), step] if publishes else [at(name)]

    new_area = TopicArea.objects.get(name="New area").pk
    area_page = f"/admin/catalog/topicarea/{new_area}/change/"
    area_links = [area_page]
    if publishes:
        area_links.append(f"/admin/catalog/topicarea/{new_area}/status/published/?from=desk")
    step = " Publish …" if publishes else ""
    review = "In review: waits for you 3" if publishes else "In review 3"

    def corrected(rating, place):
        page = f"/admin/catalog/rating/{rating.pk}/change/"
        rate = f"/admin/catalog/program/{rating.program_id}/rate/?area=sleep"
        return [f"{page}#{place}", rate] if publishes else [page]

    silent = rating_of("Silent", topic_area__slug="sleep")
    unsaid = rating_of("Unsaid", topic_area__slug="sleep")
    rate = " Re-rate" if publishes else ""
    lacks = [at("Bare", f"#id_{field}") for field in ("goals", "duration")] if writes else []
    if publishes:
        lacks.append(f"/admin/catalog/program/{waiting['Bare']}/rate/")
    if writes:
        lacks.append(at("Bare", "#studies-group"))
    reference_page = f"/admin/catalog/reference/{Reference.objects.get(key='wrong-doi').pk}/change/"
    expert_page = f"/admin/catalog/topicexpert/{TopicExpert.objects.get().pk}/change/"
    nothing = ["Nothing waits here."]

    def give(name):
        return f"/admin/catalog/program/{waiting[name]}/assign/"

    nobodys_reviews = [
        (f"{text} Assign …", [at(name, "#id_research_last_reviewed"), give(name)])
        for name, text in {
            "Older": "Older 92 months ago (March 2019), overdue",
            "Old": "Old At least 82 months ago (2019), overdue",
            "Due": "Due 23 months ago (December 2024)",
        }.items()
    ]
    expected = {
        review: [
            (f"Early since November 2, 2026, by somebody{step}", publish("Early")),
            (f"New area since November 3, 2026, by somebody{step}", area_links),
            (f"Late since November 5, 2026, by somebody{step}", publish("Late")),
        ],
        "My drafts": nothing,
        "Drafts 2": [
            ("Stale", [at("Stale")]),
            ("Fresh last changed November 9, 2026, by somebody", [at("Fresh")]),
        ],
        "Scheduled 1": [("Soon public from January 2, 2099", [at("Soon")])],
        "Overdue 2": [
            ("Older 92 months ago (March 2019)", [at("Older", "#id_research_last_reviewed")]),
            ("Old at least 82 months ago (2019)", [at("Old", "#id_research_last_reviewed")]),
        ],
        "Due within 3 months 1": [
            ("Due 23 months ago (December 2024)", [at("Due", "#id_research_last_reviewed")])
        ],
        "Date not recorded 1": [("Undated", [at("Undated", "#id_research_last_reviewed")])],
        "Ratings by other registries to check again 3": [
            (f"Linked Index: {text}", [at("Linked", "#external_ratings-group")])
            for text in ("no check recorded", "checked 2024", "checked October 23, 2025")
        ],
        "Current ratings without rationale 1": [
            (f"Silent 3 in Sleep{rate}", corrected(silent, "id_rationale"))
        ],
        "NR without a reason 1": [
            (f"Unsaid NR in Sleep{rate}", corrected(unsaid, "id_not_rated_reason"))
        ],
        "Programs missing what visitors need 2": [
            ("Bare lacks 4: goals, duration, rating, reference", [at("Bare"), *lacks]),
            (
                "Undated lacks 1: date of the last research review",
                [at("Undated"), *([at("Undated", "#id_research_last_reviewed")] if writes else [])],
            ),
        ],
        "Links and DOIs that cannot be right 3": [
            ("Linked https://https://program.gov/", [at("Linked", "#id_website")]),
            ("wrong-doi 10.1093/sw.", [reference_page + ("#id_doi" if writes else "")]),
            ("Expert https://localhost/", [expert_page + ("#id_website" if writes else "")]),
        ],
    }
    unretired = Rating.objects.exclude(program__status="retired").order_by("-pk")
    unrecorded = [
        (
            f"{r.program.name} {r.level} in {r.topic_area.abbreviation or r.topic_area.name}{rate}",
            [
                f"/admin/catalog/rating/{r.pk}/change/",
                *(
                    [f"/admin/catalog/program/{r.program_id}/rate/?area={r.topic_area.slug}"]
                    * publishes
                ),
            ],
        )
        for r in unretired.filter(is_current=True).exclude(scientific_rating="NR")
    ]
    expected |= {
        "Ratings that their recorded studies do not explain": nothing,
        f"Ratings whose studies are not recorded {len(unrecorded)}": unrecorded[:6],
    }
    if publishes:
        expected["Assigned and overdue"] = nothing
        expected["Proposals: wait for you 2"] = [
            ("Linked Submitted, proposed on November 6, 2026", submitted),
            ("Due Approved, proposed on November 7, 2026", approved),
        ]
    if writes:
        expected["My proposals 2"] = [
            ("Old Sent back: Whose? (proposed on November 8, 2026)", sent_back),
            ("Due Approved, proposed on November 7, 2026", approved),
        ]
        expected |= {
            "Fact checks answered": nothing,
            "Written by visitors": nothing,
            "Assigned to me": nothing,
            "Reviews that are nobody’s 3": nobodys_reviews,
            "Proposals that are nobody’s 2": [
                (f"{text} Assign …", [*links, give(text.split()[0])])
                for text, links in [
                    ("Linked Submitted, proposed on November 6, 2026", submitted),
                    ("Due Approved, proposed on November 7, 2026", approved),
                ]
            ],
            "My imports that wait": nothing,
            "Imports of the last 7 days": [*nothing, NO_WORKER],
        }
    assert found == expected


def test_who_may_correct_a_rating_and_add_none_is_not_led_to_re_rating(client, waiting):
    user = staff("Publishers")
    user.user_permissions.remove(Permission.objects.get(codename="add_rating"))

    found = desk_of(client, user)

    page = f"/admin/catalog/rating/{rating_of('Silent', topic_area__slug='sleep').pk}/change/"
    lines = found["Current ratings without rationale 1"]
    assert lines == [("Silent 3 in Sleep", [f"{page}#id_rationale"])]


def test_my_drafts_are_those_that_i_changed_by_hand_the_latest_first(client, somebody):
    me = staff("Editors")
    for day, name in ((3, "One"), (7, "Two"), (5, "Three")):
        moved(ProgramFactory(name=name, status="draft"), Status.DRAFT, me, day)
    moved(TopicAreaFactory(name="Area", status="draft"), Status.DRAFT, me, 6)
    moved(ProgramFactory(name="Another's", status="draft"), Status.DRAFT, somebody, 8)
    moved(ProgramFactory(name="In review", status="draft"), Status.IN_REVIEW, me, 9)

    lines = [text for text, _ in desk_of(client, me)["My drafts 4"]]

    assert lines == [
        f"{name} last changed November {day}, 2026, by editors"
        for name, day in (("Two", 7), ("Area", 6), ("Three", 5), ("One", 3))
    ]


def test_imports_of_the_last_days_and_those_that_wait_for_me(client, somebody):
    me, now = staff("Editors"), timezone.now()
    for name, user, status, days in (
        ("ready", me, ImportStatus.READY, 1),
        ("failed", me, ImportStatus.FAILED, 0),
        ("done", me, ImportStatus.DONE, 3),
        ("another's", somebody, ImportStatus.READY, 2),
        ("old", me, ImportStatus.DONE, 8),
    ):
        Import.objects.create(
            kind=ImportKind.PROGRAMS,
            file_name=name,
            user=user,
            status=status,
            created_at=now - timedelta(days=days, minutes=1),
            finished_at=now,
        )

    found = desk_of(client, me)

    waiting = found["My imports that wait 2"]
    recent = found["Imports of the last 7 days 4"]
    assert [text.split(" (")[0] for text, _ in waiting] == ["failed", "ready"]
    assert [text.split(" (")[0] for text, _ in recent] == ["failed", "ready", "another's", "done"]
    assert [links for _, links in waiting] == [
        [Import.objects.get(file_name=name).get_absolute_url()] for name in ("failed", "ready")
    ]


def test_whether_a_worker_runs_is_said_to_who_imports(client, db):
    title = "Imports of the last 7 days"

    user = staff("Publishers")
    without = sections_of(client, user)[title].text
    leave_sign(KEY, 1)
    with_one = sections_of(client, user)[title].text

    assert without == f"{title} Nothing waits here. {NO_WORKER}"
    assert with_one == (
        f"{title} Nothing waits here. The worker, which does large imports, is running."
    )
    assert title not in sections_of(client, staff("Viewers"))


def test_who_may_read_nothing_has_no_desk(client, db):
    client.force_login(UserFactory(is_staff=True))

    page = read(client.get("/admin/"))

    assert page.h1 == "Desk"
    assert page.all("section") == []


def test_long_sections_show_the_first_and_lead_to_all(client, today, db):
    Program.objects.bulk_create(
        Program(name=f"P {n}", slug=f"p-{n}", research_last_reviewed=f"20{n:02}")
        for n in range(SHOWN + 1)
    )

    section = sections_of(client, staff("Viewers"))["Overdue 7"]

    assert [item.text.split(" at ")[0] for item in section.all("li")] == [
        f"P {n}" for n in range(SHOWN)
    ]
    assert section.links[-1] == (
        "All of these programs",
        "/admin/catalog/program/?review=overdue",
    )


def test_nothing_is_counted_beyond_the_most(client, today, db):
    Program.objects.bulk_create(
        Program(name=f"P {n}", slug=f"p-{n}", website="nowhere") for n in range(MOST + 1)
    )

    found = desk_of(client, staff("Viewers"))

    assert [heading for heading in found if heading.endswith(f" {MOST:,}+")] == [
        "Drafts 1,000+",
        "Date not recorded 1,000+",
        "Programs missing what visitors need 1,000+",
        "Links and DOIs that cannot be right 1,000+",
    ]


def test_number_of_queries_does_not_grow(client, waiting, django_assert_num_queries):
    client.force_login(staff("Publishers"))
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/")
    for n in range(2 * SHOWN):
        moved(ProgramFactory(name=f"More {n}", status="draft"), Status.IN_REVIEW, None, 4)
        RatingFactory(scientific_rating="NR", topic_area=area())
        program = complete_program(research_last_reviewed="2018", website="nowhere")
        ExternalRatingFactory(program=program)
        Proposal.objects.create(program=program, state="submitted", is_minor=True)

    with django_assert_num_queries(len(few)):
        client.get("/admin/")
    assert len(few) <= 38


def test_every_list_that_the_desk_leads_to_has_what_the_desk_counts(client, waiting):
    client.force_login(staff("Publishers"))

    for address, number in (
        ("program/?status=in-review", 2),
        ("topicarea/?status=in-review", 1),
        ("program/?status=draft", 2),
        ("program/?status=scheduled", 1),
        ("program/?review=overdue", 2),
        ("program/?review=due", 1),
        ("program/?review=unknown", 1),
        ("externalrating/?check=overdue", 3),
        ("rating/?lacks=rationale", 1),
        ("rating/?lacks=reason", 1),
        ("program/?complete=no", 2),
        ("program/?review=overdue&work=nobody", 2),
        ("program/?review=due&work=nobody", 1),
        ("proposal/?state__in=submitted,approved&work=nobody", 0),
    ):
        response = client.get(f"/admin/catalog/{address}")
        assert (address, len(response.context["cl"].result_list)) == (address, number)


def test_ratings_that_their_studies_do_not_explain_are_told_with_what_these_meet(
    client, db, monkeypatch
):
    explained, differing, none_met, _ = (
        rated_program(level, f"Rated {level}") for level in ("2", "1", "4", "NR")
    )
    for rating, facts in (
        (explained, {"months": 6}),
        (differing, {"months": 6}),
        (none_met, {"design": "pre-post"}),
    ):
        add_study(rating, **facts)

    reader = staff("Viewers")
    found = desk_of(client, reader)

    pages = [f"/admin/catalog/rating/{rating.pk}/change/" for rating in (none_met, differing)]
    assert found["Ratings that their recorded studies do not explain 2"] == [
        ("Rated 4 4 in SL; the studies meet no level", pages[:1]),
        ("Rated 1 1 in SL; the studies meet level 2", pages[1:]),
    ]
    assert found["Ratings whose studies are not recorded"] == ["Nothing waits here."]
    # Where there are more than are read, that is said.
    title = "Ratings that their recorded studies do not explain"
    monkeypatch.setattr(evidence, "LATEST", 2)
    assert len(desk_of(client, reader)[f"{title} 1+"]) == 1
    monkeypatch.setattr(evidence, "LATEST", 1)
    assert desk_of(client, reader)[title] == [
        "Nothing waits here.",
        "All of these ratings",
        "Looked for among the 300 latest ratings; the list looks further.",
    ]


def test_list_finds_ratings_by_their_recorded_studies(client, db, monkeypatch):
    unrecorded, explained, differing, _ = (
        rated_program(level, f"Rated {level}") for level in ("1", "2", "3", "NR")
    )
    for rating in (explained, differing):
        add_study(rating, months=6)
    client.force_login(staff("Viewers"))

    def listed(**parameters):
        response = client.get("/admin/catalog/rating/", parameters)
        said = [message.text for message in read(response).all("li", class_="warning")]
        return list(response.context["cl"].result_list), said

    assert listed(studies="none") == ([unrecorded], [])
    assert listed(studies="differ") == ([differing], [])
    assert listed(studies="differ", scientific_rating="2") == ([], [])
    # Where there are more than are read, that is said.
    monkeypatch.setattr(filters, "MOST_READ", 1)
    assert listed(studies="differ") == ([], [filters.READ_OF_MORE])
