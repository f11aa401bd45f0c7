"""Exports that are too large for a request: who asked for which entries, and the file that the worker makes of them."""

import secrets
from datetime import timedelta
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ..values.site_url import admin_path
from .imports import ImportKind

# So long the file of an export is kept.
KEPT_FOR = timedelta(days=3)
FOLDER = "exports"


def stored_name(record: "Export", file_name: str) -> str:
    """Return a name that nobody guesses; no address leads to where it lies."""
    return f"{FOLDER}/{secrets.token_hex(16)}.{record.format}"


class ExportFormat(models.TextChoices):
    """Name the format in which a file is written; the values are the extensions of its name."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"


class ExportStatus(models.TextChoices):
    MAKING = "making", "Being made"
    DONE = "done", "Ready to download"
    FAILED = "failed", "Failed"


class ExportQuerySet(models.QuerySet):
    def expired(self) -> Self:
        """Return the exports that are older than KEPT_FOR."""
        return self.filter(created_at__lt=timezone.now() - KEPT_FOR)


class Export(models.Model):
    """A file that somebody has asked for, of the entries that a list showed then.

    ``keys`` are their primary keys, until it is made; ``total`` is how many there are. ``query`` is the query string of
    the list, and ``problem`` says why there is no file.
    """

    kind = models.CharField(max_length=20, choices=ImportKind)
    format = models.CharField(max_length=4, choices=ExportFormat)
    query = models.TextField(blank=True)
    keys = models.JSONField(default=list)
    total = models.PositiveIntegerField("entries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    status = models.CharField(max_length=10, choices=ExportStatus, default=ExportStatus.MAKING)
    created_at = models.DateTimeField("asked for", default=timezone.now)
    file = models.FileField(upload_to=stored_name, max_length=200, blank=True)
    problem = models.TextField(blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        # Who has asked for one, and may export its kind, sees it.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                name="export_one_at_a_time", fields=["user"], condition=Q(status="making")
            ),
            models.CheckConstraint(
                name="export_kind_is_known", condition=Q(kind__in=ImportKind.values)
            ),
            models.CheckConstraint(
                name="export_format_is_known", condition=Q(format__in=ExportFormat.values)
            ),
            models.CheckConstraint(
                name="export_status_is_known", condition=Q(status__in=ExportStatus.values)
            ),
            models.CheckConstraint(
                name="export_done_has_file", condition=~Q(status="done", file="")
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return admin_path(self, "change", self.pk)

    @property
    def file_name(self) -> str:
        """Return the name under which the file is downloaded: "programs-2026-11-28.csv"."""
        return f"{self.kind}-{timezone.localdate(self.created_at)}.{self.format}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the record and, as soon as that holds, its file."""
        deleted = super().delete(*args, **kwargs)
        if self.file.name:
            transaction.on_commit(partial(self.file.storage.delete, self.file.name))
        return deleted
