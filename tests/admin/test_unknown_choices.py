"""What an address of the admin asks for and a list does not have is left out, and that is said."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from catalog.models import Program, Status

from ..factories import ProgramFactory


@pytest.mark.parametrize("query", ["foo=bar", "year_added=abc", "is_nonresponder__exact=abc"])
def test_export_with_an_unknown_filter_says_that_nothing_was_exported(query, root):
    ProgramFactory()
    path = reverse("admin:catalog_program_export")

    response = root.get(f"{path}?{query}")

    assert (response.status_code, response.url) == (302, "/admin/catalog/program/")
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Nothing was exported: the address has a filter that this list does not have."
    ]


def test_export_with_a_known_filter_holds_what_the_list_shows(root):
    ProgramFactory(name="Draft", status=Status.DRAFT)
    ProgramFactory(name="Public")
    path = reverse("admin:catalog_program_export")

    response = root.get(f"{path}?status=draft&p=3&_changelist_filters=foo%3Dbar")

    assert [line.split(",")[1] for line in response.getvalue().decode().splitlines()] == [
        "name",
        "Draft",
    ]


@pytest.mark.parametrize("key", ["abc", "9" * 30, "-1"])
def test_keys_of_no_entry_are_left_out_of_what_is_selected(key, root):
    programs = ProgramFactory.create_batch(2, status=Status.DRAFT)
    path = reverse("admin:catalog_program_changelist")
    sent = {"action": "delete_selected", "_selected_action": [key, programs[0].pk], "post": "yes"}

    root.post(path, sent)

    assert list(Program.objects.all()) == [programs[1]]


def test_selection_of_nothing_that_there_is_changes_nothing_and_says_so(root):
    program = ProgramFactory(status=Status.DRAFT)
    path = reverse("admin:catalog_program_changelist")

    response = root.post(
        path, {"action": "delete_selected", "_selected_action": "abc", "index": "0"}
    )

    assert response.status_code == 302
    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Items must be selected in order to perform actions on them. No items have been changed."
    ]
    assert list(Program.objects.all()) == [program]
