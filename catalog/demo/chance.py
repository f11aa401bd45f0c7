"""Chance that gives the same for the same seed: weighted choices, days, and dates of the record."""

from collections.abc import Mapping
from datetime import date
from random import Random

from django.db import models

# Nothing in an example is younger: a catalog must not change with the day on which it is made.
FIRST_DAY, LAST_DAY = date(2006, 1, 1).toordinal(), date(2025, 12, 31).toordinal()
# How many characters of an ISO date say it to the day, to the month, or only the year.
PRECISIONS = {10: 50, 7: 30, 4: 20}


class Chance(Random):
    """A generator of random choices. Days are ordinals, as ``date.fromordinal`` takes them."""

    def one_of[T](self, weights: Mapping[T, int]) -> T:
        """Return one of the keys, each as often as its weight says."""
        return self.choices(list(weights), list(weights.values()))[0]

    def happens(self, percent: int) -> bool:
        """Return whether something happens that does so in this many of a hundred cases."""
        return self.random() * 100 < percent

    def some_of(self, codes: type[models.TextChoices], most: int) -> tuple[str, ...]:
        """Return up to this many codes, in the order of their vocabulary."""
        chosen = set(self.sample(codes.values, self.randint(0, most)))
        return tuple(code for code in codes.values if code in chosen)

    def day(self, first: int = FIRST_DAY, last: int = LAST_DAY) -> int:
        """Return a day from first to last."""
        return self.randint(first, last)

    def partial_date(self, day: int) -> str:
        """Return a day as a date of the record: to the day, to the month, or only the year."""
        return date.fromordinal(day).isoformat()[: self.one_of(PRECISIONS)]
