"""Addresses that let in whoever was sent them, without an account: signed, for a while, and closed at will."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone


class SignedLinkQuerySet(models.QuerySet):
    def at(self, token: str) -> Self:
        """Return the link that has this token, if there is one that was neither forged, revoked nor outlived."""
        kind: Any = self.model
        try:
            pk = kind.signer.unsign(token)
        except BadSignature:
            return self.none()
        return self.filter(pk=pk, revoked_at__isnull=True, expires_at__gt=timezone.now())


class SignedLink(models.Model):
    """An address whose last part is the link's signed key, which nobody can make up."""

    # Each kind has a signer with a salt of its own, so that a token opens nothing of another kind.
    signer: ClassVar[Signer]
    # The name of the public view that a token leads to.
    view: ClassVar[str]

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]
        # Who may change an entry may share it.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="%(class)s_expires_after_it_was_made",
                condition=Q(expires_at__gt=F("created_at")),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse(self.view, args=[self.signer.sign(str(self.pk))])

    @property
    def is_closed(self) -> bool:
        """Return whether it was revoked, or has outlived its time."""
        return self.revoked_at is not None or self.expires_at <= timezone.now()
