"""What the admin of all entries has in common: the forms, the search, the status, who may delete."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from ..forms import EntryForm
from ..models import Status
from ..names import without_marks
from ..search import Words, parse
from .exchange import ImportExportAdmin
from .lists import EntryList, EntryPaginator, found
from .markdown import MarkdownAdmin

# Texts of a line or two; the other text boxes are for prose.
SHORT_TEXTS = {
    "intensity",
    "duration",
    "scope_note",
    "exclusion_reason",
    "population",
    "delivered_by",
}


class EntryAdmin(MarkdownAdmin, SimpleHistoryAdmin):
    """What all entries have in common; fast at a hundred thousand of them."""

    paginator: Any = EntryPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    save_on_top = True
    history_list_per_page = 50
    form: Any = EntryForm

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give a text box the height of what belongs in it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, AdminTextareaWidget):
            field.widget.attrs["rows"] = 3 if db_field.name in SHORT_TEXTS else 8
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Send the version along, by which ``EntryForm`` sees that somebody else has saved meanwhile."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["version"]})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field for field in super().get_fields(request, obj) if field != "version"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EntryList]:
        return EntryList

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> Any:
        """Find what ``found`` says; everything if nothing was typed, and nothing if no word was."""
        if words := parse(search_term):
            queryset = queryset.filter(self.found(words))
        elif without_marks(search_term).strip("\0 "):
            queryset = queryset.none()
        return queryset, False

    def found(self, words: Words) -> Q:
        """Return the condition that an entry is what the words look for."""
        return Q(pk__in=found(self.model, words))

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show an old version; the package would put it back when asked, even where that is disabled."""
        if request.method == "POST":
            raise PermissionDenied
        return super().history_form_view(request, *args, **kwargs)


class CatalogAdmin(EntryAdmin, ImportExportAdmin):
    """The catalog's entries, which are imported and exported as well."""


class PublishableAdmin(CatalogAdmin):
    """Entries with a status. To publish and to retire takes a permission of its own."""

    actions = [*CatalogAdmin.actions, "publish", "retire"]
    readonly_fields = ["published_at", "retired_at"]
    prepopulated_fields = {"slug": ["name"]}

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the permission, the status of what is or was public cannot be touched."""
        fields = super().get_readonly_fields(request, obj)
        is_open = obj is None or obj.status in {Status.DRAFT, Status.IN_REVIEW}
        if is_open or self.has_publish_permission(request):
            return fields
        return [*fields, "status"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A slug follows the name only until it is an address."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was ever public is retired, not deleted: its address is in other people's papers."""
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "status" and not self.has_publish_permission(request):
            kwargs["choices"] = [(s.value, s.label) for s in (Status.DRAFT, Status.IN_REVIEW)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.action(description="Publish the selected entries", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.set_status(request, queryset, Status.PUBLISHED)

    @admin.action(description="Retire the selected entries", permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.set_status(request, queryset, Status.RETIRED)

    def set_status(self, request: HttpRequest, queryset: QuerySet, status: Status) -> None:
        """Give each entry the status, with a history entry of its own; say which could not have it, and why."""
        done = 0
        for entry in queryset.exclude(status=status):
            entry.status = status
            entry._change_reason = f"{status.label} from the list"
            try:
                entry.full_clean()
            except ValidationError as error:
                messages.error(request, f"“{entry}” stays as it is: {' '.join(error.messages)}")
                continue
            entry.save()
            self.log_change(request, entry, [{"changed": {"fields": ["status"]}}])
            done += 1
        entries = ngettext("%d entry is", "%d entries are", done) % done
        if done:
            messages.success(request, f"{entries} now {status.label.lower()}.")
        else:
            messages.info(
                request,
                f"Nothing changed: what was selected was {status.label.lower()} before, or could not be.",
            )


class LinkedAdmin(CatalogAdmin):
    """Entries that topic areas link to: taking one away would change the areas behind their history's back."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        linked = obj is not None and obj.topic_areas.exists()
        return super().has_delete_permission(request, obj) and not linked
