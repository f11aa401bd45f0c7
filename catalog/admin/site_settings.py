"""The settings of the site: one form, which the first save makes a row of."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Field, FileField, Model, Q
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ..models import SiteSettings
from ..search import Words
from ..values.site_url import admin_path
from .entries import EntryAdmin
from .files import UploadedFileInput

# What one line of a form has to show whole.
SENTENCES = {"agency", "headline", "example_searches", "social_text"}


class PictureInput(UploadedFileInput):
    """Input of one of the site's pictures, with a link to the address that serves it."""

    def address_of(self, file: FieldFile) -> str:
        site: Any = file.instance
        return site.address_of(file.field.name)


@admin.register(SiteSettings)
class SiteSettingsAdmin(EntryAdmin):
    formfield_overrides = {FileField: {"widget": PictureInput}}
    fieldsets = [
        ("Names", {"fields": ["site_name", "agency"]}),
        ("Home page", {"fields": ["headline", "introduction", "example_searches"]}),
        ("Foot of every page", {"fields": ["disclaimer", "footer", "contact", "contact_email"]}),
        ("Look", {"fields": ["logo", ("accent", "accent_in_dark")]}),
        (
            "What visitors write",
            {"fields": [("nominations_from", "nominations_until"), "submissions_kept_months"]},
        ),
        ("Link previews", {"fields": ["social_text", "sharing_image"]}),
    ]

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Return the field of a form: a picture's has a name, and a sentence has a box as wide as the texts."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(db_field, FileField):
            field.widget.attrs["aria-label"] = str(field.label)
        if field and db_field.name in SENTENCES:
            field.widget.attrs["class"] = "vLargeTextField"
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may store the first settings."""
        return self.has_change_permission(request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Return what the menu offers: a link to the form, and none to add a second row."""
        return {**super().get_model_perms(request), "add": False}

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Lead to the form: there is one row, or none yet. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        stored = SiteSettings.objects.first()
        if stored:
            return HttpResponseRedirect(admin_path(stored, "change", stored.pk))
        return HttpResponseRedirect(admin_path(SiteSettings, "add"))

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the form of the first settings; lead to those that are stored."""
        if SiteSettings.objects.exists():
            return self.changelist_view(request)
        return super().add_view(request, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, without the button that would add another row."""
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def found(self, words: Words) -> Q:
        """Find nothing: whoever looks for the settings finds them in the menu."""
        return Q(pk__in=[])

    def get_view_on_site_url(self, obj: Model | None = None) -> str | None:
        return reverse("catalog:home") if obj else None
