"""The import of topic areas."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence

from django.core.exceptions import ValidationError

from ..editorial.requirements import NO_CRITERIA
from ..history.bulk_writer import BulkWriter
from ..models import Rating, TopicArea
from ..models.status import Publishable
from ..models.topic_areas import RELATED_TO_ITSELF, check_umbrella
from ..resources import TopicAreaResource
from ..values.expressions import name_key
from .plans import Plan
from .publishable import PublishableImporter
from .rows import SheetRow, Table


class TopicAreaImporter(PublishableImporter[TopicArea]):
    resource_class = TopicAreaResource

    def prepare(self, sheet: Table) -> None:
        super().prepare(sheet)
        areas = TopicArea.objects.values_list("slug", "name", "parent__slug")
        self.names = {slug: name_key(name) for slug, name, _ in areas}
        self.holders = {name: slug for slug, name in self.names.items()}
        self.parents: dict[str, str | None] = {slug: parent for slug, _, parent in areas}
        self.rated = set(
            Rating.objects.order_by().values_list("topic_area__slug", flat=True).distinct()
        )
        self.waiting: list[tuple[TopicArea, list[int]]] = []
        self.written: dict[str, int] = {}
        if "related_areas" in sheet.header:
            self.find_new(sheet)

    def find_new(self, sheet: Table) -> None:
        """Let cells name areas that the file adds as related ones, each by its row's number, negated, as its key."""
        self.new: dict[int, str] = {}
        for row in self.rows(sheet):
            if row.number not in self.found:
                names = {name: row.get(name, "") for name in ("slug", "name", "abbreviation")}
                self.new[-row.number] = names["slug"]
                area = TopicArea(pk=-row.number, **names)
                self.fields["related_areas"].widget.lookup.add(area)

    def in_order(self, sheet: Table) -> Iterable[SheetRow]:
        """Return umbrella areas first, so that their parts find them."""
        return sorted(self.rows(sheet), key=lambda row: bool(row.get("parent")))

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[TopicArea]]:
        plans = super().plan(rows)
        names, umbrellas = Counter(self.names.values()), set(self.parents.values())
        for row, plan in zip(rows, plans, strict=True):
            self.check_place(row, plan.entry, names, umbrellas)
            if row.number in self.publishing and not plan.entry.rating_criteria.strip():
                self.may_be_unfit(row, NO_CRITERIA)
        return plans

    def check_after(self) -> None:
        """Note what is unfit to be published. Umbrella areas take no criteria; these are known when all rows are."""
        for umbrella in set(self.parents.values()):
            self.unfit.pop(umbrella or "", None)
        super().check_after()

    def plan_row(self, row: SheetRow, original: TopicArea | None) -> Plan[TopicArea]:
        """Return the plan of the row; let later rows find the area by the name that it has now."""
        plan = super().plan_row(row, original)
        area = plan.entry
        if (area.pk or -row.number) in plan.related.get("related_areas", ()):
            self.note(row.number, "related_areas", row["related_areas"], RELATED_TO_ITSELF)
            plan.action = None
        self.fields["parent"].widget.lookup.add(area)
        self.names[area.slug] = name_key(area.name)
        self.parents[area.slug] = area.parent.slug if area.parent else None
        return plan

    def check_place(
        self, row: SheetRow, area: TopicArea, names: Counter[str], umbrellas: Container[str | None]
    ) -> None:
        """Note a name that another area has, and an umbrella area that cannot be one, as ``TopicArea.clean`` does.

        ``names`` counts how many areas have each, ``umbrellas`` are the slugs of those that have parts.
        """
        name = name_key(area.name)
        # Rows are written one after the other: a name is not free before its area has got another.
        holder = self.holders.get(name, area.slug)
        message = ""
        if names[name] > 1:
            message = "There is a topic area with this name already."
        elif holder != area.slug:
            message = (
                f"The topic area “{holder}” has this name now. "
                "Import in two steps: give that area its other name first."
            )
        if "name" in row and message:
            self.note(row.number, "name", row["name"], message)
        if not (row.get("parent") and area.parent):
            return
        parent = area.parent
        try:
            check_umbrella(
                parent,
                is_itself=parent.slug == area.slug,
                is_part=bool(self.parents.get(parent.slug)),
                of_umbrella=area.slug in umbrellas,
                is_rated=parent.slug in self.rated,
            )
        except ValidationError as error:
            self.note(row.number, "parent", row["parent"], " ".join(error.messages))

    def clean_entry(self, entry: TopicArea, original: TopicArea | None) -> None:
        """Apply the model's rules, except for umbrella areas: ``check_place`` knows those of the file."""
        Publishable.clean(entry)

    def write(self, writer: BulkWriter, plans: Sequence[Plan[TopicArea]]) -> None:
        """Write umbrella areas first: their parts refer to them. What is related to new areas waits for these."""
        for plan in plans:
            related = plan.related.get("related_areas", [])
            if plan.does_something and any(pk < 0 for pk in related):
                self.waiting.append((plan.entry, plan.related.pop("related_areas")))
        for is_part in (False, True):
            super().write(writer, [p for p in plans if bool(p.entry.parent) is is_part])
        self.written |= {p.entry.slug: p.entry.pk for p in plans if p.original is None}
        self.relate_new(writer)

    def relate_new(self, writer: BulkWriter) -> None:
        """Relate the areas that wait to new ones, as far as these are written by now."""
        waiting, self.waiting = self.waiting, []
        ready = []
        for area, related in waiting:
            pks = [pk if pk > 0 else self.written.get(self.new[pk]) for pk in related]
            if None in pks:
                self.waiting.append((area, related))
            else:
                ready.append((area, {"related_areas": [pk for pk in pks if pk]}))
        writer.change([area for area, _ in ready], [], ready)
