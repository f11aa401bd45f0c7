"""Exports in the admin: the list of one's own, and each with how far it is, or its file."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from ..importing.permissions import Person, may_export
from ..importing.progress import progress_of
from ..models import Export, ExportStatus, ImportKind
from ..models.exports import KEPT_FOR
from ..resources import KINDS
from ..spreadsheets import FORMATS
from .imports.admin import REFRESH
from .imports.wording import progress_in_words

GONE = (
    "There is no such export any more: it was deleted, or cleaned away because its days were over."
)


def exported_kinds(user: Person) -> list[str]:
    """Return the kinds of entry that somebody may export."""
    return [kind for kind in ImportKind.values if may_export(user, kind)]


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin):
    """Show people the exports that they have asked for, as long as they may export such entries."""

    list_display = ["file_name", "status", "total", "created_at"]
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description="file")
    def file_name(self, record: Export) -> str:
        """Return the name of the file, which links to the export's page."""
        return record.file_name

    # --- Who may see what

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may export anything."""
        return bool(exported_kinds(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """Return whether somebody may see an export: who has asked for it, and may still do so."""
        kinds = exported_kinds(request.user)
        return obj.user_id == request.user.pk and obj.kind in kinds if obj else bool(kinds)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: an export is asked for at the list of its entries."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """Return False: another file is another export."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """Return whether somebody may delete an export, as whoever may see it."""
        return self.has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        """Return the exports that somebody may see."""
        records = super().get_queryset(request).defer("keys")
        return records.filter(user=request.user, kind__in=exported_kinds(request.user))

    def find(self, request: HttpRequest, object_id: str) -> Export:
        """Return an export that this person may see. Raises PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404(GONE)
        return record

    # --- Pages

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of the file."""
        view = self.admin_site.admin_view(self.file)
        return [
            path("<path:object_id>/file/", view, name="catalog_export_file"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show an export: how far it is, why there is no file, or where it is."""
        record = self.find(request, object_id)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Export of {record.file_name}",
            "opts": self.opts,
            "record": record,
            "list_url": list_address(record),
            "kept_until": record.created_at + KEPT_FOR,
            **(self.progress(request, record) if record.status == ExportStatus.MAKING else {}),
        }
        response = TemplateResponse(request, "admin/catalog/export/record.html", context)
        if context.get("is_refreshed"):
            # As the page of an import: it asks again without a script, and a link stops that.
            response["Refresh"] = str(REFRESH)
        return response

    def progress(self, request: HttpRequest, record: Export) -> dict[str, object]:
        """Return what the page says while a worker makes the file, or ought to."""
        progress = progress_of(record)
        is_alive = bool(progress and progress.is_alive)
        return {
            "is_alive": is_alive,
            "is_begun": bool(progress and progress.started_at),
            "is_refreshed": is_alive and "still" not in request.GET,
            "progress": progress,
            "words": progress_in_words(progress, record.total, "entries") if progress else "",
        }

    def file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file of an export."""
        record = self.find(request, object_id)
        try:
            content = record.file.open()
        except (FileNotFoundError, ValueError):
            messages.error(request, "There is no such file.")
            return HttpResponseRedirect(record.get_absolute_url())
        return FileResponse(
            content,
            as_attachment=True,
            filename=record.file_name,
            content_type=FORMATS[record.format]().get_content_type(),
        )

    # --- Deleting

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        """Delete exports one by one, each with its file."""
        for record in queryset:
            record.delete()


def list_address(record: Export) -> str:
    """Return the address of the list that an export was asked for at, with its filters."""
    opts = KINDS[record.kind]._meta.model._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{address}?{record.query}" if record.query else address
