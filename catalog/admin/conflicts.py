"""Two people at one entry: nobody's edit is lost, neither the entry's fields nor its rows."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from ..forms import EntryForm, EntryFormSet, with_version

if TYPE_CHECKING:
    Base = admin.ModelAdmin
    Options = admin.options.BaseModelAdmin
else:
    Base = Options = object


class VersionedForms(Options):
    """Sends along with each form the version by which it sees that somebody else has saved meanwhile."""

    form: Any = EntryForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["version"]})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field for field in super().get_fields(request, obj) if field != "version"]


class EntryInline(VersionedForms, admin.StackedInline):
    """Rows of an entry, each as safe from being overwritten as the entry."""

    formset = EntryFormSet

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_version(super().get_queryset(request))


class ConflictAdmin(VersionedForms, Base):
    """Shows what others have changed while a form was open, and asks where both sides changed the same."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, *args, **kwargs)
        with transaction.atomic():
            if entry := self.get_object(request, unquote(object_id)):
                self.wait_for_others(request, entry)
            return super().changeform_view(request, object_id, *args, **kwargs)

    def wait_for_others(self, request: HttpRequest, entry: Model) -> None:
        """Let whoever is saving the entry or its rows, an import too, finish first; then nobody else saves them."""
        # The entry first, as whoever rates or merges it does. An import that holds some of the rows may still add one,
        # for which the database only looks whether the entry is there: this lock lets it.
        entries = type(entry)._default_manager.filter(pk=entry.pk)
        entries.select_for_update(no_key=True).values_list("pk").first()
        for inline in self.get_inline_instances(request, entry):
            if inline.has_change_permission(request, entry):
                formset: Any = inline.get_formset(request, entry)
                rows = inline.model._default_manager.filter(**{formset.fk.name: entry})
                list(rows.order_by("pk").select_for_update().values_list("pk"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        found = [context["adminform"].form.conflict()]
        for inline in context["inline_admin_formsets"]:
            if isinstance(inline.formset, EntryFormSet):
                found += inline.formset.conflicts()
        conflicts = [conflict for conflict in found if conflict]
        context["conflicts"] = conflicts
        context["has_disputes"] = any(conflict.disputes for conflict in conflicts)
        return super().render_change_form(request, context, *args, **kwargs)
