"""Whoever guesses passwords has to wait, and keeps nobody else from the site."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.utils import timezone

from catalog.management.commands.db_worker import clean_up

from ..conftest import StrictClient
from ..factories import UserFactory
from ..pages import read
from .pages import fields_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.3"
RIGHT = "a secret of ann's"
TOO_MANY = (
    "Too many attempts to log in with this user name or from your network have failed. "
    "Wait {}, then log in again."
)
BUSY = "Another sign-in from your network is being checked. Wait a moment, then log in again."


class Hasher(MD5PasswordHasher):
    """A quick one, which tells what it was given, and lets something happen meanwhile."""

    given = []
    meanwhile = []

    def encode(self, password, salt):
        self.given.append(password)
        while self.meanwhile:
            self.meanwhile.pop()()
        return super().encode(password, salt)


@pytest.fixture
def hashed(settings, monkeypatch):
    """The passwords that were hashed."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Hasher"]
    monkeypatch.setattr(Hasher, "given", [])
    monkeypatch.setattr(Hasher, "meanwhile", [])
    return Hasher.given


@pytest.fixture
def ann(db):
    user = UserFactory(username="ann", is_staff=True)
    user.set_password(RIGHT)
    user.save()
    return user


def sign_in(name="ann", password=RIGHT, address=HERE):
    """Send the form, after a rest."""
    rest()
    return send(name, password, address)


def send(name, password, address):
    sent = {"username": name, "password": password, "next": "/admin/"}
    return StrictClient(REMOTE_ADDR=address).post("/admin/login/", sent)


def fail(times, name="ann", address=HERE):
    return [sign_in(name, "wrong", address).status_code for _ in range(times)]


def rest():
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(seconds=31))


def pass_time(minutes):
    for failure in AccessFailureLog.objects.all():
        then = failure.attempt_time - timedelta(minutes=minutes)
        AccessFailureLog.objects.filter(pk=failure.pk).update(attempt_time=then)


def alerts(page):
    return [alert.text for alert in read(page).main.all(role="alert")]


# --- An account


def test_account_waits_after_five_failures_even_with_the_right_password(ann, hashed):
    assert fail(5) == [200] * 5
    pass_time(minutes=3)
    hashed.clear()

    page = sign_in(address=ELSEWHERE)

    assert (page.status_code, hashed) == (429, [])
    assert alerts(page) == [TOO_MANY.format("12 minutes")]
    assert 710 <= int(page["Retry-After"]) <= 720
    assert fields_of(page)["username"] == ["ann"]
    assert RIGHT not in page.content.decode()


def test_waiting_ends_however_often_somebody_tries_meanwhile(ann):
    fail(5)
    pass_time(minutes=14)
    assert alerts(sign_in()) == [TOO_MANY.format("1 minute")]

    pass_time(minutes=1)

    assert sign_in().status_code == 302


def test_success_forgets_the_failures_of_this_account_alone(ann):
    fail(4)
    fail(2, name="ben")
    assert sign_in().status_code == 302

    assert set(AccessFailureLog.objects.values_list("username", flat=True)) == {"ben"}


def test_unknown_account_is_answered_like_a_known_one(ann, hashed):
    answers = {}
    for name in ("ann", "bob"):
        hashed.clear()
        pages = [sign_in(name, "wrong") for _ in range(6)]
        told = [read(page).main.text.replace(name, "NAME") for page in pages]
        answers[name] = [page.status_code for page in pages], told, len(hashed)

    assert answers["ann"] == answers["bob"]
    assert answers["ann"][0] == [200] * 5 + [429]


def test_right_password_of_somebody_who_is_no_staff_is_a_failure(ann):
    ann.is_staff = False
    ann.save()
    sign_in()
    assert AccessAttempt.objects.get().ip_address == HERE, "it rests as after a wrong one"
    AccessFailureLog.objects.all().delete()

    assert [sign_in().status_code for _ in range(6)] == [200] * 5 + [429]


def test_names_are_told_apart_as_accounts_are(ann):
    fail(5, name="Ann")

    assert sign_in().status_code == 302


def test_account_can_be_let_in_by_a_command(ann):
    fail(5)

    call_command("axes_reset_username", "ann", stdout=StringIO())

    assert sign_in().status_code == 302


# --- An address


def test_address_waits_after_its_own_number_of_failures(ann, settings, hashed):
    settings.SIGN_IN_ADDRESS_LIMIT = 7
    for number in range(7):
        fail(1, name=f"guess-{number}")
    hashed.clear()

    assert (sign_in().status_code, hashed) == (429, [])
    assert sign_in(address=ELSEWHERE).status_code == 302


