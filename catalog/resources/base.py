"""The import of one kind of entry: strict, complete in what it reports, all or nothing.

An import goes through the file twice. The first time it learns what each row is about: which entry, and whether
another row is about the same one. The second time it plans what each row does, a thousand rows at a time, and, unless
it is a dry run, writes what was planned before it goes on. Nothing is kept unless every row is right.
"""

import copy
import difflib
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import batched
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    models,
    transaction,
)
from import_export import resources
from import_export.fields import Field
from import_export.widgets import ManyToManyWidget
from rapidfuzz import fuzz, process

from .. import search
from ..history.bulk_writer import BATCH, BulkWriter, Meanwhile, acquire_import_lock
from ..models import Import, ImportAction
from ..models.base import CatalogModel
from ..spreadsheets import Sheet
from ..values.names import NearNames, match_key, new_slug
from .cells import MOST_SUGGESTIONS, EntriesWidget, FieldWidget, former_slugs, moved
from .problems import CellChange, Planned, Problem, Problems, first_few, shortened

logger = logging.getLogger(__name__)

SheetRow = dict[str, Any]

# How many of a hundred letters a slug shares with one that may be meant.
ALIKE = 75
# So much of each cell of a new entry is shown.
MOST_OF_CELL = 100


class ImportRefused(Exception):
    """Not every row is right: take back what was written."""


@dataclass
class Plan:
    """What one row does: ``action`` is None where the row is wrong.

    ``entry`` is what is to be stored, ``original`` what is stored, None for a new one.
    ``related`` holds the relations that change. ``rating`` is written besides the entry; a new one takes the place of
    the ``replaced`` one.
    """

    number: int
    entry: Any
    original: Any
    action: ImportAction | None
    changes: list[CellChange] = field(default_factory=list)
    related: dict[str, list[int]] = field(default_factory=dict)
    rating: Any = None
    replaced: Any = None

    @property
    def does_something(self) -> bool:
        return self.action not in {None, ImportAction.UNCHANGED}

    @property
    def planned(self) -> Planned:
        return Planned(self.number, str(self.action), str(self.entry), self.changes)


class ImportResult:
    """What an import did or, in a dry run, would do.

    ``problems`` and ``warnings`` are in the order of the file; of very many, not all are kept, but all are counted.
    ``rows`` are the rows that do something, where nobody else has asked for them.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.problem_count = self.warning_count = 0
        self.rows: list[Planned] = []
        self.actions: Counter[ImportAction] = Counter()
        self.fingerprint = hashlib.sha256()

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed, re-rated and unchanged."""
        return {action.value: self.actions[action] for action in ImportAction}

    @property
    def plan(self) -> str:
        """What every row does, as a fingerprint: alike for two runs that would do the same."""
        return self.fingerprint.hexdigest()


