"""The column guide and the empty templates of imports, in the admin of each kind of entry."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ..resources import CSV, KINDS, XLSX, CatalogResource, column_guide, empty_table, guide_table

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object


class GuideAdmin(Base):
    """Gives whoever may import a kind of entry its column guide, and templates to fill in."""

    @property
    def kind(self) -> str:
        """The kind of file that holds these entries."""
        return next(kind for kind, resource in KINDS.items() if resource._meta.model is self.model)

    def get_urls(self) -> list[URLPattern]:
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
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Columns of a file of {resource.kind}",
            "opts": self.opts,
            "columns": column_guide(resource),
        }
        return TemplateResponse(request, "admin/import_export/guide.html", context)

    def guide_csv(self, request: HttpRequest) -> HttpResponse:
        resource = self.resource_of_guide(request)
        return download(CSV(), guide_table(resource), f"{resource.kind} guide")

    def template_csv(self, request: HttpRequest) -> HttpResponse:
        resource = self.resource_of_guide(request)
        return download(CSV(), empty_table(resource), f"{resource.kind} template")

    def template_xlsx(self, request: HttpRequest) -> HttpResponse:
        resource = self.resource_of_guide(request)
        return download(XLSX(), empty_table(resource), f"{resource.kind} template")


def download(form: Any, table: Any, name: str) -> HttpResponse:
    """Return a table as a file to keep, in one of the formats."""
    file_name = f"{name.replace(' ', '-')}.{form.get_extension()}"
    return HttpResponse(
        form.export_data(table),
        content_type=form.get_content_type(),
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )
