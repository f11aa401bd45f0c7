"""What the database refuses of fact checks and of the answers to them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import FactCheck

from ..factories import ProgramFactory

NOW = timezone.now()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("factcheck_says_whom_it_was_sent_to", {"sent_to": ""}),
        ("factcheck_answered_has_name", {"answered_at": NOW}),
        ("factcheck_answered_has_name", {"answered_by": "Ada"}),
        ("factcheck_settled_was_answered", {"settled_at": NOW}),
        ("factcheck_expires_after_it_was_made", {"created_at": NOW, "expires_at": NOW}),
    ],
)
def test_database_refuses_a_fact_check_that_cannot_be(constraint, values, db):
    fields = {"program": ProgramFactory(), "sent_to": "Ada", "expires_at": NOW + timedelta(days=1)}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        FactCheck.objects.create(**fields | values)

    assert not FactCheck.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("factcheckanswer_section_is_known", {"section": "weather"}),
        ("factcheckanswer_verdict_is_known", {"verdict": "maybe"}),
        ("factcheckanswer_change_says_which", {"verdict": "change"}),
        (None, {"section": "goals"}),
        (None, {"comment": "x" * 10_001}),
    ],
)
def test_database_refuses_an_answer_that_cannot_be(constraint, values, db):
    fields = {"sent_to": "Ada", "expires_at": NOW + timedelta(days=1)}
    check = FactCheck.objects.create(program=ProgramFactory(), **fields)
    check.answers.create(section="goals", verdict="right")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        check.answers.create(**{"section": "about", "verdict": "right", **values})

    assert check.answers.count() == 1
