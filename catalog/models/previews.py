"""Previews: entries that are not public, shown for a while to colleagues without an account."""

from typing import Any

from django.core.signing import Signer
from django.db import models

from .about_entry import is_of_one_entry
from .signed_links import SignedLink, SignedLinkQuerySet

# The fields that name the entry, one of which is filled.
SHOWN = ("program", "topic_area", "page")


class PreviewLinkQuerySet(SignedLinkQuerySet):
    """Finds previews by their tokens."""


class PreviewLink(SignedLink):
    """An address at which anybody who was sent it sees an entry as visitors will, until it expires or is revoked."""

    signer = Signer(salt="catalog.preview")
    view = "catalog:preview"

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
    page = models.ForeignKey(
        "catalog.Page",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="preview_links",
    )

    objects = PreviewLinkQuerySet.as_manager()

    class Meta(SignedLink.Meta):
        constraints = [
            *SignedLink.Meta.constraints,
            models.CheckConstraint(
                name="previewlink_is_of_one_entry", condition=is_of_one_entry(SHOWN)
            ),
        ]

    def __str__(self) -> str:
        return f"Preview of {self.entry}"

    @property
    def entry(self) -> Any:
        """Return the program, the topic area or the page that it shows."""
        return self.program or self.topic_area or self.page

    @property
    def is_over(self) -> bool:
        """Return whether it opens nothing any more: also when its entry was published since, and then taken back."""
        published_at = self.entry.published_at
        was_published_since = self.entry.was_public and self.created_at < published_at
        return self.is_closed or was_published_since or self.entry.is_retired
