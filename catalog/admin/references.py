"""References, and the studies of a program."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from ..models import Program, Reference, Study
from ..search import Words
from .conflicts import EntryInline
from .entries import CatalogAdmin, LinkedAdmin
from .lists import found
from .markdown import MarkdownAdmin


@admin.register(Reference)
class ReferenceAdmin(LinkedAdmin):
    list_display = ["key", "authors", "year", "title", "container"]
    list_filter = ["reference_type"]
    ordering = ["key"]
    search_fields = ["key", "authors", "title", "doi"]
    search_help_text = "Words of authors, year and title; or the beginning of the key or DOI"
    fields = [
        ("reference_type", "key"),
        "authors",
        "year",
        "title",
        "container",
        ("volume", "issue", "pages"),
        "doi",
        "url",
    ]


class StudyInline(MarkdownAdmin, EntryInline):
    model = Study
    extra = 0
    autocomplete_fields = ["reference"]
    verbose_name = "reference"
    verbose_name_plural = "references and what was studied"

    fields = [
        ("reference", "role"),
        "exclusion_reason",
        ("design", "sample_size", "follow_up_months"),
        "population",
        "location",
        "summary",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("program", "reference")


@admin.register(Study)
class StudyAdmin(CatalogAdmin):
    list_display = ["program", "reference_key", "role", "design", "sample_size"]
    list_filter = ["role"]
    sortable_by = ["program", "reference_key"]
    ordering = ["-pk"]
    list_select_related = ["program", "reference"]
    search_fields = ["program__name", "reference__key", "reference__title"]
    autocomplete_fields = ["program", "reference"]

    # --- What was merged into another program can only be read, and so can what stayed with it

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_merged(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_merged(obj)

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name == "program":
            kwargs["queryset"] = Program.objects.filter(merged_into=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def found(self, words: Words) -> Q:
        return Q(program__in=found(Program, words)) | Q(reference__in=found(Reference, words))

    @admin.display(description="reference", ordering="reference__key")
    def reference_key(self, study: Study) -> str:
        return study.reference.key


def is_merged(study: Study | None) -> bool:
    """Whether a study belongs to a program that was merged into another one."""
    return bool(study and study.program.merged_into_id)
