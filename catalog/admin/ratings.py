"""Ratings: in the form of their program, and all there ever were; a slip in the current ones is corrected here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from ..editorial.rating import may_rate, why_not_rated
from ..models import Program, Rating, ScientificRating
from ..search import Words
from ..values.fields import partial_date_in_words
from ..values.site_url import admin_path
from .entries import CatalogAdmin, Tool
from .entry_form.form import EntryForm
from .filters import (
    CurrentFilter,
    LackFilter,
    RatedInFilter,
    RecordedStudiesFilter,
    numbered_levels,
)
from .lists import found
from .raters import HELP, RatersFormField
from .workflow.rate_choices import choose_program, rate_address
from .workflow.rate_form import REASON_MISSING

PAST = (
    "A past rating is kept as it was: the public page quotes it. If the current one is wrong, correct that; if the "
    "review came to another result, re-rate the program."
)
KEPT = (
    "A rating is a fact with a date, and is not deleted. If the review came to another result, re-rate the program: "
    "this rating becomes a past one. If it was recorded by mistake, correct it."
)
CORRECTING = (
    "<p>To correct a rating is to fix a slip, such as a typing mistake. If the review came to another result, "
    '<a href="{rate}">re-rate instead</a>: then the public page keeps this rating and says what has changed since.</p>'
    "<p>A correction stands on the public page as if it always had been so, except on pages as of an earlier date. "
    "The history keeps what stood here before.</p><p>Recorded now: {recorded}.</p>"
)


class RatingInline(admin.TabularInline):
    """Show the ratings of a program. Rating and correcting are actions of their own."""

    model = Rating
    template = "admin/catalog/ratings.html"
    fields = ("topic_area", "level", "rated", "links")
    readonly_fields = fields
    can_delete = False
    verbose_name = "rating"
    # Nothing is added here, by no script.
    media = forms.Media()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the ratings, the newest first."""
        # An inline is made anew for each request.
        self.user = request.user
        ratings: Any = super().get_queryset(request)
        return ratings.select_related("program", "topic_area").newest_first()

    @admin.display(description="rating")
    def level(self, rating: Rating) -> str:
        """Return the level in words, with the reason of an NR."""
        why = f": {rating.get_not_rated_reason_display().lower()}" * bool(rating.not_rated_reason)
        return f"{rating.level} {rating.level.label}{why}"

    @admin.display
    def rated(self, rating: Rating) -> str:
        """Return the day of a rating, and whether it is a past one."""
        when = partial_date_in_words(rating.rated_on) if rating.rated_on else "Date not recorded"
        return when if rating.is_current else f"{when} (past)"

    @admin.display(description="what to do")
    def links(self, rating: Rating) -> SafeString:
        """Link to what this person may do with a rating, which is to read it at least."""
        address = admin_path(rating, "change", rating.pk)
        links = []
        if rating.is_current and may_rate(self.user, rating.program):
            links.append((rate_address(rating.program, rating.topic_area), "Re-rate"))
        corrects = rating.is_current and may_rate(self.user, rating.program, "change")
        links.append((address, "Correct" if corrects else "View"))
        return format_html_join(" ", '<a href="{}">{}</a>', links)

    def has_add_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        """Return False: a program is rated on a page of its own."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        """Return False: a rating is corrected on a page of its own."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        """Return False: a rating is kept."""
        return False


class CorrectionForm(EntryForm):
    """Correct a current rating whose recording was mistaken."""

    raters = RatersFormField(required=False, help_text=HELP)
    change_reason = forms.CharField(
        label="Why this correction",
        max_length=500,
        widget=AdminTextInputWidget,
        help_text="For the history, for example “Typing mistake”; the public does not see it.",
    )

    def validate_constraints(self) -> None:
        """Check, too, that the rating is a new fact: the program and the topic area are not asked for here."""
        super().validate_constraints()
        new_fact = next(c for c in Rating._meta.constraints if c.name == "rating_is_a_new_fact")
        try:
            new_fact.validate(Rating, self.instance)
        except ValidationError as error:
            self.add_error(None, error)

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, and ask for the reason of an NR."""
        cleaned = super().clean()
        is_not_rated = cleaned.get("scientific_rating") == ScientificRating.NOT_RATED
        if is_not_rated and not cleaned.get("not_rated_reason"):
            self.add_error("not_rated_reason", REASON_MISSING)
        return cleaned


