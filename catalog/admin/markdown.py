"""The preview of a text in Markdown while it is written."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Field
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.views.decorators.http import require_POST

from ..values import richtext
from ..values.fields import MOST_OF_LONG_TEXT

if TYPE_CHECKING:
    Base = admin.options.BaseModelAdmin
else:
    Base = object

# The texts that pages show as Markdown, by model.
MARKDOWN = {
    "program": {
        "description",
        "scope_note",
        "target_population",
        "goals",
        "essential_components",
        "intensity",
        "duration",
        "manual_notes",
        "training_notes",
        "pre_implementation_notes",
        "formal_support_notes",
        "fidelity_measures_notes",
        "implementation_guides_notes",
        "implementation_research_notes",
        "child_services",
        "caregiver_services",
        "group_format",
        "homework",
        "resources_needed",
        "provider_qualifications",
        "adverse_effects",
        "cost",
    },
    "topicarea": {
        "definition",
        "target_population",
        "services_types",
        "delivered_by",
        "inclusion_criteria",
        "rating_criteria",
        "cautionary_notes",
        "why_chosen",
    },
    "rating": {"rationale", "conflict_statement"},
    "study": {"summary", "limitations"},
    "topicexpert": {"biography"},
    "registry": {"scale"},
}


class MarkdownAdmin(Base):
    """Tell the script which boxes hold Markdown, and where to have it rendered."""

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Return the field of a form, which says that it holds Markdown if it does."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in MARKDOWN.get(str(self.opts.model_name), ()):
            field.widget.attrs["data-preview"] = reverse_lazy("markdown_preview")
        return field


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Return the HTML of a text as visitors will see it, for whoever has to do with the catalog; nothing is kept."""
    if not request.user.has_module_perms("catalog"):
        raise PermissionDenied
    text = request.POST.get("text", "")
    if len(text) > MOST_OF_LONG_TEXT:
        return HttpResponse(
            f"This text is too long to preview: it has {len(text):,} characters, "
            f"and {MOST_OF_LONG_TEXT:,} are the most.",
            status=413,
            content_type="text/plain",
        )
    return HttpResponse(richtext.render(text))
