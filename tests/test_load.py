"""The client of ``make load`` against the real pages: it is to notice itself when they change."""

from itertools import cycle

import pytest

from catalog.models import Import, ImportStatus, Program

from .benchmarks.states import addresses
from .factories import ProgramFactory
from .load.addresses import all_of
from .load.client import Load, Person
from .load.results import at_least, at_most, none_of
from .load.site import wait_for

pytestmark = pytest.mark.once


@pytest.fixture
def port(live_server, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    return live_server.thread.port


@pytest.fixture
def person(port, editor):
    editor.set_password(editor.username)
    editor.save()
    return Person(port, editor.username)


def test_person_signs_in_and_saves_imports_and_exports(person):
    program = ProgramFactory(slug="steady-ground", duration="A month")

    answer = person.save(*person.open(program.pk), "A year")
    address = person.upload("load.csv", b"slug,name\nquiet-hours,Quiet Hours")
    person.confirm(address)
    *_, file = person.download("/admin/catalog/program/export/?format=csv")

    assert answer.status == 302
    assert list(Import.objects.values_list("status", flat=True)) == [ImportStatus.DONE]
    saved = list(Program.objects.order_by("slug").values_list("slug", "duration"))
    assert saved == [("quiet-hours", ""), ("steady-ground", "A year")]
    rows = [line.partition(b",")[0] for line in file.content.splitlines()[1:]]
    assert sorted(rows) == [b"quiet-hours", b"steady-ground"]


def test_load_counts_what_is_wrong(port):
    with Load(port, cycle(["/healthz", "/no-such-page/"]), clients=1) as load:
        wait_for(lambda: len(load.answers) > 3, "four answers")

    statuses = [answer.status for answer in load.answers]
    assert set(statuses) == {200, 404}
    assert load.wrong == load.untold == statuses.count(404)


def test_load_knows_an_address_for_every_public_route(seed, client):
    statuses = {address: client.get(address).status_code for address in all_of(addresses())}

    other = {address: status for address, status in statuses.items() if status not in {200, 302}}
    # A day before the catalog was.
    assert {(address.partition("?")[2], other[address]) for address in other} == {
        ("as_of=2020-01-01", 404)
    }
    assert statuses["/programs/ce-cert/"] == 200


@pytest.mark.parametrize(
    ("row", "held"),
    [
        (at_most("", 2, 2, "s"), True),
        (at_most("", 2.1, 2, "s"), False),
        (at_most("", 1, 2, "s", wrong=1), False),
        (at_least("", 70, 70, "%"), True),
        (at_least("", 69, 70, "%"), False),
        (at_least("", 90, 70, "%", wrong=1), False),
        (none_of("", 0, 3), True),
        (none_of("", 1, 3), False),
        (none_of("", 0, 0), False),
    ],
)
def test_budget_is_held_up_to_its_limit_and_without_a_wrong_answer(row, held):
    assert row.held is held
