"""Previews: entries, or proposals for them, that are not public, shown for a while to colleagues without an account."""

from typing import Any

from django.core.signing import Signer
from django.db import models

from .about_entry import is_of_one_entry
from .signed_links import SignedLink, SignedLinkQuerySet

# The fields that name the entry, one of which is filled.
SHOWN = ("program", "topic_area", "page", "expert")


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

    expert = models.ForeignKey(
        "catalog.TopicExpert",
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
        """Return the program, the topic area, the page or the expert that it shows."""
        return self.program or self.topic_area or self.page or self.expert

    @property
    def has_public_page(self) -> bool:
        """Return whether the entry has a page of its own for visitors, be it one that says that it is retired."""
        entry = self.entry
        if self.expert:
            return self.expert.is_published
        return bool(entry.is_published or (entry.is_retired and entry.was_public))

    @property
    def is_over(self) -> bool:
        """Return whether it opens nothing any more: also when its entry was published since, and then taken back."""
        # An expert has no status: what is proposed is all that there is to show.
        if self.is_closed or self.expert_id:
            return self.is_closed
        published_at = self.entry.published_at
        was_published_since = self.entry.was_public and self.created_at < published_at
        return was_published_since or self.entry.is_retired