class CatalogResource(resources.ModelResource):
    """The rules for one kind of file: columns, keys, cells, and what a row does."""

    kind: ClassVar[str]
    # What must be there for a row to find its entry: one of these sets of columns.
    keys: ClassVar[tuple[tuple[str, ...], ...]]
    # The column that every row has after ``prepare``, also where the file has none.
    key_column: ClassVar[str] = ""
    # Whether rows far apart are in the search documents of the same programs: these are then made once, at the end.
    shares_documents: ClassVar[bool] = False
    # For the guide: examples that fit together, where the field tells none; what else there is to say of a column.
    examples: ClassVar[dict[str, str]] = {}
    notes: ClassVar[dict[str, str]] = {}

    @classmethod
    def field_from_django_field(
        cls, field_name: str, django_field: models.Field, readonly: bool
    ) -> Field:
        return Field(attribute=field_name, column_name=field_name, widget=FieldWidget(django_field))

    @classmethod
    def columns(cls) -> list[str]:
        """The columns of the file, in the order of the export."""
        return list(cls._meta.fields)

    @classmethod
    def model_field(cls, column: str) -> models.Field:
        """Return the model's field that a column fills."""
        return cls._meta.model._meta.get_field(column)

    @classmethod
    def get_display_name(cls) -> str:
        return cls.kind

    @classmethod
    @cache
    def required(cls) -> list[str]:
        """The columns that a new entry must have."""
        return [
            field.name
            for field in cls._meta.model._meta.concrete_fields
            if field.name in cls.columns() and not field.blank and not field.has_default()
        ]

    # --- The import, from the file to the last row

    def import_data(
        self,
        sheet: Sheet,
        dry_run: bool = False,
        *,
        user: Any = None,
        reason: str = "",
        record: Import | None = None,
        plan: str = "",
        progress: Callable[[int], None] | None = None,
        sink: Callable[[Sequence[Planned]], None] | None = None,
    ) -> ImportResult:
        """Check every row and, unless ``dry_run`` or anything is wrong, keep what the rows say.

        ``user`` is who imports (and must have the permission to publish, to change a status into or out of public),
        ``reason`` and ``record`` go into the history, ``plan`` is that of the result that was previewed: nothing else
        is imported. ``progress`` is called with the number of rows that are done; ``sink`` with those that do
        something, a thousand at a time, instead of keeping them in the result.
        """
        self.user, self.result = user, ImportResult()
        self.progress = progress or (lambda done: None)
        self.sink = sink or self.result.rows.extend
        self.problems, self.warnings = Problems(), Problems()
        self.writer = None if dry_run else BulkWriter(user=user, reason=reason, record=record)
        try:
            if dry_run:
                self.go_through(sheet)
            else:
                with transaction.atomic():
                    acquire_import_lock()
                    with search.deferred() as index, Meanwhile(index) as indexing:
                        self.go_through(sheet, indexing)
                        self.compare(plan)
                        if self.problems:
                            raise ImportRefused
        except ImportRefused:
            pass
        # The last one: where an import and an editor wait for each other, PostgreSQL stops one of them.
        except (IntegrityError, DataError, OperationalError) as error:
            logger.exception("An import was refused by the database")
            self.note(None, "", "", refusal(self._meta.model, error))
        self.result.problems = self.in_file_order(self.problems)
        self.result.warnings = self.in_file_order(self.warnings)
        self.result.problem_count = self.problems.count
        self.result.warning_count = self.warnings.count
        return self.result

    def go_through(self, sheet: Sheet, indexing: Meanwhile | None = None) -> None:
        """Plan every row; write what is planned and let the search find it, unless this is a dry run."""
        self.check_header(sheet.header)
        if not self.has_key(sheet.header):
            return
        # A column that is missing may be the one that is misspelt.
        self.needed = [
            name for name in self.required() if not self.problems or name in sheet.header
        ]
        self.prepare(sheet)
        self.cells = [
            (name, self.fields[name].widget, self.fields[name].attribute)
            for name in self.columns()
            if name in {self.key_column, *sheet.header} and self.fields[name].attribute
        ]
        self.empty = self._meta.model()
        done = 0
        for rows in batched(self.in_order(sheet), BATCH, strict=False):
            plans = self.plan(rows)
            if self.writer and indexing and not self.problems:
                indexing.wait()
                self.write(self.writer, plans)
                if not self.shares_documents:
                    indexing.start()
            self.result.actions.update(plan.action for plan in plans if plan.action)
            self.show([plan.planned for plan in plans if plan.does_something])
            done += len(rows)
            self.progress(done)
        self.check_after()

    def show(self, rows: Sequence[Planned]) -> None:
        """Hand on what rows do, and let it count in the fingerprint."""
        for row in rows:
            self.result.fingerprint.update(repr(tuple(row)).encode())
        self.sink(rows)

    def compare(self, plan: str) -> None:
        """Note that the rows do something else than what was previewed, if so."""
        if plan and not self.problems and self.result.plan != plan:
            self.note(
                None,
                "",
                "",
                "What this file changes has itself been changed since the preview. Check the file again.",
            )

    def check_header(self, header: list[str]) -> None:
        """Note every column that is unknown or repeated, and a key that is missing."""
        columns = self.columns()
        for index, name in enumerate(header):
            if not name:
                self.note(1, "", "", f"Column {index + 1} has no name.")
            elif name not in columns:
                near = difflib.get_close_matches(name, columns, n=1, cutoff=0.6)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                self.note(1, "", name, f"There is no such column in a file of {self.kind}.{hint}")
            elif name in header[:index]:
                self.note(1, "", name, "The column stands there twice.")
        if not self.has_key(header):
            wanted = " or ".join(" and ".join(key) for key in self.keys)
            self.note(1, "", "", f"The column that tells the rows apart is missing: {wanted}.")

    def has_key(self, header: list[str]) -> bool:
        """Whether the columns tell the rows apart."""
        return any(set(key) <= set(header) for key in self.keys)

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """Yield each row by column, with its number under "#"."""
        for number, cells in sheet:
            row: SheetRow = dict(zip(sheet.header, cells, strict=True))
            row["#"] = number
            yield row

    def prepare(self, sheet: Sheet) -> None:
        """Find each row's entry: ``found`` holds its primary key by the row's number. Note rows that repeat one."""
        raise NotImplementedError

    def in_order(self, sheet: Sheet) -> Iterable[SheetRow]:
        """Return the rows in the order in which they are imported."""
        return self.rows(sheet)

    def check_after(self) -> None:
        """Note what only shows when all rows are planned."""

    # --- Rows

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan]:
        """Return what each row does; note everything that is wrong with it."""
        stored = self.stored(rows)
        return [self.plan_row(row, stored.get(self.found.get(row["#"]))) for row in rows]

    def stored(self, rows: Sequence[SheetRow]) -> dict[int | None, CatalogModel]:
        """Return the entries of these rows by primary key; nobody else changes them before they are written."""
        pks = [self.found[row["#"]] for row in rows if row["#"] in self.found]
        return self.locked(self.get_queryset().filter(pk__in=pks))

    def locked(self, queryset: Any) -> dict[Any, Any]:
        """Return entries by primary key; where they are to be written, nobody else changes them meanwhile."""
        if self.writer:
            queryset = queryset.select_for_update(of=("self",))
        return {entry.pk: entry for entry in queryset.order_by("pk")}

    def plan_row(self, row: SheetRow, original: Any) -> Plan:
        """Return what the cells of one row do to their entry."""
        errors: dict[str, Any] = {}
        values, related = self.read_cells(row, original, errors)
        entry = original
        if original is None or values:
            # A copy of an entry without anything is much sooner made than a new one.
            entry = copy.copy(original or self.empty)
            for attribute, value in values.items():
                setattr(entry, attribute, value)
        changes = self.changes(original, entry, values, related) if original else []
        self.check_row(entry, original, row, errors)
        if original is None or changes:
            self.check_entry(entry, original, errors)
        for column, message in errors.items():
            self.note(row["#"], column, row.get(column, ""), message)
        if errors:
            action = None
        elif original is None:
            action = ImportAction.NEW
            changes = self.changes(original, entry, values, related)
        else:
            action = ImportAction.CHANGED if changes else ImportAction.UNCHANGED
        return Plan(row["#"], entry, original, action, changes, related)

    def read_cells(
        self, row: SheetRow, original: Any, errors: dict[str, str]
    ) -> tuple[dict[str, Any], dict[str, list[int]]]:
        """Return the values that the row's cells give the entry, and the primary keys of those it is related to.

        Only what differs from the original. Adds to errors what is wrong with a cell, by column.
        """
        values: dict[str, Any] = {}
        related: dict[str, list[int]] = {}
        for name, widget, attribute in self.cells:
            if name not in row:
                continue
            text = row[name]
            if original is not None and text == widget.render(getattr(original, attribute)):
                continue
            try:
                value = widget.clean(text)
            except ValueError as error:
                errors[name] = str(error)
                continue
            if isinstance(widget, EntriesWidget):
                pks = [entry.pk for entry in value]
                before = widget.pks(getattr(original, attribute)) if original else set()
                if set(pks) != before:
                    related[name] = pks
            elif original is None or value != getattr(original, attribute):
                values[attribute] = value
                if isinstance(widget, FieldWidget) and (doubt := widget.doubt(value)):
                    self.warn(row["#"], name, text, doubt)
        return values, related

    def changes(
        self, original: Any, entry: Any, values: Iterable[str], related: dict[str, list[int]]
    ) -> list[CellChange]:
        """Return, column by column, what changes; of a new entry the beginning of each cell."""
        changes = []
        for name, widget, attribute in self.cells:
            if attribute in values:
                after = widget.render(getattr(entry, attribute))
            elif name in related:
                after = widget.render_all(related[name])
            else:
                continue
            if original:
                changes.append(CellChange(name, widget.render(getattr(original, attribute)), after))
            elif after:
                changes.append(CellChange(name, "", shortened(after, MOST_OF_CELL)))
        return changes

    def check_row(self, entry: Any, original: Any, row: SheetRow, errors: dict[str, str]) -> None:
        """Add to errors what is wrong with the cells taken together."""

    def check_entry(self, entry: Any, original: Any, errors: dict[str, str]) -> None:
        """Add to errors what the model's own rules say against the entry."""
        if original is None:
            for name in self.needed:
                if name not in errors and not getattr(entry, name, None):
                    errors[name] = "This field cannot be blank."
        try:
            self.clean_entry(entry, original)
        except ValidationError as error:
            self.add_errors(errors, error)

    def clean_entry(self, entry: Any, original: Any) -> None:
        """Apply the model's rules. Raises ValidationError."""
        entry.clean()

    def add_errors(self, errors: dict[str, str], error: ValidationError) -> None:
        """Add what a model says to errors, where nothing is said of the column yet."""
        for name, found in error.update_error_dict({}).items():
            column = "" if name == NON_FIELD_ERRORS else name
            errors.setdefault(column, " ".join(ValidationError(found).messages))

    # --- Writing

    def write(self, writer: BulkWriter, plans: Sequence[Plan]) -> None:
        """Write what the rows do to their entries."""
        new = [plan for plan in plans if plan.action == ImportAction.NEW]
        changed = [plan for plan in plans if plan.action == ImportAction.CHANGED]
        writer.add([p.entry for p in new], [(p.entry, p.related) for p in new if p.related])
        writer.change(
            [p.entry for p in changed],
            self.written_fields(),
            [(p.entry, p.related) for p in changed if p.related],
        )

    def written_fields(self) -> list[str]:
        """The model's fields that the file's columns may change."""
        return [
            attribute
            for _, widget, attribute in self.cells
            if attribute != self.key_column and not isinstance(widget, ManyToManyWidget)
        ]

    # --- What is wrong

    def note(self, row: int | None, column: str, value: str, message: str) -> None:
        self.problems.add(Problem(row, column, value, message))

    def warn(self, row: int | None, column: str, value: str, message: str) -> None:
        self.warnings.add(Problem(row, column, value, message))

    def in_file_order(self, problems: Problems) -> list[Problem]:
        """Return the problems that were kept by row, then by column."""
        place = {column: index for index, column in enumerate(["", *self.columns()])}
        return sorted(problems.kept, key=lambda p: (p.row or 0, place.get(p.column, len(place))))


