"""What people who work on a proposal say to one another about it."""

from django.db import transaction

from ...models import NotificationKind, Proposal, ProposalComment
from ...models.base import Person
from ..notifications import tell_workers, workers


@transaction.atomic
def comment(proposal: Proposal, text: str, *, user: Person) -> ProposalComment:
    """Keep a comment on a proposal, and tell those who work on it or have commented before."""
    earlier = proposal.comments.order_by().values_list("author", flat=True).distinct()
    people = {*workers(proposal), *earlier}
    made: ProposalComment = proposal.comments.create(author_id=user.pk, text=text)
    tell_workers(proposal, NotificationKind.COMMENTED, people, words=text, by=user)
    return made
