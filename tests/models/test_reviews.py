"""The age of a review is told no more exactly than its date, and overdue is what is so for certain."""

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models.reviews import review_age
from catalog.values.fields import partial_date_in_words

TODAY = date(2026, 11, 23)

days = st.dates(date(1990, 1, 1), date(2050, 12, 31))
precisions = st.sampled_from([len("2023"), len("2023-10"), len("2023-10-05")])
intervals = st.integers(1, 60)


def at(day, precision):
    """Return the day as a date of the record."""
    return day.isoformat()[:precision]


def possible_days(iso):
    """Return the first and the last day that a date of the record can mean."""
    year, *rest = map(int, iso.split("-"))
    if len(rest) == 2:
        return date(year, *rest), date(year, *rest)
    first, last = (rest[0], rest[0]) if rest else (1, 12)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def whole_months(day, today):
    """Count the months that end, one after the other, from a day until today."""
    count, year, month = 0, day.year, day.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        if (year, month, day.day) > (today.year, today.month, today.day):
            return count
        count += 1


def months_told(age):
    """Return the number in the words, or 0 for "this month" and the like."""
    return next((int(word) for word in age.ago.split() if word.isdigit()), 0)


@pytest.mark.parametrize(
    ("reviewed", "sentence", "short"),
    [
        ("2023-10", "Research last reviewed 37 months ago (October 2023)", "37 months ago (October 2023), overdue"),
        ("2024-11", "Research last reviewed 24 months ago (November 2024)", "24 months ago (November 2024)"),
        ("2024-10", "Research last reviewed 25 months ago (October 2024)", "25 months ago (October 2024), overdue"),
        ("2026-10", "Research last reviewed 1 month ago (October 2026)", "1 month ago (October 2026)"),
        ("2026-11", "Research last reviewed this month (November 2026)", "This month (November 2026)"),
        ("2026-10-23", "Research last reviewed 1 month ago (October 23, 2026)", "1 month ago (October 23, 2026)"),
        (
            "2026-10-24",
            "Research last reviewed less than a month ago (October 24, 2026)",
            "Less than a month ago (October 24, 2026)",
        ),
        ("2026-11-23", "Research last reviewed less than a month ago (November 23, 2026)", None),
        ("2024", "Research last reviewed at least 22 months ago (2024)", "At least 22 months ago (2024)"),
        ("2023", "Research last reviewed at least 34 months ago (2023)", "At least 34 months ago (2023), overdue"),
        ("2026", "Research last reviewed this year (2026)", "This year (2026)"),
    ],
)  # fmt: skip
def test_age_of_a_review_in_words(reviewed, sentence, short):
    age = review_age(reviewed, TODAY, 24)

    assert age.sentence == f"{sentence}; every 24 months is the aim."
    assert short in {str(age), None}


@pytest.mark.parametrize("reviewed", ["2027", "2026-12", "2026-11-24"])
def test_date_in_the_future_has_no_age(reviewed):
    age = review_age(reviewed, TODAY, 24)

    when = partial_date_in_words(reviewed)
    assert age.sentence == (
        f"The date recorded for the last review of the research, {when}, is in the future."
    )
    assert (str(age), age.is_overdue) == (f"{when} (in the future)", False)


def test_date_that_is_not_recorded_has_no_age():
    age = review_age("", TODAY, 24)

    assert age.sentence == "When the research was last reviewed is not recorded."
    assert (str(age), age.is_overdue) == ("Not recorded", False)


def test_last_year_may_be_days_ago():
    age = review_age("2026", date(2027, 1, 30), 1)

    assert age.sentence == "Research last reviewed last year (2026); every month is the aim."
    assert age.is_overdue is False


@given(days, precisions, days)
def test_no_more_months_are_told_than_have_passed(day, precision, today):
    reviewed = at(day, precision)

    age = review_age(reviewed, today, 24)

    first, last = possible_days(reviewed)
    if first > today:
        assert age.ago == ""
    elif last > today:
        assert age.ago in {"this year", "this month"}
    else:
        least, most = whole_months(last, today), whole_months(first, today)
        # A month is counted by the calendar, which is right for its first day.
        assert months_told(age) == (most if precision == len("2023-10") else least)
        assert ("at least" in age.ago) == (precision == len("2023") and least > 0)


@given(days, precisions, days, intervals)
def test_overdue_is_what_is_overdue_for_certain_and_stays_so(day, precision, today, interval):
    reviewed = at(day, precision)
    _, last = possible_days(reviewed)

    if review_age(reviewed, today, interval).is_overdue:
        assert last < today
        assert whole_months(last, today) >= interval
        assert review_age(reviewed, today + timedelta(days=40), interval).is_overdue


@given(days, intervals)
def test_review_is_overdue_a_month_after_its_time_at_the_latest(day, interval):
    due = day + timedelta(days=31 * (interval + 1))

    assert review_age(at(day, len("2023-10-05")), due, interval).is_overdue
