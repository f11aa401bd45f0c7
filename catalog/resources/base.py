"""The declaration of one kind of file: its columns, keys and cells, what they mean, and how entries are exported.

What is written into the catalog is the work of the kind's importer, in the room above.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any, ClassVar, Protocol

import tablib
from django.contrib.auth.models import AbstractUser
from django.db import models
from import_export import resources
from import_export.exceptions import ImportError as RowImportError
from import_export.fields import Field
from import_export.results import Result

from ..values.fields import tidy_value
from .cells import EntryWidget, FieldWidget

# So many entries are read at a time for an export.
BATCH = 500
STATUS_NOTE = (
    "To publish or retire takes a permission of its own; a blank cell keeps the status. "
    "What is to be published has all that the admin asks of it."
)


class DatasetImporter(Protocol):
    """Declare what a resource asks of its importer, which announces itself as ``importer_class``."""

    def __init__(self, *, user: AbstractUser | None = None, reason: str = "") -> None: ...

    def import_dataset(
        self, dataset: tablib.Dataset, *, dry_run: bool, collect_failed_rows: bool
    ) -> Result: ...


class CatalogResource(resources.ModelResource):
    """Declare one kind of file, for the guide, the export and the import."""

    kind: ClassVar[str]
    # What must be there for a row to find its entry: one of these sets of columns.
    keys: ClassVar[tuple[tuple[str, ...], ...]]
    # Columns that files had before, and that the importer still reads.
    former_columns: ClassVar[tuple[str, ...]] = ()
    # The column that every row is given, also where the file has none; no import changes what stands in it.
    key_column: ClassVar[str] = ""
    # For the guide: examples that fit together, where the field tells none; what else there is to say of a column.
    examples: ClassVar[dict[str, str]] = {}
    notes: ClassVar[dict[str, str]] = {}
    importer_class: ClassVar[type[DatasetImporter]]

    @classmethod
    def field_from_django_field(
        cls, field_name: str, django_field: models.Field, readonly: bool
    ) -> Field:
        return Field(attribute=field_name, column_name=field_name, widget=FieldWidget(django_field))

    @classmethod
    def columns(cls) -> list[str]:
        """Return the columns of the file, in the order of the export."""
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
        """Return the columns that a new entry must have."""
        return [
            field.name
            for field in cls._meta.model._meta.concrete_fields
            if field.name in cls.columns() and not field.blank and not field.has_default()
        ]

    # --- Export

    def rows(
        self, keys: Sequence[int], report: Callable[[int], None] = lambda done: None
    ) -> Iterator[list[str]]:
        """Yield the header, then the rows of the entries with these primary keys, in their order.

        No more than BATCH entries are in memory at a time; ``report`` is told after each batch how many are done. An
        entry that is deleted meanwhile has no row.
        """
        yield self.get_export_headers()
        for entry in self.iter_keys(keys, report):
            yield self.export_resource(entry)

    def iter_queryset(self, queryset: models.QuerySet) -> Iterator[models.Model]:
        return self.iter_keys(list(queryset.values_list("pk", flat=True)))

    def iter_keys(
        self, keys: Sequence[int], report: Callable[[int], None] = lambda done: None
    ) -> Iterator[Any]:
        """Yield the entries with these primary keys, each as often as it has rows.

        They are read by key, because a cursor of the server ends with its transaction behind a pooler.
        """
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            yield from self.iter_batch(batch)
            report(start + len(batch))

    def iter_batch(self, keys: Sequence[int]) -> Iterator[Any]:
        """Yield the entries with these primary keys, read at once, each as often as it has rows."""
        entries = self.export_queryset().order_by().in_bulk(keys)
        return (entries[key] for key in keys if key in entries)

    def export_queryset(self) -> models.QuerySet:
        """Return the entries with what their rows say, and no more: the keys of what they name, but not its texts."""
        names = []
        for field in self.fields.values():
            if isinstance(field.widget, EntryWidget) and field.attribute:
                names.append(f"{field.attribute}__{field.widget.lookup.key}")
            elif isinstance(field.widget, FieldWidget) and field.attribute:
                names.append(field.attribute)
        return self.get_queryset().only(*names)

    def export_resource(
        self, instance: models.Model, selected_fields: Sequence[str] | None = None, **kwargs: object
    ) -> list[str]:
        if selected_fields:
            return super().export_resource(instance, selected_fields, **kwargs)
        return [cell(instance) for cell in self.export_cells]

    @cached_property
    def export_cells(self) -> list[Callable[[models.Model], str]]:
        """Return a function for each column, looked up once and not for each row as the package does."""
        return [self.export_cell(name) for name in self.get_export_order()]

    def export_cell(self, name: str) -> Callable[[models.Model], str]:
        """Return the function that gives an entry's cell in a column."""
        field = self.fields[name]
        if dehydrate := getattr(self, field.get_dehydrate_method(name), None):
            return dehydrate
        value, render = attrgetter(field.attribute), field.widget.render
        return lambda entry: render(value(entry))

    # --- Import

    def tidying(self, column: str) -> Callable[[str], str]:
        """Return the function that gives a column's cell as the field stores it; as it is, where it names others."""
        widget = self.fields[column].widget if column in self.fields else None
        return partial(tidy_value, widget.field) if isinstance(widget, FieldWidget) else str

    def import_data(  # noqa: PLR0917 - as the package has it
        self,
        dataset: tablib.Dataset,
        dry_run: bool = False,
        raise_errors: bool = False,
        use_transactions: bool | None = None,
        collect_failed_rows: bool = False,
        rollback_on_validation_errors: bool = True,
        *,
        user: AbstractUser | None = None,
        reason: str = "",
        **kwargs: object,
    ) -> Result:
        """Import a dataset by the rules of an upload, and return django-import-export's own result of it.

        All of it is written, in one transaction, or nothing: ``use_transactions=False`` raises ValueError, and
        ``rollback_on_validation_errors`` changes nothing. ``user`` needs the permissions that an upload needs; it and
        ``reason`` go into the history. Other keyword arguments are ignored.

        Rows are numbered from 1, in messages too. Whatever is wrong with one makes it an invalid row, with messages
        by column; what is wrong with the dataset as a whole, or what the database refuses, is a base error. With
        ``raise_errors`` the first of them is raised as ``import_export.exceptions.ImportError``. Rows have no
        ``diff``, and no ``instance`` and ``original``; those of a dry run that are new have no ``object_id``.
        """
        if use_transactions is False:
            raise ValueError("An import is one transaction: all rows are kept, or none.")
        importer = self.importer_class(user=user, reason=reason)
        result = importer.import_dataset(
            dataset, dry_run=dry_run, collect_failed_rows=collect_failed_rows
        )
        if raise_errors:
            for error in result.base_errors:
                raise RowImportError(error.error)
            for row in result.invalid_rows:
                raise RowImportError(
                    row.error,
                    number=row.number,
                    row=dict(zip(result.diff_headers, row.values, strict=True)),
                )
        return result
