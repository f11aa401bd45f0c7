"""References."""

from django.contrib import admin

from ..models import Reference
from .people import WorkFilter
from .team.admin import TeamAdmin
from .workflow.duplicates import ReferenceForm
from .workflow.linked_unmerging import LinkedUnmergingAdmin


@admin.register(Reference)
class ReferenceAdmin(TeamAdmin, LinkedUnmergingAdmin):
    form = ReferenceForm
    thing = "publication"
    list_display = ["key", "authors", "year", "title", "container", "last_change"]
    list_filter = ["reference_type", WorkFilter]
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
        "source",
    ]
