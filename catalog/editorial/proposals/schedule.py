"""Publishing proposals at their moment: the worker does it, and ``manage.py publish_due``."""

import logging

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from ...models import NotificationKind, Proposal
from ..notifications import tell_workers, workers
from ..workflow import Hindered
from .changes import save
from .merging import Disputed
from .steps import PUBLISH, take

logger = logging.getLogger(__name__)

DISPUTED = "The same was changed meanwhile, and somebody has to choose."
FAULT = "It could not be stored; the log says why."
NOT_PUBLISHED = "Not published at its moment"


def publish_due() -> list[tuple[Proposal, str]]:
    """Publish the proposals whose moment has come; return each with why it could not be, "" where it was.

    One that could not be stays approved, without a moment, so that the desk asks somebody about it.
    """
    due = Proposal.objects.due().select_related("scheduled_by").order_by("publish_at", "pk")
    return [(proposal, publish_one(proposal)) for proposal in due]


def publish_one(proposal: Proposal) -> str:
    """Publish a proposal in the name of who scheduled it; return why it could not be, "" where it was."""
    why = ""
    try:
        take(proposal, PUBLISH, user=proposal.scheduled_by or AnonymousUser())
    except Disputed:
        why = DISPUTED
    except Hindered as hindered:
        why = " ".join(hindered.sentences)
    except (IntegrityError, ObjectDoesNotExist, ValueError):
        # One that cannot be published keeps no other one waiting.
        logger.exception("Proposal %s cannot be published", proposal.pk)
        why = FAULT
    if why:
        logger.warning("Proposal %s was not published at its moment: %s", proposal.pk, why)
        leave_to_people(proposal.pk, why)
    return why


@transaction.atomic
def leave_to_people(pk: int, why: str) -> None:
    """Take the moment from a proposal that could not be published, unless that was done meanwhile."""
    for locked in Proposal.objects.due().filter(pk=pk).select_for_update():
        tell_workers(locked, NotificationKind.NOT_PUBLISHED, workers(locked), words=why, by=None)
        locked.publish_at, user = None, locked.scheduled_by
        locked.scheduled_by = None
        save(locked, user, f"{NOT_PUBLISHED}: {why}")
