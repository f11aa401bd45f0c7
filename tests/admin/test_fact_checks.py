"""Fact checks in the admin: asking for one, what was answered, and where it waits until somebody deals with it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.admin.desk.lines import SHOWN
from catalog.editorial.fact_checks import SectionAnswer, page_version, receive
from catalog.editorial.proposals.changes import propose
from catalog.models import FactCheck, Program, Proposal, Status

from ..conftest import StrictClient
from ..factories import ProgramFactory, UserFactory
from ..pages import read
from .pages import address, fields_of, said
from .test_desk import sections_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]

NOW = timezone.now()
WISH = SectionAnswer("about", "change", "It is for fathers too.")
RIGHT = SectionAnswer("goals", "right", "")
DATE = "Date “content last reviewed by the program” to "


def check_of(program, **fields):
    dates = {"created_at": NOW - timedelta(days=1), "expires_at": NOW + timedelta(days=9)}
    return program.fact_checks.create(**{"sent_to": "Ada Lovelace", **dates, **fields})


def answered(program, *answers, name="Ada", **fields):
    check = check_of(program, **fields)
    seen = page_version(program, None)
    receive(check, answers or (RIGHT, WISH), name=name, address="192.0.2.7", seen=seen)
    check.refresh_from_db()
    return check


@pytest.fixture
def program():
    return ProgramFactory(name="Calm Corners", goals="Rest.")


@pytest.fixture
def page(program):
    return address("fact_checks", program)


def checks_on(response):
    """Return the fact checks that the page lists: each one's words, addresses and buttons."""
    found = {}
    for section in read(response).main.all("section"):
        buttons = [button.text for button in section.all("button")]
        found[section.one("h3").text] = (section.text, [a for _, a in section.links], buttons)
    return found


