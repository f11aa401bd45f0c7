"""Mail with what people were told: who gets it, once, and what becomes of it when the server does not take it."""

import logging
import socket
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from catalog.editorial.mail import mail, mail_notifications
from catalog.models import MailPreference, Notification, NotificationKind
from config.mail import mailers

from ..factories import UserFactory
from ..mail_server import mail_server

pytestmark = pytest.mark.django_db


def person(name, **fields):
    return UserFactory(username=name, is_staff=True, email=f"{name}@agency.example", **fields)


def notify(recipient, subject="“Calm”", words="Whose sleep?", **fields):
    kind = NotificationKind.SENT_BACK
    return Notification.objects.create(
        recipient=recipient, kind=kind, subject=subject, words=words, address="/admin/", **fields
    )


@pytest.fixture
def sent(settings):
    """The mails that a server takes, to which the site's mail goes; "lost@…" is unknown to it."""
    settings.SITE_URL = "https://site.example"
    settings.SITE_NAME = "Clearinghouse"
    settings.DEFAULT_FROM_EMAIL = "site@agency.example"
    settings.SENDS_MAIL = True
    with mail_server(unknown=["lost@agency.example"]) as server:
        settings.MAILERS = mailers(f"smtp://127.0.0.1:{server.server_address[1]}")
        yield server.mails


def test_everybody_gets_one_mail_with_what_is_new(sent):
    ann, bob = person("ann"), person("bob", first_name="Bob", last_name="Roe")
    first, second = notify(ann, by=bob), notify(ann, "“Rest & sleep”", words="")
    notify(bob, "“Work”\nand more", words="", by=ann)

    mail_notifications()
    mail_notifications()

    assert [to for to, _ in sent] == [["ann@agency.example"], ["bob@agency.example"]]
    (_, to_ann), (_, to_bob) = sent
    assert to_ann["From"] == "site@agency.example"
    assert to_ann["Subject"] == "[Clearinghouse] 2 notifications"
    assert to_ann.get_content().splitlines() == [
        "Sent back: “Rest & sleep”",
        f"https://site.example/admin/catalog/notification/{second.pk}/change/",
        "",
        "Sent back: “Calm”",
        "by Bob Roe",
        "Whose sleep?",
        f"https://site.example/admin/catalog/notification/{first.pk}/change/",
        "",
        "--",
        "Clearinghouse. To get no more mail: https://site.example/admin/catalog/notification/",
    ]
    assert to_bob["Subject"] == "[Clearinghouse] Sent back: “Work” and more"


def test_long_mail_says_how_much_more_there_is(sent):
    ann = person("ann")
    for n in range(53):
        notify(ann, f"“Calm {n}”")

    mail_notifications()

    ((_, mail),) = sent
    assert mail.get_content().count("Sent back: ") == 50
    assert "And 3 more: https://site.example/admin/catalog/notification/" in mail.get_content()
    assert not Notification.objects.filter(mailed_at=None).exists()


def test_what_another_worker_mails_is_mailed_by_that_one_alone(sent):
    ann = person("ann")
    theirs, ours = notify(ann, "“Rest”"), notify(ann, "“Calm”")
    Notification.objects.filter(pk=theirs.pk).update(mailed_at=timezone.now())

    assert mail("ann@agency.example", [ours, theirs])
    assert mail("ann@agency.example", [ours, theirs])

    ((_, got),) = sent
    assert got["Subject"] == "[Clearinghouse] Sent back: “Calm”"


def test_what_another_worker_has_mailed_is_not_mailed_again_by_a_failure(sent, settings):
    ann = person("ann")
    theirs, ours = notify(ann, "“Rest”"), notify(ann, "“Calm”")
    Notification.objects.filter(pk=theirs.pk).update(mailed_at=timezone.now())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.MAILERS = mailers(f"smtp://127.0.0.1:{taken.getsockname()[1]}")

    assert not mail("ann@agency.example", [ours, theirs])

    assert list(Notification.objects.filter(mailed_at=None)) == [ours]


def test_who_wants_none_or_has_no_address_gets_no_mail(sent):
    MailPreference.objects.create(user=person("no"), is_wanted=False)
    MailPreference.objects.create(user=person("yes"), is_wanted=True)
    nowhere, gone = UserFactory(is_staff=True), person("gone", is_active=False)
    left = UserFactory(username="left", is_staff=False, email="left@agency.example")
    for user in (*MailPreference.objects.all(),):
        notify(user.user)
    notify(nowhere)
    notify(gone)
    notify(left)
    notify(person("late"), created_at=timezone.now() - timedelta(days=2))

    mail_notifications()

    assert [to for to, _ in sent] == [["yes@agency.example"]]


def test_address_that_is_refused_keeps_nobody_waiting(sent, caplog):
    notify(person("lost"))
    notify(person("ann"))

    mail_notifications()

    assert [to for to, _ in sent] == [["ann@agency.example"]]
    assert not Notification.objects.filter(mailed_at=None).exists()
    assert "does not take mail for lost@agency.example" in caplog.text


def test_server_that_is_away_is_asked_again_later(sent, settings, caplog):
    notify(person("ann"))
    right = settings.MAILERS
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    settings.MAILERS = mailers(f"smtp://127.0.0.1:{closed}")

    with caplog.at_level(logging.WARNING):
        mail_notifications()
    assert "Mail could not be sent" in caplog.text
    assert Notification.objects.filter(mailed_at=None).count() == 1

    settings.MAILERS = right
    mail_notifications()
    assert sent == []
    caches["shared"].clear()
    mail_notifications()
    assert [to for to, _ in sent] == [["ann@agency.example"]]


def test_site_without_a_server_sends_nothing(settings):
    notify(person("ann"))
    assert not settings.SENDS_MAIL
    mail_notifications()
    assert Notification.objects.filter(mailed_at=None).count() == 1
