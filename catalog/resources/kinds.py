"""The six kinds of file: what each column is, and what a row of it does."""

import copy
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from import_export.fields import Field

from ..expressions import name_key
from ..models import (
    ImportAction,
    Program,
    Rating,
    Reference,
    ScientificRating,
    Status,
    Study,
    StudyRole,
    TopicArea,
    TopicExpert,
)
from ..models.base import CatalogModel
from ..models.ratings import check_place, check_reason
from ..models.status import Publishable
from ..models.topic_areas import check_umbrella
from ..names import match_key, new_slug
from ..writing import Writer
from .base import CatalogResource, Plan, Row, SluggedResource, same_entry
from .cells import AreaLookup, EntryWidget, FieldWidget, Lookup, entry_field
from .findings import Change, Problem, shortened
from .reading import Sheet

PUBLIC_STATUSES = {Status.PUBLISHED, Status.RETIRED}
STATUS_NOTE = "To publish or retire takes a permission of its own; a blank cell keeps the status."
RETIRED = "This entry is retired."
# A fall by so many levels is worth a second look.
FAR = 2
# What spreadsheets make of pages "3-4": 4-Mar, Mar-04, 2026-03-04.
MADE_A_DATE = re.compile(r"\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{2}|\d{4}-\d{2}-\d{2}")


class PublishableResource(SluggedResource):
    """Entries with a status. Who may publish or retire in the admin may do so by import, and nobody else."""

    def read_cells(self, row: Row, original: Any, errors: dict[str, str]) -> Any:
        """A blank status is as none: every entry has one."""
        if not row.get("status"):
            row.pop("status", None)
        return super().read_cells(row, original, errors)

    def check_row(self, entry: Any, original: Any, row: Row, errors: dict[str, str]) -> None:
        super().check_row(entry, original, row, errors)
        before = original.status if original else Status.DRAFT
        after = entry.status
        if before == after or not PUBLIC_STATUSES & {before, after}:
            return
        permission = f"catalog.publish_{entry._meta.model_name}"
        if self.user and not self.user.has_perm(permission):
            errors.setdefault("status", "Your account may not publish or retire.")

    def plan(self, rows: Sequence[Row]) -> list[Plan]:
        """Warn where a row changes what was retired before."""
        plans = super().plan(rows)
        for plan in plans:
            retired = plan.original is not None and plan.original.is_retired
            if retired and plan.action not in {None, ImportAction.UNCHANGED}:
                self.warn(plan.number, "", str(plan.original), RETIRED)
        return plans

    def written_fields(self) -> list[str]:
        return [*super().written_fields(), "published_at", "retired_at"]


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

    def in_order(self, sheet: Sheet) -> Iterable[Row]:
        """Umbrella areas first, so that their parts find them."""
        return sorted(self.rows(sheet), key=lambda row: bool(row.get("parent")))

    def plan(self, rows: Sequence[Row]) -> list[Plan]:
        plans = super().plan(rows)
        for row, plan in zip(rows, plans, strict=True):
            self.check_place(row, plan.entry)
        return plans

    def plan_row(self, row: Row, original: Any) -> Plan:
        """Let later rows find the area by what it is called now."""
        plan = super().plan_row(row, original)
        area = plan.entry
        self.fields["parent"].widget.lookup.add(area)
        self.names[area.slug] = name_key(area.name)
        self.parents[area.slug] = area.parent.slug if area.parent else None
        return plan

    def check_place(self, row: Row, area: TopicArea) -> None:
        """Note a name that another area has, and an umbrella area that cannot be one, as ``TopicArea.clean`` does."""
        name = name_key(area.name)
        # Rows are written one after the other: a name is not free before its area has got another.
        holder = self.holders.get(name, area.slug)
        message = ""
        if list(self.names.values()).count(name) > 1:
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
                of_umbrella=area.slug in self.parents.values(),
                is_rated=parent.slug in self.rated,
            )
        except ValidationError as error:
            self.note(row["#"], "parent", row["parent"], " ".join(error.messages))

    def clean_entry(self, entry: Any, original: Any) -> None:
        """Leave the umbrella areas to ``check_place``, which knows those of the file."""
        Publishable.clean(entry)

    def write(self, writer: Writer, plans: Sequence[Plan]) -> None:
        """Umbrella areas first: their parts refer to them."""
        for is_part in (False, True):
            super().write(writer, [p for p in plans if bool(p.entry.parent) is is_part])

    def get_queryset(self) -> Any:
        return TopicArea.objects.select_related("parent").prefetch_related(
            "experts", "further_reading"
        )


