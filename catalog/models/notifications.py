"""Notifications: what somebody is told of their own work, on the desk and, where the site sends mail, by mail."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..values.fields import LimitedTextField
from ..values.moments import moment_in_words
from ..values.site_url import admin_path

# What could not be mailed within that time is read on the desk.
TIME_TO_MAIL = timedelta(days=1)
# So long notifications are kept.
TIME_KEPT = timedelta(days=365)


class NotificationKind(models.TextChoices):
    """Say what has happened; the labels stand before the name of who did it."""

    SENT_BACK = "sent-back", "Sent back"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"
    NOT_PUBLISHED = "not-published", "Not published at its moment"
    DISCARDED = "discarded", "Discarded"
    COMMENTED = "commented", "Commented on"
    ANSWERED = "answered", "Answered"
    ASSIGNED = "assigned", "Assigned to you"
    WITHDRAWN = "withdrawn", "Withdrawn"
    RETIRED = "retired", "Retired"
    MERGED = "merged", "Merged"
    RATED = "rated", "Rated anew"


class NotificationQuerySet(models.QuerySet):
    def unread(self) -> Self:
        """Return the notifications that their recipients have not read."""
        return self.filter(read_at__isnull=True)

    def to_mail(self) -> Self:
        """Return the notifications that wait to be mailed, to people who sign in, have an address and want mail."""
        return self.filter(
            mailed_at__isnull=True,
            created_at__gt=timezone.now() - TIME_TO_MAIL,
            recipient__is_active=True,
            recipient__is_staff=True,
        ).exclude(Q(recipient__email="") | Q(recipient__mail_preference__is_wanted=False))

    def outlived(self) -> Self:
        """Return the notifications that have been kept long enough."""
        return self.filter(created_at__lt=timezone.now() - TIME_KEPT)


class Notification(models.Model):
    """A line that tells somebody what another person did with their work.

    It says so in the words of that moment, whatever becomes of the entry: ``subject`` is its name, ``words`` what was
    said to it, ``address`` the path of the page where one goes on.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=20, choices=NotificationKind)
    subject = models.CharField(max_length=500)
    words = LimitedTextField(blank=True)
    address = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        # Everybody reads their own.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="notification_kind_is_known", condition=Q(kind__in=NotificationKind.values)
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="notification_of_recipient"),
            models.Index(
                fields=["created_at"],
                name="notification_to_mail",
                condition=Q(mailed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    def get_absolute_url(self) -> str:
        return admin_path(self, "change", self.pk)

    @property
    def told(self) -> str:
        """Say who did it, when, and what they said to it: "Bob, June 15, 2024: Whose sleep?"."""
        moment = moment_in_words(self.created_at)
        who = self.by and (self.by.get_full_name() or self.by.get_username())
        said = f"{who}, {moment}" if who else moment
        return f"{said}: {self.words}" if self.words else said


class MailPreference(models.Model):
    """A choice of somebody to get notifications by mail or not; who has made none gets them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_preference"
    )
    is_wanted = models.BooleanField("send me mail", default=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user}: {'mail' if self.is_wanted else 'no mail'}"
