"""Proposals on the desk: those that somebody may decide on, and one's own."""

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from ...editorial.proposals.schedule import NOT_PUBLISHED
from ...models import Proposal, ProposalState, Term
from ...models.about_entry import ENTRY_FIELDS
from ...models.proposals import OPEN, TO_DECIDE, ProposalQuerySet
from ...values.moments import day_in_words, moment_in_words
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, DeskPart, Line, Section, all_of, section


class WaitingProposals(DeskPart):
    """List the open proposals, as far as this person may read them."""

    def to_decide(self) -> list[Section]:
        """Return the proposals that wait for this person, the longest waiting first. One query."""
        kinds = self.kinds("publish")
        if not kinds:
            return []
        found = self.of_kinds(kinds).filter(state__in=TO_DECIDE).exclude(submitted_by=self.user.pk)
        return self.listed("Proposals: wait for you", found.order_by("created_at", "pk"))

    def new_terms(self) -> list[Section]:
        """Return the glossary terms that are not public, for those who may make them so. One query."""
        if not (self.sees(Term) and self.may("publish", Term)):
            return []
        found = list(Term.objects.filter(is_public=False)[: MOST + 1])
        if not found:
            return []
        lines = [Line(term.name, admin_path(Term, "change", term.pk)) for term in found[:SHOWN]]
        every = all_of(Term, "is_public__exact=0")
        return [section("Glossary terms: not public", found, lines, every)]

    def mine(self) -> list[Section]:
        """Return this person's open proposals, with why one was sent back. One query."""
        kinds = self.kinds("change")
        if not kinds:
            return []
        found = self.of_kinds(kinds).filter(state__in=OPEN, author=self.user.pk)
        return self.listed("My proposals", found.order_by("-created_at", "-pk"))

    def of_kinds(self, kinds: Iterable[str]) -> ProposalQuerySet:
        """Return the proposals for entries of some kinds, each with what was last done with it, and why."""
        history: Any = Proposal.history
        last = history.filter(id=OuterRef("pk")).order_by("-pk").values("history_change_reason")
        found = Proposal.objects.of_kinds(kinds).select_related(*ENTRY_FIELDS, "author")
        return found.annotate(last=Subquery(last[:1])).defer("changes", "rows")

    def listed(self, title: str, proposals: QuerySet) -> list[Section]:
        """Return the section of some proposals."""
        found: list[Any] = list(proposals[: MOST + 1])
        lines = [
            Line(str(proposal.entry), proposal.get_absolute_url(), note(proposal))
            for proposal in found[:SHOWN]
        ]
        return [
            section(
                title,
                found,
                lines,
                all_of(Proposal, "state__in=submitted,approved,sent-back,draft"),
            )
        ]


def note(proposal: Any) -> str:
    """Return how a proposal stands: "Sent back: Whose sleep? Proposed on March 1, 2026"."""
    since = f"proposed on {day_in_words(proposal.created_at)}"
    last = proposal.last or ""
    if proposal.state == ProposalState.SENT_BACK or last.startswith(NOT_PUBLISHED):
        return f"{last} ({since})"
    if proposal.publish_at:
        return f"To be published on {moment_in_words(proposal.publish_at)}, {since}"
    return f"{proposal.get_state_display()}, {since}"