class TopicExpertResource(SluggedResource):
    kind = "experts"
    examples = {
        "slug": "ginny-sprang",
        "position": "Professor",
        "organization": "University of Kentucky",
        "biography": "She studies the stress of those who help.",
    }

    class Meta:
        model = TopicExpert
        fields = ["slug", "name", "credentials", "position", "organization", "biography", "website"]


class ReferenceResource(CatalogResource):
    """A row finds its reference by key, else by DOI, else by title and year, or by title in a file without years."""

    kind = "references"
    shares_documents = True
    keys = (("key",), ("doi",), ("title",))
    key_column = "key"
    examples = {
        "year": "2007",
        "title": "Prevalence of secondary traumatic stress among social workers",
        "container": "Social Work",
        "volume": "52",
        "issue": "1",
        "url": "https://example.org/report.pdf",
    }
    notes = {
        "title": "It finds a reference together with the year, or alone in a file without years."
    }

    class Meta:
        model = Reference
        fields = [
            "key",
            "authors",
            "year",
            "title",
            "reference_type",
            "container",
            "volume",
            "issue",
            "pages",
            "doi",
            "url",
        ]

    def prepare(self, sheet: Sheet) -> None:
        self.found: dict[int, int] = {}
        self.keys_of_rows: dict[int, str] = {}
        self.by_doi: dict[str, str] = {}
        pks: dict[str, int] = {}
        by_title: dict[tuple[str, ...], str] = {}
        titles: dict[str, list[str]] = defaultdict(list)
        has_years = "year" in sheet.header
        stored = Reference.objects.order_by("-pk").values_list("key", "pk", "doi", "title", "year")
        for key, pk, doi, title, year in stored.iterator():
            pks[key] = pk
            titles[match_key(title)].append(key)
            by_title[match_key(title), str(year or "")] = key
            if doi:
                self.by_doi[doi] = key
        by_doi = dict(self.by_doi)
        taken = {*pks, *(row["key"] for row in self.rows(sheet) if row.get("key"))}
        first_rows: dict[str, int] = {}
        for row in self.rows(sheet):
            doi = Reference._meta.get_field("doi").to_python(row.get("doi", ""))
            title, year = match_key(row.get("title", "")), row.get("year", "")
            work = title, year
            alike = titles.get(title, []) if title else []
            key = row.get("key") or by_doi.get(doi) or (by_title.get(work, "") if title else "")
            if not key and not has_years and alike:
                key = self.key_of_title(row, alike)
            if not key:
                first = row.get("authors", "").partition(",")[0] or row.get("title", "")
                key = new_slug(f"{first} {row.get('year') or 'nd'}", taken)
                taken.add(key)
                by_title[work] = key
            if doi:
                by_doi.setdefault(doi, key)
            number = row["#"]
            self.keys_of_rows[number] = key
            if key in pks:
                self.found[number] = pks[key]
            elif alike:
                self.warn(number, "title", row["title"], f"Possible duplicate of “{alike[0]}”.")
            if key in first_rows:
                column = next(name for name in ("key", "doi", "title") if row.get(name))
                self.note(number, column, row[column], same_entry(first_rows[key]))
            first_rows.setdefault(key, number)

    def key_of_title(self, row: Row, keys: list[str]) -> str:
        """Return the key of the reference that has a row's title; "" where several have it."""
        if len(keys) == 1:
            return keys[0]
        several = ", ".join(sorted(keys))
        message = f"Several references have this title; write the key: {several}."
        self.note(row["#"], "title", row["title"], message)
        return ""

    def in_order(self, sheet: Sheet) -> Iterable[Row]:
        """Give every row the key that it has or will have."""
        for row in self.rows(sheet):
            yield {**row, "key": self.keys_of_rows[row["#"]]}

    def clean_entry(self, entry: Any, original: Any) -> None:
        """Ask the DOIs of the catalog and of this file, instead of the database for each row."""
        CatalogModel.clean(entry)
        if not entry.doi:
            return
        if (key := self.by_doi.setdefault(entry.doi, entry.key)) != entry.key:
            raise ValidationError({"doi": f"The reference “{key}” has this DOI already."})

    def check_row(self, entry: Any, original: Any, row: Row, errors: dict[str, str]) -> None:
        for column in ("volume", "issue", "pages"):
            if MADE_A_DATE.fullmatch(row.get(column, "")):
                self.warn(
                    row["#"],
                    column,
                    row[column],
                    "This looks like a date that a spreadsheet has made of numbers such as “3-4”.",
                )


