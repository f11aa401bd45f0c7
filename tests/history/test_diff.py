"""Differences between two texts, as they are marked on pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.history.diff import diff_segments, in_short, spaced

pytestmark = pytest.mark.once


def words(most=30):
    return st.lists(st.sampled_from(["a", "b,", "c.", "\n\n", "d"]), max_size=most).map(" ".join)


def test_changed_words_of_a_text_are_marked_and_the_others_are_not():
    assert diff_segments("A group for all staff.", "A weekly group for all.") == [
        ("", "A"),
        ("ins", " weekly"),
        ("", " group for"),
        ("del", " all staff."),
        ("ins", " all."),
    ]
    assert diff_segments("", "New") == [("del", "(blank)"), ("", " → "), ("ins", "New")]
    assert diff_segments("Old", "") == [("del", "Old"), ("", " → "), ("ins", "(blank)")]


@given(words(), words())
def test_marked_words_are_the_two_texts(before, after):
    marked = list(spaced(diff_segments(before, after))) if before.strip() and after.strip() else []

    for gone, text in (("ins", before), ("del", after)):
        kept = "".join(word for kind, word in marked if kind != gone).replace("→", "")
        assert kept.split() == (text.split() if marked else [])


@given(st.integers(0, 60), st.integers(0, 60))
def test_only_words_near_a_change_are_shown(ahead, behind):
    start, end = " before" * ahead, " after" * behind

    short = "".join(word for _, word in in_short([("", start), ("ins", " new"), ("", end)]))

    shown_start = start if ahead <= 10 else " …" + " before" * 8
    shown_end = end if behind <= 10 else " after" * 8 + " …"
    assert short == f"{shown_start} new{shown_end}"


def test_texts_that_take_too_long_to_compare_stand_side_by_side():
    before, after = "word " * 2_000, "word " * 2_001

    assert diff_segments(before, after) == [("del", before), ("", " → "), ("ins", after)]
