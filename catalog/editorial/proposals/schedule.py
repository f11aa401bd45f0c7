"""Publishing proposals at their moment: the worker does it, and ``manage.py publish_due``."""

import logging

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from ...models import NotificationKind, Proposal
from ..notifications import tell_workers, workers
from ..workflow import Hindered
from .changes import save
from .merging import Disputed, locked_entry
from .steps import PUBLISH, take

logger = logging.getLogger(__name__)

DISPUTED = "The same fields were changed meanwhile, and somebody has to choose."
FAULT = "It could not be stored; the log says why."
NOT_PUBLISHED = "Not published at its moment"


def publish_due() -> list[tuple[Proposal, str]]:
    """Publish the proposals whose moment has come; return each with why it could not be, "" where it was.

    One that could not be stays approved, without a moment, so that the desk asks somebody about it.
    """
    due = Proposal.objects.due().order_by("publish_at", "pk")
    outcomes = [publish_one(pk) for pk in due.values_list("pk", flat=True)]
    return [outcome for outcome in outcomes if outcome]


@transaction.atomic
def publish_one(pk: int) -> tuple[Proposal, str] | None:
    """Publish a proposal in the name of who scheduled it; return it with why it could not be, "" where it was.

    None where somebody else has published it, or taken its moment away, since it was found.
    """
    due = Proposal.objects.due().filter(pk=pk)
    if (found := due.first()) is None:
        return None
    locked_entry(found)
    locked = due.select_for_update(of=("self",)).first()
    if locked is None:
        return None
    why = why_unpublished(locked)
    if why:
        logger.warning("Proposal %s was not published at its moment: %s", pk, why)
        leave_to_people(locked, why)
    return locked, why


def why_unpublished(proposal: Proposal) -> str:
    """Publish a proposal, whole or not at all; return why it could not be, "" where it was."""
    try:
        take(proposal, PUBLISH, user=proposal.scheduled_by or AnonymousUser())
    except Disputed:
        return DISPUTED
    except Hindered as hindered:
        return " ".join(hindered.sentences)
    except (IntegrityError, ObjectDoesNotExist, ValueError):
        # One that cannot be published keeps no other one waiting.
        logger.exception("Proposal %s cannot be published", proposal.pk)
        return FAULT
    return ""


def leave_to_people(locked: Proposal, why: str) -> None:
    """Take the moment from a proposal that could not be published, and tell those who worked on it."""
    tell_workers(locked, NotificationKind.NOT_PUBLISHED, workers(locked), words=why, by=None)
    locked.publish_at, user = None, locked.scheduled_by
    locked.scheduled_by = None
    save(locked, user, f"{NOT_PUBLISHED}: {why}")
