"""Other registries, and what they say of programs: as rows of a program's form, and in a list of their own."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ..editorial.proposals.changes import must_propose
from ..models import ExternalRating, Program, Registry
from ..search import Words
from ..values.expressions import NameKey
from ..values.fields import partial_date_in_words
from .entries import CatalogAdmin, TextsAdmin
from .entry_form.conflict_admin import EntryInline
from .entry_form.lines import RowLine
from .filters import CheckFilter
from .lists import found, holding
from .studies import RowAdmin

LIVE = "Visitors read what this registry says of programs. Only somebody who may publish registries changes it."


@admin.register(Registry)
class RegistryAdmin(CatalogAdmin):
    list_display = ["name", "state", "url", "last_change"]
    list_filter = ["state"]
    search_fields = ["name", "slug", "scale"]
    fields = ["name", "slug", "url", "scale", "state"]

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: there are few registries, and no documents to search."""
        return holding(self.search_fields, words)

    def has_change_permission(self, request: HttpRequest, obj: Registry | None = None) -> bool:
        """Return whether somebody may change a registry; one that visitors read takes the permission to publish it."""
        may = super().has_change_permission(request, obj)
        return may and not (obj and must_propose(request.user, obj))

    def why_only_read(self, request: HttpRequest, entry: Registry) -> str:
        """Say that visitors read what stands there."""
        return LIVE

    def get_fieldsets(self, request: HttpRequest, obj: Registry | None = None) -> list:
        """Say first why a registry can only be read."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is None or not must_propose(request.user, obj):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {"description": LIVE, **options}), *others]


class ExternalRatingInline(TextsAdmin, EntryInline):
    model = ExternalRating
    extra = 0
    autocomplete_fields = ["registry"]
    verbose_name = "rating by another registry"
    verbose_name_plural = "ratings by other registries"
    fields = [("registry", "scope"), ("rating", "url"), ("rated_on", "checked_on", "checked_by")]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the ratings with what they name."""
        return super().get_queryset(request).select_related("program", "registry")

    def line(self, row: ExternalRating) -> RowLine:
        """Return whose rating it is, what it says, and when that was checked."""
        where = f"{row.registry}: {row.scope}" if row.scope else str(row.registry)
        checked = (
            f"checked {partial_date_in_words(row.checked_on)}" if row.checked_on else "not checked"
        )
        return RowLine(where, f"{row.rating} · {checked}")


@admin.register(ExternalRating)
class ExternalRatingAdmin(RowAdmin):
    list_display = ["program", "registry_name", "scope", "rating", "checked_on"]
    list_filter = [CheckFilter, "registry"]
    sortable_by = ["program", "registry_name", "checked_on"]
    list_select_related = ["program", "registry"]
    search_fields = ["program__name", "registry__name", "scope", "rating"]
    autocomplete_fields = ["program", "registry"]
    fields = ["program", *ExternalRatingInline.fields]

    @admin.display(description="registry", ordering=NameKey("registry__name"))
    def registry_name(self, rating: ExternalRating) -> str:
        """Return the name of the registry, which wraps in the list as a link to another entry would not."""
        return str(rating.registry)

    def found(self, words: Words) -> Q:
        """Find the ratings that hold the words with the name of their registry, or whose program does."""
        own = holding(["registry__name", "scope", "rating"], words)
        return Q(program__in=found(Program, words)) | own
