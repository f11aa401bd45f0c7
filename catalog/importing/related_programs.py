"""The import of the programs to which a program is related, from a column of its own file."""

from collections import defaultdict
from collections.abc import Sequence

from ..history.bulk_writer import BulkWriter
from ..models import ImportAction, Program, RelatedProgram
from ..models.related_programs import RELATED_TO_ITSELF
from ..resources.lookups import moved
from ..resources.related_programs import RELATED_COLUMN, RelatedProgramsWidget
from ..values.names import match_key
from .plans import CellChange, Plan
from .problems import first_few
from .publishable import PublishableImporter, merged_away
from .rows import SheetRow, Table

MAY_NOT = "Your account may not {} relations between programs."
UNKNOWN = "There is no such program, neither in the catalog nor in this file."
SEVERAL = "Several programs have this name; write the slug: {}."

# The kind of a relation, and the slug of the other program.
Relation = tuple[str, str]


class RelatingImporter(PublishableImporter[Program]):
    """Import programs with the others to which they are related; these may stand in the same file.

    ``merged`` holds the survivors of programs that were merged, by the slugs of these.
    """

    merged: dict[str, Program | None]

    def prepare(self, sheet: Table) -> None:
        super().prepare(sheet)
        self.has_relations = RELATED_COLUMN in sheet.header
        self.in_catalog_or_file = {*self.pks, *self.slugs.values()} if self.has_relations else set()
        # What leads to programs that are not written yet, by their slugs.
        self.waiting: list[tuple[RelatedProgram, str]] = []

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Program]]:
        """Return what each row does, to the relations of its program too."""
        self.relations = self.recorded_relations(rows) if self.has_relations else {}
        return super().plan(rows)

    def recorded_relations(
        self, rows: Sequence[SheetRow]
    ) -> dict[int, dict[Relation, RelatedProgram]]:
        """Return the relations that the programs of these rows name, by program."""
        pks = {self.found[row.number] for row in rows if row.number in self.found}
        named = RelatedProgram.objects.filter(program__in=pks).with_names()
        recorded: dict[int, dict[Relation, RelatedProgram]] = defaultdict(dict)
        for relation in self.locked(named).values():
            recorded[relation.program_id][relation.kind, relation.other.slug] = relation
        return recorded

    def plan_row(self, row: SheetRow, original: Program | None) -> Plan[Program]:
        plan = super().plan_row(row, original)
        if self.has_relations:
            self.plan_relations(plan, row)
        return plan

    def plan_relations(self, plan: Plan[Program], row: SheetRow) -> None:
        """Let the program be related to those that the cell names, and to no others."""
        widget: RelatedProgramsWidget = self.fields[RELATED_COLUMN].widget
        cell, recorded = row[RELATED_COLUMN], self.relations.get(plan.entry.pk, {})
        before = widget.render(recorded)
        if cell == before:
            return
        try:
            wanted: dict[Relation, str] = {
                (kind, self.slug_meant(text)): text for kind, text in widget.clean(cell)
            }
            new = {relation: text for relation, text in wanted.items() if relation not in recorded}
            going = [stored for relation, stored in recorded.items() if relation not in wanted]
            self.check_relations(row["slug"], new, removes=bool(going))
        except ValueError as error:
            self.note(row.number, RELATED_COLUMN, cell, str(error))
            plan.action = None
            return
        if not new and not going:
            return
        plan.removed += going
        for kind, slug in new:
            relation = RelatedProgram(program=plan.entry, kind=kind)
            plan.rows.append(relation)
            if other := self.pks.get(slug):
                relation.other_id = other
            elif self.writer:
                self.waiting.append((relation, slug))
        plan.changes.append(CellChange(RELATED_COLUMN, before, widget.render(wanted)))
        if plan.action == ImportAction.UNCHANGED:
            plan.action = ImportAction.CHANGED

    def slug_meant(self, text: str) -> str:
        """Return the slug of the program that a cell names by its slug or name. Raises ValueError."""
        for slug in (text, text.casefold()):
            if slug in self.in_catalog_or_file:
                return slug
        slugs = self.slugs_named(match_key(text))
        if len(slugs) == 1:
            return next(iter(slugs))
        message = SEVERAL.format(first_few(slugs)) if slugs else UNKNOWN
        if text in self.former:
            message = moved(text, self.former[text])
        raise ValueError(f"“{text}”: {message}")

    def check_relations(self, own: str, new: dict[Relation, str], *, removes: bool) -> None:
        """Raise ValueError for relations that cannot be added to the program with this slug, or by this account."""
        for (_, slug), text in new.items():
            if slug == own:
                raise ValueError(RELATED_TO_ITSELF)
            if survivor := self.merged.get(slug):
                raise ValueError(f"“{text}”: {merged_away(survivor)}")
        for action, is_needed in (("add", bool(new)), ("delete", removes)):
            permission = f"catalog.{action}_relatedprogram"
            if is_needed and self.user and not self.user.has_perm(permission):
                raise ValueError(MAY_NOT.format(action))

    def write_relations(self, writer: BulkWriter, plans: Sequence[Plan[Program]]) -> None:
        """Write the relations of programs that are written now, as far as those to which they lead are, too."""
        if not self.has_relations:
            return
        self.pks |= {plan.entry.slug: plan.entry.pk for plan in plans if plan.entry.pk}
        writer.remove(RelatedProgram, [relation.pk for plan in plans for relation in plan.removed])
        ready: list[RelatedProgram] = [
            relation
            for plan in plans
            for relation in plan.rows
            if isinstance(relation, RelatedProgram) and relation.other_id
        ]
        waiting, self.waiting = self.waiting, []
        for relation, slug in waiting:
            if slug in self.pks:
                relation.other_id = self.pks[slug]
                ready.append(relation)
            else:
                self.waiting.append((relation, slug))
        writer.add(ready)
