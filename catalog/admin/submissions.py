"""What visitors have written, and the reviews that are announced."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from ..history.diff import person
from ..models import PlannedReview, Program, Submission, SubmissionKind, TopicArea
from ..search import Words
from ..values.moments import day_in_words
from ..values.site_url import admin_path
from .entries import EntryAdmin
from .lists import EntryPaginator, holding, searched
from .typed import TypedAdmin

CHANGED = (
    "{} has changed this since you opened it: it is “{}” now. Open it again before you change it."
)


class HandlingForm(forms.ModelForm):
    """Form that says how it stands with a submission; two people do not overwrite each other."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Submission
        fields = ["state", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = moment(self.instance.handled_at)

    def clean(self) -> dict[str, Any] | None:
        """Return the cleaned values. Raises ValidationError where somebody else has saved meanwhile."""
        stored = Submission.objects.select_related("handled_by").get(pk=self.instance.pk)
        if self.cleaned_data.get("seen") != moment(stored.handled_at):
            who, state = person(stored.handled_by), stored.get_state_display()
            raise ValidationError(CHANGED.format(who, state))
        return super().clean()


def moment(handled_at: datetime | None) -> str:
    return handled_at.isoformat() if handled_at else ""


@admin.register(Submission)
class SubmissionAdmin(TypedAdmin, admin.ModelAdmin):
    """Show what visitors have written; staff say how it stands with it."""

    form = HandlingForm
    fields = [
        *("receipt", "sent_by", "about", "words", "what_to_do"),
        *("state", "reason", "last_handled", "seen"),
    ]
    readonly_fields = ["receipt", "sent_by", "about", "words", "what_to_do", "last_handled"]
    list_display = ["receipt", "kind", "about", "created_at", "state", "handler"]
    list_filter = ["state", "kind"]
    list_select_related = ["handled_by"]
    search_fields = ["receipt", "subject", "text", "name", "email"]
    search_help_text = "Words of what was written, in any order, or a receipt number"
    paginator = EntryPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: visitors add them."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find those that hold every word."""
        fields = list(self.search_fields)
        return searched(queryset, search_term, lambda words: holding(fields, words)), False

    @admin.display(description="about")
    def about(self, submission: Submission) -> SafeString | str:
        """Return the program that a correction is about, with a link to its page, or what was nominated."""
        if not submission.program_slug:
            return submission.subject
        address = Program(slug=submission.program_slug).get_absolute_url()
        return format_html('<a href="{}">{}</a>', address, submission.program_slug)

    @admin.display(description="sent by")
    def sent_by(self, submission: Submission) -> SafeString:
        """Return who has sent it, as far as that was told, and when."""
        mail = (
            format_html('<a href="mailto:{0}">{0}</a>', submission.email)
            if submission.email
            else ""
        )
        return format_html(
            "{} {} on {}", submission.name or "Somebody", mail, day_in_words(submission.created_at)
        )

    @admin.display(description="what was written")
    def words(self, submission: Submission) -> SafeString:
        """Return the text as it was typed."""
        return format_html('<div class="as-typed">{}</div>', submission.text)

    @admin.display(description="to go on")
    def what_to_do(self, submission: Submission) -> SafeString | str:
        """Return the link to where something can be made of it: the program's form, or that of a new draft."""
        kind = submission.kind
        if kind == SubmissionKind.CORRECTION:
            slug = submission.program_slug
            found: Any = Program.objects.filter(slug=slug).first()
            found = found or Program.objects.with_former_slug(slug).first()
            if not found:
                return "The program is not there any more."
            return format_html(
                '<a href="{}">Change the program</a>', admin_path(found, "change", found.pk)
            )
        if kind == SubmissionKind.MESSAGE:
            return "–"
        model: Any = Program if kind == SubmissionKind.PROGRAM else TopicArea
        address = f"{admin_path(model, 'add')}?{urlencode({'name': submission.subject})}"
        return format_html('<a href="{}">Start a draft</a>', address)

    @admin.display(description="last handled by")
    def last_handled(self, submission: Submission) -> str:
        """Return who has last said how it stands with it, and when."""
        if submission.handled_at is None:
            return "–"
        return f"{person(submission.handled_by)}, on {day_in_words(submission.handled_at)}"

    @admin.display(description="handled by")
    def handler(self, submission: Submission) -> str:
        """Return who has last said how it stands with it."""
        return person(submission.handled_by) if submission.handled_at else ""

    def save_model(
        self, request: HttpRequest, obj: Submission, form: forms.ModelForm, change: bool
    ) -> None:
        """Save how it stands, and who says so."""
        if form.changed_data:
            obj.handled_by_id, obj.handled_at = request.user.pk, timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(PlannedReview)
class PlannedReviewAdmin(EntryAdmin):
    list_display = ["name", "state", "since", "last_change"]
    list_filter = ["state"]
    search_fields = ["name", "note"]
    fields = ["name", ("state", "since"), "note"]

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: the list is short, and has no documents to search."""
        return holding(self.search_fields, words)
