"""Undoing the merge of two references or experts while nobody has edited since what it wrote.

The merged entry was deleted: it comes back from its history, with its key, and so do the rows of programs that went
with it. What moved goes back, and what no history tells of comes from the merge's record.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from ..history.bulk_writer import BulkWriter
from ..models import (
    Assignment,
    MergeRecord,
    Program,
    ProgramRow,
    Reference,
    StaffNote,
    Study,
    TopicArea,
)
from ..models.about_entry import entry_field
from ..models.base import Person
from ..models.history import CatalogRecord, one_save
from ..models.status import is_live
from ..values.fields import tidy
from .linked_merging import CITING, MERGED_KEYS, RELATIONS, Linked, links_of, may_merge
from .proposals.changes import may_change_live
from .proposals.leading_on import lead_back
from .twins import MergeRefused
from .unmerging import NOT_MERGED
from .written_rows import EDITED, Written, edit_since, last_edit, names_of_fields, written

UNKNOWN = (
    "Nothing is recorded of this merge, so it cannot be undone. Enter what is missing by hand."
)
MERGED_SINCE = "“{}”, into which it was merged, has been merged into another entry since: undo that merge first."
SURVIVOR_GONE = (
    "The entry into which “{}” was merged has been deleted since, so the merge cannot be undone. Enter it anew from "
    "its history."
)
PROGRAM_GONE = (
    "“{}”, which cited it, has been merged into another program or deleted since. Undo that first."
)
NOT_AS_IT_WAS = "“{}” cannot come back as it was. {} Change what is in the way first."
ANOTHER = "It was merged anew since you opened this page. Look once more at what would come back."
MAY_NOT = "To undo the merge of what visitors read takes the permission to publish. Ask somebody who has it."


class PastLinkedMerge(NamedTuple):
    """A merge that was made: its two entries as they are or were, and all else that it wrote.

    ``told`` is the record of the history that tells of the merged entry. ``rows``, a list for each kind, were led to
    the survivor, and ``removed_rows``, which their programs had of both, went.
    """

    record: MergeRecord
    told: CatalogRecord
    merged: Linked
    survivor: Linked
    entries: list[Written[Any]]
    rows: list[list[Written[ProgramRow]]]
    removed_rows: list[list[ProgramRow]]

    @classmethod
    def of(cls, record: MergeRecord, model: type[Linked]) -> "PastLinkedMerge":
        """Return a merge by its record. Raises MergeRefused where it cannot be undone."""
        history: Any = model.history
        save = {"history_save": record.history_save, "history_type": "-"}
        told = history.select_related("history_user").filter(id=record.merged, **save).first()
        if told is None:
            raise MergeRefused(UNKNOWN)
        merged = told.instance
        survivor = model._default_manager.filter(pk=record.survivor).first()
        if survivor is None:
            raise MergeRefused(why_gone(record, merged, model))
        kinds = CITING if model is Reference else []
        rows = [written(kind, record.history_save, ~Q(history_type="-")) for kind in kinds]
        removed = [
            [row.instance for row in kind.history.filter(**save).order_by("id")] for kind in kinds
        ]
        entries = written(model, record.history_save, Q(id=record.survivor))
        return cls(record, told, merged, survivor, entries, rows, removed)

    @property
    def before(self) -> Linked:
        """Return the survivor as it was before the merge."""
        entry: Linked = self.entries[0].before
        return entry

    def areas(self) -> list[TopicArea]:
        """Return the topic areas that are to link to the merged entry again."""
        return list(TopicArea.objects.filter(pk__in=self.record.moved["areas"]))

    def edit(self) -> str:
        """Say what is no longer as the merge left it, and who has written it since; "" where all is."""
        edits = map(edit_since, (self.entries, *self.rows))
        return next(filter(None, chain(edits, self.hindrances())), "")

    def hindrances(self) -> Iterator[str]:
        """Yield what has no place any more to come back to."""
        areas = self.record.moved["areas"]
        links = links_of(areas, RELATIONS[type(self.merged)])
        for pk in areas:
            if self.survivor.pk not in links.get(pk, ()):
                area = TopicArea.history.filter(id=pk).latest().instance
                yield EDITED.format(area, last_edit(area))
        citing_both = {row.program_id: None for rows in self.removed_rows for row in rows}
        programs = Program.objects.in_bulk(citing_both)
        for pk in citing_both:
            program = programs.get(pk)
            if program is None or program.merged_into_id:
                name = Program.history.filter(id=pk).latest().name
                yield PROGRAM_GONE.format(name)

    def carry_out(self, user: Person, reason: str) -> None:
        """Put everything back; for use in a transaction that holds the locks. Raises MergeRefused."""
        model, record = type(self.merged), self.record
        said = f"Undid the merge of “{self.merged}” into “{self.survivor}”"
        writer = BulkWriter(user=user, reason=f"{said}: {reason}", record=None)
        kept: Any = MERGED_KEYS[model]._default_manager
        kept.filter(key__in=record.moved["new keys"], entry=self.survivor).delete()
        # What must be unique, a DOI, is free for the merged entry only then.
        writer.change([self.before], names_of_fields(model))
        self.check_merged()
        writer.add([self.merged])
        record.moved_rows(MERGED_KEYS[model]).update(entry=self.merged)
        for rows in self.rows:
            before = [row.before for row in rows]
            writer.change(before, names_of_fields(type(before[0])) if before else ())
        for removed in self.removed_rows:
            writer.add(removed)
        self.take_links(writer)
        self.take_work(writer)
        lead_back(record.moved["links of proposals"], user=user, reason=writer.reason)
        record.delete()

    def check_merged(self) -> None:
        """Raise MergeRefused where something stands in the place of the merged entry now."""
        try:
            self.merged.validate_unique()
            self.merged.validate_constraints()
        except ValidationError as error:
            raise MergeRefused(NOT_AS_IT_WAS.format(self.merged, error.messages[0])) from None

    def take_links(self, writer: BulkWriter) -> None:
        """Restore the topic areas' links to the merged entry, and delete those to the survivor that the merge added."""
        relation, areas = RELATIONS[type(self.merged)], self.areas()
        links = links_of([area.pk for area in areas], relation)
        for pk, found in links.items():
            found.add(self.merged.pk)
            if pk not in self.record.moved["areas of both"]:
                found.remove(self.survivor.pk)
        writer.change(areas, (), [(area, {relation: links[area.pk]}) for area in areas])

    def take_work(self, writer: BulkWriter) -> None:
        """Restore the merged entry's notes, tasks and proposals."""
        name = entry_field(type(self.merged))
        for model in (StaffNote, Assignment):
            still_there = self.record.moved_rows(model).filter(**{name: self.survivor})
            still_there.update(**{name: self.merged.pk})
        for found in serializers.deserialize("python", self.record.removed):
            row: Any = found.object
            if without_gone_people(row):
                row._change_reason, row._history_user = writer.reason, writer.user
                row.save(force_insert=True)


