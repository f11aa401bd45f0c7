"""The editions of the rating scale, with what each asks for a level."""

from django.contrib import admin
from django.db.models import Q

from ..models import Criterion, ScaleEdition
from ..search import Words
from .entries import EntryAdmin, TextsAdmin
from .entry_form.conflict_admin import EntryInline
from .entry_form.lines import RowLine
from .lists import holding


class CriterionInline(TextsAdmin, EntryInline):
    model = Criterion
    extra = 0
    fields = [("level", "position", "code"), "text", ("rule", "number", "months")]

    def line(self, row: Criterion) -> RowLine:
        """Return of which level a criterion is, what it asks, and by which rule."""
        asked = row.number or row.months
        rule = f"{row.get_rule_display()}: {asked}" if asked else row.get_rule_display()
        return RowLine(f"Level {row.level}: {row.text}", rule)


@admin.register(ScaleEdition)
class ScaleEditionAdmin(EntryAdmin):
    list_display = ["name", "is_current", "in_use_since", "note", "last_change"]
    search_fields = ["name", "note"]
    fields = ["name", ("is_current", "in_use_since"), "note"]
    inlines = [CriterionInline]

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: there are few editions, and no documents to search."""
        return holding(self.search_fields, words)
