"""Summaries are set in a process of their own, which may not take everything."""

import pytest

from catalog.public import typesetting


def test_what_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(typesetting, "SECONDS", 0.01)

    with pytest.raises(typesetting.TypesettingError, match=r"timed out after 0\.01 seconds"):
        typesetting.typeset("{}")
