"""Import and export from the lists of entries, and the guide to the columns of their files."""

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from import_export.admin import ImportExportMixin
from tablib import Dataset

from ..importing import jobs
from ..importing.permissions import may_export, may_import
from ..models import Import
from ..models.exports import KEPT_FOR
from ..resources import (
    CSV,
    KINDS,
    XLSX,
    CatalogResource,
    ReadError,
    column_guide,
    empty_table,
    guide_table,
)
from ..spreadsheets import FORMATS
from ..values.site_url import admin_path
from .busy import keep_typed, show_refusal
from .imports.upload import UploadForm

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object

UNKNOWN_FILTER = "Nothing was exported: the address has a filter that this list does not have."
ONE_AT_A_TIME = "One export at a time: this one is still being made."


class GuideAdmin(Base):
    """Give whoever may import a kind of entry its column guide, and templates to fill in."""

    @property
    def kind(self) -> str:
        """Return the kind of file that holds these entries."""
        return next(kind for kind, resource in KINDS.items() if resource._meta.model is self.model)

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with those of the guide and the templates."""
        pages = {
            "import/guide/": ("guide", self.guide),
            "import/guide.csv": ("guide_csv", self.guide_csv),
            "import/template.csv": ("template_csv", self.template_csv),
            "import/template.xlsx": ("template_xlsx", self.template_xlsx),
        }
        start = f"{self.opts.app_label}_{self.opts.model_name}_import"
        return [
            *(
                path(address, self.admin_site.admin_view(view), name=f"{start}_{name}")
                for address, (name, view) in pages.items()
            ),
            *super().get_urls(),
        ]

    def resource_of_guide(self, request: HttpRequest) -> type[CatalogResource]:
        """Return the rules that the guide is about. Raises PermissionDenied for who may not import."""
        if not self.has_import_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        return KINDS[self.kind]

    def guide(self, request: HttpRequest) -> HttpResponse:
        """Show what each column holds."""
        resource = self.resource_of_guide(request)
        context: dict[str, object] = {
            **self.admin_site.each_context(request),
            "title": f"Columns of a file of {resource.kind}",
            "opts": self.opts,
            "columns": column_guide(resource),
        }
        return TemplateResponse(request, "admin/import_export/guide.html", context)

    def guide_csv(self, request: HttpRequest) -> HttpResponse:
        """Send the column guide as a file."""
        resource = self.resource_of_guide(request)
        return download(CSV(), guide_table(resource), f"{resource.kind} guide")

    def template_csv(self, request: HttpRequest) -> HttpResponse:
        """Send a CSV file to fill in."""
        resource = self.resource_of_guide(request)
        return download(CSV(), empty_table(resource), f"{resource.kind} template")

    def template_xlsx(self, request: HttpRequest) -> HttpResponse:
        """Send a workbook to fill in."""
        resource = self.resource_of_guide(request)
        return download(XLSX(), empty_table(resource), f"{resource.kind} template")


class ImportExportAdmin(GuideAdmin, ImportExportMixin, admin.ModelAdmin):
    """Import and export entries as ``resources`` rules, each with a permission of its own."""

    import_template_name = "admin/catalog/import/upload.html"
    actions = ["export_csv", "export_xlsx"]

    def get_resource_classes(self, request: HttpRequest, **kwargs: Any) -> list[type]:
        """Return the rules by which these entries are imported and exported."""
        return [KINDS[self.kind]]

    def get_urls(self) -> list[URLPattern]:
        """Leave out the package's second step: what was previewed is confirmed on the import's own page."""
        return [url for url in super().get_urls() if not str(url.name).endswith("_process_import")]

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may import these entries."""
        return may_import(request.user, self.kind)

    @keep_typed
    def import_action(self, request: HttpRequest) -> HttpResponse:
        """Take a file in, and go on to the page that shows what it would do."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        jobs.clean_away()
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        show_refusal(request, form, "Check the file")
        if is_sent and form.is_valid() and (record := self.receive(request, form)):
            return HttpResponseRedirect(record.get_absolute_url())
        resource: type[CatalogResource] = KINDS[self.kind]
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import {resource.kind}",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, self.import_template_name, context)

    def receive(self, request: HttpRequest, form: UploadForm) -> Import | None:
        """Return the import of the form's file, checked or soon to be; if it is no table, let the form say so."""
        try:
            record = jobs.receive(self.kind, form.cleaned_data["file"], user=request.user)
        except ReadError as error:
            form.add_error("file", str(error))
            return None
        jobs.check_soon(record)
        return record

    # --- Export

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may export these entries."""
        return may_export(request.user, self.kind)

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        """Export what the list shows, in the format that is asked for."""
        query = request.GET.copy()
        extension = query.pop("format", ["csv"])[-1]
        if extension not in FORMATS:
            raise Http404
        # The list takes every other parameter for one of its filters.
        request.GET = query  # type: ignore[assignment]
        try:
            entries = self.get_export_queryset(request)
        except IncorrectLookupParameters:
            messages.error(request, UNKNOWN_FILTER)
            return HttpResponseRedirect(admin_path(self.model, "changelist"))
        return self.export(request, entries, str(extension))

    @admin.action(
        description="Export the selected %(verbose_name_plural)s (CSV)", permissions=["export"]
    )
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> HttpResponseBase:
        """Send the selected entries as a CSV file."""
        return self.export(request, queryset, "csv")

    @admin.action(
        description="Export the selected %(verbose_name_plural)s (XLSX)", permissions=["export"]
    )
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet) -> HttpResponseBase:
        """Send the selected entries as a workbook."""
        return self.export(request, queryset, "xlsx")

    def export(self, request: HttpRequest, queryset: QuerySet, extension: str) -> HttpResponseBase:
        """Return entries as a file that imports as what it is or, if they are many, go on to where it is made.

        Their primary keys are read first, in the order of the file: that leaves out what the list annotates.
        """
        if not self.has_export_permission(request):
            raise PermissionDenied
        entries = self.model._default_manager.filter(pk__in=queryset.order_by().values("pk"))
        total = entries.count()
        if total > settings.EXPORT_ENTRIES_IN_REQUEST[extension]:
            if request.method == "POST":
                return self.export_later(request, entries, extension)
            return self.ask_to_export(request, total, extension)
        keys = list(entries.values_list("pk", flat=True))
        rows = KINDS[self.kind]().rows(keys)
        if extension == "csv":
            return self.stream(request, rows)
        try:
            out = BytesIO()
            XLSX().write(out, self.kind, rows)
        except ReadError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(admin_path(self.model, "changelist"))
        return HttpResponse(
            out.getvalue(),
            content_type=XLSX().get_content_type(),
            headers={"Content-Disposition": self.disposition(extension)},
        )

    def stream(self, request: HttpRequest, rows: Iterable[list[str]]) -> HttpResponseBase:
        """Send rows as a CSV file while they are read. After an error it breaks off, and does not look whole."""
        content: Iterable[bytes] = CSV().chunks(rows)
        if request.META.get("SERVER_PROTOCOL") == "HTTP/1.0":
            # As some proxies ask: there the end of the connection is the end of the file, whatever ended it.
            content = [b"".join(content)]
        return StreamingHttpResponse(
            content,
            content_type=CSV().get_content_type(),
            headers={"Content-Disposition": self.disposition("csv")},
        )

    def disposition(self, extension: str) -> str:
        """Return the header that names the file after its kind and the day."""
        return f'attachment; filename="{self.kind}-{timezone.localdate()}.{extension}"'

    def ask_to_export(self, request: HttpRequest, total: int, extension: str) -> HttpResponse:
        """Ask whether so many entries are to be exported: nothing is made because an address was followed."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Export {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "total": total,
            "format": extension.upper(),
            "days": KEPT_FOR.days,
        }
        return TemplateResponse(request, "admin/catalog/export/ask.html", context)

    def export_later(self, request: HttpRequest, entries: QuerySet, extension: str) -> HttpResponse:
        """Queue the export of the entries for the worker, and go on to its page."""
        record, is_new = jobs.request_export(
            self.kind,
            extension,
            # In no order: to sort so many takes longer than all else.
            list(entries.order_by().values_list("pk", flat=True)),
            user=request.user,
            query=request.GET.urlencode(),
        )
        if not is_new:
            messages.error(request, ONE_AT_A_TIME)
        return HttpResponseRedirect(record.get_absolute_url())


def download(form: CSV | XLSX, table: Dataset, name: str) -> HttpResponse:
    """Return a table as a file to keep, in one of the formats."""
    file_name = f"{name.replace(' ', '-')}.{form.get_extension()}"
    return HttpResponse(
        form.export_data(table),
        content_type=form.get_content_type(),
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )
