"""What visitors write: what the database refuses, how long it is kept, and when nominations are taken."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from catalog.models import SiteSettings, Submission
from catalog.models.submissions import NominationWindow

from ..factories import SiteSettingsFactory, SubmissionFactory
from .examples import errors_of, write_past_validation

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "praise"}, "This kind is not known."),
        ({"state": "asleep"}, "Value 'asleep' is not a valid choice."),
        ({"state": "declined"}, "Say why it is declined."),
        ({"kind": "correction"}, "A correction, and nothing else, is about a program."),
        ({"program_slug": "calm"}, "A correction, and nothing else, is about a program."),
    ],
)
def test_database_refuses_what_validation_refuses(values, sentence):
    submission = SubmissionFactory()

    with pytest.raises(IntegrityError):
        write_past_validation(submission, **values)
    for name, value in values.items():
        setattr(submission, name, value)
    assert sentence in [said for sentences in errors_of(submission).values() for said in sentences]


def test_what_was_kept_as_long_as_the_settings_say_has_outlived():
    SiteSettingsFactory(submissions_kept_months=2)
    now = timezone.now()
    old, kept = (
        SubmissionFactory(created_at=now - timedelta(days=days, minutes=1)) for days in (60, 59)
    )

    assert list(Submission.objects.outlived()) == [old]
    assert kept.receipt != old.receipt


@pytest.mark.once
@pytest.mark.parametrize(
    ("first", "last", "is_open"),
    [
        (None, None, True),
        (5, None, True),
        (6, None, False),
        (None, 5, True),
        (None, 4, False),
        (5, 5, True),
        (1, 4, False),
        (6, 9, False),
    ],
)
def test_nominations_are_taken_from_the_first_day_to_the_last(first, last, is_open):
    days = [day and date(2026, 3, day) for day in (first, last)]
    site = SiteSettings(nominations_from=days[0], nominations_until=days[1])

    assert NominationWindow(site, date(2026, 3, 5)).is_open is is_open
