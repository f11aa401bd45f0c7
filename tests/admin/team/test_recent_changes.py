"""Recent changes: who changed what, when and by which import, a page at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.admin.team.recent_changes import PER_PAGE, UNKNOWN
from catalog.history.recent import Place, Wanted, recent_page
from catalog.importing import jobs
from catalog.models import (
    Import,
    Program,
    Proposal,
    Rating,
    Reference,
    Study,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.models.history import one_save

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
from ...pages import read
from ..pages import address, text_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/recent-changes/"
MODELS = [Program, TopicArea, Reference, TopicExpert, Term]


def save(entry, user, reason="", **fields):
    """Save an entry in somebody's name."""
    entry._history_user, entry._change_reason = user, reason
    for name, value in fields.items():
        setattr(entry, name, value)
    entry.save()
    return entry


def changes(response):
    """Return the changes on a page: what each is about, what happened, and who did it."""
    found = []
    for item in read(response).main.all("li"):
        if not item.all("h3"):
            continue
        events = [part.text for part in item.all("summary")]
        events += [part.text for part in item.all("p") if not part.attributes and not part.links]
        found.append((item.one("h3").text, events, item.one("b").text))
    return found


# --- What it tells


@pytest.mark.once
def test_changes_of_every_kind_stand_in_one_list_the_latest_first(mine, ann, bob):
    with one_save():
        program = save(ProgramFactory.build(name="Calm"), bob)
    save(TermFactory.build(name="Usual care"), ann)
    area = save(TopicAreaFactory.build(name="Stress"), None)
    with one_save():
        save(RatingFactory.build(program=program, topic_area=area), bob)
    with one_save():
        save(program, ann, "They wrote to us.", goals="Rest.", acronym="C")
    proposal = Proposal(program=program)
    proposal._history_user, proposal._change_reason = ann, "Proposed"
    proposal.save()

    page = mine.get(PAGE)

    assert changes(page) == [
        ("Calm Proposal", ["Proposal: Proposed"], "Ann Example"),
        ("Calm Program", ["Acronym and goals changed"], "Ann Example"),
        ("Calm Program", ["Rated in Stress: 3"], "Bob Example"),
        ("Stress Topic area", ["Added", "Published"], "Somebody"),
        ("Usual care Term", ["Added"], "Ann Example"),
        ("Calm Program", ["Added", "Published"], "Bob Example"),
    ]
    assert read(page).section("Today").all("li")[1].facts == {
        "Acronym": "blank → [added: C]",
        "Goals": "blank → [added: Rest.]",
    }
    assert "Why: They wrote to us." in text_of(page)
    links = [link for _, link in read(page).section("Today").all("li")[1].links]
    assert links == [
        address("change", program),
        address("simple_history", program, program.history.first().pk),
    ]


@pytest.mark.once
def test_deleted_entry_leads_to_its_history(mine, ann):
    program = ProgramFactory(name="Gone")
    key = program.pk
    program._history_user = ann
    program.delete()

    page = mine.get(PAGE)

    assert changes(page)[0] == ("Gone (deleted) Program", ["Deleted"], "Ann Example")
    link = read(page).section("Today").all("li")[0].links[0]
    assert link == ("Gone (deleted)", f"/admin/catalog/program/{key}/history/")


@pytest.mark.once
def test_import_is_one_change_that_leads_to_each_of_its_changes(mine, ann):
    record = jobs.receive("programs", ContentFile(b"name\nOne\nTwo\n", "new.csv"), user=ann)
    jobs.check_soon(record)
    record.refresh_from_db()
    jobs.confirm(record)

    page = mine.get(PAGE)
    each = mine.get(PAGE, {"source": record.pk})

    assert changes(page) == [("new.csv Import", ["Imported: 2 new"], "Ann Example")]
    links = [link for _, link in read(page).section("Today").links]
    assert links == [record.get_absolute_url(), f"?source={record.pk}"]
    assert sorted(changes(each)) == [
        ("One Program", ["Added"], "Ann Example"),
        ("Two Program", ["Added"], "Ann Example"),
    ]
    assert "Import of new.csv" in text_of(each)


@pytest.mark.once
def test_changes_are_filtered_by_person_and_kind(mine, ann, bob):
    save(ProgramFactory.build(name="Ann's"), ann)
    save(ProgramFactory.build(name="Bob's"), bob)
    save(TermFactory.build(name="Term"), ann)
    Import.objects.create(
        kind="programs", file_name="b.csv", user=bob, status="done", finished_at=timezone.now()
    )

    def found(**query):
        return [name for name, *_ in changes(mine.get(PAGE, query))]

    assert found(person=ann.pk) == ["Term Term", "Ann's Program"]
    assert found(person=bob.pk) == ["b.csv Import", "Bob's Program"]
    assert found(kind="term") == ["Term Term"]
    assert found(kind="program", person=ann.pk) == ["Ann's Program"]
    assert "There are no changes like that." in text_of(mine.get(PAGE, {"kind": "reference"}))


@pytest.mark.once
def test_filter_that_is_not_understood_is_left_out_and_said(mine, ann):
    save(TermFactory.build(name="Term"), ann)

    page = mine.get(PAGE, {"person": "9" * 30, "kind": "song", "source": "7"})

    assert [name for name, *_ in changes(page)] == ["Term Term"]
    assert text_of(page).count(UNKNOWN) == 3


