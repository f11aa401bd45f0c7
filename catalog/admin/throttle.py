"""How often somebody may try to sign in.

django-axes asks here before a password is hashed, and tells what came of each attempt. By itself it has one limit for
accounts and addresses alike, and stores what the browser sent and says of itself; here each has its limit, and nothing
is stored but account, address and moment of each failure.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.utils import timezone

from ..values.client_address import client_address
from ..values.throttling import counted_address, seconds_to_wait

logger = logging.getLogger(__name__)

# Longer than any hash takes: what was begun before has died.
LONGEST_CHECK = timedelta(seconds=30)
# How many times as long as a check took, the address rests from the next, unless somebody was signed in.
REST = 2


@dataclass(frozen=True)
class Refusal:
    """Say why no password is looked at, and for how many seconds that is so."""

    sentence: str
    seconds: int


BUSY = Refusal(
    "Another sign-in from your network is being checked. Wait a moment, then log in again.", 1
)


def too_many_failures(seconds: int) -> Refusal:
    """Return what is said to who has to wait for so many seconds."""
    minutes = ceil(timedelta(seconds=seconds) / timedelta(minutes=1))
    return Refusal(
        "Too many attempts to log in with this user name or from your network have failed. "
        f"Wait {minutes} minute{pluralize(minutes)}, then log in again.",
        seconds,
    )


def refusal_of(request: HttpRequest) -> Refusal | None:
    """Return why an attempt of this request was refused; None if it was not."""
    return getattr(request, "sign_in_refusal", None)


def refuse(request: HttpRequest, refusal: Refusal) -> None:
    """Mark a request as refused, for the form, the log and axes."""
    request.sign_in_refusal = refusal  # type: ignore[attr-defined]
    # Axes' middleware looks for this.
    request.axes_locked_out = True  # type: ignore[attr-defined]


def say_when_to_retry(
    request: HttpRequest, response: HttpResponse, credentials: object
) -> HttpResponse:
    """Return the response to a refused attempt, the form with its sentence, with status 429 and ``Retry-After``."""
    if refusal := refusal_of(request):
        response.status_code = 429
        response["Retry-After"] = str(refusal.seconds)
    return response


class ThrottledBackend(AxesStandaloneBackend, ModelBackend):
    """Backend that looks at a password only while neither the account nor the address has failed too often."""

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, **credentials: Any
    ) -> User | None:
        """Return the user who has this name and password; None if there is none.

        Raise AxesBackendPermissionDenied for who has to wait, whether the password is right or not.
        """
        super().authenticate(request, **credentials)
        # Axes has raised an error where there is no request.
        check = begin_check(request)  # type: ignore[arg-type]
        try:
            return ModelBackend.authenticate(self, request, **credentials)
        finally:
            end_check(check)


def begin_check(request: HttpRequest) -> AccessAttempt:
    """Keep all others of the same address out, so that they take no second worker's thread for a hash.

    Axes' table of attempts, which nothing else uses here, has at most one row for an address without name: it stands
    there during the check. No lock of the database: SQLite would keep every other writer waiting.

    Raise AxesBackendPermissionDenied for who comes during the check of somebody else.
    """
    check, is_mine = AccessAttempt.objects.get_or_create(
        username="",
        user_agent="",
        ip_address=counted_address(request),
        defaults={"failures_since_start": 0},
    )
    if not is_mine and not take_over(check):
        refuse(request, BUSY)
        raise AxesBackendPermissionDenied
    return check


def take_over(check: AccessAttempt) -> bool:
    """Return whether a check is long over, and now ours and nobody else's."""
    begun, check.attempt_time = check.attempt_time, timezone.now()
    if begun > check.attempt_time - LONGEST_CHECK:
        return False
    same = AccessAttempt.objects.filter(pk=check.pk, attempt_time=begun)
    return same.update(attempt_time=check.attempt_time) == 1


def end_check(check: AccessAttempt) -> None:
    """Let others of the address in when it has rested, so that guessing never fills a processor."""
    now = timezone.now()
    rested = now + REST * (now - check.attempt_time)
    row = AccessAttempt.objects.filter(pk=check.pk)
    row.update(attempt_time=rested - LONGEST_CHECK)


class ThrottleHandler(AxesDatabaseHandler):
    """Counts failures by account and by address, and writes a line into the log for every attempt."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Return whether an account or an address has to wait, and keep in the request for how long."""
        failures = AccessFailureLog.objects.order_by("-attempt_time")
        moments = failures.values_list("attempt_time", flat=True)
        of_account = moments.filter(username=get_client_username(request, credentials))
        of_address = moments.filter(ip_address=counted_address(request))
        seconds = max(
            seconds_to_wait(of_account, settings.SIGN_IN_ACCOUNT_LIMIT, window()),
            seconds_to_wait(of_address, settings.SIGN_IN_ADDRESS_LIMIT, window()),
        )
        if seconds:
            refuse(request, too_many_failures(seconds))
        return seconds > 0

    def user_login_failed(
        self,
        sender: object,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: object,
    ) -> None:
        """Count a failure, unless it was refused: so that waiting ends, however often somebody tries meanwhile."""
        if request is None:
            return
        account = get_client_username(request, credentials)
        if refusal := refusal_of(request):
            log_attempt(logging.WARNING, account, request, f"refused: {refusal.sentence}")
            return
        AccessFailureLog.objects.create(username=account, ip_address=counted_address(request))
        log_attempt(logging.WARNING, account, request, "failed")

    def user_logged_in(
        self, sender: object, request: HttpRequest, user: User, **kwargs: object
    ) -> None:
        """Forget the account's failures, and let the address have no rest."""
        self.reset_attempts(username=user.get_username())
        AccessAttempt.objects.filter(ip_address=counted_address(request)).delete()
        log_attempt(logging.INFO, user.get_username(), request, "succeeded")

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, **kwargs: object
    ) -> int:
        """Delete the failures of an account, of an address, of both together, or all, and return their number.

        This is what axes' commands call, ``axes_reset_username`` and its like.
        """
        given = {"ip_address": ip_address, "username": username}
        failures = AccessFailureLog.objects.filter(**{k: v for k, v in given.items() if v})
        return failures.delete()[0]


def window() -> timedelta:
    """Return the time for which a failure counts."""
    return timedelta(minutes=settings.SIGN_IN_MINUTES)


def log_attempt(level: int, account: str | None, request: HttpRequest, result: str) -> None:
    """Write one line, whatever the name holds: ``repr`` leaves no line break and no other invisible character."""
    logger.log(level, "Sign-in of %r from %s %s", account, client_address(request), result)


def prune_sign_ins() -> None:
    """Delete the failures that no longer count, and the checks that have died."""
    since = timezone.now() - window()
    for model in (AccessFailureLog, AccessAttempt):
        model.objects.filter(attempt_time__lte=since).delete()
