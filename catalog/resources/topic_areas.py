"""Files of topic areas."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from ..editorial.workflow import NO_CRITERIA
from ..history.bulk_writer import BulkWriter
from ..models import Rating, Reference, TopicArea, TopicExpert
from ..models.status import Publishable
from ..models.topic_areas import check_umbrella
from ..spreadsheets import Sheet
from ..values.expressions import name_key
from .base import Plan, SheetRow
from .cells import AreaLookup, Lookup, entry_field
from .publishable import STATUS_NOTE, PublishableResource


class TopicAreaResource(PublishableResource):
    kind = "topic areas"
    parent = entry_field("parent", AreaLookup())
    experts = entry_field("experts", Lookup(TopicExpert, "slug", "name"), several=True)
    further_reading = entry_field("further_reading", Lookup(Reference, "key"), several=True)
    examples = {
        "slug": "secondary-traumatic-stress",
        "name": "Secondary Traumatic Stress",
        "parent": "workforce-well-being",
        "definition": "The stress that comes from helping people who have been through trauma.",
        "target_population": "Child welfare workers.",
        "services_types": "Training, groups and supervision.",
        "delivered_by": "Trained facilitators.",
        "inclusion_criteria": "The program must aim to lower secondary traumatic stress.",
        "rating_criteria": "Research must examine the stress of those who take part.",
        "year_added": "2021",
        "experts": "ginny-sprang",
        "further_reading": "bride-2007|sprang-2007",
    }
    notes = {
        "experts": "Those who helped to define the area.",
        "further_reading": "References about the area as a whole.",
        "status": STATUS_NOTE,
    }

    class Meta:
        model = TopicArea
        fields = [
            "slug",
            "name",
            "abbreviation",
            "parent",
            "definition",
            "target_population",
            "services_types",
            "delivered_by",
            "inclusion_criteria",
            "rating_criteria",
            "year_added",
            "experts",
            "further_reading",
            "status",
        ]

    def prepare(self, sheet: Sheet) -> None:
        super().prepare(sheet)
        areas = TopicArea.objects.values_list("slug", "name", "parent__slug")
        self.names = {slug: name_key(name) for slug, name, _ in areas}
        self.holders = {name: slug for slug, name in self.names.items()}
        self.parents: dict[str, str | None] = {slug: parent for slug, _, parent in areas}
        self.rated = set(
            Rating.objects.order_by().values_list("topic_area__slug", flat=True).distinct()
        )

    def in_order(self, sheet: Sheet) -> Iterable[SheetRow]:
        """Umbrella areas first, so that their parts find them."""
        return sorted(self.rows(sheet), key=lambda row: bool(row.get("parent")))

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan]:
        plans = super().plan(rows)
        names, umbrellas = Counter(self.names.values()), set(self.parents.values())
        for row, plan in zip(rows, plans, strict=True):
            self.check_place(row, plan.entry, names, umbrellas)
            if row["#"] in self.publishing and not plan.entry.rating_criteria.strip():
                self.may_be_unfit(row, NO_CRITERIA)
        return plans

    def check_after(self) -> None:
        """Umbrella areas take no criteria; which areas these are is known when all rows are."""
        for umbrella in set(self.parents.values()):
            self.unfit.pop(umbrella or "", None)
        super().check_after()

    def plan_row(self, row: SheetRow, original: Any) -> Plan:
        """Let later rows find the area by what it is called now."""
        plan = super().plan_row(row, original)
        area = plan.entry
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
            self.note(row["#"], "name", row["name"], message)
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
            self.note(row["#"], "parent", row["parent"], " ".join(error.messages))

    def clean_entry(self, entry: Any, original: Any) -> None:
        """Leave the umbrella areas to ``check_place``, which knows those of the file."""
        Publishable.clean(entry)

    def write(self, writer: BulkWriter, plans: Sequence[Plan]) -> None:
        """Umbrella areas first: their parts refer to them."""
        for is_part in (False, True):
            super().write(writer, [p for p in plans if bool(p.entry.parent) is is_part])

    def get_queryset(self) -> Any:
        return TopicArea.objects.select_related("parent").prefetch_related(
            "experts", "further_reading"
        )
