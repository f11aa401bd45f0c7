"""Drafts that were sent back from review: by whom, and why."""

from ..history.diff import person
from ..models import Status
from ..models.status import Publishable
from .transitions import BACK_TO_DRAFT

# What the history says of a draft that went back with a reason begins so.
BACK = f"{BACK_TO_DRAFT.done}: "


def why_sent_back(entry: Publishable) -> str:
    """Return who has sent a draft back from review, and why: "Sent back by Bob: Whose sleep?"; "" for any other."""
    if entry.status != Status.DRAFT:
        return ""
    history = type(entry).history.filter(id=entry.pk).order_by("pk")
    last = history.exclude(status=Status.DRAFT).last()
    since = history.filter(pk__gt=last.pk) if last else history.none()
    arrival = since.select_related("history_user").first()
    if not arrival or not (arrival.history_change_reason or "").startswith(BACK):
        return ""
    reason = arrival.history_change_reason.removeprefix(BACK)
    return f"Sent back by {person(arrival.history_user)}: {reason}"
