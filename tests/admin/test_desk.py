"""The desk: what waits, each line with the place where it is mended; and the filters of the lists behind it."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.admin.desk.lines import MOST, SHOWN
from catalog.models import (
    NOT_PROVIDED,
    Import,
    ImportKind,
    ImportStatus,
    Program,
    Rating,
    Reference,
    Status,
    TopicArea,
    TopicExpert,
)
from catalog.models.completeness import NEEDS, missing, number_missing
from catalog.models.reviews import review_age
from catalog.values.links import WrongDoi, WrongLink

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import read

ROLES = import_module("catalog.migrations.0002_groups").GROUPS
COMPLETE = {
    "description": "What it does.",
    "target_population": "Families.",
    "child_age_min": 0,
    "goals": "- One",
    "essential_components": "- One",
    "delivery_settings": ("school",),
    "intensity": "Weekly.",
    "duration": "10 weeks",
    "relevance_level": "high",
    "outcomes": ("safety",),
    "manual_available": "no",
    "training_available": "yes",
    "website": "https://program.gov/",
    "research_last_reviewed": "2026-11-01",
}


def staff(role):
    user = UserFactory(username=role.lower(), is_staff=True)
    permissions = Permission.objects.filter(content_type__app_label="catalog")
    user.user_permissions.set(permissions.filter(codename__in=ROLES[role]))
    return user


def complete_program(**fields):
    """A program that lacks nothing, with a rating and a reference."""
    program = ProgramFactory(**COMPLETE | fields)
    RatingFactory(program=program, topic_area=area(), rationale="Because.")
    StudyFactory(program=program, reference=reference())
    return program


def area():
    found = TopicArea.objects.filter(slug="stress").first()
    return found or TopicAreaFactory(name="Stress", slug="stress", abbreviation="STS")


def reference():
    return Reference.objects.filter(key="good").first() or ReferenceFactory(key="good")


def moved(entry, status, user, day, **fields):
    """Give an entry a status on a day of November 2026."""
    entry.status, entry._history_user = status, user
    entry._history_date = datetime(2026, 11, day, 12, tzinfo=UTC)
    for name, value in fields.items():
        setattr(entry, name, value)
    entry.save()
    return entry


@pytest.fixture
def today(monkeypatch):
    """The desk of November 23, 2026."""
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 11, 23))


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
    return {p.name: p.pk for p in (*Program.objects.all(), bare, linked)}


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


@pytest.mark.parametrize("role", ROLES)
def test_desk_tells_everyone_what_waits_and_links_to_what_they_may_do(client, waiting, role):
    user = staff(role)
    writes, publishes = role != "Viewers", role == "Publishers"

    found = desk_of(client, user)

    def at(name, place=""):
        return program_page(waiting[name], place if writes else "")

    def publish(name):
        step = f"/admin/catalog/program/{waiting[name]}/status/published/"
        return [at(name), step] if publishes else [at(name)]

    new_area = TopicArea.objects.get(name="New area").pk
    area_page = f"/admin/catalog/topicarea/{new_area}/change/"
    area_links = [area_page]
    if publishes:
        area_links.append(f"/admin/catalog/topicarea/{new_area}/status/published/")
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
    if writes:
        expected |= {"My imports that wait": nothing, "Imports of the last 7 days": nothing}
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
        complete_program(research_last_reviewed="2018", website="nowhere")

    with django_assert_num_queries(len(few)):
        client.get("/admin/")
    assert len(few) <= 20


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
        ("rating/?lacks=rationale", 1),
        ("rating/?lacks=reason", 1),
        ("program/?complete=no", 2),
    ):
        response = client.get(f"/admin/catalog/{address}")
        assert (address, len(response.context["cl"].result_list)) == (address, number)


# --- By form, and by chance ------------------------------------------------------------------------------------------


LINKS = {
    "https://program.gov": False,
    "https://www.program.gov/a_(b)": False,
    "http://program.gov?x=1": False,
    "https://web.archive.org/web/2020/https:/program.gov": False,
    "https://program.gov/localhost": False,
    "": False,
    "program.gov": True,
    "https://program.gov/a b": True,
    "https://https://program.gov": True,
    "http://HTTPS://program.gov": True,
    "https://http//program.gov": True,
    "https://localhost:8000/a.html": True,
    "https://intranet/a.html": True,
    "https://Example.org/program": True,
    "https://www.example.com": True,
    "http://127.0.0.1/": True,
    "https://program.gov.": True,
    "https://program.gov/a)": True,
    "https://program.gov/a]": True,
    "https://program.gov/a,": True,
    "https://program.gov/“a”": True,
}
DOIS = {
    "10.1093/sw/52.1.63": False,
    "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2": False,
    "10.1016/s0140-6736(05)": False,
    "": False,
    "10.1093/https://doi.org/10.1093/sw": True,
    "10.1093/sw.": True,
    "10.1093/sw)": True,
    "10.1093/sw&amp;x": True,
    "10.1093/a b": True,
    "10./a": True,
    "10.1093/": True,
}


def test_links_are_wrong_by_their_form(db):
    Program.objects.bulk_create(
        Program(name=f"P {n}", slug=f"p-{n}", website=link) for n, link in enumerate(LINKS)
    )

    wrong = Program.objects.filter(WrongLink("website")).values_list("website", flat=True)

    assert set(wrong) == {link for link, is_wrong in LINKS.items() if is_wrong}


def test_dois_are_wrong_by_their_form(db):
    Reference.objects.bulk_create(
        Reference(key=f"r{n}", title="T", doi=doi) for n, doi in enumerate(DOIS)
    )

    wrong = Reference.objects.filter(WrongDoi("doi")).values_list("doi", flat=True)

    assert set(wrong) == {doi for doi, is_wrong in DOIS.items() if is_wrong}


texts = st.sampled_from(["", NOT_PROVIDED, "Something"])
dates = st.one_of(
    st.just(""),
    st.builds(
        lambda day, length: day.isoformat()[:length],
        st.dates(date(2022, 1, 1), date(2028, 12, 31)),
        st.sampled_from([4, 7, 10]),
    ),
)
ages = st.sampled_from([None, 0, 7])
programs = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("description", "target_population", "goals", "essential_components"), texts
        ),
        **dict.fromkeys(("intensity", "duration", "contact_name", "contact_phone"), texts),
        "website": st.sampled_from(["", "https://program.gov"]),
        "child_age_min": ages,
        "caregiver_child_age_max": ages,
        "delivery_settings": st.sampled_from([(), ("school",)]),
        "outcomes": st.sampled_from([(), ("safety", "permanency")]),
        "relevance_level": st.sampled_from(["", "low"]),
        "manual_available": st.sampled_from(["yes", "no", "not-known"]),
        "training_available": st.sampled_from(["yes", "no", "not-known"]),
        "is_nonresponder": st.booleans(),
        "research_last_reviewed": dates,
        "status": st.sampled_from(Status.values),
        "ahead": st.sampled_from([-1, 1]),
        "rated": st.sampled_from([None, "past", "current"]),
        "cited": st.booleans(),
    }
)
catalogs = st.lists(programs, min_size=1, max_size=8)


def lacks(fields):
    """Return what a program lacks, told field by field."""
    asked = not fields["is_nonresponder"]
    contact = ("website", "contact_name", "contact_phone")
    told = [
        ("description", fields["description"] == "Something"),
        ("target population", fields["target_population"] or not asked),
        (
            "ages",
            fields["child_age_min"] is not None or fields["caregiver_child_age_max"] is not None,
        ),
        ("goals", fields["goals"] or not asked),
        ("essential components", fields["essential_components"] or not asked),
        ("delivery settings", fields["delivery_settings"]),
        ("intensity", fields["intensity"] or not asked),
        ("duration", fields["duration"] or not asked),
        ("relevance level", fields["relevance_level"]),
        ("child-welfare outcomes", fields["outcomes"]),
        ("manual", fields["manual_available"] != "not-known" or not asked),
        ("training", fields["training_available"] != "not-known" or not asked),
        ("contact or website", any(fields[name] for name in contact) or not asked),
        ("date of the last research review", fields["research_last_reviewed"]),
        ("rating", fields["rated"] == "current"),
        ("reference", fields["cited"]),
    ]
    return [label for label, is_told in told if not is_told]


def write(catalog):
    """Write a catalog; return what each program was made of, by its slug."""
    now, made, stress = timezone.now(), {}, area()
    for n, fields in enumerate(catalog):
        own = {k: v for k, v in fields.items() if k not in {"ahead", "rated", "cited"}}
        dated = own["status"] in {"published", "retired"}
        program = Program(name=f"P {n}", slug=f"p-{n}", **own)
        if dated:
            ahead = fields["ahead"] if own["status"] == "published" else -1
            program.published_at = now + timedelta(days=ahead)
        program.save()
        if fields["rated"]:
            RatingFactory(
                program=program, topic_area=stress, is_current=fields["rated"] == "current"
            )
        if fields["cited"]:
            StudyFactory(program=program, reference=reference())
        made[program.slug] = fields
    return made


class TestByChance(TestCase):
    @settings(max_examples=10)
    @given(catalogs)
    def test_python_and_database_agree_on_what_a_program_lacks(self, catalog):
        made = write(catalog)
        programs = Program.objects.with_needs().annotate(number=number_missing())

        assert {p.slug: (missing(p), p.number) for p in programs} == {
            slug: (lacks(fields), len(lacks(fields))) for slug, fields in made.items()
        }
        for need in NEEDS:
            assert set(Program.objects.lacking(need).values_list("slug", flat=True)) == {
                slug for slug, fields in made.items() if need.label in lacks(fields)
            }

    @settings(max_examples=10)
    @given(catalogs)
    def test_filters_of_the_list_find_what_they_say(self, catalog):
        made = write(catalog)
        self.client.force_login(staff("Viewers"))

        def listed(query):
            response = self.client.get(f"/admin/catalog/program/?{query}")
            return {program.slug for program in response.context["cl"].result_list}

        def expected(condition):
            return {slug for slug, fields in made.items() if condition(fields)}

        def age(fields):
            return review_age(fields["research_last_reviewed"], timezone.localdate(), 24)

        def stands(fields):
            return fields["status"] != "retired"

        conditions = {
            "status=draft": lambda f: f["status"] == "draft",
            "status=in-review": lambda f: f["status"] == "in-review",
            "status=published": lambda f: f["status"] == "published" and f["ahead"] < 0,
            "status=scheduled": lambda f: f["status"] == "published" and f["ahead"] > 0,
            "status=retired": lambda f: not stands(f),
            "status=merged": lambda f: False,
            "status=unknown": lambda f: True,
            "review=overdue": lambda f: stands(f) and age(f).is_overdue,
            "review=unknown": lambda f: stands(f) and not age(f).when,
            "review=future": lambda f: stands(f) and bool(age(f).when) and not age(f).ago,
            "complete=yes": lambda f: stands(f) and not lacks(f),
            "complete=no": lambda f: stands(f) and bool(lacks(f)),
            "complete=no-goals": lambda f: stands(f) and "goals" in lacks(f),
            "complete=no-rating": lambda f: stands(f) and "rating" in lacks(f),
            "rating=none": lambda f: f["rated"] != "current",
            "area=stress": lambda f: f["rated"] == "current",
        }
        for query, condition in conditions.items():
            assert (query, listed(query)) == (query, expected(condition))

    @given(st.lists(dates, min_size=1, max_size=12))
    def test_what_falls_due_is_what_will_be_overdue(self, reviewed):
        today = timezone.localdate()
        Program.objects.bulk_create(
            Program(name=f"P {n}", slug=f"p-{n}", research_last_reviewed=day)
            for n, day in enumerate(reviewed)
        )

        def found(programs):
            return sorted(programs.values_list("research_last_reviewed", flat=True))

        def beyond(months):
            return sorted(day for day in reviewed if review_age(day, today, months).is_overdue)

        overdue = found(Program.objects.review_overdue())
        due = found(Program.objects.review_due_within(3))
        assert overdue == beyond(24)
        assert sorted(overdue + due) == beyond(21)
