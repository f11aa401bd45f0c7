"""The declaration of one kind of file: its columns, keys and cells, what they mean, and how entries are exported.

What is written into the catalog is the work of the kind's importer, in the room above.
"""

from functools import cache
from typing import ClassVar, Protocol

import tablib
from django.contrib.auth.models import AbstractUser
from django.db import models
from import_export import resources
from import_export.exceptions import ImportError as RowImportError
from import_export.fields import Field
from import_export.results import Result

from .cells import FieldWidget

STATUS_NOTE = (
    "To publish or retire takes a permission of its own; a blank cell keeps the status. "
    "What is to be published has all that the admin asks of it."
)


class DatasetImporter(Protocol):
    """What a resource asks of its importer, which announces itself as ``importer_class``."""

    def __init__(self, *, user: AbstractUser | None = None, reason: str = "") -> None: ...

    def import_dataset(
        self, dataset: tablib.Dataset, *, dry_run: bool, collect_failed_rows: bool
    ) -> Result: ...


class CatalogResource(resources.ModelResource):
    """Declare one kind of file, for the guide, the export and the import."""

    kind: ClassVar[str]
    # What must be there for a row to find its entry: one of these sets of columns.
    keys: ClassVar[tuple[tuple[str, ...], ...]]
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
