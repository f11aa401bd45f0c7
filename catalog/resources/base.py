"""The import of one kind of entry: strict, complete in what it reports, all or nothing."""

import difflib
import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from import_export import resources
from import_export.fields import Field
from import_export.results import Result, RowResult
from import_export.widgets import ManyToManyWidget

from ..names import match_key, new_slug
from .cells import EntriesWidget, EntryWidget, FieldWidget
from .reading import joined, normalise_header

logger = logging.getLogger(__name__)

Row = dict[str, Any]


class Problem(NamedTuple):
    """Something in a file that must be mended, or (as a warning) looked at."""

    row: (
        int | None
    )  # as the spreadsheet counts: the header is row 1; None means the file as a whole
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = [f"Row {self.row}"] if self.row else []
        place += [self.column] if self.column else []
        place += [f"“{shortened(self.value)}”"] if self.value else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


def shortened(value: str, length: int = 80) -> str:
    return value if len(value) <= length else f"{value[:length]}…"


class Change(NamedTuple):
    """What an import does to one cell."""

    column: str
    before: str
    after: str


class ImportResult(Result):
    """What an import did or, in a dry run, would do."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def has_errors(self) -> bool:
        return bool(self.problems) or super().has_errors()

    @property
    def plan(self) -> str:
        """What every row does, as a fingerprint: alike for two runs that would do the same."""
        rows = [
            (row.row_number, row.import_type, row.object_repr, row.changes) for row in self.rows
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are new, changed and unchanged."""
        return {
            "new": self.totals[RowResult.IMPORT_TYPE_NEW],
            "changed": self.totals[RowResult.IMPORT_TYPE_UPDATE],
            "unchanged": self.totals[RowResult.IMPORT_TYPE_SKIP],
        }