def refusal(model: type[models.Model], error: Exception) -> str:
    """Say in words what the database has against an import: what another person has written meanwhile, as a rule."""
    for constraint in model._meta.constraints:
        if constraint.name in str(error):
            return f"The database refused the file: {constraint.violation_error_message}"
    return "The database refused the file. Somebody may have saved the same entries meanwhile: check the file again."


class SluggedResource(CatalogResource):
    """Entries with a slug and a name: a row finds its own by slug, else by name, else it is new."""

    keys = (("slug",), ("name",))
    key_column = "slug"

    def prepare(self, sheet: Sheet) -> None:
        self.found: dict[int, int] = {}
        self.slugs: dict[int, str] = {}
        entries = self._meta.model._default_manager.values_list("slug", "pk", "name")
        pks = {}
        # Of each name's slugs only the keys count: they keep their order.
        self.slugs_by_name: dict[str, dict[str, None]] = {}
        self.numbers: dict[str, int] = {}
        for slug, pk, name in entries.iterator():
            pks[slug] = pk
            self.add_name(match_key(name), slug)
        near_names = NearNames(self.slugs_by_name)
        names = [(row["#"], row.get("slug", ""), row.get("name", "")) for row in self.rows(sheet)]
        self.stored_slugs, self.suggestions = list(pks), MOST_SUGGESTIONS
        in_file = {slug for _, slug, _ in names if slug}
        unknown = in_file - pks.keys()
        self.nameless = set() if "name" in sheet.header else unknown
        former = former_slugs(self._meta.model) if unknown else {}
        taken = {*pks, *in_file}
        for _, slug, name in names:
            if slug and name:
                self.add_name(match_key(name), slug)
        first_rows: dict[str, int] = {}
        for number, given, name in names:
            slug = self.slugs[number] = given or self.slug_of(number, name, taken)
            if slug in pks:
                self.found[number] = pks[slug]
            elif slug in former:
                self.note(number, "slug", slug, moved(slug, former[slug]))
            elif slug not in first_rows and name and not self.problems.has(number, "name"):
                key = match_key(name)
                if near := near_names.find(key):
                    like = next(iter(self.slugs_by_name[near]))
                    self.warn(number, "name", name, f"Possible duplicate of “{like}”.")
                near_names.add(key)
            if slug in first_rows:
                column, value = ("slug", given) if given else ("name", name)
                self.repeat(slug, first_rows[slug], Problem(number, column, value, ""))
            first_rows.setdefault(slug, number)

    def check_entry(self, entry: Any, original: Any, errors: dict[str, str]) -> None:
        """Say of an unknown slug in a file without names that nothing has it: it is mistyped, as a rule."""
        super().check_entry(entry, original, errors)
        if "name" in errors and entry.slug in self.nameless:
            del errors["name"]
            errors.setdefault("slug", self.explain_slug(entry.slug))

    def explain_slug(self, slug: str) -> str:
        """Return that no entry has a slug; the first few times with the one that may be meant."""
        near = None
        if self.suggestions:
            self.suggestions -= 1
            near = process.extractOne(
                slug, self.stored_slugs, scorer=fuzz.ratio, score_cutoff=ALIKE
            )
        hint = f" Did you mean “{near[0]}”?" if near else ""
        kind = self._meta.model._meta.verbose_name
        return f"There is no {kind} “{slug}”.{hint} A new one needs a name."

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """Yield the rows; each has a slug as soon as it is known."""
        for row in super().rows(sheet):
            if row["#"] in self.slugs:
                row["slug"] = self.slugs[row["#"]]
            yield row

    def add_name(self, name: str, slug: str) -> None:
        """Let rows without a slug find an entry by its name."""
        self.slugs_by_name.setdefault(name, {})[slug] = None

    def slugs_named(self, name: str) -> dict[str, None]:
        """Return the slugs of the entries that a row may mean by a name."""
        return self.slugs_by_name.get(name, {})

    def slug_of(self, number: int, name: str, taken: set[str]) -> str:
        """Return the slug of the entry of a row that gives none, old or new.

        A row whose entry cannot be told is taken for a new one, so that its other cells are checked all the same.
        """
        if not name:
            self.note(number, "name", "", "Without a slug the row needs a name.")
        key = match_key(name)
        slugs = self.slugs_named(key)
        if len(slugs) > 1:
            message = f"Several entries have this name; write the slug: {first_few(slugs)}."
            self.note(number, "name", name, message)
        elif slugs:
            return next(iter(slugs))
        slug = new_slug(name, taken, self.numbers)
        taken.add(slug)
        if name:
            self.add_name(key, slug)
        return slug

    def repeat(self, slug: str, first: int, problem: Problem) -> None:
        """Note that a row is about the same entry as an earlier one; only programs may take more than one."""
        self.note(*problem[:3], same_entry(first))


def same_entry(first: int) -> str:
    """Say that a row is about the entry of an earlier one."""
    return f"Row {first} is about the same entry. Keep one of the two."
