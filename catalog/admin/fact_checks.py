"""Asking a program's representative whether its page is right, and what an editor makes of the answers."""

from datetime import timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..editorial.fact_checks import (
    is_date_proposed,
    may_date,
    page_version,
    settle,
    settle_and_date,
)
from ..editorial.proposals.changes import open_proposal
from ..editorial.transitions import may
from ..editorial.workflow import Hindered
from ..models import FactCheck, Program
from ..values.fields import tidy_line
from ..values.site_url import full_url
from .entries import EntryAdmin, Tool
from .imports.preview import page_of
from .lists import KEY
from .typed import forget_typed

DAYS = {7: "1 week", 14: "2 weeks", 30: "30 days", 60: "60 days"}
MADE = "The address below is for {}: send it to them. Whoever has it can answer."
SETTLED = "The answers are marked as dealt with."
DATED = "“Content last reviewed by the program” is dated, and the answers are marked as dealt with."
PROPOSED = "The date is a part of the proposal now, and the answers are marked as dealt with."


class AskForm(forms.Form):
    sent_to = forms.CharField(
        label="For whom",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="The representative, as you know them. For example “Ada Lovelace, Calm Corners Institute”.",
        error_messages={"required": "Say for whom the address is; the list below shows it."},
    )
    days = forms.TypedChoiceField(
        label="Open for", choices=list(DAYS.items()), coerce=int, initial=30
    )

    def clean_sent_to(self) -> str:
        """Return the words on one line, without what nobody sees."""
        words = tidy_line(self.cleaned_data["sent_to"])
        if not words:
            raise forms.ValidationError(self.fields["sent_to"].error_messages["required"])
        return words


class ListedCheck(NamedTuple):
    """Show a fact check with its address, and what is to be known before its answers are dealt with."""

    check: FactCheck
    address: str
    may_date: bool
    has_page_changed: bool


class FactCheckingAdmin(EntryAdmin):
    """Let a program's representative check its page: who may change the program may ask, and deals with the answers."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of the fact checks."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_fact_checks"
        view = self.admin_site.admin_view(self.fact_checks)
        return [path("<path:object_id>/fact-checks/", view, name=name), *super().get_urls()]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return what can be done with a program, with asking for a fact check for those who may."""
        tools = super().tools(request, entry)
        if self.may_ask(request, entry):
            tools.append(Tool("Ask for a fact check", self.fact_checks_address(request, entry)))
        return tools

    def fact_checks_address(self, request: HttpRequest, program: Program) -> str:
        """Return the address of the page of a program's fact checks."""
        return self.on_from_here(request, self.address("fact_checks", program.pk))

    def may_ask(self, request: HttpRequest, program: Program) -> bool:
        """Return whether somebody may ask, and the program is one that still changes."""
        return self.has_change_permission(request, program) and not program.is_retired

    @method_decorator(never_cache)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def fact_checks(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a program's fact checks; ask for another one, close one, or deal with its answers."""
        program: Any = self.get_object(request, unquote(object_id))
        if program is None:
            raise Http404
        # Of a merged program too: it is changed no more, but what was answered is there to be dealt with.
        if not may(request.user, program, "change"):
            raise PermissionDenied
        form = AskForm(request.POST if "days" in request.POST else None)
        if request.method == "POST" and self.act_on_checks(request, program, form):
            here = self.fact_checks_address(request, program)
            return forget_typed(request, HttpResponseRedirect(here))
        return self.fact_checks_page(request, program, form)

    def fact_checks_page(
        self, request: HttpRequest, program: Program, form: AskForm
    ) -> TemplateResponse:
        """Return the page of a program's fact checks."""
        checks = program.fact_checks.select_related("created_by", "settled_by", "program")
        page = page_of(checks.prefetch_related("answers"), request.GET)
        now = page_version(program, open_proposal(program))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "title": "Fact checks",
            "subtitle": str(program),
            "entry": program,
            "form": form,
            "may_ask": self.may_ask(request, program),
            "is_proposed": is_date_proposed(request.user, program),
            "page": page,
            "checks": [
                ListedCheck(
                    check,
                    full_url(request, check.get_absolute_url()),
                    check.is_unsettled and may_date(check),
                    check.answered_version != now,
                )
                for check in page
            ],
        }
        return TemplateResponse(request, "admin/catalog/fact_checks.html", context)

    def act_on_checks(self, request: HttpRequest, program: Program, form: AskForm) -> bool:
        """Do what somebody has pressed; return whether that is done, or else said in a message."""
        if form.is_bound:
            if not self.may_ask(request, program) or not form.is_valid():
                return False
            self.ask_for_check(request, program, **form.cleaned_data)
            return True
        action = next((name for name in ("revoke", "settle", "date") if name in request.POST), "")
        key = request.POST.get(action, "")
        check = program.fact_checks.filter(pk=key).first() if KEY.fullmatch(key) else None
        if check is None:
            messages.error(request, "There is no such fact check of this program.")
        elif action == "revoke":
            self.close_check(request, program, check)
        else:
            self.settle_check(request, program, check, is_dating=action == "date")
        return True

    def ask_for_check(
        self, request: HttpRequest, program: Program, sent_to: str, days: int
    ) -> None:
        """Make an address at which somebody can check a program's page for so many days."""
        now = timezone.now()
        program.fact_checks.create(
            sent_to=sent_to,
            created_by_id=request.user.pk,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        self.log_change(request, program, f"Asked for a fact check for {DAYS[days]}: {sent_to}.")
        messages.success(request, MADE.format(sent_to))

    def close_check(self, request: HttpRequest, program: Program, check: FactCheck) -> None:
        """Close the address of a fact check."""
        still_open = program.fact_checks.filter(pk=check.pk, revoked_at__isnull=True)
        if still_open.update(revoked_at=timezone.now()):
            self.log_change(request, program, f"Closed a fact check: {check.sent_to}.")
            messages.success(request, "The address is closed. What was answered stays here.")
        else:
            messages.info(request, "That address was closed before.")

    def settle_check(
        self, request: HttpRequest, program: Program, check: FactCheck, *, is_dating: bool
    ) -> None:
        """Mark the answers of a fact check as dealt with and, if somebody wants that, date the program by them."""
        seen = request.POST.get("seen", "")
        done = SETTLED
        try:
            if not is_dating:
                settle(check, user=request.user, seen=seen)
            elif settle_and_date(check, user=request.user, seen=seen):
                done = PROPOSED
            else:
                done = DATED
        except Hindered as hindered:
            for sentence in hindered.sentences:
                messages.error(request, sentence)
        else:
            self.log_change(request, program, f"Dealt with the fact check of {check.answered_by}.")
            messages.success(request, done)