class PairResource(CatalogResource):
    """Rows that stand between a program and something else; their cells together are the key."""

    def prepare(self, sheet: Sheet) -> None:
        self.found: dict[int, int] = {}
        retired = Program.objects.filter(status=Status.RETIRED)
        self.retired = set(retired.values_list("pk", flat=True))

    def plan(self, rows: Sequence[Row]) -> list[Plan]:
        """Warn where a row adds to a retired program, or changes what belongs to it."""
        plans = super().plan(rows)
        for plan in plans:
            changes = plan.action not in {None, ImportAction.UNCHANGED}
            if changes and plan.entry.program_id in self.retired:
                self.warn(plan.number, "", str(plan.entry.program), RETIRED)
        return plans

    def pair(self, row: Row, *columns: str) -> tuple[int, ...] | None:
        """Return the keys of the entries that the cells name, or None where one is blank or unknown.

        What is wrong with a cell is said when the row is planned.
        """
        found = []
        for column in columns:
            try:
                entry = self.fields[column].widget.clean(row.get(column, ""))
            except ValueError:
                return None
            if entry is None:
                return None
            found.append(entry.pk)
        return tuple(found)


class StudyResource(PairResource):
    kind = "studies"
    keys = (("program", "reference"),)
    program = entry_field("program", Lookup(Program, "slug", "name"))
    reference = entry_field("reference", Lookup(Reference, "key"))
    examples = {
        "program": "steady-ground",
        "reference": "bride-2007",
        "role": StudyRole.NOT_USED,
        "exclusion_reason": "It has no control group.",
        "sample_size": "184",
        "population": "Caseworkers and supervisors.",
        "location": "Kentucky, USA",
        "follow_up_months": "12",
        "summary": "Symptoms fell; whether the effect lasted was not examined.",
    }

    class Meta:
        model = Study
        fields = [
            "program",
            "reference",
            "role",
            "exclusion_reason",
            "design",
            "sample_size",
            "population",
            "location",
            "follow_up_months",
            "summary",
        ]

    def prepare(self, sheet: Sheet) -> None:
        super().prepare(sheet)
        stored = {
            (program, reference): pk
            for program, reference, pk in Study.objects.order_by()
            .values_list("program", "reference", "pk")
            .iterator()
        }
        first_rows: dict[tuple[int, ...], int] = {}
        for row in self.rows(sheet):
            if not (pair := self.pair(row, "program", "reference")):
                continue
            number = row["#"]
            if pair in stored:
                self.found[number] = stored[pair]
            if pair in first_rows:
                self.note(number, "reference", row["reference"], same_entry(first_rows[pair]))
            first_rows.setdefault(pair, number)

    def get_queryset(self) -> Any:
        return Study.objects.select_related("program", "reference")


def is_same_fact(recorded: tuple[str, str], given: tuple[str, str]) -> bool:
    """Return whether a row's level and date are about the rating of the level and date that are recorded.

    A date may say less than the one recorded, or more, and so complete it: "2025-06" for "2025", or for none.
    """
    (level, rated_on), (given_level, given_on) = recorded, given
    return level == given_level and (given_on.startswith(rated_on) or rated_on.startswith(given_on))


def fuller(*dates: str) -> str:
    """Return, of dates of which one says more of the other, that one."""
    return max(dates, key=len)