# --- Who reads what


@pytest.mark.once
def test_what_somebody_may_not_read_is_left_out(client, ann):
    user = UserFactory(is_staff=True)
    codenames = ["view_program", "view_term"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    with one_save():
        rating = save(
            RatingFactory.build(program=ProgramFactory(), topic_area=TopicAreaFactory()), ann
        )
    save(TermFactory.build(name="Term"), ann)
    Proposal.objects.create(topic_area=rating.topic_area)
    Import.objects.create(
        kind="references", file_name="r.csv", status="done", finished_at=timezone.now()
    )
    client.force_login(user)

    page = client.get(PAGE)

    assert [name for name, *_ in changes(page)] == ["Term Term", f"{rating.program} Program"]
    choices = [option.text for option in read(page).one("select", name="kind").all("option")]
    assert choices == ["All entries", "Programs", "Glossary terms"]


@pytest.mark.once
def test_who_reads_no_entries_has_no_page(client):
    client.force_login(UserFactory(is_staff=True))

    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()


@pytest.mark.once
def test_desk_and_menu_lead_there(mine):
    links = [href for _, href in read(mine.get("/admin/")).links]

    assert links.count(PAGE) >= 2


# --- Pages


def walked(wanted, number):
    """Return the changes of all pages, from the latest to the first, and back."""
    down, page = [], recent_page(wanted, number)
    pages = [page]
    while page.older:
        page = recent_page(wanted, number, before=page.older)
        pages.append(page)
    down = [described(page) for page in pages]
    up = [down[-1]]
    while page.newer:
        page = recent_page(wanted, number, after=page.newer)
        up.append(described(page))
    return down, up


def described(page):
    return [
        (change.name, tuple(e.headline for e in change.item.events), change.item.when)
        for change in page.changes
    ]


@pytest.mark.alike(1)
@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_pages_hold_every_change_once_whatever_their_size(number):
    """Also where one moment has many records, and where a save lies on either side of the end of a page."""
    then = datetime(2026, 3, 1, 12, tzinfo=UTC)
    area = TopicAreaFactory(name="Area")
    for n in range(4):
        with one_save():
            program = ProgramFactory(name=f"P{n}")
            RatingFactory(program=program, topic_area=area)
            StudyFactory(program=program)
    for model in (Program, Rating, TopicArea, Study, Reference):
        model.history.update(history_date=then)
    for n in range(3):
        TermFactory(name=f"T{n}")
    Proposal.objects.create(term=Term.objects.first())
    Import.objects.create(kind="programs", file_name="a.csv", status="done", finished_at=then)
    everything = described(recent_page(Wanted(MODELS), 1_000))

    down, up = walked(Wanted(MODELS), number)

    assert [change for page in down for change in page] == everything
    # 4 programs with their ratings and references, as many references, an area, 3 terms, a proposal, an import.
    assert len(everything) == 14
    back = [change for page in reversed(up) for change in page]
    assert back[-len(everything) :] == everything


@pytest.mark.once
def test_page_costs_as_many_queries_for_many_changes_as_for_few(mine, ann):
    def live(number):
        for _ in range(number):
            with one_save():
                program = save(ProgramFactory.build(), ann)
                area = TopicAreaFactory()
                area.experts.add(TopicExpertFactory())
                save(RatingFactory.build(program=program, topic_area=area), ann)
                save(StudyFactory.build(program=program, reference=ReferenceFactory()), ann)
                Proposal.objects.create(program=program)
            TermFactory()
        Import.objects.create(
            kind="programs", file_name="a", status="done", finished_at=timezone.now()
        )

    def queries():
        with CaptureQueriesContext(connection) as found:
            page = mine.get(PAGE)
        return len(found), len(changes(page))

    live(1)
    queries()
    few, shown = queries()
    live(20)
    many, more = queries()

    assert (few, many) == (few, few)
    # Three for each kind of row of a program, one for pages, and one for the name of the site.
    assert few <= 74
    assert shown < more <= PER_PAGE


@pytest.mark.once
def test_links_lead_to_older_changes_and_back_under_the_same_filter(mine, ann, bob):
    for n in range(PER_PAGE + 5):
        save(TermFactory.build(name=f"T{n:02}"), ann)
        save(ProgramFactory.build(), bob)
    first = mine.get(PAGE, {"person": ann.pk})

    def follow(response, words):
        links = dict(read(response).one("nav", aria_label="Pages of changes").links)
        return mine.get(PAGE + links[words])

    older = follow(first, "Older changes")
    newer = follow(older, "Newer changes")

    assert [name for name, *_ in changes(older)] == [f"T{n:02} Term" for n in range(4, -1, -1)]
    assert changes(newer) == changes(first)
    assert changes(follow(older, "The latest")) == changes(first)


@pytest.mark.once
@pytest.mark.parametrize(
    "place",
    [
        Place(datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC), 3, 10**17),
        Place(datetime(1970, 1, 1, tzinfo=UTC), 0, 1),
        Place(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=10**17 - 1), 99, 1),
    ],
)
def test_place_is_read_as_it_was_written(place):
    assert Place.read(str(place)) == place


@pytest.mark.once
@pytest.mark.parametrize("text", ["", "x", "1.2", "-1.2.3", "1.2.3\n", "٣.1.1", f"{10**17}.1.1"])
def test_other_text_is_no_place(text):
    assert Place.read(text) is None
