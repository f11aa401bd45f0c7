"""Taking in what visitors write: not too much at a time, and no longer than it is kept."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..models import Submission
from ..values.throttling import TooOften, seconds_to_wait

# How long a sending counts.
WINDOW = timedelta(hours=1)
TOO_OFTEN = (
    "Much was sent within the hour, and this is not stored yet. "
    "Keep this page open, wait {}, then send it again."
)


@transaction.atomic
def receive(submission: Submission, address: str) -> None:
    """Store what a visitor sends from an address. Raises TooOften.

    An address is kept for as long as it counts, and what has had its time goes, also where no worker cleans up.
    """
    now = timezone.now()
    Submission.objects.filter(sent_from__isnull=False, created_at__lte=now - WINDOW).update(
        sent_from=None
    )
    Submission.objects.outlived().delete()
    moments = Submission.objects.order_by("-created_at").values_list("created_at", flat=True)
    seconds = max(
        seconds_to_wait(
            moments.filter(sent_from=address), settings.SUBMISSION_CLIENT_LIMIT, WINDOW
        ),
        seconds_to_wait(moments, settings.SUBMISSION_LIMIT, WINDOW),
    )
    if seconds:
        raise TooOften(TOO_OFTEN, seconds)
    submission.created_at, submission.sent_from = now, address
    submission.save()
