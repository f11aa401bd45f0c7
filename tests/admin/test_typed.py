"""What a browser has kept of a form: it is told when that is saved, and by no other answer."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Program, Reference, Status, Term

from ..factories import ProgramFactory, ReferenceFactory, TermFactory
from ..pages import read
from .pages import BrowserForm, address

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PAGE = "17959009107067135"


def send(client, path, **typed):
    """Send a form, as the page that has this number, with what is typed."""
    form = BrowserForm(client.get(path)).data
    return client.post(path, {**form, "typed": PAGE, **typed})


def forgotten(response):
    """The page whose texts the browser is to forget; None where it keeps them."""
    return response.cookies["saved"].value if "saved" in response.cookies else None


@pytest.mark.parametrize("button", ["_save", "_continue", "_addanother"])
def test_texts_of_what_is_saved_are_forgotten(editor_client, button):
    program = ProgramFactory(status=Status.DRAFT)

    changed = send(editor_client, address("change", program), goals="Sleep.", **{button: "1"})
    added = send(editor_client, address("add", Program), name="New", **{button: "1"})

    assert (changed.status_code, added.status_code) == (302, 302)
    assert (forgotten(changed), forgotten(added)) == (PAGE, PAGE)
    cookie = changed.cookies["saved"]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/admin/", "Lax", "")


def test_texts_that_are_proposed_are_forgotten(client, writer):
    client.force_login(writer)
    term = TermFactory()

    first, again = (
        send(client, address("change", term), definition="Better.", _propose="1") for _ in range(2)
    )

    assert Term.objects.get().definition != "Better."
    assert (forgotten(first), forgotten(again)) == (PAGE, PAGE)


def test_texts_of_a_window_beside_the_form_are_forgotten(editor_client):
    path = f"{address('add', Reference)}?_popup=1"

    answer = send(editor_client, path, title="A title", authors="Bride, B. E.", _popup="1")

    assert (answer.status_code, Reference.objects.count()) == (200, 1)
    assert forgotten(answer) == PAGE


def test_mistakes_keep_the_texts_under_the_number_of_the_page(editor_client):
    answer = send(editor_client, address("change", ProgramFactory()), name="")

    assert (answer.status_code, forgotten(answer)) == (200, None)
    assert BrowserForm(answer).data["typed"] == [PAGE]


def test_what_was_changed_by_others_keeps_the_texts(editor_client):
    program = ProgramFactory(goals="Before.")
    form = BrowserForm(editor_client.get(address("change", program))).data
    program.goals = "Theirs."
    program.save()

    answer = editor_client.post(
        address("change", program), {**form, "typed": PAGE, "goals": "Mine."}
    )

    assert (answer.status_code, forgotten(answer)) == (200, None)


@pytest.mark.alike(3)
@pytest.mark.parametrize("number", ["", "abc", "9" * 30, "1; path=/", "-1", "\0", "<b>"])
def test_odd_number_is_ignored(editor_client, number):
    program = ProgramFactory()

    refused = send(editor_client, address("change", program), typed=number, name="")
    saved = send(editor_client, address("change", program), typed=number)

    assert BrowserForm(refused).data["typed"] == [""]
    assert (saved.status_code, forgotten(saved)) == (302, None)


def person(response):
    (meta,) = read(response).all("meta", name="person")
    return meta.attributes["content"]


def test_pages_name_whose_texts_may_be_kept(client, editor):
    ReferenceFactory()
    assert person(client.get(reverse("admin:login"))) == ""

    client.force_login(editor)
    assert person(client.get(address("changelist", Reference))) == str(editor.pk)
    # Nobody's: the script throws away what it finds.
    assert person(client.post(reverse("admin:logout"))) == "nobody"


def test_who_only_reads_has_nothing_to_keep(client, editor):
    editor.user_permissions.set(Permission.objects.filter(codename="view_term"))
    client.force_login(editor)

    form = BrowserForm(client.get(address("change", TermFactory()))).data

    assert set(form) <= {"csrfmiddlewaretoken"}