def without_gone_people(row: models.Model) -> bool:
    """Clear a row's references to deleted accounts; return whether it can do without them."""
    for field in row._meta.concrete_fields:
        pk = getattr(row, field.attname)
        if not isinstance(field, models.ForeignKey) or pk is None:
            continue
        if not field.remote_field.model._default_manager.filter(pk=pk).exists():
            if not field.null:
                return False
            setattr(row, field.attname, None)
    return True


def why_gone(record: MergeRecord, merged: Linked, model: type[Linked]) -> str:
    """Say why there is no survivor any more: it was merged in turn, or deleted."""
    history: Any = model.history
    last = history.filter(id=record.survivor).latest().instance
    if MergeRecord.objects.of_kind(model).filter(merged=record.survivor).exists():
        return MERGED_SINCE.format(last)
    return SURVIVOR_GONE.format(merged)


def past_merge(model: type[Linked], pk: int) -> PastLinkedMerge:
    """Return the merge by which an entry with this key was deleted. Raises MergeRefused where there is none."""
    record = MergeRecord.objects.of_kind(model).filter(merged=pk).first()
    if record:
        return PastLinkedMerge.of(record, model)
    raise MergeRefused(why_unrecorded(model, pk))


def why_unrecorded(model: type[Linked], pk: int) -> str:
    """Say why no merge of an entry is recorded."""
    entry = model._default_manager.filter(pk=pk).first()
    return NOT_MERGED.format(entry) if entry else UNKNOWN


def may_unmerge(user: Person, past: PastLinkedMerge) -> bool:
    """Return whether somebody may undo a merge: who may merge the two, as the programs cite them then."""
    programs = {row.left.program_id for rows in past.rows for row in rows}
    programs |= {row.program_id for rows in past.removed_rows for row in rows}
    live = Program.objects.filter(is_live(), pk__in=programs)
    may_all = may_change_live(user, past.survivor)
    return may_merge(user, past.survivor) and (may_all or not live.exists())


def unmerge_linked(
    model: type[Linked], pk: int, *, user: Person, reason: str, seen: str
) -> PastLinkedMerge:
    """Undo the merge of an entry, whole or not at all, and return what was undone.

    ``pk`` is the key that the entry had, and ``seen`` that of the merge's record that somebody decided on. Raises
    MergeRefused.
    """
    with transaction.atomic(), one_save():
        record = MergeRecord.objects.select_for_update().of_kind(model).filter(merged=pk).first()
        if record is None:
            raise MergeRefused(why_unrecorded(model, pk))
        if seen != str(record.pk):
            raise MergeRefused(ANOTHER)
        lock(record, model)
        past = PastLinkedMerge.of(record, model)
        if not may_unmerge(user, past):
            raise MergeRefused(MAY_NOT)
        if why := past.edit():
            raise MergeRefused(why)
        past.carry_out(user, tidy(reason))
    return past


def lock(record: MergeRecord, model: type[Linked]) -> None:
    """Lock the survivor and what the merge moved to it: entries first, then areas, as merging does."""
    locked: list[models.QuerySet] = [
        model._default_manager.filter(pk=record.survivor),
        TopicArea.objects.filter(pk__in=record.moved["areas"]),
    ]
    if model is Reference:
        locked += [kind._default_manager.filter(reference=record.survivor) for kind in CITING]
        locked.append(Study.objects.filter(same_sample_as=record.survivor))
    for rows in locked:
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
