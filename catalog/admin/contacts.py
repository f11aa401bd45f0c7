"""The contacts of a program beside its main one, and related programs, as rows of its form; the list of contacts."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ..models import Contact, RelatedProgram
from ..search import Words
from .entries import TextsAdmin
from .entry_form.conflict_admin import EntryInline
from .entry_form.lines import RowLine
from .lists import holding
from .program_rows import RowAdmin


class ContactInline(TextsAdmin, EntryInline):
    model = Contact
    extra = 0
    verbose_name_plural = "other contacts"
    fields = [
        ("purpose", "name", "title"),
        "organization",
        ("email", "phone"),
        "website",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the contacts with their program."""
        return super().get_queryset(request).select_related("program")

    def line(self, row: Contact) -> RowLine:
        """Return whom to ask, and about what."""
        known = [row.get_purpose_display(), row.title, row.organization, row.email, row.phone]
        return RowLine(row.who, " · ".join(fact for fact in known if fact not in {"", row.who}))


@admin.register(Contact)
class ContactAdmin(RowAdmin):
    list_display = ["program", "purpose", "name", "organization"]
    list_filter = ["purpose"]
    search_fields = ["program__name", "name", "organization", "email"]
    autocomplete_fields = ["program"]
    fields = ["program", *ContactInline.fields]

    def found(self, words: Words) -> Q:
        """Find the contacts that hold the words, or whose program does."""
        return super().found(words) | holding(["name", "organization", "email"], words)


class RelatedProgramInline(TextsAdmin, EntryInline):
    model = RelatedProgram
    fk_name = "program"
    extra = 0
    autocomplete_fields = ["other"]
    fields = [("kind", "other")]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the relations with the programs between which they stand."""
        return super().get_queryset(request).select_related("program", "other")

    def line(self, row: RelatedProgram) -> RowLine:
        """Return what the program is to the other one."""
        return RowLine(row.in_words)