def compare_ratings(new: Rating, current: Rating) -> Iterator[tuple[str, str]]:
    """Yield the column and what to look at again, where a new rating is much lower or older than the current one."""
    levels = [rating.scientific_rating for rating in (current, new)]
    if ScientificRating.NOT_RATED not in levels and int(levels[1]) - int(levels[0]) >= FAR:
        yield (
            "scientific_rating",
            f"This falls by {int(levels[1]) - int(levels[0])} levels: the current rating is {levels[0]}.",
        )
    known = min(len(new.rated_on), len(current.rated_on))
    if new.rated_on[:known] < current.rated_on[:known]:
        yield "rated_on", f"This is older than the current rating, which is of {current.rated_on}."
    if current.rated_on and not new.rated_on:
        yield "rated_on", f"This has no date; the current rating is of {current.rated_on}."


class RatingResource(PairResource):
    """The whole history of ratings. A row adds a fact or repeats one; it never overwrites a past rating."""

    kind = "ratings"
    keys = (("program", "topic_area", "scientific_rating"),)
    program = entry_field("program", Lookup(Program, "slug", "name"))
    topic_area = entry_field("topic_area", AreaLookup())
    examples = {
        "program": "steady-ground",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
        "rationale": "There is no published study of it.",
        "scale_edition": "2023",
    }
    notes = {
        "rated_on": "A date that only says more of the current rating's completes it; another date is another rating.",
        "is_current": "Yes for the rating that holds now, no for one that held before.",
    }

    class Meta:
        model = Rating
        fields = [
            "program",
            "topic_area",
            "scientific_rating",
            "not_rated_reason",
            "rationale",
            "rated_on",
            "scale_edition",
            "is_current",
        ]

    def prepare(self, sheet: Sheet) -> None:
        """Find each row's rating by its date and level, and the rows that are to be current."""
        super().prepare(sheet)
        # The current ratings that rows of this file make past ones.
        self.ended: set[int] = set()
        self.currents: dict[tuple[int, ...], int] = {}
        self.places: dict[tuple[int, ...], tuple[int, str]] = {}
        self.were_current: dict[tuple[int, ...], int] = {}
        stored = {}
        current = {}
        keys = ("program", "topic_area", "scientific_rating", "rated_on", "pk", "is_current")
        ratings = Rating.objects.order_by("is_current", "pk").values_list(*keys)
        for program, area, level, rated_on, pk, is_current in ratings.iterator():
            stored[program, area, level, rated_on] = pk
            # For a file without dates: the current one before past ones.
            stored[program, area, level, None] = pk
            if is_current:
                self.were_current[program, area] = pk
                current[program, area] = level, rated_on
        facts: dict[tuple[Any, ...], int] = {}
        for row in self.rows(sheet):
            if fact := self.fact(row):
                *place, level, rated_on, is_current = fact
                self.note_fact(row, (*place,), (*place, level, rated_on), is_current, facts)
                if pk := stored.get((*place, level, rated_on)):
                    self.found[row["#"]] = pk
        # Then the current ratings of whose dates rows say more or less, where no row gives the date recorded.
        taken = set(self.found.values())
        for (program, area, *given), number in facts.items():
            pk = self.were_current.get((program, area))
            if number in self.found or pk is None or pk in taken:
                continue
            if is_same_fact(current[program, area], (given[0], given[1])):
                self.found[number] = pk
                taken.add(pk)

    def fact(self, row: Row) -> tuple[Any, ...] | None:
        """Return program, topic area, level, date (None where the file has none) and whether this is current."""
        place = self.pair(row, "program", "topic_area")
        try:
            level = self.fields["scientific_rating"].widget.clean(row["scientific_rating"])
            rated_on = (
                self.fields["rated_on"].widget.clean(row["rated_on"]) if "rated_on" in row else None
            )
            is_current = self.fields["is_current"].widget.clean(row.get("is_current", ""))
        except ValueError:
            return None
        return place and (*place, level, rated_on, is_current)

    def note_fact(
        self,
        row: Row,
        place: tuple[int, ...],
        fact: tuple[Any, ...],
        is_current: bool,
        facts: dict[tuple[Any, ...], int],
    ) -> None:
        """Note a row that repeats a rating of the file, or that is current beside another one."""
        number, cell = row["#"], row.get("is_current", "")
        self.places.setdefault(place, (number, cell))
        if fact in facts:
            self.note(
                number,
                "scientific_rating",
                row["scientific_rating"],
                same_entry(facts[fact]),
            )
        facts.setdefault(fact, number)
        if is_current and place in self.currents:
            self.note(
                number,
                "is_current",
                cell,
                f"Row {self.currents[place]} gives another current rating of the same program in the same topic area.",
            )
        if is_current:
            self.currents.setdefault(place, number)

    def in_order(self, sheet: Sheet) -> Iterator[Row]:
        """Past ratings first: a current one then retires the one before it."""
        current = set(self.currents.values())
        for is_current in (False, True):
            for row in self.rows(sheet):
                if (row["#"] in current) is is_current:
                    # A blank is as none: a new rating is current, a recorded one stays what it is.
                    if not row.get("is_current"):
                        row.pop("is_current", None)
                    yield row

    def plan(self, rows: Sequence[Row]) -> list[Plan]:
        plans = super().plan(rows)
        new = [plan for plan in plans if plan.action == ImportAction.NEW and plan.entry.is_current]
        places = {(p.entry.program_id, p.entry.topic_area_id): p for p in new}
        pks = {self.were_current[p] for p in places if p in self.were_current}
        current = Rating.objects.filter(pk__in=pks).select_related("program", "topic_area")
        for rating in self.locked(current).values():
            plan = places[rating.program_id, rating.topic_area_id]
            plan.action = ImportAction.RE_RATED
            # Unless a row of the file makes it a past one.
            plan.replaced = None if rating.pk in self.ended else rating
            plan.changes = changes_of_rating(rating, plan.entry)
            for column, message in compare_ratings(plan.entry, rating):
                self.warn(plan.number, column, getattr(plan.entry, column), message)
        return plans

    def plan_row(self, row: Row, original: Any) -> Plan:
        if original and "rated_on" in row:
            rated_on = self.fields["rated_on"].widget.clean(row["rated_on"])
            row["rated_on"] = fuller(rated_on, original.rated_on)
        plan = super().plan_row(row, original)
        if original and original.is_current and not plan.entry.is_current:
            self.ended.add(original.pk)
        return plan

    def clean_entry(self, entry: Any, original: Any) -> None:
        if entry.topic_area_id and entry.scientific_rating:
            entry.clean_fact()
        if original:
            entry.clean_change(original)

    def write(self, writer: Writer, plans: Sequence[Plan]) -> None:
        super().write(writer, [plan for plan in plans if plan.action == ImportAction.CHANGED])
        writer.retire([plan.replaced.pk for plan in plans if plan.replaced])
        writer.add([p.entry for p in plans if p.original is None])

    def check_after(self) -> None:
        """A program that is placed in a topic area keeps exactly one current rating there."""
        for place, (number, cell) in self.places.items():
            before = self.were_current.get(place)
            if place not in self.currents and (before is None or before in self.ended):
                self.note(
                    number,
                    "is_current",
                    cell,
                    "This would leave the program without a current rating in the topic area.",
                )

    def get_queryset(self) -> Any:
        return Rating.objects.select_related("program", "topic_area")