class CatalogResource(resources.ModelResource):
    """The rules for one kind of file: columns, keys, cells, and what a row does.

    ``import_data`` writes nothing unless every row is right; its result lists everything that is not.
    """

    kind: ClassVar[str]
    # What must be there for a row to find its entry: one of these sets of columns.
    keys: ClassVar[tuple[tuple[str, ...], ...]]

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
    def get_display_name(cls) -> str:
        return cls.kind

    def get_result_class(self) -> type[ImportResult]:
        return ImportResult

    # --- The import, from the file to the last row

    def import_data(
        self, dataset: tablib.Dataset, dry_run: bool = False, **kwargs: Any
    ) -> ImportResult:
        """Check every row and, unless ``dry_run`` or anything is wrong, keep what the rows say.

        Keyword arguments: ``user`` (who imports; must have the publish permission to change a status into or
        out of public), ``file_name`` and ``source`` (for the history), ``progress`` (called with each row's number),
        ``plan`` (of the result that was previewed: nothing else is imported).
        """
        self.user = kwargs.get("user")
        self.reason = kwargs.get("source") or f"Imported from {kwargs.get('file_name') or 'a file'}"
        self.progress: Callable[[int], None] = kwargs.get("progress") or (lambda number: None)
        self.plan: str | None = kwargs.get("plan")
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        kwargs |= {"use_transactions": True, "rollback_on_validation_errors": True}
        return super().import_data(dataset, dry_run=dry_run, **kwargs)

    def _check_import_id_fields(self, headers: Iterable[str]) -> None:
        """Leave the check of the header to ``check_header``, which names everything that is wrong with it."""

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Check the header, find every row's entry, and put the rows in the order in which they are imported."""
        for field in self.fields.values():
            if isinstance(field.widget, EntryWidget | EntriesWidget):
                field.widget.lookup.clear()
        self.found: dict[int, int] = {}  # the primary key of each row's entry; a new one has none
        self.check_header(dataset.headers)
        numbers = getattr(dataset, "row_numbers", None) or range(2, len(dataset) + 2)
        rows = [
            {**dict(zip(dataset.headers, map(as_text, cells), strict=True)), "#": number}
            for number, cells in zip(numbers, dataset, strict=True)
        ]
        if self.problems:
            rows = []
        rows = self.prepare(rows) if rows else []
        headers = [*self.header_after_prepare(dataset.headers), "#"]
        dataset.wipe()
        dataset.headers = headers
        dataset.extend([[row.get(name, "") for name in headers] for row in rows])

    def handle_import_error(
        self, result: Any, error: Exception, raise_errors: bool = False
    ) -> None:
        """Let a fault of our own be one: what is wrong with the file is noted, never raised."""
        raise error

    def header_after_prepare(self, headers: list[str]) -> list[str]:
        """The columns of the prepared rows."""
        return headers

    def check_header(self, headers: list[str]) -> None:
        """Note every column that is unknown or repeated, and a key that is missing."""
        names = [normalise_header(name) for name in headers]
        for index, name in enumerate(names):
            if not name:
                self.note(1, "", "", f"Column {index + 1} has no name.")
            elif name not in self.columns():
                near = difflib.get_close_matches(name, self.columns(), n=1, cutoff=0.6)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                self.note(
                    1,
                    "",
                    headers[index],
                    f"There is no such column in a file of {self.kind}.{hint}",
                )
            elif name in names[:index]:
                self.note(1, "", headers[index], "The column stands there twice.")
        if not any(set(key) <= set(names) for key in self.keys):
            wanted = " or ".join(" and ".join(key) for key in self.keys)
            self.note(1, "", "", f"The column that tells the rows apart is missing: {wanted}.")

    def prepare(self, rows: list[Row]) -> list[Row]:
        """Find each row's entry and note rows that repeat one; return the rows in order of import."""
        raise NotImplementedError

    def import_row(self, row: Row, instance_loader: Any, **kwargs: Any) -> RowResult:
        """Import one row; note everything that is wrong with it."""
        number = row["#"]
        result = super().import_row(row, instance_loader, **kwargs)
        result.row_number = number
        if result.validation_error:
            self.note_validation_error(number, row, result.validation_error)
        for error in result.errors:
            logger.error("Row %s of an import could not be saved", number, exc_info=error.error)
            self.note(number, "", "", "The database refused this row.")
        result.errors = []
        self.progress(kwargs["row_number"])
        return result

    def after_import(self, dataset: tablib.Dataset, result: ImportResult, **kwargs: Any) -> None:
        self.check_after()
        if self.plan and not self.problems and result.plan != self.plan:
            self.note(
                None,
                "",
                "",
                "What this file changes has itself been changed since the preview. Check the file again.",
            )
        result.problems = self.in_file_order(self.problems)
        result.warnings = self.in_file_order(self.warnings)

    def in_file_order(self, problems: list[Problem]) -> list[Problem]:
        """Return problems by row, then by column, the first of each cell: what came first says it best."""
        columns = ["", *self.columns()]
        cells: dict[Any, Problem] = {}
        for problem in problems:
            cell = (problem.row, problem.column) if problem.column else problem
            cells.setdefault(cell, problem)
        place = {column: index for index, column in enumerate(columns)}
        return sorted(cells.values(), key=lambda p: (p.row or 0, place.get(p.column, len(columns))))

    def check_after(self) -> None:
        """Note what only shows when all rows are in."""

    # --- One row

    def get_instance(self, instance_loader: Any, row: Row) -> models.Model | None:
        """Return the entry that ``prepare`` found for the row, or None for a new one."""
        if row["#"] not in self.found:
            return None
        return self._meta.model._default_manager.get(pk=self.found[row["#"]])

    def import_instance(self, instance: models.Model, row: Row, **kwargs: Any) -> None:
        """Give the instance what the cells say. Raises ValidationError with every cell that is wrong."""
        errors: dict[str, Any] = {}
        for field in self.get_import_fields():
            if field.column_name not in row:
                continue
            try:
                if field.attribute and not isinstance(field.widget, ManyToManyWidget):
                    field.save(instance, row)
                else:
                    field.clean(row)
            except ValueError as error:
                errors[field.column_name] = ValidationError(str(error))
        self.check_row(instance, row, errors)
        if errors:
            raise ValidationError(errors)

    def check_row(self, instance: models.Model, row: Row, errors: dict[str, Any]) -> None:
        """Add to errors what is wrong with the cells taken together."""

    def skip_row(
        self, instance: Any, original: Any, row: Row, import_validation_errors: Any = None
    ) -> bool:
        """Skip rows that change nothing; a row that does not stand is never skipped."""
        if import_validation_errors or original.pk is None:
            return False
        return not self.changes(instance, original, row)

    def before_save_instance(self, instance: Any, row: Row, **kwargs: Any) -> None:
        instance._change_reason = self.reason
        if self.user:
            instance._history_user = self.user

    def after_import_row(self, row: Row, row_result: RowResult, **kwargs: Any) -> None:
        """Keep what changed, for the preview."""
        row_result.changes = []
        if row_result.import_type == RowResult.IMPORT_TYPE_UPDATE:
            row_result.changes = self.row_changes
        self.forget_lookups(row_result)

    def forget_lookups(self, row_result: RowResult) -> None:
        """Let later rows find an entry that this row has added."""

    def changes(self, instance: Any, original: Any, row: Row) -> list[Change]:
        """Return, column by column, what the row changes; also kept for the preview as ``row_changes``."""
        self.row_changes = []
        for field in self.get_import_fields():
            if not field.attribute or field.column_name not in row:
                continue
            before = field.export(original)
            if isinstance(field.widget, EntriesWidget):
                # The row's entries are not the instance's yet.
                after = sorted(
                    getattr(entry, field.widget.lookup.key) for entry in field.clean(row)
                )
                if after != sorted(filter(None, before.split("|"))):
                    self.row_changes.append(Change(field.column_name, before, joined(after)))
            elif field.get_value(instance) != field.get_value(original):
                self.row_changes.append(Change(field.column_name, before, field.export(instance)))
        return self.row_changes

    # --- What is wrong

    def note(self, row: int | None, column: str, value: str, message: str) -> None:
        self.problems.append(Problem(row, column, value, message))

    def warn(self, row: int | None, column: str, value: str, message: str) -> None:
        self.warnings.append(Problem(row, column, value, message))

    def note_validation_error(self, number: int, row: Row, error: ValidationError) -> None:
        for name, messages in error.message_dict.items():
            column = "" if name == NON_FIELD_ERRORS else name
            for message in messages:
                self.note(number, column, str(row.get(column, "")), message)

    def note_repeated(self, rows: Iterable[Row], column: str, value: str) -> None:
        """Note rows after the first that are about the same entry."""
        first, *others = rows
        for row in others:
            self.note(row["#"], column, value, f"Row {first['#']} is about the same entry.")


