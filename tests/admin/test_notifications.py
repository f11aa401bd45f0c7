"""The page of what somebody was told, and the desk's part of it."""

import pytest
from django.urls import reverse

from catalog.models import MailPreference, Notification, NotificationKind

from ..factories import UserFactory
from ..pages import read

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog/notification/"


@pytest.fixture
def ann(client):
    ann = UserFactory(username="ann", is_staff=True, email="ann@agency.example")
    client.force_login(ann)
    return ann


def notify(recipient, subject="“Calm”", **fields):
    return Notification.objects.create(
        recipient=recipient,
        kind=NotificationKind.SENT_BACK,
        subject=subject,
        words="Whose sleep?",
        address=reverse("admin:catalog_notification_changelist"),
        **fields,
    )


def subjects(response):
    return [notification.subject for notification in response.context["page"]]


def test_list_shows_ones_own_and_pages_them(client, ann, django_assert_num_queries):
    bob = UserFactory(username="bob", is_staff=True)
    notify(bob, "“Bob's”")
    for n in range(51):
        notify(ann, f"“Calm {n}”", by=bob)

    assert subjects(client.get(LIST)) == [f"“Calm {n}”" for n in range(50, 0, -1)]
    pages = read(client.get(LIST)).one("nav", aria_label="Pages of the notifications")
    assert pages.links == [("Next page", "?page=2"), ("2", "?page=2")]
    assert subjects(client.get(f"{LIST}?page=2")) == ["“Calm 0”"]
    assert subjects(client.get(f"{LIST}?page=x")) == [f"“Calm {n}”" for n in range(50, 0, -1)]


def test_what_one_opens_is_read_and_leads_on(client, ann):
    mine, other = notify(ann), notify(ann)
    foreign = notify(UserFactory(is_staff=True))

    response = client.get(mine.get_absolute_url())

    assert (response.status_code, response["Location"]) == (302, LIST)
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.read_at is None, other.read_at is None) == (False, True)
    assert client.get(foreign.get_absolute_url()).status_code == 404
    assert client.post(mine.get_absolute_url()).status_code == 405
    for key in ("abc", "9" * 30):
        address = reverse("admin:catalog_notification_change", args=[key])
        assert client.get(address).status_code == 404


def test_all_are_marked_as_read(client, ann):
    foreign = notify(UserFactory(is_staff=True))
    notify(ann)
    assert "Mark all as read" in client.get(LIST).text

    response = client.post(LIST, {"read": "all"}, follow=True)

    assert "Mark all as read" not in response.text
    assert list(Notification.objects.unread()) == [foreign]


def test_desk_shows_what_is_unread(client, ann):
    notify(ann, by=UserFactory(username="bob"))
    (section,) = [
        section
        for group in client.get("/admin/").context["desk"]
        for section in group.sections
        if section.title == "Told to you"
    ]
    (line,) = section.lines
    assert (section.number, line.label) == ("1", "Sent back: “Calm”")
    assert line.note.startswith("bob, ")
    assert line.note.endswith(": Whose sleep?")

    client.post(LIST, {"read": "all"})
    assert "Told to you" not in client.get("/admin/").text


def test_mail_is_switched_off_and_on(client, ann, settings):
    assert "Mail me" not in client.get(LIST).text
    settings.SENDS_MAIL = True
    assert client.get(LIST).context["form"].initial == {"is_wanted": True}

    client.post(LIST, {})
    assert MailPreference.objects.get(user=ann).is_wanted is False
    assert client.get(LIST).context["form"].initial == {"is_wanted": False}

    client.post(LIST, {"is_wanted": "on"})
    assert MailPreference.objects.get(user=ann).is_wanted is True
