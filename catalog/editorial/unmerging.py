"""Undoing a merge while nobody has edited since what it wrote: both entries become again what they were.

A merge is one save in the history, from which is read what it wrote, and how each row was before. Nothing is taken
away there: that the merge was undone is one save more.
"""

from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from ..history.bulk_writer import BulkWriter
from ..history.records import parts_of
from ..models import PROGRAM_ROWS, Program, ProgramRow, Rating
from ..models.base import Person
from ..models.history import CatalogRecord, one_save
from ..values.fields import tidy
from .merging import may_merge, may_publish
from .twins import MergeRefused
from .written_rows import Written, edit_since, names_of_fields, written

NOT_MERGED = "“{}” is not merged into another entry. Somebody may have undone the merge meanwhile."
UNKNOWN = (
    "The history does not say how “{}” was before it was merged, so the merge cannot be undone. Enter what is missing "
    "by hand."
)
MERGED_SINCE = (
    "“{}”, into which it was merged, has been merged into “{}” since: undo that merge first."
)
ANOTHER = "“{}” was merged anew since you opened this page. Look once more at what would come back."


class PastMerge(NamedTuple):
    """A merge that was made, by the record of the history that tells of the merged entry, with all that it wrote."""

    record: CatalogRecord
    merged: Program
    survivor: Program
    programs: list[Written[Program]]
    ratings: list[Written[Rating]]
    rows: list[list[Written[ProgramRow]]]

    @classmethod
    def of(cls, merged: Program) -> "PastMerge":
        """Return the merge of an entry, as the history tells of it. Raises MergeRefused where it tells of none."""
        if not merged.merged_into:
            raise MergeRefused(NOT_MERGED.format(merged))
        record = record_of_merge(merged)
        survivor = Program.objects.filter(pk=record and record.merged_into_id).first()
        if survivor is None:
            raise MergeRefused(UNKNOWN.format(merged))
        if survivor.merged_into:
            raise MergeRefused(MERGED_SINCE.format(survivor, survivor.merged_into))
        both = Q(program_id__in=[merged.pk, survivor.pk])
        entries = Q(id__in=[merged.pk, survivor.pk]) | Q(merged_into_id=survivor.pk)
        programs = written(Program, record.history_save, entries)
        if not {merged.pk, survivor.pk} <= {row.left.pk for row in programs}:
            raise MergeRefused(UNKNOWN.format(merged))
        ratings = written(Rating, record.history_save, both)
        rows = [written(model, record.history_save, both) for model in PROGRAM_ROWS.values()]
        return cls(record, merged, survivor, programs, ratings, rows)

    def before(self, program: Program) -> Program:
        """Return one of the two entries as it was before the merge."""
        return next(row.before for row in self.programs if row.left.pk == program.pk)

    @property
    def followers(self) -> list[Program]:
        """Return the entries, as they were, that had been merged into the merged entry before."""
        return [row.before for row in self.programs if row.before.merged_into_id == self.merged.pk]

    @property
    def moving_ratings(self) -> list[Rating]:
        """Return the ratings, as they were, that go back to the merged entry."""
        return [row.before for row in self.ratings if row.before.program_id == self.merged.pk]

    @property
    def turning_ratings(self) -> list[Rating]:
        """Return the survivor's own ratings, as they were, that the merge made current or past ones."""
        return [row.before for row in self.ratings if row.before.program_id == self.survivor.pk]

    @property
    def moving_rows(self) -> list[list[ProgramRow]]:
        """Return the rows, as they were, that go back to the merged entry: a list for each relation."""
        return [[row.before for row in rows] for rows in self.rows]

    def edit(self) -> str:
        """Say which row is no longer as the merge left it, and who has written it since; "" where all are."""
        everything: list[list[Any]] = [self.programs, self.ratings, *self.rows]
        return next(filter(None, map(edit_since, everything)), "")

    def carry_out(self, user: Person, reason: str) -> None:
        """Put everything back; for use in a transaction that holds the locks."""
        said = f"Undid the merge of “{self.merged}” into “{self.survivor}”"
        writer = BulkWriter(user=user, reason=f"{said}: {reason}", record=None)
        # A rating that goes leaves the place to the survivor's own, which becomes current again.
        back: list[Any] = [[row.before for row in self.programs]]
        back += [self.moving_ratings, self.turning_ratings, *self.moving_rows]
        for rows in back:
            writer.change(rows, names_of_fields(type(rows[0])) if rows else ())


def record_of_merge(merged: Program) -> Any:
    """Return the record of the save in which an entry was last merged, None where there is none."""
    history: Any = Program.history
    rows = history.filter(id=merged.pk).order_by("history_id")
    found = before = None
    for pk, survivor in rows.values_list("history_id", "merged_into_id"):
        # One that followed its survivor into another entry was not merged anew.
        if survivor and not before:
            found = pk
        before = survivor
    return history.select_related("history_user").filter(pk=found or 0).first()


def may_unmerge(user: Person, merged: Program) -> bool:
    """Return whether somebody may undo the merge of an entry: who may merge the two, as they are and as they were."""
    if not merged.merged_into or not may_merge(user, merged, merged.merged_into):
        return False
    once = Program.history.filter(id=merged.pk, published_at__isnull=False)
    return may_publish(user) or not once.exists()


def unmerge(merged: Program, *, user: Person, reason: str, seen: str) -> PastMerge:
    """Undo the merge of an entry, whole or not at all, and return what was undone.

    ``seen`` is the key of the record of the merge that somebody decided on. Raises MergeRefused.
    """
    with transaction.atomic(), one_save():
        locked = {program.pk: program for program in lock(merged)}
        if merged.pk not in locked:
            raise MergeRefused(NOT_MERGED.format(merged))
        merged = locked[merged.pk]
        past = PastMerge.of(merged)
        if not may_unmerge(user, merged):
            raise MergeRefused(
                "To undo the merge of what is or was public takes the permission to publish. Ask somebody who has it."
            )
        if seen != str(past.record.pk):
            raise MergeRefused(ANOTHER.format(merged))
        if why := past.edit():
            raise MergeRefused(why)
        past.carry_out(user, tidy(reason))
    return past


def lock(merged: Program) -> list[Program]:
    """Lock an entry, the one that it was merged into, all that were, and their ratings and rows."""
    survivor = Program.objects.filter(pk=merged.pk).values("merged_into")
    both = Q(pk=merged.pk) | Q(pk__in=survivor) | Q(merged_into__in=survivor)
    programs = list(Program.objects.select_for_update(of=("self",)).filter(both).order_by("pk"))
    kinds: tuple[Any, ...] = parts_of(Program)
    for model in kinds:
        parts = model._default_manager.select_for_update(of=("self",)).filter(program__in=programs)
        list(parts.order_by("pk").values_list("pk"))
    return programs
