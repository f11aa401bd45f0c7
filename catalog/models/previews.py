"""Previews: entries that are not public, shown for a while to colleagues without an account."""

from typing import Any, Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

SIGNER = Signer(salt="catalog.preview")


class PreviewLinkQuerySet(models.QuerySet):
    def at(self, token: str) -> Self:
        """Return the link that has this token, if there is one that was neither forged, revoked nor outlived."""
        try:
            pk = SIGNER.unsign(token)
        except BadSignature:
            return self.none()
        return self.filter(pk=pk, revoked_at__isnull=True, expires_at__gt=timezone.now())


class PreviewLink(models.Model):
    """An address at which anybody who was sent it sees an entry as visitors will, until it expires or is revoked."""

    program = models.ForeignKey(
        "catalog.Program",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="preview_links",
    )
    topic_area = models.ForeignKey(
        "catalog.TopicArea",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="preview_links",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        # Who may change an entry may share it.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="previewlink_is_of_one_entry",
                condition=Q(program__isnull=False, topic_area__isnull=True)
                | Q(program__isnull=True, topic_area__isnull=False),
            ),
            models.CheckConstraint(
                name="previewlink_expires_after_it_was_made",
                condition=Q(expires_at__gt=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"Preview of {self.entry}"

    def get_absolute_url(self) -> str:
        return reverse("catalog:preview", args=[SIGNER.sign(str(self.pk))])

    @property
    def entry(self) -> Any:
        """Return the program or the topic area that it shows."""
        return self.program or self.topic_area

    @property
    def is_over(self) -> bool:
        """Return whether it opens nothing any more: also when its entry was published since, and then taken back."""
        published_at = self.entry.published_at
        was_published_since = self.entry.was_public and self.created_at < published_at
        is_closed = self.revoked_at is not None or self.expires_at <= timezone.now()
        return is_closed or was_published_since or self.entry.is_retired
