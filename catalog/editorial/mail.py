"""Mailing notifications: the worker does it, for people who have an address and want mail."""

import logging
import time
from itertools import groupby
from smtplib import SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from ..models import Notification, SiteSettings
from ..values.signs import leave_sign, read_sign
from ..values.site_url import admin_path

logger = logging.getLogger(__name__)

# Seconds for which a server that did not take mail is left alone.
PAUSE = 300
SIGN = "mail-refused"
# So many notifications are in one mail; it says how many more there are.
MOST = 50


def mail_notifications() -> None:
    """Send everybody one mail with what they were told since the last one, where the site sends mail."""
    if not settings.SENDS_MAIL or read_sign(SIGN):
        return
    waiting = Notification.objects.to_mail().select_related("recipient", "by")
    by_person = waiting.order_by("recipient", "-created_at", "-pk")
    for recipient, found in groupby(by_person, key=lambda notification: notification.recipient):
        if not mail(recipient.email, list(found)):
            return


def mail(address: str, notifications: list[Notification]) -> bool:
    """Send one mail with notifications of one person; return False where the server takes none for now.

    They are marked before it is sent, so that two workers never send them twice, and taken back if it was not. What
    another worker has marked first is in that worker's mail.
    """
    now = timezone.now()
    found = Notification.objects.filter(pk__in=[each.pk for each in notifications])
    found.filter(mailed_at__isnull=True).update(mailed_at=now)
    marked = found.filter(mailed_at=now)
    ours = set(marked.values_list("pk", flat=True))
    notifications = [each for each in notifications if each.pk in ours]
    if not notifications:
        return True
    try:
        send_mail(subject_of(notifications), text_of(notifications), None, [address])
    except SMTPRecipientsRefused:
        logger.warning("The mail server does not take mail for %s.", address)
    except (OSError, SMTPServerDisconnected, SMTPResponseException) as error:
        leave_to_later(marked, error)
        return False
    return True


def leave_to_later(notifications: QuerySet, error: Exception) -> None:
    """Put off notifications that could not be mailed, until the server is asked again."""
    logger.warning("Mail could not be sent, and is tried again in %s seconds: %r", PAUSE, error)
    notifications.update(mailed_at=None)
    leave_sign(SIGN, time.time(), PAUSE)


def subject_of(notifications: list[Notification]) -> str:
    """Return the subject of the mail with these notifications: the only one, or how many there are."""
    site = SiteSettings.objects.current().name
    if len(notifications) == 1:
        return " ".join(f"[{site}] {notifications[0]}".split())
    return f"[{site}] {len(notifications):,} notifications"


def text_of(notifications: list[Notification]) -> str:
    """Return the text of the mail with these notifications."""
    shown = [
        (notification, urljoin(settings.SITE_URL, notification.get_absolute_url()))
        for notification in notifications[:MOST]
    ]
    context = {
        "notifications": shown,
        "more": len(notifications) - len(shown),
        "site": SiteSettings.objects.current().name,
        "list": urljoin(settings.SITE_URL, admin_path(Notification, "changelist")),
    }
    return render_to_string("admin/catalog/notifications.txt", context).strip()
