"""Giving people something to do at entries: who may be given what, and doing it for one entry or for many."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.contrib.auth.models import AbstractUser, User
from django.db import models, transaction
from django.utils import timezone

from ..history.diff import person as called
from ..models import Assignment, NotificationKind, Program, Proposal, Status, Task
from ..models.about_entry import entry_field
from ..models.assignments import AT_PROPOSAL, AssignmentQuerySet
from ..models.base import CatalogModel, Person
from ..models.proposals import TO_DECIDE, TO_FINISH
from ..values.moments import day_in_words
from .notifications import tell_of
from .proposals.changes import is_closed
from .proposals.steps import is_own
from .transitions import may

MERGED = "It was merged into another entry, and can only be read."
RETIRED = "It is retired: its research is not reviewed any more."
NOTHING_TO_FINISH = "It has no proposal that is to be finished."
NOTHING_TO_DECIDE = "It has no proposal that waits for a decision."
OWN = "{person} has submitted its proposal: somebody else decides on it."
GONE = "An entry was deleted meanwhile."


class NotAssigned(Exception):
    """Says why nothing was assigned: for each entry that is in the way a sentence, by the entry."""

    def __init__(self, refused: Sequence[tuple[CatalogModel | None, str]]) -> None:
        super().__init__(refused)
        self.refused = refused


class Errand(NamedTuple):
    """Say what one person is to do, until when, and what else there is to know."""

    task: Task
    person: AbstractUser
    due_on: date | None = None
    note: str = ""


def tasks_of(model: type[models.Model]) -> list[Task]:
    """Return the tasks that there may be at entries of a model."""
    return [task for task in Task if task != Task.REVIEW or model is Program]


def permission_to(task: str) -> str:
    """Return the permission that a task takes: deciding on a proposal publishes it."""
    return "publish" if task == Task.DECIDE else "change"


def people_for(model: type[models.Model]) -> models.QuerySet[User]:
    """Return the staff to whom entries of a model can be given: those who may change them."""
    writers = User.objects.with_perm(f"catalog.change_{model._meta.model_name}")
    return writers.filter(is_staff=True).order_by("first_name", "last_name", "username")


def why_not_by(model: type[models.Model], task: Task, person: Person) -> str:
    """Return in a sentence why somebody cannot do a task at entries of a model, "" where they can."""
    permission = permission_to(task)
    if may(person, model, permission):
        return ""
    return f"{called(person)} may not {permission} {model._meta.verbose_name_plural}: choose somebody who may."


def why_not_at(entry: CatalogModel, task: Task, proposal: Proposal | None) -> str:
    """Return in a sentence why a task is not to be done at an entry with this open proposal, "" where it is."""
    if is_closed(entry):
        return MERGED
    if task == Task.REVIEW and getattr(entry, "status", "") == Status.RETIRED:
        return RETIRED
    state = proposal.state if proposal else None
    if task == Task.FINISH and state not in TO_FINISH:
        return NOTHING_TO_FINISH
    if task == Task.DECIDE and state not in TO_DECIDE:
        return NOTHING_TO_DECIDE
    return ""


def why_not(entry: CatalogModel, errand: Errand, proposal: Proposal | None) -> str:
    """Return in a sentence why somebody cannot do a task at an entry, "" where they can."""
    if sentence := why_not_at(entry, errand.task, proposal):
        return sentence
    if errand.task == Task.DECIDE and proposal and is_own(proposal, errand.person):
        return OWN.format(person=called(errand.person))
    return ""


def tasks_at(entry: CatalogModel) -> list[Task]:
    """Return the tasks at an entry as it stands, first at its proposal."""
    model = type(entry)
    proposal = open_proposals(model, [entry.pk]).get(entry.pk)
    tasks = [task for task in tasks_of(model) if not why_not_at(entry, task, proposal)]
    return sorted(tasks, key=lambda task: task not in AT_PROPOSAL)


@transaction.atomic
def assign(
    model: type[CatalogModel], pks: Sequence[int], errand: Errand, *, user: Person
) -> list[Assignment]:
    """Give somebody a task at entries of a model, in the name of ``user``: at all of them, or at none.

    Whoever had the task before does not have it any more; what is just as it was asked for stays. Returns what is new.
    Raises NotAssigned.
    """
    entries = list(model._default_manager.select_for_update().filter(pk__in=pks).order_by("pk"))
    proposals = open_proposals(model, pks)
    checked = [(entry, why_not(entry, errand, proposals.get(entry.pk))) for entry in entries]
    refused: list[tuple[CatalogModel | None, str]] = [pair for pair in checked if pair[1]]
    if len(entries) < len(set(pks)):
        refused.append((None, GONE))
    if refused:
        raise NotAssigned(refused)
    wanted = [planned(entry, errand, proposals.get(entry.pk), user) for entry in entries]
    name = entry_field(model)
    former = Assignment.objects.unended().filter(task=errand.task, **{f"{name}__in": pks})
    known = {getattr(there, f"{name}_id"): there for there in former}
    new = [one for one in wanted if not is_same(known.get(getattr(one, f"{name}_id")), one)]
    replaced = [getattr(one, f"{name}_id") for one in new]
    end(former.filter(**{f"{name}__in": replaced}), user)
    Assignment.objects.bulk_create(new)
    if new:
        given = [entry for entry in entries if entry.pk in replaced]
        words = errand_in_words(errand)
        tell_of(given, [errand.person.pk], NotificationKind.ASSIGNED, words=words, by=user)
    return new


def errand_in_words(errand: Errand) -> str:
    """Return what somebody is to do: "Review the research, until March 1, 2026: the new trial"."""
    until = f", until {day_in_words(errand.due_on)}" if errand.due_on else ""
    note = f": {errand.note}" if errand.note else ""
    return f"{errand.task.label}{until}{note}"


def open_proposals(model: type[models.Model], pks: Sequence[int]) -> Mapping[int, Proposal]:
    """Return the open proposals for entries of a model, by the entry's key."""
    name = entry_field(model)
    found = Proposal.objects.open().filter(**{f"{name}__in": pks}).defer("changes", "rows")
    return {getattr(proposal, f"{name}_id"): proposal for proposal in found}


def planned(
    entry: CatalogModel, errand: Errand, proposal: Proposal | None, user: Person
) -> Assignment:
    """Return an assignment that is not stored yet."""
    return Assignment(
        **{entry_field(type(entry)): entry},
        **errand._asdict(),
        last_reviewed=getattr(entry, "research_last_reviewed", ""),
        proposal=proposal if errand.task in AT_PROPOSAL else None,
        assigned_by_id=user.pk,
    )


def is_same(known: Assignment | None, wanted: Assignment) -> bool:
    """Return whether an assignment says what another one would say."""
    names = ("person_id", "due_on", "note", "last_reviewed", "proposal_id")
    return all(getattr(known, name, ...) == getattr(wanted, name) for name in names)


def end(assignments: AssignmentQuerySet, user: Person) -> int:
    """End assignments in somebody's name; return how many there were."""
    ended: int = assignments.unended().update(ended_by_id=user.pk, ended_at=timezone.now())
    return ended
