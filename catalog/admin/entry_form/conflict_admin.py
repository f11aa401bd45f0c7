"""Two people at one entry: nobody's edit is lost, neither the entry's fields nor its rows."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from ...editorial.conflicts import title_of
from ..busy import is_refused, keep_typed, refusing_form
from .form import EntryForm
from .lines import NEW_ROW, OPEN_BUTTON, ROWS_ONLY, RowLine, asked_rows, folds, new_forms
from .rows import EntryFormSet
from .versions import number, with_version

if TYPE_CHECKING:
    Base = admin.ModelAdmin
    Options = admin.options.BaseModelAdmin
else:
    Base = Options = object


class VersionedForms(Options):
    """Send along with each form the version by which it sees that somebody else has saved meanwhile."""

    form: Any = EntryForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields in their groups, and the version where something can be changed."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["version"]})]

    def get_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str | list[str] | tuple[str, ...]]:
        """Return the fields without the version, which ``get_fieldsets`` adds."""
        return [field for field in super().get_fields(request, obj) if field != "version"]


class EntryInline(VersionedForms, admin.StackedInline):
    """Edit rows of an entry, each as safe from being overwritten as the entry: a line until it is opened."""

    formset = EntryFormSet
    template = "admin/catalog/rows.html"
    # Rows come by rows.js, and not by Django's own script.
    media = forms.Media()

    def line(self, row: Any) -> RowLine:
        """Return what the line of a row says of it."""
        return RowLine(str(row))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows, each with its version."""
        return with_version(super().get_queryset(request))


class ConflictAdmin(VersionedForms, Base):
    """Show what others have changed while a form was open, and ask where both sides changed the same."""

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm]:
        """Return the form's class; one that saves nothing, if the database was locked."""
        form = super().get_form(request, *args, **kwargs)
        if OPEN_BUTTON in request.POST:
            form = type(form.__name__, (form,), {"is_only_shown": True})
        return refusing_form(form, request) if is_refused(request) else form

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, object]:
        """Return what a set of rows is made with, among it which rows are to be opened."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if issubclass(inline.formset, EntryFormSet):
            kwargs["is_only_shown"] = OPEN_BUTTON in request.POST
            may_edit = inline.has_change_permission(request, obj)
            may_add = inline.has_add_permission(request, obj)
            keys = asked_rows(request, prefix)
            kwargs["asked"] = [key for key in keys if (may_add if key == NEW_ROW else may_edit)]
        return kwargs

    @keep_typed
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the form, or save what was sent once nobody else is saving the entry."""
        if is_refused(request):
            # Without Django's transaction, which would wait for the lock once more.
            return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            entry = self.get_object(request, unquote(object_id))
            if entry:
                self.wait_for_others(request, entry)
                entry = self.get_object(request, unquote(object_id))
            if last := self.last_of_opened(request, entry, unquote(object_id)):
                return self.closed(request, entry, last)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def last_of_opened(self, request: HttpRequest, entry: Model | None, pk: str) -> Any:
        """Return the last version of what could be changed when the form was opened and now cannot; None of others."""
        if entry and self.has_change_permission(request, entry):
            return None
        may_change = self.has_change_permission(request)
        if not may_change or not self.has_view_or_change_permission(request, entry):
            return None
        history: Any = self.model.history
        own = history.filter(id=number(pk))
        version = request.POST.get("version")
        # Blank is the version of what had no history yet.
        is_opened = version == "" or own.filter(pk=number(version)).exists()
        return own.order_by("pk").last() if is_opened else None

    def closed(self, request: HttpRequest, entry: Model | None, last: Any) -> HttpResponse:
        """Say why nothing can be saved any more, and show what was typed, to be copied."""
        entry_form: Any = self.get_form(request, None, change=True)
        form = entry_form(request.POST, request.FILES, instance=self.model(pk=last.id))
        rows: list[Any] = []
        for inline in self.get_inline_instances(request, None):
            formset = inline.get_formset(request, None)
            if issubclass(formset, EntryFormSet):
                prefix = formset.get_default_prefix()
                rows += formset(request.POST, instance=self.model(), prefix=prefix).typed()
        context = {
            **self.admin_site.each_context(request),
            "title": f"“{title_of(last)}” can no longer be changed",
            "opts": self.opts,
            "entry": entry,
            "pk": last.id,
            "events": form.events(),
            "typed": [("", list(form.typed(form.first))), *rows],
        }
        return TemplateResponse(request, "admin/catalog/closed.html", context, status=409)

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
        """Show the form with what others have done since it was opened; or the rows alone that were asked for."""
        found = [context["adminform"].form.conflict()]
        inlines = [
            inline
            for inline in context["inline_admin_formsets"]
            if isinstance(inline.formset, EntryFormSet)
        ]
        for inline in inlines:
            found += inline.formset.conflicts()
            inline.folds, inline.new_forms = folds(inline), new_forms(inline)
        conflicts = [conflict for conflict in found if conflict]
        context["conflicts"] = conflicts
        context["has_disputes"] = any(conflict.disputes for conflict in conflicts)
        context["is_only_shown"] = OPEN_BUTTON in request.POST
        response: Any = super().render_change_form(request, context, *args, **kwargs)
        if ROWS_ONLY in request.GET:
            context["asked_inlines"] = [inline for inline in inlines if inline.formset.is_asked]
            response.template_name = "admin/catalog/opened_rows.html"
        return response
