"""What merging two programs does to the relations between programs: no other one is left with a name that is gone."""

from typing import NamedTuple

from django.db.models import Q

from ..history.bulk_writer import BulkWriter
from ..models import Program, RelatedProgram
from .written_rows import last_edit

GONE = "A program of the relation “{}” has been deleted since. {}"
RECORDED_AGAIN = (
    "The relation “{}” has been recorded again since. To undo the merge, first take that out. {}"
)


class MergedRelations(NamedTuple):
    """Hold the relations that lead to a merged program: those that lead on to the survivor, and those that go.

    What both have alike goes, and what would relate the survivor to itself.
    """

    moving: list[RelatedProgram]
    going: list[RelatedProgram]

    @classmethod
    def of(cls, merged: Program, survivor: Program) -> "MergedRelations":
        """Return what would become of the relations as they are stored now."""
        known = set(survivor.related_from.values_list("program", "kind"))
        leading = Q(other=merged) | Q(program=merged, other=survivor)
        found = RelatedProgram.objects.filter(leading).select_related("program", "other")
        moving: list[RelatedProgram] = []
        going: list[RelatedProgram] = []
        for row in found.order_by("program__name", "pk"):
            is_within = row.program_id in {merged.pk, survivor.pk}
            is_known = is_within or (row.program_id, row.kind) in known
            (going if is_known else moving).append(row)
        return cls(moving, going)

    def carry_out(self, survivor: Program, writer: BulkWriter) -> None:
        """Let the relations lead to the survivor, or go."""
        writer.remove(RelatedProgram, [row.pk for row in self.going])
        for row in self.moving:
            row.other = survivor
        writer.change(self.moving, ["other"])


def removed_relations(save: object) -> list[RelatedProgram]:
    """Return the relations that a merge took out, by its save, as they were."""
    records = RelatedProgram.history.filter(history_save=save, history_type="-")
    return [record.instance for record in records.order_by("history_id")]


def why_not_back(relations: list[RelatedProgram]) -> str:
    """Say which relation that a merge took out has no place any more to come back to; "" where all have."""
    ends = {pk for row in relations for pk in (row.program_id, row.other_id)}
    programs = Program.objects.in_bulk(ends)
    for row in relations:
        now = RelatedProgram.objects.filter(program=row.program_id, other=row.other_id)
        if not {row.program_id, row.other_id} <= programs.keys():
            return GONE.format(row.get_kind_display(), last_edit(row))
        if again := now.filter(kind=row.kind).first():
            return RECORDED_AGAIN.format(again, last_edit(again))
    return ""
