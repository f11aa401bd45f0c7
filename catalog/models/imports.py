"""Imports: who brought in which file, what it was to do, what it did."""

import secrets
from datetime import timedelta
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ..values.site_url import admin_path

# A preview that nobody has confirmed by then is cleaned away with its file.
ABANDONED_AFTER = timedelta(days=2)


def private_storage() -> Storage:
    """Return the storage of uploaded files: no address leads there."""
    return storages["imports"]


def stored_name(record: "Import", file_name: str) -> str:
    """Return a name that nobody guesses and that two uploads never share, whatever the file is called."""
    return f"{secrets.token_hex(16)}.upload"


class ImportKind(models.TextChoices):
    """Name the kind of entry that a file holds."""

    TOPIC_AREAS = "topic-areas", "topic areas"
    EXPERTS = "experts", "experts"
    REFERENCES = "references", "references"
    PROGRAMS = "programs", "programs"
    RATINGS = "ratings", "ratings"
    STUDIES = "studies", "studies"
    FINDINGS = "findings", "findings"


class ImportStatus(models.TextChoices):
    CHECKING = "checking", "Being checked"
    FAILED = "failed", "Has mistakes"
    READY = "ready", "Waiting to be confirmed"
    CONFIRMED = "confirmed", "Being imported"
    DONE = "done", "Imported"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"

    @classmethod
    def unconfirmed(cls) -> frozenset[Self]:
        """Return the statuses of imports that have changed nothing, and will not unless they are confirmed."""
        return frozenset({cls.CHECKING, cls.FAILED, cls.READY})


class ImportQuerySet(models.QuerySet):
    def abandoned(self) -> Self:
        """Return the imports that nobody has confirmed within two days after the upload."""
        uploaded_before = timezone.now() - ABANDONED_AFTER
        return self.filter(status__in=ImportStatus.unconfirmed(), created_at__lt=uploaded_before)


class Import(models.Model):
    """A file that somebody brought in. It is checked, previewed and confirmed; then it stays as a record.

    ``counts`` holds how many rows are new, changed, unchanged and re-rated; ``problems`` and ``warnings`` are lists
    of ``GroupedProblem`` as dictionaries; ``kept`` names what an undo left as it was, and why;
    ``retired`` is how many entries it retired because they were public.
    """

    kind = models.CharField(max_length=20, choices=ImportKind)
    file = models.FileField(storage=private_storage, upload_to=stored_name, max_length=200)
    file_name = models.CharField(max_length=255)
    checksum = models.CharField("SHA-256 of the file", max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    source = models.CharField(max_length=300, blank=True)
    status = models.CharField(
        max_length=10, choices=ImportStatus, default=ImportStatus.CHECKING, db_index=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField("rows", default=0)
    counts = models.JSONField(default=dict, blank=True)
    problem_count = models.PositiveIntegerField("mistakes", default=0)
    warning_count = models.PositiveIntegerField("warnings", default=0)
    problems = models.JSONField(default=list, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    notices = models.JSONField(default=list, blank=True)
    plan = models.CharField(max_length=64, blank=True)
    mistakes = models.FileField(
        storage=private_storage, upload_to=stored_name, max_length=200, blank=True
    )
    kept = models.JSONField(default=list, blank=True)
    retired = models.PositiveIntegerField(default=0)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        # To read one takes what importing its kind takes.
        default_permissions = ()
        permissions = [("undo_import", "Can undo imports, with all that they did")]
        constraints = [
            models.CheckConstraint(
                name="import_kind_is_known", condition=Q(kind__in=ImportKind.values)
            ),
            models.CheckConstraint(
                name="import_status_is_known", condition=Q(status__in=ImportStatus.values)
            ),
            models.CheckConstraint(
                name="import_finished_has_date",
                condition=Q(finished_at__isnull=False)
                | ~Q(status__in=["done", "undoing", "undone"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_kind_display()})"

    def get_absolute_url(self) -> str:
        return admin_path(self, "change", self.pk)

    @property
    def reason(self) -> str:
        """Return the reason that the history of every entry gives for this import."""
        return self.source or f"Imported from {self.file_name}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record and, as soon as that holds, its files."""
        deleted = super().delete(*args, **kwargs)
        for file in (self.file, self.mistakes):
            if file.name:
                transaction.on_commit(partial(file.storage.delete, file.name))
        return deleted


class ImportAction(models.TextChoices):
    """Say what a row of a file does."""

    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    RE_RATED = "re-rated", "Re-rated"
    UNCHANGED = "unchanged", "Unchanged"


class ImportedRow(models.Model):
    """A row of a file with what it does, as the preview shows it. Rows that change nothing are not kept."""

    record = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=ImportAction)
    entry = models.CharField(max_length=300)
    changes = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["record", "number"], name="importedrow_once_in_file"),
            models.CheckConstraint(
                name="importedrow_action_is_known", condition=Q(action__in=ImportAction.values)
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.number}: {self.entry}"