@admin.register(Rating)
class RatingAdmin(CatalogAdmin):
    """List all ratings there ever were. A current one can be corrected; a past one is kept as it was."""

    form = CorrectionForm
    list_display = ["program", "topic_area", "level", "rated_on", "is_current"]
    list_filter = [
        RatedInFilter,
        CurrentFilter,
        LackFilter,
        "scientific_rating",
        "not_rated_reason",
        # The last one: it reads what the others have left.
        RecordedStudiesFilter,
    ]
    sortable_by = ["rated_on"]
    ordering = ["-pk"]
    list_select_related = ["program", "topic_area"]
    search_fields = ["program__name", "program__slug", "program__acronym", "program__also_known_as"]
    search_help_text = "Words of the program's names; or the beginning of its slug"
    readonly_fields = ["program", "topic_area"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("program", "topic_area"),
                    ("scientific_rating", "not_rated_reason"),
                    ("rated_on", "scale_edition"),
                    "rationale",
                    "raters",
                    "conflict_statement",
                ]
            },
        )
    ]

    def found(self, words: Words) -> Q:
        """Find the ratings of programs with these words in their names."""
        return Q(program__in=found(Program, words))

    @admin.display(description="rating", ordering="scientific_rating")
    def level(self, rating: Rating) -> str:
        """Return the level, for the list."""
        return rating.scientific_rating

    def formfield_for_choice_field(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.TypedChoiceField | None:
        """Offer the levels by number and words: "3 Promising Research Evidence"."""
        if db_field.name == "scientific_rating":
            kwargs["choices"] = numbered_levels()
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Rating | None = None) -> Any:
        """Say what a correction is, and ask why, where the rating can be corrected."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        (name, options), *others = fieldsets
        description = format_html(
            CORRECTING,
            rate=rate_address(obj.program, obj.topic_area),
            recorded=rating_in_words(obj),
        )
        fields = [*options["fields"], "change_reason"]
        return [(name, {"description": description, "fields": fields}), *others]

    def tools(self, request: HttpRequest, entry: Rating) -> list[Tool]:
        """Return what can be done with a rating, with re-rating for those who may."""
        tools = super().tools(request, entry)
        if not may_rate(request.user, entry.program):
            return tools
        has_filters = self.get_preserved_filters(request)
        back = self.on_from_here(request, self.address("changelist")) if has_filters else ""
        return [*tools, Tool("Re-rate", rate_address(entry.program, entry.topic_area, back))]

    @method_decorator(require_safe)
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Lead to where the criteria of the topic area are in view: there a rating is added."""
        return choose_program(request, self.admin_site)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the form by which a rating is corrected, or the rating to whoever may not."""
        rating = self.get_object(request, unquote(object_id))
        if rating and self.has_change_permission(request, rating):
            correcting = {"title": "Correct a rating", "show_save_and_add_another": False}
            extra_context = correcting | (extra_context or {})
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Rating, form: CorrectionForm, change: bool
    ) -> None:
        """Save with the reason that was given."""
        obj._change_reason = form.cleaned_data["change_reason"]
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        """Return whether somebody may correct a rating; nobody may correct a past one."""
        if obj is None:
            return super().has_change_permission(request)
        return obj.is_current and may_rate(request.user, obj.program, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        """Return False: a rating is kept."""
        return False

    def why_only_read(self, request: HttpRequest, entry: Rating) -> str:
        """Say that a past rating is kept, or why the current one is not this person's to correct."""
        return why_not_rated(request.user, entry.program) if entry.is_current else PAST

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Say that ratings are kept. Raises PermissionDenied."""
        raise PermissionDenied(KEPT if self.has_view_permission(request) else "")


def rating_in_words(rating: Rating) -> str:
    """Return what a rating says: "3 Promising Research Evidence, rated June 2024"."""
    when = partial_date_in_words(rating.rated_on) if rating.rated_on else "on an unrecorded date"
    return f"{rating.level} {rating.level.label}, rated {when}"
