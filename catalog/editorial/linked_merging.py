"""Merging two references of one publication, or two experts who are one person.

One stays, the survivor. What links to the other one links to the survivor from then on, and the other one is deleted:
neither kind has a status. Its history stays, and its key or slug stands for the survivor.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from ..history.bulk_writer import BulkWriter
from ..models import (
    Assignment,
    MergedExpertSlug,
    MergedReferenceKey,
    NotificationKind,
    Proposal,
    Reference,
    StaffNote,
    Study,
    Task,
    TopicArea,
    TopicExpert,
)
from ..models.about_entry import entry_field
from ..models.base import MergedKey, Person
from ..models.history import one_save
from ..values.fields import tidy
from .notifications import tell_of, writers_of
from .proposals.changes import may_change_live, must_propose, open_proposal
from .proposals.leading_on import lead_on
from .transitions import may
from .twins import MergeRefused, Twins

type Linked = Reference | TopicExpert

# By kind: the relation of a topic area that leads to it, its own key, and where the keys of merged ones are kept.
RELATIONS: dict[type[Linked], str] = {Reference: "further_reading", TopicExpert: "experts"}
KEYS: dict[type[Linked], str] = {Reference: "key", TopicExpert: "slug"}
MERGED_KEYS: dict[type[Linked], type[MergedKey]] = {
    Reference: MergedReferenceKey,
    TopicExpert: MergedExpertSlug,
}

ITSELF = "An entry cannot be merged into itself. Choose the other one."
PROPOSED = "“{}” has a proposal that waits. Publish or discard it first: it would be lost."
MAY_NOT = "Your account may not merge these two: visitors read one of them, and that takes the permission to publish."
GONE = "One of the two has been deleted meanwhile. Nothing is merged."
CHANGED = "“{}” has changed since you opened this page. Nothing is merged yet: look once more at what would happen."


@dataclass(frozen=True)
class LinkedMerge(Twins[Linked]):
    """Plan the merge of two references or two experts.

    ``studies`` go to the survivor, ``known_studies`` are of programs that cite both: they go. ``areas`` link to the
    survivor from then on.
    """

    studies: list[Study]
    known_studies: list[Study]
    areas: list[TopicArea]

    @classmethod
    def of(cls, merged: Linked, survivor: Linked) -> "LinkedMerge":
        """Return what would become of two entries, as they are stored now."""
        studies: list[Study] = []
        programs: set[int] = set()
        if isinstance(merged, Reference) and isinstance(survivor, Reference):
            studies = list(merged.studies.select_related("program").order_by("program__name", "pk"))
            programs = set(survivor.studies.values_list("program_id", flat=True))
        return cls(
            merged,
            survivor,
            studies=[study for study in studies if study.program_id not in programs],
            known_studies=[study for study in studies if study.program_id in programs],
            areas=list(merged.topic_areas.all()),
        )

    def carry_out(self, user: Person, reason: str, fill: Collection[str] = ()) -> None:
        """Merge the two entries; for use in a transaction that holds the locks.

        ``fill`` are the keys of the ``blanks`` that are to be filled in.
        """
        merged, survivor, model = self.merged, self.survivor, type(self.merged)
        writer = BulkWriter(
            user=user, reason=f"Merged “{merged}” into “{survivor}”: {reason}", record=None
        )
        for study in self.studies:
            study.reference_id = survivor.pk
        writer.change(self.studies, ["reference"])
        writer.remove(Study, [study.pk for study in self.known_studies])
        relation = RELATIONS[model]
        writer.change(
            self.areas, (), [(area, {relation: self.linked_by(area)}) for area in self.areas]
        )
        lead_on(merged, survivor, user=user, reason=writer.reason)
        self.hand_on_keys()
        self.hand_on_work()
        self.fill_in(fill)
        # What must be unique, a DOI, is free for the survivor only then.
        writer.remove(model, [merged.pk])
        survivor._change_reason, survivor._history_user = writer.reason, user
        survivor.save()

    def linked_by(self, area: TopicArea) -> set[int]:
        """Return the primary keys of what an area is to link to."""
        links = getattr(area, RELATIONS[type(self.merged)])
        return {*links.values_list("pk", flat=True), self.survivor.pk} - {self.merged.pk}

    def hand_on_work(self) -> None:
        """Let the survivor have the notes of the staff, and its first task of each kind; proposals went before."""
        name = entry_field(type(self.merged))
        StaffNote.objects.of(self.merged).update(**{name: self.survivor})
        there = Assignment.objects.of(self.survivor).unended().values("task")
        tasks = Assignment.objects.of(self.merged).unended().filter(task=Task.EDIT)
        tasks.exclude(task__in=there).update(**{name: self.survivor})
        Assignment.objects.of(self.merged).delete()
        Proposal.objects.of(self.merged).delete()

    def hand_on_keys(self) -> None:
        """Let all keys that stand for the merged entry stand for the survivor."""
        model = type(self.merged)
        kept: Any = MERGED_KEYS[model]._default_manager
        kept.filter(entry=self.merged).update(entry=self.survivor)
        keys = {getattr(self.merged, KEYS[model])}
        if model is TopicExpert:
            records: Any = TopicExpert.history
            keys |= set(records.filter(id=self.merged.pk).values_list("slug", flat=True))
        known = set(kept.filter(key__in=keys).values_list("key", flat=True))
        kept.bulk_create(kept.model(key=key, entry=self.survivor) for key in sorted(keys - known))


def why_not(merged: Linked, survivor: Linked) -> str:
    """Return why two entries cannot be merged, in a sentence, or ""."""
    if merged.pk == survivor.pk:
        return ITSELF
    return PROPOSED.format(merged) if open_proposal(merged) else ""


def may_merge(user: Person, *entries: Linked) -> bool:
    """Return whether somebody may merge these: what visitors read takes the permission to publish it.

    So do the programs that cite a reference, and the areas that link to it, as their pages change with it.
    """
    first = entries[0]
    kinds: list[type[models.Model]] = [type(first), TopicArea]
    kinds += [Study] if isinstance(first, Reference) else []
    if not all(may(user, kind, "change") for kind in kinds):
        return False
    return may_change_live(user, first) or not any(must_propose(user, entry) for entry in entries)


def state(entry: Linked) -> str:
    """Return a digest of an entry and of what links to it: another one after any change."""
    rows: list[Any] = [type(entry)._default_manager.filter(pk=entry.pk).values_list()]
    rows.append(entry.topic_areas.order_by("pk").values_list("pk"))
    if isinstance(entry, Reference):
        rows.append(entry.studies.order_by("pk").values_list())
    return hashlib.sha256(repr([list(row) for row in rows]).encode()).hexdigest()[:16]


def merge_linked(
    merged: Linked,
    survivor: Linked,
    *,
    user: Person,
    reason: str,
    seen: Mapping[int, str],
    fill: Collection[str] = (),
) -> LinkedMerge:
    """Merge one entry into the other, whole or not at all, and return what was done.

    ``seen`` holds the ``state`` of both when somebody decided on it, by primary key. Raises MergeRefused where it
    cannot be, or an entry has changed since.
    """
    model: Any = type(merged)
    with transaction.atomic(), one_save():
        locked = model.objects.select_for_update().filter(pk__in=[merged.pk, survivor.pk])
        stored = {entry.pk: entry for entry in locked.order_by("pk")}
        if not {merged.pk, survivor.pk} <= stored.keys():
            raise MergeRefused(GONE)
        merged, survivor = stored[merged.pk], stored[survivor.pk]
        # Whoever links to one of them meanwhile waits; whoever has done so is seen below.
        list(TopicArea.objects.select_for_update().filter(pk__in=merged.topic_areas.values("pk")))
        if why := why_not(merged, survivor):
            raise MergeRefused(why)
        if not may_merge(user, merged, survivor):
            raise MergeRefused(MAY_NOT)
        for entry in (merged, survivor):
            if state(entry) != seen.get(entry.pk):
                raise MergeRefused(CHANGED.format(entry))
        plan, reason = LinkedMerge.of(merged, survivor), tidy(reason)
        plan.carry_out(user, reason, fill)
        writers = set().union(*writers_of([survivor, merged]))
        tell_of([survivor, merged], writers, NotificationKind.MERGED, words=reason, by=user)
    return plan
