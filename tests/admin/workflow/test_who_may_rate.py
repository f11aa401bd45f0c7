"""Who may rate and correct, on pages and by files."""

import pytest

from catalog.editorial.rating import may_rate, programs_user_may_not_rate
from catalog.models import Rating

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from ...importing.loading import load
from ...pages import read
from ..pages import address, heading
from .rate_page import BEYOND, BLANK, NEVER_PUBLIC, ROLES, STATES, person, rate_page, rows

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.alike(10)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_rate_and_correct(client, sleep, role, state):
    user = person(role)
    program = ProgramFactory(name="Calm", **STATES[state])
    rating = RatingFactory(program=program, topic_area=sleep, rated_on="2020")
    is_open = role == "publisher" or state in NEVER_PUBLIC
    rates = role in {"writer", "adder", "publisher"} and is_open
    corrects = role in {"writer", "publisher"} and is_open
    client.force_login(user)
    page = rate_page(program, sleep)

    posted = client.post(page, {**BLANK, "scientific_rating": "6", "seen": ""})
    saved = client.post(address("change", rating), {"scientific_rating": "6"})
    shown = client.get(address("change", rating))
    page_of_program = read(client.get(address("change", program)))
    tools = page_of_program.one("ul", class_="object-tools").links
    inline = page_of_program.one("div", id="ratings-group").links
    found = {
        "rates": [may_rate(user, program), client.get(page).status_code, posted.status_code],
        "corrects": [may_rate(user, program, "change"), heading(shown), saved.status_code],
        "tools": [label for label, _ in tools if "rate" in label],
        "inline": [label for label, _ in inline if label in {"Re-rate", "Correct", "View"}],
    }

    assert found == {
        "rates": [True, 200, 200] if rates else [False, 403, 403],
        "corrects": [True, "Correct a rating", 200] if corrects else [False, "View rating", 403],
        "tools": ["Rate or re-rate"] * rates,
        "inline": ["Re-rate"] * rates + ["Correct" if corrects else "View"],
    }
    is_beyond = program in programs_user_may_not_rate(user)
    assert is_beyond == (state not in NEVER_PUBLIC and role != "publisher")
    assert Rating.objects.get().history.count() == 1


@pytest.mark.parametrize("role", ROLES)
def test_pages_to_choose_from_link_to_what_may_be_rated(client, sleep, role):
    draft, public = ProgramFactory(name="Draft", status="draft"), ProgramFactory(name="Public")
    for program in (draft, public):
        RatingFactory(program=program, topic_area=sleep)
    client.force_login(person(role))

    answers = [client.get(address("rate", sleep)), client.get("/admin/catalog/rating/add/")]

    if role == "reader":
        assert [answer.status_code for answer in answers] == [403, 403]
        return
    last = "Public: publishers rate it"
    for answer in answers:
        linked = [(cells[0], bool(links)) for cells, links in rows(answer)]
        assert linked == [("Draft", True), ("Public", role == "publisher")]
        assert (rows(answer)[1][0][-1] == last) == (role != "publisher")


@pytest.mark.alike(12)
@pytest.mark.parametrize(
    ("state", "cells"),
    [*((state, "1,2025") for state in STATES), ("published", "3,2020-05"), ("published", "1,")],
)
@pytest.mark.parametrize("role", ["writer", "publisher"])
@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_import_rates_what_the_pages_rate(sleep, role, state, kind, cells):
    program = ProgramFactory(name="Calm", slug="calm", **STATES[state])
    RatingFactory(program=program, topic_area=sleep, scientific_rating="3", rated_on="2020")
    key = "slug" if kind == "programs" else "program"
    file = f"{key},topic_area,scientific_rating,rated_on\ncalm,sleep,{cells}\n"

    result = load(kind, file, user=person(role))

    is_refused = role == "writer" and state not in NEVER_PUBLIC
    column = "topic_area" if kind == "programs" else "program"
    assert [(p.row, p.column, p.message) for p in result.problems] == (
        [(2, column, BEYOND)] if is_refused else []
    )
    assert Rating.history.count() == (1 if is_refused else 3 if cells[0] == "1" else 2)


@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_import_that_changes_no_rating_takes_no_permission_to_rate(sleep, kind):
    program = ProgramFactory(name="Calm", slug="calm")
    RatingFactory(program=program, topic_area=sleep, scientific_rating="3", rated_on="2020")
    key = "slug" if kind == "programs" else "program"
    file = f"{key},topic_area,scientific_rating,rated_on\ncalm,sleep,3,2020\n"

    result = load(kind, file, user=person("writer"))

    assert result.problems == []
    assert result.counts["unchanged"] == 1


def test_import_may_rate_the_programs_that_it_adds(sleep):
    header = "slug,name,topic_area,scientific_rating"
    TopicAreaFactory(slug="diet")

    result = load("programs", f"{header}\nnew,New,sleep,3\nnew,,diet,4\n", user=person("writer"))

    assert result.problems == []
    assert Rating.objects.count() == 2
