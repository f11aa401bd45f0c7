"""The program list finds, counts and orders what a plain reading of its rules does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..conftest import StrictClient
from ..pages import read
from .catalogs import catalogs, questions, stored
from .list_page import ask, counts_on, programs_in
from .oracle import expected, expected_counts, expected_to_follow, known_part


@pytest.mark.django_db
@given(catalogs, st.lists(questions, min_size=1, max_size=4))
def test_list_shows_and_counts_what_the_rules_say(catalog, several):
    with stored(catalog):
        for asked in several:
            kept, dropped = known_part(catalog, asked)

            answer = ask(asked.address)
            page = read(StrictClient().get(asked.address, follow=True))

            assert answer == (expected(catalog, kept), dropped), asked.address
            assert counts_on(page) == expected_counts(catalog, kept), asked.address
            following = programs_in(page, "programs-following")
            assert following == expected_to_follow(catalog, kept), asked.address
