"""Tests of the past begin at noon."""

import pytest


@pytest.fixture(autouse=True)
def _noon(noon):
    """It is about noon."""
