"""The ages that programs serve: their ranges, what is possible, and how they are written."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

MAX_AGE = 25
AGES = [MaxValueValidator(MAX_AGE, f"Ages run from 0 to {MAX_AGE}.")]
AGE_RANGES = (
    ("child_age_min", "child_age_max"),
    ("caregiver_child_age_min", "caregiver_child_age_max"),
)


def age_range_constraint(low: str, high: str) -> models.CheckConstraint:
    """Return the constraint that keeps two ages between 0 and MAX_AGE, the first not above the second."""
    either_unknown = Q(**{f"{low}__isnull": True}) | Q(**{f"{high}__isnull": True})
    return models.CheckConstraint(
        name=f"program_{low.removesuffix('_min')}s_are_possible",
        condition=(Q(**{f"{low}__isnull": True}) | Q(**{f"{low}__range": (0, MAX_AGE)}))
        & (Q(**{f"{high}__isnull": True}) | Q(**{f"{high}__range": (0, MAX_AGE)}))
        & (either_unknown | Q(**{f"{low}__lte": F(high)})),
        violation_error_message=f"Ages run from 0 to {MAX_AGE}, the first not above the second.",
    )


def serves(age: int, *ranges: tuple[int | None, int | None]) -> bool:
    """Return whether one of the stated age ranges, of children or of caregivers' children, holds age (in years).

    A range of which only one end is stated is open at the other; one of which neither is, says nothing.
    """
    return any(
        (low is not None or high is not None)
        and (low is None or low <= age)
        and (high is None or age <= high)
        for low, high in ranges
    )


def ages_in_words(youngest: int | None, oldest: int | None) -> str:
    """Return "3–12", "7", "3 and older", "Up to 12" or ""."""
    if youngest is None and oldest is None:
        return ""
    if youngest == oldest:
        return str(youngest)
    if oldest is None:
        return f"{youngest} and older"
    return f"Up to {oldest}" if youngest is None else f"{youngest}–{oldest}"
