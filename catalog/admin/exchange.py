"""Import and export from the lists of entries."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from import_export.admin import ImportExportMixin

from .. import resources
from ..forms import ConfirmImportForm, ImportForm


class ImportExportAdmin(ImportExportMixin, admin.ModelAdmin):
    """Import and export as ``resources`` rules, each with a permission of its own."""

    import_form_class = ImportForm
    confirm_form_class = ConfirmImportForm
    import_formats = export_formats = [resources.CSV]
    # Its form breaks under a strict CSP, and there is nothing to choose.
    skip_export_form = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Importing adds and changes, so it asks for those permissions too."""
        return (
            super().has_import_permission(request)
            and self.has_add_permission(request)
            and self.has_change_permission(request)
        )

    def get_confirm_form_kwargs(
        self, request: HttpRequest, import_form: Any = None
    ) -> dict[str, Any]:
        owner = f"{request.user.pk}:{self.opts.label_lower}"
        return {**super().get_confirm_form_kwargs(request, import_form), "owner": owner}

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the preview, which may be confirmed, or everything that is wrong; then the file is not kept."""
        response = super().import_action(request, **kwargs)
        if not isinstance(response, TemplateResponse):
            return response
        context: Any = response.context_data
        context["columns"] = self.get_import_resource_classes(request)[0].columns()
        upload: Any = request.FILES.get("import_file")
        if "confirm_form" in context:
            context["confirm_form"].sign(context["result"].plan)
        elif hasattr(upload, "tmp_storage_name"):
            self.get_tmp_storage_class()(name=upload.tmp_storage_name).remove()
        return response

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form")
        plan = form.plan if isinstance(form, ConfirmImportForm) else None
        return {**super().get_import_data_kwargs(**kwargs), "plan": plan}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, resources.ReadError):
            raise e
        form.add_error("import_file", str(e))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except FileNotFoundError:
            messages.error(
                request, "This preview has been used or has expired. Upload the file again."
            )
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
            )

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Say that it is done only when it is: data may have changed since the preview."""
        if not result.has_errors():
            return super().process_result(result, request)
        context = {
            **self.admin_site.each_context(request),
            "title": "Import",
            "form": self.get_import_form_class(request)(
                self.get_import_formats(), self.get_import_resource_classes(request)
            ),
            "opts": self.opts,
            "media": self.media,
            "result": result,
            "fields_list": [],
        }
        return TemplateResponse(request, self.import_template_name, context)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
        messages.success(request, f"Import finished: {counts}.")

    def get_export_queryset(self, request: HttpRequest) -> QuerySet:
        """Export what the list shows, in the list's order, without its annotations' cost."""
        return self.model._default_manager.filter(
            pk__in=super().get_export_queryset(request).order_by().values("pk")
        )
