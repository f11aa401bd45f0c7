"""Signs of life are a hint: without a cache that works there is none, and no page is lost or late for it."""

import re

import pytest
from django.core.cache import caches
from django.urls import reverse

from catalog.admin.entry_form import presence
from catalog.models import Program

from ..factories import ProgramFactory, UserFactory
from .pages import fields_of

pytestmark = pytest.mark.once


@pytest.fixture
def program(editor_client):
    return ProgramFactory()


@pytest.fixture
def somebody(program):
    user = UserFactory(first_name="Maria", last_name="Lopez")
    presence.enter(program, user)
    return user


def line(client, program):
    page = client.get(reverse("admin:catalog_program_change", args=[program.pk]))
    return re.search(r'<p id="presence"[^>]*>(.*?)</p>', page.content.decode())[1]


def beat(client, program):
    return client.post(reverse("admin:catalog_program_presence", args=[program.pk])).json()


def unusable_folder(settings, tmp_path):
    """A file stands where the folder of the cache would be; root, too, can make none there."""
    (tmp_path / "file").write_text("")
    shared = {**settings.CACHES["shared"], "LOCATION": str(tmp_path / "file" / "shared")}
    settings.CACHES = {**settings.CACHES, "shared": shared}


def test_page_is_shown_where_the_cache_has_no_folder(editor_client, program, settings, tmp_path):
    unusable_folder(settings, tmp_path)

    assert line(editor_client, program) == ""
    assert "has had" not in beat(editor_client, program)["line"]


def test_entry_is_saved_where_the_cache_has_no_folder(editor_client, settings, tmp_path):
    program = ProgramFactory(name="Before")
    unusable_folder(settings, tmp_path)
    path = reverse("admin:catalog_program_change", args=[program.pk])
    sent = fields_of(editor_client.get(path))

    response = editor_client.post(path, {**sent, "name": "After"})

    assert response.status_code == 302
    assert Program.objects.get().name == "After"


@pytest.mark.parametrize("content", [b"", b"not pickled", b"\x80\x05ccatalog.gone\nEditor\n."])
def test_file_that_cannot_be_read_counts_as_nobody(content, editor_client, program, somebody):
    cache = caches["shared"]
    file = cache._key_to_file(presence.key_of(program))
    assert line(editor_client, program).startswith("Maria Lopez has had this entry open since ")
    with open(file, "r+b") as kept:  # noqa: PTH123
        kept.truncate(0)
        kept.write(content)

    assert line(editor_client, program) == ""


@pytest.mark.parametrize("value", [[1, 2], "text", {"a": 1}, {1: ("Maria", "now")}, {1: None}, 7])
def test_value_of_another_shape_counts_as_nobody(value, editor_client, program):
    caches["shared"].set(presence.key_of(program), value)

    assert line(editor_client, program) == ""
    assert "has had" not in beat(editor_client, program)["line"]


def test_only_plain_values_are_kept(program, somebody):
    kept = caches["shared"].get(presence.key_of(program))

    assert {type(part) for part in (kept, *kept, *kept.values())} == {dict, int, tuple}
    assert kept[somebody.pk][0] == "Maria Lopez"
