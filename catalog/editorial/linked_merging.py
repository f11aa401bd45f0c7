"""Merging two references of one publication, or two experts who are one person.

One stays, the survivor. What links to the other one links to the survivor from then on, and the other one is deleted:
neither kind has a status. Its history stays, and its key or slug stands for the survivor. What no history tells of is
recorded, so that the merge can be undone (``linked_unmerging``).
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import serializers
from django.db import models, transaction

from ..history.bulk_writer import BulkWriter
from ..models import (
    PROGRAM_ROWS,
    Assignment,
    MergedExpertSlug,
    MergedReferenceKey,
    MergeRecord,
    NotificationKind,
    ProgramRow,
    Proposal,
    ProposalComment,
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

# The rows of programs that name a reference; and all relations by which they do.
CITING: list[type[Any]] = [
    model for model in PROGRAM_ROWS.values() if "reference" in model.key_fields
]
NAMING = [
    *(name for name in PROGRAM_ROWS if PROGRAM_ROWS[name] in CITING),
    "studies_of_same_sample",
]

ITSELF = "An entry cannot be merged into itself. Choose the other one."
PROPOSED = "“{}” has a proposal that waits. Publish or discard it first: it would be lost."
MAY_NOT = "Your account may not merge these two: visitors read one of them, and that takes the permission to publish."
GONE = "One of the two has been deleted meanwhile. Nothing is merged."
CHANGED = "“{}” has changed since you opened this page. Nothing is merged yet: look once more at what would happen."


@dataclass(frozen=True)
class LinkedMerge(Twins[Linked]):
    """Plan the merge of two references or two experts.

    ``rows``, of programs that cite it, name the survivor from then on, but for ``known_rows``: their programs say the
    same of both, so these go. ``same_samples`` are studies that name it as another one of their sample, and ``areas``
    link to it.
    """

    rows: list[ProgramRow]
    known_rows: list[ProgramRow]
    same_samples: list[Study]
    areas: list[TopicArea]

    @classmethod
    def of(cls, merged: Linked, survivor: Linked) -> "LinkedMerge":
        """Return the plan of a merge of two entries, as they are stored now."""
        rows: list[ProgramRow] = []
        known: set[tuple[object, ...]] = set()
        same_samples: list[Study] = []
        if isinstance(merged, Reference) and isinstance(survivor, Reference):
            rows = [named_after(survivor, row) for row in rows_of(merged)]
            known = {unique_key(row) for row in rows_of(survivor)}
            others = merged.studies_of_same_sample.exclude(reference=merged)
            same_samples = [of_same_sample(survivor, study) for study in others]
        return cls(
            merged,
            survivor,
            rows=[row for row in rows if unique_key(row) not in known],
            known_rows=[row for row in rows if unique_key(row) in known],
            same_samples=same_samples,
            areas=list(merged.topic_areas.all()),
        )

    @property
    def citing(self) -> list[str]:
        """Return the names of the programs that cite the survivor from then on."""
        return [row.program.name for row in self.rows if isinstance(row, Study)]

    @property
    def citing_both(self) -> list[str]:
        """Return the names of the programs that cite both."""
        return [row.program.name for row in self.known_rows if isinstance(row, Study)]

    def carry_out(self, user: Person, reason: str, fill: Collection[str] = ()) -> None:
        """Merge the two entries; for use in a transaction that holds the locks.

        ``fill`` are the keys of the ``blanks`` that are to be filled in.
        """
        merged, survivor, model = self.merged, self.survivor, type(self.merged)
        writer = BulkWriter(
            user=user, reason=f"Merged “{merged}” into “{survivor}”: {reason}", record=None
        )
        for kind in CITING:
            # At once: a row that is written twice has two records, of which undoing would take the first for before.
            rows = [r for r in (*self.rows, *self.same_samples) if isinstance(r, kind)]
            writer.change(rows, [f.name for f in kind._meta.fields if f.related_model is Reference])
            writer.remove(kind, [row.pk for row in self.known_rows if isinstance(row, kind)])
        record = MergeRecord(
            kind=entry_field(model),
            merged=merged.pk,
            survivor=survivor.pk,
            history_save=writer.save,
        )
        record.moved["links of proposals"] = lead_on(
            merged, survivor, user=user, reason=writer.reason
        )
        self.hand_on_links(record, writer)
        self.hand_on_keys(record)
        self.hand_on_work(record, writer)
        record.save()
        self.fill_in(fill)
        # What must be unique, a DOI, is free for the survivor only then.
        writer.remove(model, [merged.pk])
        survivor._change_reason, survivor._history_user = writer.reason, user
        survivor.save()

    def hand_on_links(self, record: MergeRecord, writer: BulkWriter) -> None:
        """Move the links of topic areas from the merged entry to the survivor; some link to it already."""
        relation = RELATIONS[type(self.merged)]
        links = links_of([area.pk for area in self.areas], relation)
        record.moved["areas"] = list(links)
        record.moved["areas of both"] = [pk for pk in links if self.survivor.pk in links[pk]]
        swapped = {pk: {*found, self.survivor.pk} - {self.merged.pk} for pk, found in links.items()}
        writer.change(self.areas, (), [(area, {relation: swapped[area.pk]}) for area in self.areas])

    def hand_on_keys(self, record: MergeRecord) -> None:
        """Move all keys that stand for the merged entry to the survivor, and its own ones too."""
        model = type(self.merged)
        kept: Any = MERGED_KEYS[model]._default_manager
        record.move(kept.filter(entry=self.merged), entry=self.survivor)
        keys = {getattr(self.merged, KEYS[model])}
        if model is TopicExpert:
            records: Any = TopicExpert.history
            keys |= set(records.filter(id=self.merged.pk).values_list("slug", flat=True))
        known = set(kept.filter(key__in=keys).values_list("key", flat=True))
        record.moved["new keys"] = sorted(keys - known)
        kept.bulk_create(kept.model(key=key, entry=self.survivor) for key in sorted(keys - known))

    def hand_on_work(self, record: MergeRecord, writer: BulkWriter) -> None:
        """Move the notes of the staff to the survivor, and its first task of each kind; the rest is deleted."""
        name = entry_field(type(self.merged))
        record.move(StaffNote.objects.of(self.merged), **{name: self.survivor})
        there = Assignment.objects.of(self.survivor).unended().values("task")
        tasks = Assignment.objects.of(self.merged).unended().filter(task=Task.EDIT)
        record.move(tasks.exclude(task__in=there), **{name: self.survivor})
        proposals: Any = Proposal.objects.of(self.merged)
        comments = ProposalComment.objects.filter(proposal__in=proposals)
        left = Assignment.objects.of(self.merged)
        record.removed = as_json([*proposals, *comments, *left])
        left.delete()
        for proposal in proposals:
            proposal._change_reason, proposal._history_user = writer.reason, writer.user
            proposal.delete()


def rows_of(reference: Reference) -> list[ProgramRow]:
    """Return the rows of programs that name a reference, by the program's name."""
    return [
        row
        for kind in CITING
        for row in kind._default_manager.filter(reference=reference)
        .select_related("program", *kind.related_keys())
        .order_by("program__name", "pk")
    ]