def as_text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


class SluggedResource(CatalogResource):
    """Entries with a slug and a name: a row finds its own by slug, else by name, else it is new."""

    keys = (("slug",), ("name",))

    def header_after_prepare(self, headers: list[str]) -> list[str]:
        return headers if "slug" in headers else ["slug", *headers]

    def prepare(self, rows: list[Row]) -> list[Row]:
        entries = list(self._meta.model._default_manager.values_list("slug", "pk", "name"))
        pks = {slug: pk for slug, pk, _ in entries}
        self.slugs_by_name: dict[str, list[str]] = defaultdict(list)
        for slug, _, name in entries:
            self.slugs_by_name[match_key(name)].append(slug)
        stored_names = NearNames(self.slugs_by_name)
        taken = set(pks) | {row["slug"] for row in rows if row.get("slug")}
        for row in rows:
            name = match_key(row.get("name", ""))
            if row.get("slug") and name and row["slug"] not in self.slugs_by_name[name]:
                self.slugs_by_name[name].append(row["slug"])
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            slug = row["slug"] = self.slug_of(row, taken)
            if slug in pks:
                self.found[row["#"]] = pks[slug]
            elif slug not in groups and (near := stored_names.find(row.get("name", ""))):
                self.warn(
                    row["#"],
                    "name",
                    row["name"],
                    f"Possible duplicate of “{self.slugs_by_name[near][0]}”.",
                )
            groups[slug].append(row)
        return [row for slug, group in groups.items() for row in self.merge(slug, group)]

    def slug_of(self, row: Row, taken: set[str]) -> str:
        """Return the slug of the row's entry, old or new.

        A row whose entry cannot be told is taken for a new one, so that its other cells are checked all the same.
        """
        if row.get("slug"):
            return row["slug"]
        name = match_key(row.get("name", ""))
        if not name:
            self.note(row["#"], "name", "", "Without a slug the row needs a name.")
        if len(self.slugs_by_name[name]) > 1:
            several = ", ".join(self.slugs_by_name[name])
            self.note(
                row["#"],
                "name",
                row["name"],
                f"Several entries have this name; write the slug: {several}.",
            )
        elif self.slugs_by_name[name]:
            return self.slugs_by_name[name][0]
        slug = new_slug(row.get("name", ""), taken)
        taken.add(slug)
        if name:
            self.slugs_by_name[name].append(slug)
        return slug

    def merge(self, slug: str, rows: list[Row]) -> list[Row]:
        """Return the rows of one entry; only programs may take more than one."""
        self.note_repeated(rows, "slug", slug)
        return rows


ARTICLES = {"the", "a", "an"}
BRACKETS = re.compile(r"\([^)]*\)")


class NearNames:
    """Names that differ so little from a new one that the two may mean the same."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_start: dict[str, list[str]] = defaultdict(list)
        self.by_words: dict[tuple[str, ...], str] = {}
        for key in keys:
            self.by_start[key[:3]].append(key)
            self.by_words[self.words(key)] = key

    def words(self, key: str) -> tuple[str, ...]:
        """Return the words that tell a name apart: no article, nothing in brackets, in no order."""
        plain = "".join(letter if letter.isalnum() else " " for letter in BRACKETS.sub(" ", key))
        return tuple(sorted(word for word in plain.split() if word not in ARTICLES))

    def find(self, name: str) -> str | None:
        """Return the key of a name that is very like this one: the same words, or nearly the same letters."""
        key = match_key(name)
        if not key:
            return None
        if same := self.by_words.get(self.words(key)):
            return same
        near = difflib.get_close_matches(key, self.by_start[key[:3]], n=1, cutoff=0.9)
        return near[0] if near else None
