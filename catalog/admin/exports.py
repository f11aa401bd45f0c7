"""Exports in the admin: the list of one's own, and each with how far it is, or its file."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ..importing.permissions import Person, may_export
from ..models import Export, ExportStatus, ImportKind
from ..models.exports import KEPT_FOR
from ..resources import KINDS
from ..spreadsheets import FORMATS
from ..values.site_url import admin_path
from .work import WorkAdmin


def exported_kinds(user: Person) -> list[str]:
    """Return the kinds of entry that somebody may export."""
    return [kind for kind in ImportKind.values if may_export(user, kind)]


@admin.register(Export)
class ExportAdmin(WorkAdmin[Export]):
    """Show people the exports that they have asked for, as long as they may export such entries."""

    noun = "entries"
    gone = "There is no such export any more: it was deleted, or cleaned away because its days were over."
    no_file = "There is no such file."
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

    def has_delete_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        """Return whether somebody may delete an export, as whoever may see it."""
        return self.has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        """Return the exports that somebody may see."""
        records = super().get_queryset(request).defer("keys")
        return records.filter(user=request.user, kind__in=exported_kinds(request.user))

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
        context: dict[str, object] = {
            **self.admin_site.each_context(request),
            "title": f"Export of {record.file_name}",
            "opts": self.opts,
            "record": record,
            "list_url": list_address(record),
            "kept_until": record.created_at + KEPT_FOR,
        }
        if record.status == ExportStatus.MAKING:
            context |= self.progress(request, record)
        return self.refreshed(
            TemplateResponse(request, "admin/catalog/export/record.html", context)
        )

    def file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file of an export."""
        record = self.find(request, object_id)
        content_type = FORMATS[record.format]().get_content_type()
        return self.send(request, record, record.file, record.file_name, content_type)

    # --- Deleting

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        """Delete exports one by one, each with its file."""
        for record in queryset:
            record.delete()


def list_address(record: Export) -> str:
    """Return the address of the list that an export was asked for at, with its filters."""
    address = admin_path(KINDS[record.kind]._meta.model, "changelist")
    return f"{address}?{record.query}" if record.query else address
