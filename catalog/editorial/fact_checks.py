"""Fact checks: taking in what a program's representative says of its page, and what an editor makes of it."""

import hashlib
import json
from collections.abc import Iterable
from copy import copy
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..history.narrative import STATUS_FIELDS
from ..models import (
    PROGRAM_ROWS,
    FactCheck,
    FactCheckAnswer,
    FactCheckSend,
    NotificationKind,
    Program,
    Proposal,
    Rating,
)
from ..models.base import CatalogModel, Person
from ..models.status import is_public
from ..values.site_url import admin_path
from ..values.throttling import TooOften, seconds_to_wait
from .notifications import tell
from .proposals import changes as proposals
from .proposals.merging import proposed_rows
from .workflow import Hindered, in_sentences

# How long a sending counts.
WINDOW = timedelta(hours=1)
REVIEWED = "content_last_reviewed"
ANSWERED_AGAIN = "The representative has answered again since you opened this page. Read what is new, then press again."
DEALT_WITH = "Somebody has dealt with these answers already."
NOT_DATED = "The program is retired, or has this date or a later one already; nothing was done."
TOO_OFTEN = (
    "Answers were sent from here very often within the hour, and these are not stored yet. "
    "Keep this page open, wait {}, then send them again."
)


class SectionAnswer(NamedTuple):
    """Hold what somebody says of one section."""

    section: str
    verdict: str
    comment: str


# --- Taking it in ----------------------------------------------------------------------------------------------------


def page_version(program: Program, proposal: Proposal | None) -> str:
    """Return a digest of what a representative is shown, by which answers know what they are about.

    It is of the words, and not of what was done with them: publishing what was checked makes no other page of it.
    """
    page = proposals.patched(copy(program), proposal.changes if proposal else {})
    ratings = Rating.objects.filter(is_public("topic_area__"), program=program)
    shown: list[CatalogModel] = [page, *ratings]
    for relation in PROGRAM_ROWS:
        stored = getattr(program, relation).all()
        shown += proposed_rows(proposal, relation, stored) if proposal else stored
    words = sorted(map(text_of, shown))
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def text_of(entry: CatalogModel) -> str:
    """Return what an entry holds as text, without how it stands with it."""
    values = proposals.as_it_stands(entry)
    kept = {name: value for name, value in values.items() if name not in STATUS_FIELDS}
    return json.dumps(kept, sort_keys=True, default=str)


@transaction.atomic
def receive(
    check: FactCheck, said: Iterable[SectionAnswer], *, name: str, address: str, seen: str
) -> None:
    """Keep what somebody says of some sections, in the place of what was said of them before.

    ``address`` is where it was sent from, ``seen`` the version of the page that it is about. Raises TooOften.
    """
    check = FactCheck.objects.select_for_update().get(pk=check.pk)
    now = timezone.now()
    FactCheckSend.objects.filter(sent_at__lte=now - WINDOW).delete()
    if seconds := seconds_until_next(check, address):
        raise TooOften(TOO_OFTEN, seconds)
    check.sends.create(address=address, sent_at=now)
    known = {answer.section: (answer.verdict, answer.comment) for answer in check.answers.all()}
    new = [
        FactCheckAnswer(fact_check=check, answered_at=now, **one._asdict())
        for one in said
        if known.get(one.section) != (one.verdict, one.comment)
    ]
    FactCheckAnswer.objects.bulk_create(
        new,
        update_conflicts=True,
        unique_fields=["fact_check", "section"],
        update_fields=["verdict", "comment", "answered_at"],
    )
    check.answered_by, check.answered_at, check.answered_version = name, now, seen
    if new:
        check.settled_by = check.settled_at = None
    check.save()
    if new:
        tell(
            [check.created_by_id],
            NotificationKind.ANSWERED,
            about=Program,
            subject=f"the fact check of “{check.program}”",
            words=f"{name}: {check.in_short}",
            address=admin_path(Program, "fact_checks", check.program_id),
        )


def seconds_until_next(check: FactCheck, address: str) -> int:
    """Return in how many seconds answers may be sent again, to this fact check and from this address; 0 for now."""
    moments = FactCheckSend.objects.order_by("-sent_at").values_list("sent_at", flat=True)
    return max(
        seconds_to_wait(moments.filter(fact_check=check), settings.FACT_CHECK_LIMIT, WINDOW),
        seconds_to_wait(moments.filter(address=address), settings.FACT_CHECK_CLIENT_LIMIT, WINDOW),
    )


def told_about(proposal: Proposal) -> list[FactCheck]:
    """Return the fact checks that a proposal's readers are to know: answered since, or not dealt with. Two queries."""
    if not proposal.program_id:
        return []
    checks = FactCheck.objects.answered().filter(program=proposal.program_id)
    matters = Q(answered_at__gte=proposal.created_at) | Q(settled_at__isnull=True)
    return list(checks.filter(matters).prefetch_related("answers").order_by("-answered_at")[:5])


# --- What an editor makes of it --------------------------------------------------------------------------------------


def may_date(check: FactCheck) -> bool:
    """Return whether the answers make the date at which the program's content was last reviewed a later one."""
    program = check.program
    return not program.is_retired and bool(program.content_last_reviewed < str(check.answered_on))


def is_date_proposed(user: Person, program: Program) -> bool:
    """Return whether the date becomes a part of a proposal.

    It does where one is open, for that is what the representative was shown, and where somebody may not publish.
    """
    is_open = proposals.open_proposal(program) is not None
    return proposals.is_live(program) and (is_open or not proposals.may_change_live(user, program))


@transaction.atomic
def settle(check: FactCheck, *, user: Person, seen: str) -> FactCheck:
    """Mark answers as dealt with by ``user``, who has ``seen`` those of that moment. Raises Hindered."""
    locked: Any = FactCheck.objects.select_for_update().get(pk=check.pk)
    if not locked.is_unsettled:
        raise Hindered(DEALT_WITH)
    if seen != locked.answered_at.isoformat():
        raise Hindered(ANSWERED_AGAIN)
    locked.settled_by_id, locked.settled_at = user.pk, timezone.now()
    locked.save()
    stored: FactCheck = locked
    return stored


@transaction.atomic
def settle_and_date(check: FactCheck, *, user: Person, seen: str) -> bool:
    """Mark answers as dealt with, and date the program's content by them; return whether as a proposal.

    Raises Hindered.
    """
    check = settle(check, user=user, seen=seen)
    program = Program.objects.select_for_update().get(pk=check.program_id)
    day, reason = str(check.answered_on), f"Fact check by {check.answered_by}"
    if not may_date(check):
        raise Hindered(NOT_DATED)
    if is_date_proposed(user, program):
        proposals.propose(program, {REVIEWED: day}, {}, user=user, reason=reason)
        return True
    setattr(program, REVIEWED, day)
    try:
        program.full_clean()
    except ValidationError as error:
        raise Hindered(*in_sentences(error)) from None
    program._history_user, program._change_reason = user, reason
    program.save()
    return False
