"""Maria, who saves first, and the one whose form is still open."""

import pytest

from ..pages import address, submit


@pytest.fixture
def maria(editor):
    """The one who saves first."""
    editor.first_name, editor.last_name = "Maria", "Lopez"
    editor.save()
    return editor


@pytest.fixture
def other(client, maria):
    """What saves an entry as Maria, while the test's own client has it open."""
    other = type(client)()
    other.force_login(maria)
    return lambda entry, **changes: submit(other, address("change", entry), **changes)


@pytest.fixture
def mine(client, publisher):
    client.force_login(publisher)
    return client
