"""The pages of a history and of one version: what they show, cost and refuse."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Program, Rating, Status, Study
from catalog.models.history import one_save

from ...factories import (
    ProgramFactory,
    ReferenceFactory,
    TermFactory,
    TopicAreaFactory,
    UserFactory,
)
from .versions import BEFORE, LONG_AGO, VERSION, address, compared, days_of, main_of, on, told

pytestmark = [pytest.mark.django_db, pytest.mark.once]


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
        "Public": "Yes",
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
            rating = Rating(program=program, topic_area=area, scientific_rating="3")
            study = Study(program=program, reference=reference)
            with one_save():
                on(when, program, editor, goals=f"{day}")
                on(when, rating, editor, rated_on=f"{1900 + day}")
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
        f"<b>Mal </b> 5:05 PM {VERSION.format(3)}",
    ]
    assert compared(then) == {
        "Name": ("Calm", f"[removed: Calm] → [added: {HOSTILE}]"),
        "Definition": ("a b c d e f g", f"a b c d e f g [added: {HOSTILE}]"),
    }
    assert now.h1 == "As it stood on March 3, 2020, 5:05 PM"
    assert now.section("What is as it was").facts["Definition"] == definition


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

    assert main.h1 == "As it stood on March 2, 2020, 5:05 PM"
    assert main.all("p")[0].text == "Saved by editor on March 2, 2020, 5:05 PM: First draft"
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
        "Logic model": "Not known",
        "Pre-implementation materials": "Not known",
        "Formal support": "Not known",
        "Fidelity measures": "Not known",
        "Implementation guides or manuals": "Not known",
        "Research on how to implement it": "Not known",
        "Nonresponder": "No",
    }
    reason = main.one("form").one("input", name="reason")
    assert reason.attributes["value"] == "Returned to the version of March 2, 2020, 5:05 PM"


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


def test_addresses_of_versions_take_no_form_of_the_entry(editor_client):
    program = on(LONG_AGO, ProgramFactory.build(goals="Then"))
    version = program.history.get()
    path = address("simple_history", program, version.pk)

    assert editor_client.post(path, {"goals": "Overwritten", "_save": "1"}).status_code == 405
    assert editor_client.get(f"{path}return/").status_code == 405
    assert program.history.count() == 1
