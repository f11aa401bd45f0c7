"""The pages by which visitors write to the clearinghouse, and the reviews that it announces."""

import re
from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import ListView

from ...editorial.submissions import receive
from ...models import PlannedReview, Program, SubmissionKind
from ...models.submissions import (
    MOST_TYPED,
    NOMINATIONS,
    SIGNS,
    NominationWindow,
    new_receipt,
)
from ...values.mistakes import Mistake, mistakes_of
from ...values.throttling import counted_address
from ..sending import refusal_of, refuse
from ..site import site_of
from ..submission_form import SubmissionForm

# The longest text that a form takes, in any script, and the fields beside it. Of more, nothing is read.
MOST_BYTES = 100_000
TOO_LONG = f"That was too long. Write {MOST_TYPED:,} characters at most."
HEADINGS = {
    SubmissionKind.CORRECTION: "Suggest a correction",
    SubmissionKind.PROGRAM: "Nominate a program",
    SubmissionKind.TOPIC_AREA: "Nominate a topic area",
    SubmissionKind.MESSAGE: "Write to us",
}
RECEIPT = re.compile(rf"[{SIGNS}]{{4}}-[{SIGNS}]{{4}}")


# Whoever sends a form is nobody here: there is no cookie to be misused, nor one to be missing when a long text is sent.
@csrf_exempt
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, kind: SubmissionKind, slug: str = "") -> HttpResponse:
    """Show a form, or take in what was sent by it; nominations only while they are taken."""
    program = get_object_or_404(Program.objects.published(), slug=slug) if slug else None
    window = NominationWindow(site_of(request).settings, timezone.localdate())
    context: dict[str, Any] = {"program": program, "window": window, "heading": HEADINGS[kind]}
    if kind in NOMINATIONS and not window.is_open:
        return render(request, "public/nominations_closed.html", context)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        context |= {"form": SubmissionForm(kind), "mistakes": [Mistake("", TOO_LONG, "")]}
        return render(
            request, "public/write.html", context, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        )
    form = SubmissionForm(kind, request.POST if request.method == "POST" else None)
    context["form"] = form
    refusal = None
    if form.is_valid():
        if form.is_of_a_machine:
            return redirect("catalog:submission_sent", new_receipt())
        submission, address = form.submission(slug), counted_address(request)
        refusal = refusal_of(
            form,
            partial(receive, submission, address),
            button="Send",
            sent=f"A submission from {address} was",
        )
        if refusal is None:
            return redirect("catalog:submission_sent", submission.receipt)
    response = render(
        request, "public/write.html", {**context, "mistakes": list(mistakes_of(form))}
    )
    return refuse(response, refusal) if refusal else response


@cache_control(no_store=True)
@require_safe
def sent(request: HttpRequest, receipt: str) -> HttpResponse:
    """Thank a visitor, with the receipt number. Raises Http404 for what is none."""
    if not RECEIPT.fullmatch(receipt):
        raise Http404
    return render(request, "public/submission_sent.html", {"receipt": receipt})


class PlannedReviewListView(ListView):
    """Lists the reviews that are announced."""

    queryset = PlannedReview.objects.all()
    template_name = "public/planned_reviews.html"
    context_object_name = "reviews"
