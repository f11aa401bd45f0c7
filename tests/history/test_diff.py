"""Differences between two texts, as they are marked on pages."""

import pytest
from hypothesis import strategies as st

pytestmark = pytest.mark.once


def words(most=30):
    return st.lists(st.sampled_from(["a", "b,", "c.", "\n\n", "d"]), max_size=most).map(" ".join)
