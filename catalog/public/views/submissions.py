"""The pages by which visitors write to the clearinghouse, and the reviews that it announces."""

import logging
import re
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic import ListView

from ...editorial.submissions import TooManySubmissions, receive
from ...models import PlannedReview, Program, SubmissionKind
from ...models.submissions import (
    MOST_TYPED,
    NOMINATIONS,
    SIGNS,
    NominationWindow,
    new_receipt,
)
from ...values.busy import BUSY, is_busy_error, unavailable
from ...values.mistakes import Mistake
from ...values.throttling import counted_address
from ..site import site_of
from ..submission_form import SubmissionForm

logger = logging.getLogger(__name__)

TOO_LARGE, TOO_MANY_REQUESTS = 413, 429
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
        return render(request, "public/write.html", context, status=TOO_LARGE)
    form = SubmissionForm(kind, request.POST if request.method == "POST" else None)
    context["form"] = form
    refusal: TooManySubmissions | OperationalError | None = None
    if form.is_valid():
        if form.is_of_a_machine:
            return redirect("catalog:submission_sent", new_receipt())
        submission = form.submission(slug)
        try:
            receive(submission, counted_address(request))
            return redirect("catalog:submission_sent", submission.receipt)
        except TooManySubmissions as error:
            refusal, sentence = error, error.sentence
        except OperationalError as error:
            if not is_busy_error(error):
                raise
            refusal, sentence = error, BUSY.format(button="“Send”")
        logger.warning("A submission from %s was refused: %s", counted_address(request), sentence)
        form.add_error(None, sentence)
    response = render(request, "public/write.html", {**context, "mistakes": form.mistakes()})
    return refuse(response, refusal) if refusal else response


def refuse(response: HttpResponse, refusal: TooManySubmissions | OperationalError) -> HttpResponse:
    """Give a response the status of a refusal, and say when to try again."""
    if isinstance(refusal, OperationalError):
        return unavailable(response)
    response.status_code = TOO_MANY_REQUESTS
    response["Retry-After"] = str(refusal.seconds)
    return response


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