RATING_COLUMNS = ("topic_area", "scientific_rating", "rated_on", "not_rated_reason")


def changes_of_rating(before: Rating | None, after: Rating) -> list[Change]:
    """Return what a rating changes, beside the one whose place it takes; if anything, where it holds comes first."""
    changes = [
        Change(column, getattr(before, column, ""), getattr(after, column))
        for column in RATING_COLUMNS[1:]
        if getattr(before, column, "") != getattr(after, column)
    ]
    area = after.topic_area.slug
    return changes and [Change(RATING_COLUMNS[0], area if before else "", area), *changes]


@dataclass
class Group:
    """The rows of a program that has several, as far as they have been planned."""

    rows: int
    first: Row = field(default_factory=dict)
    plan: Plan | None = None
    areas: dict[Any, int] = field(default_factory=dict)


class ProgramResource(PublishableResource):
    """Programs and, with the last four columns, their place in a topic area.

    A program in several topic areas takes several rows; after the first, a blank program cell means "as above".
    """

    kind = "programs"
    topic_area = Field(column_name="topic_area", widget=EntryWidget(AreaLookup()))
    scientific_rating = Field(
        column_name="scientific_rating",
        widget=FieldWidget(Rating._meta.get_field("scientific_rating")),
    )
    rated_on = Field(column_name="rated_on", widget=FieldWidget(Rating._meta.get_field("rated_on")))
    not_rated_reason = Field(
        column_name="not_rated_reason",
        widget=FieldWidget(Rating._meta.get_field("not_rated_reason")),
    )
    examples = {
        "slug": "steady-ground",
        "name": "Steady Ground®",
        "also_known_as": "Steady Ground for Teams|Firm Ground",
        "description": "A team meets once a week to talk through what its cases do to it.",
        "scope_note": "Only the form for groups was reviewed.",
        "target_population": "Casework teams and their supervisors.",
        "child_age_min": "0",
        "child_age_max": "17",
        "caregiver_child_age_min": "3",
        "caregiver_child_age_max": "12",
        "goals": "To lower stress, and to strengthen support within the team.",
        "essential_components": "Closed groups of 6 to 12 colleagues.",
        "languages": "English|Spanish",
        "manual_notes": "From the program's website.",
        "training_notes": "Two days for facilitators.",
        "contact_name": "Robin Example",
        "contact_organization": "Example County",
        "contact_phone": "555-0100",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
    }
    notes = {
        "status": STATUS_NOTE,
        "topic_area": "Where the program is rated. One that is rated in several areas takes a row for each.",
        "rated_on": "A blank cell leaves the date as recorded; one that only says more of it completes it; "
        "another date is another rating.",
        "not_rated_reason": "A blank cell leaves the reason as recorded.",
    }

    class Meta:
        model = Program
        fields = [
            "slug",
            "name",
            "acronym",
            "also_known_as",
            "description",
            "scope_note",
            "target_population",
            "child_age_min",
            "child_age_max",
            "caregiver_child_age_min",
            "caregiver_child_age_max",
            "relevance_level",
            "goals",
            "essential_components",
            "delivery_settings",
            "intensity",
            "duration",
            "languages",
            "manual_available",
            "manual_notes",
            "training_available",
            "training_notes",
            "outcomes",
            "website",
            "contact_name",
            "contact_organization",
            "contact_email",
            "contact_phone",
            "is_nonresponder",
            "research_last_reviewed",
            "content_last_reviewed",
            "loaded_on",
            "status",
            "topic_area",
            "scientific_rating",
            "rated_on",
            "not_rated_reason",
        ]

    @classmethod
    def model_field(cls, column: str) -> Field:
        model = Rating if column in RATING_COLUMNS else Program
        return model._meta.get_field(column)

    def prepare(self, sheet: Sheet) -> None:
        self.groups: dict[str, Group] = {}
        super().prepare(sheet)

    def repeat(self, slug: str, first: int, problem: Problem) -> None:
        """A further row of a program places it in a further topic area."""
        self.groups.setdefault(slug, Group(rows=1)).rows += 1

    def plan(self, rows: Sequence[Row]) -> list[Plan]:
        self.ratings = self.recorded_ratings(rows)
        return super().plan(rows)

    def recorded_ratings(self, rows: Sequence[Row]) -> dict[tuple[int, int], list[Rating]]:
        """Return the ratings of these rows' programs by program and topic area, where the file places programs."""
        found: dict[tuple[int, int], list[Rating]] = defaultdict(list)
        if "topic_area" in rows[0]:
            pks = {self.found[row["#"]] for row in rows if row["#"] in self.found}
            for rating in self.locked(Rating.objects.filter(program__in=pks)).values():
                found[rating.program_id, rating.topic_area_id].append(rating)
        return found

    def plan_row(self, row: Row, original: Any) -> Plan:
        group = self.groups.get(row["slug"])
        plan = (
            self.plan_in_group(group, row, original) if group else super().plan_row(row, original)
        )
        if plan.action and row.get("topic_area") and row.get("scientific_rating"):
            self.plan_rating(plan, row)
        # A further place of a new program is new as well.
        if plan.rating and group and group.plan and group.plan.original is None:
            plan.action = ImportAction.NEW
        return plan

    def plan_in_group(self, group: Group, row: Row, original: Any) -> Plan:
        """Plan a row of a program that has several."""
        self.check_group(group, row)
        if group.plan:
            plan = self.plan_further_row(row, group.plan.entry)
        else:
            plan = group.plan = super().plan_row(row, original)
        group.rows -= 1
        if not group.rows:
            del self.groups[row["slug"]]
        return plan

    def plan_further_row(self, row: Row, program: Program) -> Plan:
        """Only place the program: the rest of the row is "as above"."""
        errors: dict[str, str] = {}
        self.check_rating_cells(program, row, errors)
        for column, message in errors.items():
            self.note(row["#"], column, row.get(column, ""), message)
        action = None if errors else ImportAction.UNCHANGED
        return Plan(row["#"], program, program, action)

    def check_group(self, group: Group, row: Row) -> None:
        """Note where the later rows of a program disagree with its first, or repeat a topic area."""
        area = self.area_key(row)
        if not group.first:
            group.first, group.areas[area] = dict(row), row["#"]
            return
        for column in set(row) & set(self.columns()) - {*RATING_COLUMNS, "slug"}:
            if row[column] and row[column] != group.first[column]:
                self.note(
                    row["#"],
                    column,
                    row[column],
                    f"Row {group.first['#']} says “{shortened(group.first[column])}” of the same program."
                    if group.first[column]
                    else f"Row {group.first['#']} leaves this blank for the same program.",
                )
        if area in group.areas:
            self.note(
                row["#"],
                "topic_area",
                row.get("topic_area", ""),
                f"Row {group.areas[area]} places the same program in the same topic area."
                if area
                else f"Row {group.areas[area]} is about the same program; a further row names a further topic area.",
            )
        group.areas.setdefault(area, row["#"])

    def area_key(self, row: Row) -> Any:
        """Return what tells a row's topic area apart: its primary key, or the cell where that names none."""
        try:
            area = self.fields["topic_area"].widget.clean(row.get("topic_area", ""))
        except ValueError:
            return row["topic_area"]
        return area.pk if area else None

    def check_row(self, entry: Any, original: Any, row: Row, errors: dict[str, str]) -> None:
        super().check_row(entry, original, row, errors)
        self.check_rating_cells(entry, row, errors)

    def check_rating_cells(self, program: Program, row: Row, errors: dict[str, str]) -> None:
        """Add to errors what is wrong with the cells that place the program; keep the values of the others."""
        self.rating_cells: dict[str, Any] = {}
        for name in RATING_COLUMNS:
            if not row.get(name):
                continue
            try:
                self.rating_cells[name] = self.fields[name].widget.clean(row[name])
            except ValueError as error:
                errors[name] = str(error)
        if set(errors) & set(RATING_COLUMNS):
            return
        area, level = (self.rating_cells.get(name) for name in RATING_COLUMNS[:2])
        if level and not area:
            errors["topic_area"] = "A rating needs the topic area that it holds in."
        elif set(self.rating_cells) - {"topic_area"} and not level:
            errors["scientific_rating"] = "Give the rating that these cells belong to."
        elif area and not level and not self.current_rating(program, area):
            errors["scientific_rating"] = (
                "To place a program in a topic area, give its rating there."
            )
        try:
            if area:
                check_place(area)
            check_reason(level or "", self.rating_cells.get("not_rated_reason", ""))
        except ValidationError as error:
            self.add_errors(errors, error)

    def current_rating(self, program: Program, area: TopicArea) -> Rating | None:
        ratings = self.ratings.get((program.pk, area.pk), [])
        return next((rating for rating in ratings if rating.is_current), None)

    def plan_rating(self, plan: Plan, row: Row) -> None:
        """Place the program in the row's topic area, or re-rate it there.

        A blank date or reason leaves what is recorded; another reason corrects it; another date or level is a new
        rating.
        """
        cells = self.rating_cells
        area, level = cells["topic_area"], cells["scientific_rating"]
        rated_on, reason = cells.get("rated_on", ""), cells.get("not_rated_reason", "")
        current = self.current_rating(plan.entry, area)
        if current and is_same_fact(
            (current.scientific_rating, current.rated_on), (level, rated_on)
        ):
            rating = copy.copy(current)
            rating.rated_on = fuller(rated_on, current.rated_on)
            rating.not_rated_reason = reason or current.not_rated_reason
        else:
            rating = Rating(scientific_rating=level, rated_on=rated_on, not_rated_reason=reason)
        rating.program, rating.topic_area = plan.entry, area
        changes = changes_of_rating(current, rating)
        if rating.pk and not changes:
            return
        plan.rating, plan.replaced = rating, None if rating.pk else current
        self.check_rating(plan, row)
        if doubt := self.fields["rated_on"].widget.doubt(rated_on):
            self.warn(row["#"], "rated_on", row["rated_on"], doubt)
        if current and rating.pk and reason and current.not_rated_reason not in {"", reason}:
            self.warn(
                row["#"],
                "not_rated_reason",
                row["not_rated_reason"],
                f"This changes the reason recorded for the rating of {current.rated_on or 'an unknown date'}; "
                "a new rating takes a new date.",
            )
        if current and not rating.pk:
            for column, message in compare_ratings(rating, current):
                self.warn(row["#"], column, row.get(column, ""), message)
        plan.changes += changes
        if plan.action != ImportAction.NEW:
            plan.action = ImportAction.RE_RATED if plan.replaced else ImportAction.CHANGED

    def check_rating(self, plan: Plan, row: Row) -> None:
        """Note what is wrong with a rating that is to be added or changed, or that takes the place of another."""
        rating = plan.rating
        actions = ["change"] if rating.pk else ["add", *(["change"] if plan.replaced else [])]
        for action in actions:
            if self.user and not self.user.has_perm(f"catalog.{action}_rating"):
                self.note(
                    row["#"],
                    "topic_area",
                    row["topic_area"],
                    f"Your account may not {action} ratings.",
                )
        for other in self.ratings.get((rating.program.pk, rating.topic_area_id), []):
            same = (other.rated_on, other.scientific_rating) == (
                rating.rated_on,
                rating.scientific_rating,
            )
            if same and other.pk != rating.pk:
                message = "This rating of the program, of the same date, is recorded already."
                self.note(row["#"], "", "", message)

    def write(self, writer: Writer, plans: Sequence[Plan]) -> None:
        """Write the programs, then their ratings."""
        first = [plan for plan in plans if plan.entry is not plan.original]
        writer.add([plan.entry for plan in first if plan.original is None])
        writer.change([plan.entry for plan in first if plan.original], self.written_fields())
        writer.retire([plan.replaced.pk for plan in plans if plan.replaced])
        ratings = [plan.rating for plan in plans if plan.rating]
        writer.change([r for r in ratings if r.pk], ["rated_on", "not_rated_reason"])
        writer.add([rating for rating in ratings if not rating.pk])

    # --- Export: a row for each current rating, one row for a program with none

    def get_queryset(self) -> QuerySet[Program]:
        return Program.objects.all()

    def iter_queryset(self, queryset: QuerySet[Program]) -> Iterator[Program]:
        current = Rating.objects.current().select_related("topic_area").in_topic_area_order()
        programs = queryset.prefetch_related(
            Prefetch("ratings", current, to_attr="exported_ratings")
        )
        for program in programs.iterator(chunk_size=500):
            ratings: list[Any] = program.exported_ratings or [None]
            for rating in ratings:
                self.exported = rating
                yield program

    def dehydrate_topic_area(self, program: Program) -> str:
        return self.exported.topic_area.slug if self.exported else ""

    def dehydrate_scientific_rating(self, program: Program) -> str:
        return self.exported.scientific_rating if self.exported else ""

    def dehydrate_rated_on(self, program: Program) -> str:
        return self.exported.rated_on if self.exported else ""

    def dehydrate_not_rated_reason(self, program: Program) -> str:
        return self.exported.not_rated_reason if self.exported else ""
