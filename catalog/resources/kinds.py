"""The six kinds of file: what each column is, and what a row of it does."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from import_export.fields import Field
from import_export.results import RowResult

from ..models import (
    Program,
    Rating,
    Reference,
    Status,
    Study,
    TopicArea,
    TopicExpert,
)
from ..names import match_key, new_slug
from .base import CatalogResource, Change, Row, SluggedResource
from .cells import EntryWidget, FieldWidget, Lookup, entry_field

PUBLIC_STATUSES = {Status.PUBLISHED, Status.RETIRED}


class PublishableResource(SluggedResource):
    """Entries with a status. Who may publish or retire in the admin may do so by import, and nobody else."""

    def check_row(self, instance: Any, row: Row, errors: dict[str, Any]) -> None:
        super().check_row(instance, row, errors)
        before = self.status_before
        if not row.get("status"):
            instance.status = before
        after = instance.status
        if before == after or not PUBLIC_STATUSES & {before, after} or "status" in errors:
            return
        permission = f"catalog.publish_{instance._meta.model_name}"
        if self.user and not self.user.has_perm(permission):
            errors["status"] = ValidationError("Your account may not publish or retire.")

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        instance: Any = super().get_instance(instance_loader, row)
        self.status_before = instance.status if instance else Status.DRAFT
        return instance


class TopicAreaResource(PublishableResource):
    kind = "topic areas"
    areas = Lookup(TopicArea, "slug", "name", "abbreviation")
    parent = entry_field("parent", areas)
    experts = entry_field("experts", Lookup(TopicExpert, "slug", "name"), several=True)
    further_reading = entry_field("further_reading", Lookup(Reference, "key"), several=True)

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
        clean_model_instances = True

    def prepare(self, rows: list[Row]) -> list[Row]:
        """Umbrella areas first, so that their parts find them."""
        return sorted(super().prepare(rows), key=lambda row: bool(row.get("parent")))

    def forget_lookups(self, row_result: RowResult) -> None:
        if row_result.import_type != RowResult.IMPORT_TYPE_SKIP:
            self.fields["parent"].widget.lookup.clear()

    def get_queryset(self) -> Any:
        return TopicArea.objects.select_related("parent").prefetch_related(
            "experts", "further_reading"
        )


class TopicExpertResource(SluggedResource):
    kind = "experts"

    class Meta:
        model = TopicExpert
        fields = ["slug", "name", "credentials", "position", "organization", "biography", "website"]
        clean_model_instances = True


class ReferenceResource(CatalogResource):
    """A row finds its reference by key, else by DOI, else by title and year."""

    kind = "references"
    keys = (("key",), ("doi",), ("title",))

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
        clean_model_instances = True

    def header_after_prepare(self, headers: list[str]) -> list[str]:
        return headers if "key" in headers else ["key", *headers]

    def prepare(self, rows: list[Row]) -> list[Row]:
        stored = list(Reference.objects.values_list("key", "pk", "doi", "title", "year"))
        pks = {key: pk for key, pk, *_ in stored}
        by_doi = {doi: key for key, _, doi, *_ in stored if doi}
        by_title = {(match_key(title), str(year or "")): key for key, _, _, title, year in stored}
        taken = set(pks) | {row["key"] for row in rows if row.get("key")}
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            doi = Reference._meta.get_field("doi").to_python(row.get("doi", ""))
            title = (match_key(row.get("title", "")), row.get("year", ""))
            key = row.get("key") or by_doi.get(doi) or (title[0] and by_title.get(title))
            if not key:
                first = row.get("authors", "").partition(",")[0] or row.get("title", "")
                key = new_slug(f"{first} {row.get('year') or 'nd'}", taken)
                taken.add(key)
                by_title[title] = key
            if doi:
                by_doi.setdefault(doi, key)
            row["key"] = key
            if key in pks:
                self.found[row["#"]] = pks[key]
            groups[key].append(row)
        for key, group in groups.items():
            self.note_repeated(group, "key", key)
        return [row for group in groups.values() for row in group]


class PairResource(CatalogResource):
    """Rows that stand between a program and something else; their cells together are the key."""

    def pair(self, row: Row, *columns: str) -> tuple[Any, ...] | None:
        """Return the keys of the entries that the cells name, or None where one is blank or unknown.

        What is wrong with a cell is said when the row is imported.
        """
        found = []
        for column in columns:
            try:
                entry = self.fields[column].clean(row)
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
        clean_model_instances = True

    def prepare(self, rows: list[Row]) -> list[Row]:
        stored = {
            (program, ref): pk
            for program, ref, pk in Study.objects.values_list("program", "reference", "pk")
        }
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in rows:
            if pair := self.pair(row, "program", "reference"):
                groups[pair].append(row)
                if pair in stored:
                    self.found[row["#"]] = stored[pair]
        for group in groups.values():
            self.note_repeated(group, "reference", group[0]["reference"])
        return rows

    def get_queryset(self) -> Any:
        return Study.objects.select_related("program", "reference")


class RatingResource(PairResource):
    """The whole history of ratings. A row adds a fact or repeats one; it never overwrites a past rating."""

    kind = "ratings"
    keys = (("program", "topic_area", "scientific_rating"),)
    program = entry_field("program", Lookup(Program, "slug", "name"))
    topic_area = entry_field("topic_area", Lookup(TopicArea, "slug", "name", "abbreviation"))

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
        clean_model_instances = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.places: dict[tuple[Any, ...], Row] = {}
        super().before_import(dataset, **kwargs)

    def prepare(self, rows: list[Row]) -> list[Row]:
        stored = {}
        keys = ("program", "topic_area", "scientific_rating", "rated_on", "pk")
        for *place, level, rated_on, pk in Rating.objects.order_by("is_current", "pk").values_list(
            *keys
        ):
            stored[*place, level, rated_on] = pk
            stored[*place, level, None] = (
                pk  # for a file without dates: the current one before past ones
            )
        facts: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        currents: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in rows:
            if (place := self.pair(row, "program", "topic_area")) is None:
                continue
            try:
                level = self.fields["scientific_rating"].clean(row)
                rated_on = self.fields["rated_on"].clean(row) if "rated_on" in row else None
                is_current = self.fields["is_current"].clean(row) if row.get("is_current") else True
            except ValueError:
                continue
            self.places.setdefault(place, row)
            facts[*place, level, rated_on].append(row)
            if is_current:
                currents[place].append(row)
            if pk := stored.get((*place, level, rated_on)):
                self.found[row["#"]] = pk
        for group in facts.values():
            self.note_repeated(group, "scientific_rating", group[0]["scientific_rating"])
        for group in currents.values():
            for row in group[1:]:
                self.note(
                    row["#"],
                    "is_current",
                    row.get("is_current", ""),
                    f"Row {group[0]['#']} gives another current rating of the same program in the same topic area.",
                )
        # Past ratings first: a current one then retires the one before it.
        current_rows = {row["#"] for group in currents.values() for row in group}
        return sorted(rows, key=lambda row: row["#"] in current_rows)

    def import_row(self, row: Row, instance_loader: Any, **kwargs: Any) -> RowResult:
        """A blank ``is_current`` is as none: a new rating is current, a recorded one stays what it is."""
        if not row.get("is_current"):
            row = {name: cell for name, cell in row.items() if name != "is_current"}
        return super().import_row(row, instance_loader, **kwargs)

    def check_after(self) -> None:
        """A program that is placed in a topic area keeps exactly one current rating there."""
        if self.problems:
            return
        current = set(Rating.objects.current().values_list("program", "topic_area"))
        for place, row in self.places.items():
            if place not in current:
                self.note(
                    row["#"],
                    "is_current",
                    row.get("is_current", ""),
                    "This would leave the program without a current rating in the topic area.",
                )

    def get_queryset(self) -> Any:
        return Rating.objects.select_related("program", "topic_area")


class ProgramResource(PublishableResource):
    """Programs and, with the last four columns, their place in a topic area.

    A program in several topic areas takes several rows; after the first, a blank program cell means "as above".
    """

    kind = "programs"
    RATING_COLUMNS = ("topic_area", "scientific_rating", "rated_on", "not_rated_reason")

    topic_area = Field(
        column_name="topic_area",
        widget=EntryWidget(Lookup(TopicArea, "slug", "name", "abbreviation")),
    )
    scientific_rating = Field(
        column_name="scientific_rating",
        widget=FieldWidget(Rating._meta.get_field("scientific_rating")),
    )
    rated_on = Field(column_name="rated_on", widget=FieldWidget(Rating._meta.get_field("rated_on")))
    not_rated_reason = Field(
        column_name="not_rated_reason",
        widget=FieldWidget(Rating._meta.get_field("not_rated_reason")),
    )

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
        clean_model_instances = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.imported: dict[str, int] = {}
        self.further_rows: set[int] = set()
        super().before_import(dataset, **kwargs)

    def merge(self, slug: str, rows: list[Row]) -> list[Row]:
        """Note where the later rows of a program disagree with its first, or repeat a topic area."""
        first, *others = rows
        areas = {self.area_key(first): first["#"]}
        for row in others:
            self.further_rows.add(row["#"])
            for column in sorted(set(row) - {*self.RATING_COLUMNS, "#", "slug"}):
                if row[column] and row[column] != first[column]:
                    self.note(
                        row["#"],
                        column,
                        row[column],
                        f"Row {first['#']} says something else of the same program.",
                    )
            if (area := self.area_key(row)) in areas:
                self.note(
                    row["#"],
                    "topic_area",
                    row.get("topic_area", ""),
                    f"Row {areas[area]} places the same program in the same topic area."
                    if area
                    else f"Row {areas[area]} is about the same program; a further row names a further topic area.",
                )
            areas.setdefault(area, row["#"])
        return rows

    def import_row(self, row: Row, instance_loader: Any, **kwargs: Any) -> RowResult:
        """A program's further rows only place it: the rest of them is "as above"."""
        if row["#"] in self.further_rows:
            row = {name: row[name] for name in ("#", "slug", *self.RATING_COLUMNS) if name in row}
        return super().import_row(row, instance_loader, **kwargs)

    def area_key(self, row: Row) -> Any:
        """Return what tells a row's topic area apart: its primary key, or the cell where that names none."""
        try:
            area = self.fields["topic_area"].clean(row) if "topic_area" in row else None
        except ValueError:
            return row["topic_area"]
        return area.pk if area else None

    def get_instance(self, instance_loader: Any, row: Row) -> Any:
        """A program's further rows are about the one that its first row has added."""
        if row["slug"] in self.imported:
            self.found[row["#"]] = self.imported[row["slug"]]
        return super().get_instance(instance_loader, row)

    def check_row(self, instance: Any, row: Row, errors: dict[str, Any]) -> None:
        super().check_row(instance, row, errors)
        if set(errors) & set(self.RATING_COLUMNS):
            return
        cells = {
            name: self.fields[name].clean(row) for name in self.RATING_COLUMNS if row.get(name)
        }
        area, level = cells.get("topic_area"), cells.get("scientific_rating")
        if level and not area:
            errors["topic_area"] = ValidationError(
                "A rating needs the topic area that it holds in."
            )
        elif set(cells) - {"topic_area"} and not level:
            errors["scientific_rating"] = ValidationError(
                "Give the rating that these cells belong to."
            )
        elif area and not level and not self.current_rating(instance, area):
            errors["scientific_rating"] = ValidationError(
                "To place a program in a topic area, give its rating there."
            )
        rating = Rating(
            topic_area=area,
            scientific_rating=level or "",
            not_rated_reason=cells.get("not_rated_reason", ""),
        )
        try:
            rating.clean()
        except ValidationError as error:
            errors.update({name: e for name, e in error.error_dict.items() if name not in errors})

    def current_rating(self, program: Program, area: TopicArea) -> Rating | None:
        if program._state.adding:
            return None
        return Rating.objects.current().filter(program=program.pk, topic_area=area.pk).first()

    def after_import_row(self, row: Row, row_result: RowResult, **kwargs: Any) -> None:
        super().after_import_row(row, row_result, **kwargs)
        program = Program.objects.get(slug=row["slug"])
        self.imported[row["slug"]] = program.pk
        if row.get("topic_area") and row.get("scientific_rating"):
            changes = self.rate(program, row)
            if changes and row_result.import_type == RowResult.IMPORT_TYPE_SKIP:
                row_result.import_type = RowResult.IMPORT_TYPE_UPDATE
            row_result.changes += changes

    def rate(self, program: Program, row: Row) -> list[Change]:
        """Place the program in the row's topic area, or re-rate it there; return what that changes.

        Raises ValidationError. A blank date or reason leaves what is recorded; a date that only says more of
        the one recorded ("2025-06" for "2025") completes it; another date or level is a new rating.
        """
        cells = {
            name: self.fields[name].clean(row) for name in self.RATING_COLUMNS if row.get(name)
        }
        area, level = cells["topic_area"], cells["scientific_rating"]
        rated_on, reason = cells.get("rated_on", ""), cells.get("not_rated_reason", "")
        current = self.current_rating(program, area)
        if (
            current
            and current.scientific_rating == level
            and (rated_on.startswith(current.rated_on) or current.rated_on.startswith(rated_on))
        ):
            rating = current
            rating.rated_on = max(rated_on, current.rated_on, key=len)
            rating.not_rated_reason = reason or current.not_rated_reason
        else:
            rating = Rating(
                program=program,
                topic_area=area,
                scientific_rating=level,
                rated_on=rated_on,
                not_rated_reason=reason,
            )
        is_new = rating._state.adding
        before = current if is_new else Rating.objects.get(pk=rating.pk)
        columns = ("scientific_rating", "rated_on", "not_rated_reason")
        changes = [
            Change(column, getattr(before, column, ""), getattr(rating, column))
            for column in columns
            if getattr(before, column, "") != getattr(rating, column)
        ]
        if is_new or changes:
            action = "add" if is_new else "change"
            if self.user and not self.user.has_perm(f"catalog.{action}_rating"):
                raise ValidationError({"topic_area": f"Your account may not {action} ratings."})
            rating.full_clean()
            rating._change_reason = self.reason
            if self.user:
                rating._history_user = self.user
            rating.save()
        if before is None:
            return [Change("topic_area", "", area.slug), *changes]
        return changes

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
