"""Import and export from the lists of entries."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from import_export.admin import ImportExportMixin

from ..importing import jobs
from ..importing.permissions import may_import
from ..models import Import
from ..resources import CSV, KINDS, XLSX, CatalogResource, ReadError
from .forms import UploadForm
from .guide import GuideAdmin

# By the extension that a file of the format has.
FORMATS: dict[str, type[CSV] | type[XLSX]] = {"csv": CSV, "xlsx": XLSX}


class ImportExportAdmin(GuideAdmin, ImportExportMixin, admin.ModelAdmin):
    """Import and export as ``resources`` rules, each with a permission of its own."""

    import_template_name = "admin/catalog/import/upload.html"
    actions = ["export_csv", "export_xlsx"]

    def get_resource_classes(self, request: HttpRequest, **kwargs: Any) -> list[type]:
        return [KINDS[self.kind]]

    def get_urls(self) -> list[URLPattern]:
        """Leave out the package's second step: what was previewed is confirmed on the import's own page."""
        return [url for url in super().get_urls() if not str(url.name).endswith("_process_import")]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return may_import(request.user, self.kind)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Take a file in, and go on to the page that shows what it would do."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        jobs.clean_away()
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
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

    def export_action(self, request: HttpRequest) -> HttpResponse:
        """Export what the list shows, in the format that is asked for."""
        query = request.GET.copy()
        extension = query.pop("format", ["csv"])[-1]
        if extension not in FORMATS:
            raise Http404
        # The list takes every other parameter for one of its filters.
        request.GET = query  # type: ignore[assignment]
        return self.export(request, self.get_export_queryset(request), str(extension))

    @admin.action(
        description="Export the selected %(verbose_name_plural)s (CSV)", permissions=["export"]
    )
    def export_csv(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return self.export(request, queryset, "csv")

    @admin.action(
        description="Export the selected %(verbose_name_plural)s (XLSX)", permissions=["export"]
    )
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return self.export(request, queryset, "xlsx")

    def export(self, request: HttpRequest, queryset: QuerySet, extension: str) -> HttpResponse:
        """Return entries as a file that imports as what it is, without the cost of the list's annotations."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        entries = self.model._default_manager.filter(pk__in=queryset.order_by().values("pk"))
        dataset = self.get_data_for_export(request, entries)
        dataset.title = self.kind
        try:
            content = FORMATS[extension]().export_data(dataset)
        except ReadError as error:
            messages.error(request, str(error))
            opts = self.opts
            return HttpResponseRedirect(
                reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
            )
        name = f"{self.kind}-{timezone.localdate()}.{extension}"
        return HttpResponse(
            content,
            content_type=FORMATS[extension]().get_content_type(),
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