def unique_key(row: ProgramRow) -> tuple[object, ...]:
    """Return the unique key of a row: its model, its program, and what tells it from that program's others."""
    return type(row), row.program_id, row.key_in_program


def named_after(survivor: Reference, row: Any) -> ProgramRow:
    """Set the reference that stays in a row, in memory."""
    row.reference = survivor
    if isinstance(row, Study) and row.same_sample_as_id == survivor.pk:
        row.same_sample_as = None
    return row


def of_same_sample(survivor: Reference, study: Study) -> Study:
    """Set the reference that stays as a study's same sample, in memory, unless that is its own."""
    study.same_sample_as = None if study.reference_id == survivor.pk else survivor
    return study


def links_of(areas: Collection[int], relation: str) -> dict[int, set[int]]:
    """Return the primary keys of what topic areas link to, by the area's own; none of an area that is gone."""
    found: dict[int, set[int]] = {}
    stored = TopicArea.objects.filter(pk__in=areas).order_by()
    for area, linked in stored.values_list("pk", f"{relation}__pk"):
        found.setdefault(area, set()).add(linked)
    return found


def as_json(rows: Sequence[models.Model]) -> list[Any]:
    """Return rows as Django serializes them; moments to the microsecond, as ``DjangoJSONEncoder`` does not."""
    found: list[Any] = json.loads(json.dumps(serializers.serialize("python", rows), default=str))
    return found


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
    kinds += CITING if isinstance(first, Reference) else []
    if not all(may(user, kind, "change") for kind in kinds):
        return False
    return may_change_live(user, first) or not any(must_propose(user, entry) for entry in entries)


def digest(entry: Linked) -> str:
    """Return a digest of an entry and of what links to it: another one after any change."""
    rows: list[Any] = [type(entry)._default_manager.filter(pk=entry.pk).values_list()]
    rows.append(entry.topic_areas.order_by("pk").values_list("pk"))
    if isinstance(entry, Reference):
        rows += [getattr(entry, relation).order_by("pk").values_list() for relation in NAMING]
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

    ``seen`` holds the ``digest`` of both when somebody decided on it, by primary key. Raises MergeRefused where it
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
            if digest(entry) != seen.get(entry.pk):
                raise MergeRefused(CHANGED.format(entry))
        plan, reason = LinkedMerge.of(merged, survivor), tidy(reason)
        plan.carry_out(user, reason, fill)
        writers = set().union(*writers_of([survivor, merged]))
        tell_of([survivor, merged], writers, NotificationKind.MERGED, words=reason, by=user)
    return plan