@pytest.mark.parametrize(
    ("address", "status"), [("2001:db8::9:1", 429), ("2001:db8:0:1::9", 302), (HERE, 302)]
)
def test_network_of_ipv6_is_one_address(ann, settings, address, status):
    settings.SIGN_IN_ADDRESS_LIMIT = 2
    fail(1, name="ben", address="2001:db8::1")
    fail(1, name="bob", address="2001:db8::2")

    assert sign_in(address=address).status_code == status


@pytest.mark.parametrize("name", ["ACCOUNT", "ADDRESS"])
def test_zero_is_no_limit(ann, settings, name):
    settings.SIGN_IN_ACCOUNT_LIMIT = settings.SIGN_IN_ADDRESS_LIMIT = 2
    setattr(settings, f"SIGN_IN_{name}_LIMIT", 0)

    assert [*fail(2), sign_in().status_code] == [200, 200, 429]


def test_one_password_of_an_address_is_hashed_at_a_time(ann, hashed):
    pages = {}

    def meanwhile():
        pages[HERE] = send("ben", "second", HERE)
        pages[ELSEWHERE] = send("ben", "third", ELSEWHERE)

    Hasher.meanwhile.append(meanwhile)

    assert sign_in(password="first").status_code == 200
    assert hashed == ["first", "third"]
    assert (pages[HERE].status_code, pages[HERE]["Retry-After"]) == (429, "1")
    assert alerts(pages[HERE]) == [BUSY]
    assert fields_of(pages[HERE])["username"] == ["ben"]
    assert pages[ELSEWHERE].status_code == 200


def test_address_rests_for_twice_as_long_as_a_check_took(ann, hashed):
    Hasher.meanwhile.append(lambda: time.sleep(0.1))
    begun = timezone.now()
    fail(1)
    ended = timezone.now()

    rested = AccessAttempt.objects.get().attempt_time + timedelta(seconds=30)

    assert begun + 3 * timedelta(seconds=0.1) < rested < ended + 2 * (ended - begun)
    assert sign_in().status_code == 302
    assert list(AccessAttempt.objects.all()) == []


def test_check_that_died_keeps_nobody_out_for_long(ann):
    AccessAttempt.objects.create(username="", ip_address=HERE, failures_since_start=0)
    assert send("ann", RIGHT, HERE).status_code == 429

    rest()

    assert send("ann", RIGHT, HERE).status_code == 302


# --- What is kept


def test_nothing_is_stored_but_account_address_and_moment(ann):
    before = timezone.now()
    agent = {"User-Agent": "Browser", "Accept": "text/html"}
    StrictClient(headers=agent, REMOTE_ADDR=HERE).post(
        "/admin/login/?next=/admin/", {"username": "ann", "password": "wrong", "more": "x"}
    )

    (stored,) = AccessFailureLog.objects.values()
    assert before < stored["attempt_time"] < timezone.now()
    assert {key: value for key, value in stored.items() if value} == {
        "id": stored["id"],
        "attempt_time": stored["attempt_time"],
        "username": "ann",
        "ip_address": HERE,
    }


def test_worker_deletes_what_no_longer_counts(ann):
    fail(1)
    pass_time(minutes=15)
    fail(1, name="ben")
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15))

    clean_up()

    assert [failure.username for failure in AccessFailureLog.objects.all()] == ["ben"]
    assert list(AccessAttempt.objects.all()) == []


def test_each_attempt_is_one_line_of_the_log_whatever_the_name(ann, caplog):
    caplog.set_level("INFO")
    fail(1, name="ann\u202e\nSign-in of root")
    fail(5)
    sign_in()
    sign_in(address=ELSEWHERE)
    pass_time(minutes=15)
    sign_in()

    lines = [
        r"Sign-in of 'ann\u202e\nSign-in of root' from 192.0.2.7 failed",
        *["Sign-in of 'ann' from 192.0.2.7 failed"] * 5,
        f"Sign-in of 'ann' from 192.0.2.7 refused: {TOO_MANY.format('15 minutes')}",
        f"Sign-in of 'ann' from 198.51.100.3 refused: {TOO_MANY.format('15 minutes')}",
        "Sign-in of 'ann' from 192.0.2.7 succeeded",
    ]
    levels = ["WARNING"] * 8 + ["INFO"]
    records = [record for record in caplog.records if record.name != "django.request"]
    assert [(record.levelname, record.getMessage()) for record in records] == [
        *zip(levels, lines, strict=True)
    ]
