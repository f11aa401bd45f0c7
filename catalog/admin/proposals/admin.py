"""The page of a proposal: what it changes, what was done with it, and the steps that lead it to the public."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from ...editorial.fact_checks import told_about
from ...editorial.proposals.changes import is_closed, may_change_live
from ...editorial.proposals.comments import comment
from ...editorial.proposals.merging import Disputed, seen_of
from ...editorial.proposals.steps import STEPS, Said, Step, steps_from, take, why_sent_back
from ...editorial.transitions import may
from ...editorial.workflow import Hindered
from ...history.diff import person
from ...models import Proposal
from ...values.fields import check_length
from ...values.site_url import admin_path
from ..about_entry import AboutEntryAdmin
from ..busy import keep_typed, show_refusal
from ..lists import holding, searched
from ..moment_form import MomentForm
from ..people import WorkFilter
from ..typed import forget_typed
from .comparison import compared, start_of
from .proposing import LIVE

DISPUTED = "Some of it was changed meanwhile. Choose below what is to be published, then press “Publish” again."
NO_PAGE = "It has no page of its own to preview: visitors read it on others, in the words that stand below."
# What the entries are called.
NAMES = [
    *("program__name", "topic_area__name", "reference__title", "reference__key"),
    *("expert__name", "term__name", "page__name"),
]
DONE = {
    "submit": "Submitted: somebody who may publish reads it now.",
    "approve": "Approved. Visitors read it as soon as it is published.",
    "publish": "Published: visitors read it from now on.",
    "schedule": "It is published by itself at that moment.",
    "unschedule": "It is not published by itself any more.",
    "send-back": "Sent back to its writer.",
    "discard": "Discarded. It is kept here, and can be taken up again.",
    "take-up": "Taken up again, as a draft.",
}


class SaidForm(MomentForm):
    """Ask what somebody says to a step."""

    note = forms.CharField(
        label="What is new, for visitors",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="In a sentence. For example “New contact, and the training of 2027”.",
    )
    is_minor = forms.BooleanField(
        label="Minor: visitors need not be told", label_suffix="", required=False
    )
    reason = forms.CharField(
        label="Why",
        required=False,
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="For colleagues; the writer reads it.",
    )

    def said(self) -> Said:
        """Return the reason, the note and the moment that the form gives for a step."""
        words = {name: self.cleaned_data[name] for name in ("reason", "note", "is_minor")}
        return Said(**words, moment=self.moment())


class CommentForm(forms.Form):
    """Ask for a comment."""

    text = forms.CharField(
        label="Your comment",
        help_text="For everybody who works on the proposal; they are told. It stays as you send it.",
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": "Write something: the comment is blank."},
    )


@admin.register(Proposal)
class ProposalAdmin(AboutEntryAdmin):
    """List the proposals that somebody may read, and lead each through its steps. They are made in entries' forms."""

    list_display = ["entry", "state", "author", "created_at"]
    list_filter = ["state", WorkFilter]
    search_fields = [*NAMES, "change_note"]
    search_help_text = "Words of the entry's name, or of what is new for visitors"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find the proposals that hold every word in one of their texts."""
        return searched(
            queryset, search_term, lambda words: holding(self.search_fields, words)
        ), False

    def has_change_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        """Return False: it is changed in the form of its entry."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Proposal | None = None) -> bool:
        """Return False: it is discarded, and kept."""
        return False

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @keep_typed
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show a proposal, or take a step with it."""
        if not self.has_view_permission(request) or object_id is None:
            raise PermissionDenied
        proposal = self.get_object(request, unquote(object_id))
        if proposal is None:
            raise Http404
        step = STEPS.get(request.POST.get("step", ""))
        known = {"note": proposal.change_note, "is_minor": proposal.is_minor}
        if request.method != "POST":
            return self.page(request, proposal, SaidForm(initial=known))
        if "text" in request.POST:
            return self.comment(request, proposal, SaidForm(initial=known))
        if step is None:
            raise BadRequest("There is no such step.")
        form = SaidForm(request.POST)
        show_refusal(request, form, step.label)
        if form.is_valid() and self.take(request, proposal, step, form):
            messages.success(request, f"“{proposal.entry}”: {DONE[step.name]}")
            return forget_typed(request, HttpResponseRedirect(proposal.get_absolute_url()))
        return self.page(request, self.get_queryset(request).get(pk=proposal.pk), form)

    def comment(self, request: HttpRequest, proposal: Proposal, steps: SaidForm) -> HttpResponse:
        """Keep a comment, or show the page with what is wrong with it."""
        if not may(request.user, proposal.entry, "change"):
            raise PermissionDenied
        form = CommentForm(request.POST)
        show_refusal(request, form, "Comment")
        if not form.is_valid():
            return self.page(request, proposal, steps, form)
        comment(proposal, form.cleaned_data["text"], user=request.user)
        messages.success(request, "Your comment is there for everybody who works on it.")
        there = f"{proposal.get_absolute_url()}#comments"
        return forget_typed(request, HttpResponseRedirect(there))

    def take(self, request: HttpRequest, proposal: Proposal, step: Step, form: SaidForm) -> bool:
        """Take a step; let the form say why not, and return False."""
        try:
            take(
                proposal,
                step,
                form.said(),
                user=request.user,
                seen=request.POST.get("seen", ""),
                choices=request.POST.dict(),
            )
        except Hindered as hindered:
            for sentence in hindered.sentences:
                form.add_error(None, sentence)
        except Disputed:
            form.add_error(None, DISPUTED)
        else:
            return True
        return False

    def page(
        self,
        request: HttpRequest,
        proposal: Proposal,
        form: SaidForm,
        comment_form: CommentForm | None = None,
    ) -> HttpResponse:
        """Return the page of a proposal."""
        entry = proposal.entry
        records: Any = Proposal.history
        log = records.filter(id=proposal.pk).select_related("history_user").order_by("-pk")
        entries: Any = self.admin_site.get_model_admin(type(entry))
        address = entries.address("change", entry.pk)
        has_preview = proposal.is_open and hasattr(entry, "preview_links")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Proposal: {entry}",
            "proposal": proposal,
            "entry": entry,
            "entry_address": address,
            "live_address": f"{address}?{LIVE}=1" if may_change_live(request.user, entry) else "",
            "may_edit": may_edit(request, proposal),
            "previews_address": entries.address("previews", entry.pk) if has_preview else "",
            "why_no_preview": NO_PAGE if proposal.is_open and not has_preview else "",
            "parts": compared(proposal),
            "start": start_of(proposal) if proposal.is_open else None,
            "history_address": entries.address("history", entry.pk),
            "steps": {
                step.name.replace("-", "_"): step for step in steps_from(proposal, request.user)
            },
            "form": form,
            "moment": [form["day"], form["at"]],
            "seen": seen_of(proposal),
            "log": [
                (person(record.history_user), record.history_date, record.history_change_reason)
                for record in log
            ],
            "comments": [
                (person(each.author), each.created_at, each.text)
                for each in proposal.comments.select_related("author")
            ],
            "comments_kept_as": f"{proposal.get_absolute_url()}#comments",
            "comment_form": (comment_form or CommentForm())
            if may(request.user, entry, "change")
            else None,
            "approver": person(proposal.approved_by) if proposal.approved_by else "",
            "sent_back": why_sent_back(proposal),
            "fact_checks": told_about(proposal) if proposal.is_open else (),
            "fact_checks_address": fact_checks_address(request, proposal),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/catalog/proposal.html", context)


def may_edit(request: HttpRequest, proposal: Proposal) -> bool:
    """Return whether somebody may change a proposal, in the form of its entry."""
    is_open = proposal.is_open and not is_closed(proposal.entry)
    return is_open and may(request.user, proposal.entry, "change")


def fact_checks_address(request: HttpRequest, proposal: Proposal) -> str:
    """Return the address at which the fact checks of a proposal's program are dealt with; "" for who may not."""
    program = proposal.program
    if program is None or not may(request.user, program, "change"):
        return ""
    return admin_path(program, "fact_checks", program.pk)
