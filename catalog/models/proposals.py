"""Proposals: changes to entries that are live, kept beside them until somebody who may publish approves them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..values.fields import LimitedTextField
from ..values.site_url import admin_path
from .about_entry import ENTRY_FIELDS, AboutEntry, AboutEntryQuerySet, is_of_one_entry
from .history import history


class ProposalState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    SENT_BACK = "sent-back", "Sent back"
    PUBLISHED = "published", "Published"
    DISCARDED = "discarded", "Discarded"


OPEN = (
    ProposalState.DRAFT,
    ProposalState.SUBMITTED,
    ProposalState.APPROVED,
    ProposalState.SENT_BACK,
)
# Those that somebody is still to finish, and those that wait for somebody who may publish.
TO_FINISH = (ProposalState.DRAFT, ProposalState.SENT_BACK)
TO_DECIDE = (ProposalState.SUBMITTED, ProposalState.APPROVED)
# What visitors are told of the change is known by then.
WITH_NOTE = (ProposalState.SUBMITTED, ProposalState.APPROVED, ProposalState.PUBLISHED)
# So many changes of an entry are told on its page.
MOST_NOTES = 5


class ProposalQuerySet(AboutEntryQuerySet):
    def open(self) -> Self:
        """Return the proposals that may still be published."""
        return self.filter(state__in=OPEN)

    def due(self) -> Self:
        """Return the proposals whose moment to be published has come."""
        return self.filter(publish_at__lte=timezone.now())

    def notes_for_visitors(self) -> Self:
        """Return the latest published proposals that have a note for visitors, the newest first."""
        told = self.filter(state=ProposalState.PUBLISHED, is_minor=False)
        newest = told.only("change_note", "published_at").order_by("-published_at", "-pk")
        return newest[:MOST_NOTES]


class Proposal(AboutEntry):
    """A set of changes to one entry, kept beside it until they are published or discarded.

    ``base`` is the key of the entry's history record that it started from. ``changes`` holds, by the field's name, what
    stood there then and what is to stand there: ``{"goals": ["Rest.", "Rest and sleep."]}``. ``rows`` holds the same of
    the rows that belong to the entry, by relation and key; a key such as "+1" is that of a new one, and one that is to
    go has a change of the name "DELETE", from all that it held to nothing. Its history says who did what, and why.
    """

    base = models.BigIntegerField(null=True, blank=True)
    changes = models.JSONField(default=dict, blank=True)
    rows = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=10, choices=ProposalState, default=ProposalState.DRAFT, db_index=True
    )
    change_note = LimitedTextField(
        "what is new",
        blank=True,
        max_length=500,
        help_text="For visitors, in a sentence. For example “New contact, and the training of 2027”.",
    )
    is_minor = models.BooleanField(
        "minor", default=False, help_text="Visitors need not be told, as of a spelling."
    )
    created_at = models.DateTimeField(default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # From when on it is to be public, and in whose name; the worker publishes it then.
    publish_at = models.DateTimeField("to be published", null=True, blank=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField("published", null=True, blank=True)
    # Of what was approved; other changes were not.
    approved_digest = models.CharField(max_length=64, blank=True)

    objects = ProposalQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["-created_at", "-pk"]
        # Who may change an entry may propose, and who may publish it decides.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="proposal_is_of_one_entry", condition=is_of_one_entry()),
            models.CheckConstraint(
                name="proposal_state_is_known", condition=Q(state__in=ProposalState.values)
            ),
            models.CheckConstraint(
                name="proposal_says_what_is_new",
                condition=~Q(state__in=WITH_NOTE) | Q(is_minor=True) | ~Q(change_note=""),
            ),
            models.CheckConstraint(
                name="proposal_approved_has_digest",
                condition=~Q(state=ProposalState.APPROVED) | ~Q(approved_digest=""),
            ),
            models.CheckConstraint(
                name="proposal_scheduled_is_approved",
                condition=Q(publish_at__isnull=True) | Q(state=ProposalState.APPROVED),
            ),
            models.CheckConstraint(
                name="proposal_published_has_moment",
                condition=Q(state=ProposalState.PUBLISHED, published_at__isnull=False)
                | (~Q(state=ProposalState.PUBLISHED) & Q(published_at__isnull=True)),
            ),
            *(
                models.UniqueConstraint(
                    name=f"proposal_one_open_for_{name}",
                    fields=[name],
                    condition=Q(state__in=OPEN),
                )
                for name in ENTRY_FIELDS
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal for {self.entry}"

    def get_absolute_url(self) -> str:
        return admin_path(self, "change", self.pk)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def end_approval(self) -> None:
        """Forget that it was approved, and when it was to be published."""
        self.approved_by, self.approved_digest = None, ""
        self.publish_at = self.scheduled_by = None

    @property
    def digest(self) -> str:
        """Return the digest of what it would put into the entry, whatever stood there."""
        wanted = [values_to_come(self.changes), rows_to_come(self.rows)]
        return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


class ProposalComment(models.Model):
    """A comment on a proposal, for those who work on it; it stays as it was said."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    text = LimitedTextField()

    class Meta:
        ordering = ["created_at", "pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="proposalcomment_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"Comment on {self.proposal}"


def values_to_come(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value that is to stand in each field, by its name."""
    return {name: after for name, (_, after) in changes.items()}


def rows_to_come(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are to stand in each row, by relation and key."""
    return {
        relation: {key: values_to_come(changes) for key, changes in found.items()}
        for relation, found in rows.items()
    }
