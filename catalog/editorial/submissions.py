"""Taking in what visitors write: not too much at a time, and no longer than it is kept."""

from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db import transaction
from django.template.defaultfilters import pluralize
from django.utils import timezone

from ..models import Submission
from ..values.throttling import seconds_to_wait

# How long a sending counts.
WINDOW = timedelta(hours=1)
TOO_OFTEN = (
    "Much was sent within the hour, and this is not stored yet. "
    "Keep this page open, wait {} minute{}, then send it again."
)


class TooManySubmissions(Exception):
    """Says in ``sentence`` that too much was sent, and for how many ``seconds`` that is so."""

    def __init__(self, seconds: int) -> None:
        minutes = ceil(timedelta(seconds=seconds) / timedelta(minutes=1))
        self.seconds, self.sentence = seconds, TOO_OFTEN.format(minutes, pluralize(minutes))
        super().__init__(self.sentence)


@transaction.atomic
def receive(submission: Submission, address: str) -> None:
    """Store what a visitor sends from an address. Raises TooManySubmissions.

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
        raise TooManySubmissions(seconds)
    submission.created_at, submission.sent_from = now, address
    submission.save()
