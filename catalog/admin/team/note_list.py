"""The notes on all entries, to be searched; whoever wrote one corrects it here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ...editorial.proposals.changes import is_closed
from ...editorial.transitions import may
from ...history.diff import person
from ...models import StaffNote
from ...values.moments import day_in_words
from ..about_entry import AboutEntryAdmin
from ..lists import EntryPaginator, holding, searched
from ..people import AuthorFilter
from .notes import NoteForm


@admin.register(StaffNote)
class StaffNoteAdmin(AboutEntryAdmin):
    """List the notes on entries that somebody may read. Its author corrects a note or deletes it, and nobody else."""

    form = NoteForm
    fields = ["about", "by", "kind", "written_on", "text"]
    readonly_fields = ["about", "by"]
    list_display = ["written_on", "kind", "about", "beginning", "writer"]
    list_filter = ["kind", AuthorFilter]
    search_fields = ["text"]
    search_help_text = "Words of the notes, in any order"
    paginator = EntryPaginator
    list_per_page = 50
    view_on_site = False
    sortable_by = ["written_on"]

    # --- Who may do what

    def has_change_permission(self, request: HttpRequest, obj: StaffNote | None = None) -> bool:
        """Return whether somebody may correct a note: who wrote it, while they may change the entry."""
        if obj is None:
            return False
        is_own = obj.author_id == request.user.pk or request.user.is_superuser
        return is_own and may(request.user, obj.entry, "change") and not is_closed(obj.entry)

    def has_delete_permission(self, request: HttpRequest, obj: StaffNote | None = None) -> bool:
        """Return whether somebody may delete a note, as whoever may correct it."""
        return self.has_change_permission(request, obj)

    # --- The list

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find the notes that hold every word."""
        return searched(queryset, search_term, lambda words: holding(["text"], words)), False

    @admin.display(description="entry")
    def about(self, note: StaffNote) -> SafeString:
        """Link to the notes on the entry."""
        entry: Any = note.entry
        entries: Any = self.admin_site.get_model_admin(type(entry))
        return format_html('<a href="{}">{}</a>', entries.address("notes", entry.pk), entry)

    @admin.display(description="author")
    def writer(self, note: StaffNote) -> str:
        """Return the name of a note's writer."""
        return person(note.author)

    @admin.display(description="written by")
    def by(self, note: StaffNote) -> str:
        """Return the writer and the day of a note, and when it was corrected."""
        written = f"{person(note.author)}, on {day_in_words(note.created_at)}"
        if note.corrected_at is None:
            return written
        return f"{written}; corrected on {day_in_words(note.corrected_at)}"

    # --- Correcting

    def save_model(
        self, request: HttpRequest, obj: StaffNote, form: NoteForm, change: bool
    ) -> None:
        """Save a note, which says from then on that it was corrected."""
        if form.changed_data:
            obj.corrected_at = timezone.now()
        super().save_model(request, obj, form, change)
