"""The editions of the rating scale: which is in use, and what each criterion is called."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from catalog.models import Criterion, ScaleEdition

from ..evidence.programs import shipped, shipped_criteria
from ..factories import CriterionFactory, RatingFactory, ScaleEditionFactory
from .examples import errors_of, write_past_validation

pytestmark = pytest.mark.django_db


@pytest.mark.once
def test_sites_begin_with_an_edition_and_its_criteria():
    edition = ScaleEdition.objects.get()
    facts = ("level", "code", "rule", "number", "months", "text")

    assert (edition.name, edition.is_current, edition.note) == (shipped.NAME, True, shipped.NOTE)
    assert edition.in_use_since == "2026"
    assert list(edition.criteria.values_list(*facts)) == [
        tuple(getattr(criterion, fact) for fact in facts) for criterion in shipped_criteria()
    ]
    for criterion in edition.criteria.all():
        criterion.full_clean()


def test_one_edition_is_in_use():
    before = ScaleEdition.objects.in_use()
    other = ScaleEditionFactory()

    with pytest.raises(IntegrityError, match="scale"):
        write_past_validation(other, is_current=True)

    other.is_current = True
    other.full_clean()
    other.save()
    assert ScaleEdition.objects.in_use() == other
    assert other.in_use_since == timezone.localdate().isoformat()
    change = before.history.latest()
    assert (change.is_current, change.history_change_reason) == (
        False,
        f"“{other.name}” is in use now",
    )
    assert change.history_save == other.history.latest().history_save


def test_code_is_given_once_in_a_level():
    first = CriterionFactory(code="care")
    CriterionFactory(edition=first.edition, level="3", code="care")
    again = Criterion(edition=first.edition, level="2", code="care", text="A.", rule="benefit")

    assert errors_of(again) == {"__all__": ["The level has a criterion of this code already."]}
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.once
def test_edition_by_which_something_is_rated_is_kept():
    edition = RatingFactory(scale_edition=ScaleEditionFactory()).scale_edition

    with pytest.raises(ProtectedError):
        edition.delete()
