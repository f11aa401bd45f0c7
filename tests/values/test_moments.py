"""Days on which the clocks of the site's zone skip an hour, or show one twice."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.values.moments import is_doubled, is_skipped

ZONES = ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]


def shown(naive, zone):
    """How often the clocks of a zone show this: asked minute by minute of the days around it."""
    start = naive.replace(tzinfo=UTC) - timedelta(hours=30)
    moments = (start + timedelta(minutes=n) for n in range(60 * 60))
    return sum(moment.astimezone(zone).replace(tzinfo=None, fold=0) == naive for moment in moments)


@pytest.mark.parametrize(
    ("zone", "day", "skipped", "doubled"),
    [
        ("America/Los_Angeles", "2027-03-14T02:30", True, False),
        ("America/Los_Angeles", "2027-03-14T03:00", False, False),
        ("America/Los_Angeles", "2027-11-07T01:30", False, True),
        ("America/Los_Angeles", "2027-11-07T02:00", False, False),
        ("Europe/Berlin", "2027-03-28T02:00", True, False),
        ("Australia/Lord_Howe", "2027-04-04T01:45", False, True),
    ],
)
def test_summer_time_begins_and_ends(zone, day, skipped, doubled):
    naive, zone = datetime.fromisoformat(day), ZoneInfo(zone)

    assert (is_skipped(naive, zone), is_doubled(naive, zone)) == (skipped, doubled)
    assert shown(naive, zone) == 1 - skipped + doubled


@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(["2027-03-14", "2027-11-07", "2027-03-28", "2027-10-31", "2027-10-03"]),
    minutes=st.integers(0, 6 * 60),
)
def test_moments_are_counted_as_the_clocks_show_them(zone, day, minutes):
    naive, zone = datetime.fromisoformat(day) + timedelta(minutes=minutes), ZoneInfo(zone)

    assert shown(naive, zone) == 1 - is_skipped(naive, zone) + is_doubled(naive, zone)
