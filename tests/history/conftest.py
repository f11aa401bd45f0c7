"""Tests of the past begin at noon: no day ends while they run."""

from datetime import UTC, datetime

import pytest


@pytest.fixture(autouse=True)
def noon(settings):
    """It is about noon where the site is, so that no test runs across midnight; and no clock is ever changed there."""
    hours = 12 - datetime.now(UTC).hour
    settings.TIME_ZONE = f"Etc/GMT{-hours:+}" if hours else "UTC"