# --- Asking, and closing


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.DRAFT])
def test_editor_makes_an_address_and_closes_it(editor_client, editor, status):
    program = ProgramFactory(status=status)
    page = address("fact_checks", program)

    response = editor_client.post(page, {"sent_to": " Ada \n Lovelace", "days": "30"})

    check = program.fact_checks.get()
    (found,) = checks_on(editor_client.get(response["Location"])).values()
    assert (check.sent_to, check.created_by) == ("Ada Lovelace", editor)
    assert check.expires_at - check.created_at == timedelta(days=30)
    assert found[1:] == ([f"http://testserver{check.get_absolute_url()}"], ["Close this address"])
    assert StrictClient().get(found[1][0]).status_code == 200

    editor_client.post(page, {"revoke": str(check.pk)})

    check.refresh_from_db()
    (found,) = checks_on(editor_client.get(page)).values()
    assert check.revoked_at is not None
    assert found[1:] == ([], [])
    assert StrictClient().get(check.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"sent_to": "Ada", "days": "9999"}, "Ada"),
        ({"sent_to": "Ada", "days": "x"}, "Ada"),
        ({"sent_to": " \u200b ", "days": "7"}, "\u200b"),
        ({"sent_to": "x" * 201, "days": "7"}, "x" * 201),
        ({"sent_to": "a\0b", "days": "7"}, "a\0b"),
        ({"days": "7"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(editor_client, page, sent, kept):
    response = editor_client.post(page, sent)

    assert b"No address was made yet" in response.content
    assert len(read(response).all("ul", class_="errorlist")) == 1
    assert fields_of(response)["sent_to"][0].strip() == kept
    assert not FactCheck.objects.exists()


@pytest.mark.parametrize("action", ["revoke", "settle", "date"])
@pytest.mark.parametrize("key", ["", "x", "0", "9" * 60, "9" * 5_000, "٣", "other"])
def test_fact_check_that_is_not_of_the_program_is_none(editor_client, page, action, key):
    other = answered(ProgramFactory())
    sent = {action: str(other.pk) if key == "other" else key, "seen": "x"}

    response = editor_client.post(page, sent, follow=True)

    assert said(response) == ["There is no such fact check of this program."]
    other.refresh_from_db()
    assert (other.revoked_at, other.is_unsettled) == (None, True)


def test_retired_program_is_asked_about_no_more(editor_client, program, page):
    answered(program)
    Program.objects.update(status=Status.RETIRED, retired_at=NOW)

    editor_client.post(page, {"sent_to": "Ada", "days": "7"})

    response = editor_client.get(page)
    (found,) = checks_on(response).values()
    assert b"there is nothing to check any more" in response.content
    assert "Ended." in found[0]
    assert found[1:] == ([], ["Dealt with"])
    assert program.fact_checks.count() == 1
    form = editor_client.get(address("change", program))
    assert b"Ask for a fact check" not in form.content


def test_answers_of_a_merged_program_can_be_dealt_with(editor_client, program, page):
    check = answered(program)
    survivor = ProgramFactory()
    Program.objects.filter(pk=program.pk).update(
        status=Status.RETIRED, retired_at=NOW, merged_into=survivor
    )

    editor_client.post(page, {"settle": check.pk, "seen": check.answered_at.isoformat()})

    check.refresh_from_db()
    assert not check.is_unsettled


# --- What was answered


def test_page_says_how_it_stands_with_each_fact_check(editor_client, program, page):
    check_of(program, sent_to="Open")
    check_of(program, sent_to="Expired", expires_at=NOW - timedelta(hours=1))
    check_of(program, sent_to="Closed", revoked_at=NOW)
    answered(program, sent_to="Answered")

    found = checks_on(editor_client.get(page))

    assert "Not answered yet. Open until " in found["Open"][0]
    assert "Not answered. Ended on " in found["Expired"][0]
    assert "Not answered. Closed on " in found["Closed"][0]
    text = found["Answered"][0]
    assert "1 of 2 sections: please change" in text
    assert "About the program Please change: It is for fathers too." in text
    assert "Right, without a remark: Goals." in text
    assert "The page has changed since" not in text


def test_answers_to_what_has_changed_since_say_so(editor_client, program, page):
    answered(program)
    program.goals = "Sleep."
    program.save()

    (found,) = checks_on(editor_client.get(page)).values()

    assert "The page has changed since: the answers are about what it said then." in found[0]


def test_one_press_dates_the_program(editor_client, editor, program, page):
    check = answered(program)
    (found,) = checks_on(editor_client.get(page)).values()
    day = timezone.localdate(check.answered_at)

    response = editor_client.post(
        page, {"date": check.pk, "seen": check.answered_at.isoformat()}, follow=True
    )

    program.refresh_from_db()
    last = program.history.latest()
    assert found[2][0].startswith(DATE)
    assert program.content_last_reviewed == str(day)
    assert (last.history_user, last.history_change_reason) == (editor, "Fact check by Ada")
    assert said(response) == [
        "“Content last reviewed by the program” is dated, and the answers are marked as dealt with."
    ]
    (found,) = checks_on(response).values()
    assert "Dealt with on" in found[0]
    assert found[2] == ["Close this address"]


def test_who_may_not_publish_proposes_the_date(client, writer, program, page):
    check = answered(program)
    client.force_login(writer)
    (found,) = checks_on(client.get(page)).values()

    client.post(page, {"date": check.pk, "seen": check.answered_at.isoformat()})

    program.refresh_from_db()
    assert found[2][0].startswith("Propose to date “content last reviewed by the program” to ")
    assert program.content_last_reviewed == ""
    assert Proposal.objects.get().changes.keys() == {"content_last_reviewed"}


@pytest.mark.parametrize("seen", ["", "x", "2020-01-01T00:00:00+00:00", "9" * 5_000])
@pytest.mark.parametrize("action", ["settle", "date"])
def test_answers_that_nobody_has_read_stay(editor_client, program, page, action, seen):
    check = answered(program)

    response = editor_client.post(page, {action: check.pk, "seen": seen}, follow=True)

    check.refresh_from_db()
    (sentence,) = said(response)
    assert sentence.startswith("The representative has answered again since you opened this page.")
    assert check.is_unsettled


def test_page_costs_the_same_for_one_fact_check_and_three(editor_client, program, page):
    costs = []
    for _ in range(2):
        answered(program)
        editor_client.get(page)
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(page)
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_who_may_only_read_sees_answers_at_the_proposal_alone(client, viewer, program, page):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=UserFactory())
    answered(program)
    client.force_login(viewer)

    section = read(client.get(proposal.get_absolute_url())).section("What the representative says")

    assert "About the program Please change: It is for fathers too." in section.text
    assert section.links == []
    assert client.get(page).status_code == 403
    assert client.post(page, {"sent_to": "Ada", "days": "7"}).status_code == 403
    assert b"Ask for a fact check" not in client.get(address("change", program)).content


def test_proposal_leads_editors_to_the_answers(editor_client, program, page):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=UserFactory())
    nothing_said = read(editor_client.get(proposal.get_absolute_url()))
    answered(program)

    section = read(editor_client.get(proposal.get_absolute_url())).section(
        "What the representative says"
    )

    assert "What the representative says" not in nothing_said.text
    assert [href for _, href in section.links] == [page]


# --- On the desk


def test_answers_wait_on_the_desk_the_oldest_first_until_dealt_with(client, publisher):
    for name in ("Second", "First", "Done", "Not answered"):
        check = check_of(ProgramFactory(name=name), sent_to=name)
        if name != "Not answered":
            receive(check, [RIGHT, WISH], name="Ada", address="192.0.2.7", seen="")
    FactCheck.objects.filter(sent_to="First").update(answered_at=NOW - timedelta(hours=2))
    FactCheck.objects.filter(sent_to="Done").update(settled_at=NOW)

    section = sections_of(client, publisher)["Fact checks answered 2"]

    lines = [(item.text.partition(". ")[0], *item.links[0][1:]) for item in section.all("li")]
    assert lines == [
        (f"{name} 1 of 2 sections: please change", address("fact_checks", program))
        for name in ("First", "Second")
        for program in [Program.objects.get(name=name)]
    ]


def test_who_may_change_no_program_has_no_answers_on_the_desk(client, viewer, program):
    answered(program)

    assert [name for name in sections_of(client, viewer) if name.startswith("Fact")] == []


def test_desk_costs_the_same_for_many_answers(client, publisher):
    client.force_login(publisher)
    costs = []
    for number in (1, SHOWN + 2):
        for _ in range(number):
            answered(ProgramFactory())
        client.get("/admin/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        costs.append(len(queries))

    assert costs[0] == costs[1]
