"""The page of a fact check: a program as it would be, and at each section whether it is right."""

from functools import cached_property, partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ...editorial.fact_checks import page_version, receive
from ...editorial.proposals.changes import open_proposal
from ...models import FactCheck, Verdict
from ...values.throttling import counted_address
from ...values.typed import forget_typed_below
from ..fact_check_form import FactCheckForm, known
from ..sending import Refusal, refusal_of, refuse
from .previews import ProgramPreview, secret_page

CHANGED = (
    "The page has changed since you opened it, and nothing was sent yet. Below it is as it stands now, with what you "
    "typed: look through it once more, then press the button again."
)


class ProgramFactCheck(ProgramPreview):
    """Shows a program as it stands, or as is proposed, and takes in what its representative says of it."""

    asks = True
    template_name = "public/fact_check.html"
    link: FactCheck

    @cached_property
    def form(self) -> FactCheckForm:
        """Return the form as it was sent, or else with what was sent before."""
        data = self.request.POST if self.request.method == "POST" else None
        return FactCheckForm(data, initial=known(self.link))

    @cached_property
    def seen(self) -> str:
        """Return the version of the page, which comes back with the answers."""
        return page_version(self.link.program, self.proposal)

    @property
    def kept_below(self) -> str:
        """Return the path of all fact checks: the browser keeps nothing that has the secret address in its name."""
        return reverse(self.link.view, args=["-"]).removesuffix("-/")

    def post(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponse:
        """Keep the answers and show them; or show the form as it was sent, with why they are not kept."""
        refusal = None
        if self.form.is_valid():
            if request.POST.get("seen") != self.seen:
                self.form.add_error(None, CHANGED)
            elif not (refusal := self.refusal(request)):
                return forget_typed_below(
                    self.kept_below, request, redirect(self.link.get_absolute_url())
                )
        response = self.get(request, *args, **kwargs)
        return refuse(response, refusal) if refusal else response

    def refusal(self, request: HttpRequest) -> Refusal | None:
        """Store the answers; return why that cannot be now, which the form says too, None if they are stored."""
        name, address = self.form.cleaned_data["name"], counted_address(request)
        return refusal_of(
            self.form,
            partial(
                receive, self.link, self.form.said(), name=name, address=address, seen=self.seen
            ),
            button="Send your answers",
            sent=f"Fact check {self.link.pk}: answers from {address}",
        )

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            **kwargs,
            fact_check_form=self.form,
            mistakes=self.form.mistakes(),
            seen=self.seen,
            kept_below=self.kept_below,
            kept_as=f"fact-check-{self.link.pk}",
            wishes=[a for a in self.link.in_order if a.verdict == Verdict.CHANGE],
        )


# Nothing but the address lets somebody in, and no other site knows it: there is no cookie to be misused, nor one to be
# missing when a long answer is sent.
@csrf_exempt
@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def fact_check(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show a program to its representative, and take in what they say; or say that the address is over."""
    checks = FactCheck.objects.at(token).select_related("program").prefetch_related("answers")
    link = checks.first()
    if link is None or link.is_over:
        typed = list(FactCheckForm(request.POST).typed()) if request.method == "POST" else []
        return render(request, "public/fact_check_ended.html", {"typed": typed}, status=404)
    view = ProgramFactCheck.as_view(link=link, proposal=open_proposal(link.program))
    return view(request, slug=link.program.slug)
