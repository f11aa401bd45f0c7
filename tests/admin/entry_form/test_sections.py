"""A long form has a menu of its sections, which says where something is to be fixed."""

import pytest

from catalog.models import Status

from ...factories import (
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
)
from ...pages import read
from ..pages import BrowserForm, address, open_form

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def menu_of(response):
    """Return the words of the menu's items; each leads to a place that there is."""
    page = read(response)
    menus = page.all("nav", class_="sections")
    items = [item for menu in menus for item in menu.all("li")]
    places = [href for item in items for _, href in item.links]
    html = response.content.decode()
    assert all(f'id="{place.removeprefix("#")}"' in html for place in places)
    assert len(places) == len(items)
    return [item.text for item in items]


PROGRAM = [
    "Names",
    "About the program",
    "Whom it serves",
    "What it does",
    "Delivery",
    "Manual and training",
    "Services and what it takes",
    "Implementation",
    "Dates of the record, and its source",
    "Main contact",
    "Not provided by the representative",
]


def test_menu_names_the_sections_and_counts_the_rows(mine):
    program = ProgramFactory(status=Status.DRAFT)
    StudyFactory.create_batch(2, program=program)
    RatingFactory(program=program)

    menu = menu_of(mine.get(address("change", program)))

    rows = ["Findings", "Ratings by other registries", "Other contacts", "Related programs"]
    studies = "References and what was studied"
    assert menu == [*PROGRAM, "Ratings (1)", f"{studies} (2)", *rows]
    assert menu_of(mine.get(address("add", type(program)))) == [
        *PROGRAM,
        studies,
        *rows,
    ]


def test_menu_says_where_something_is_to_be_fixed(mine):
    study = StudyFactory(program__status=Status.DRAFT)
    path = address("change", study.program)
    wrong = {"name": "", "website": "nowhere", "contact_email": "nobody"}
    wrong |= {"studies-0-enrolled": "x"}

    sent = {**BrowserForm(open_form(mine, path)).data, **wrong, "_save": "Save"}
    menu = menu_of(mine.post(path, sent))

    assert [item for item in menu if "to fix" in item] == [
        "Names 1 to fix",
        "Main contact 2 to fix",
        "References and what was studied (1) 1 to fix",
    ]


@pytest.mark.parametrize(
    ("make", "count"), [(TopicAreaFactory, 5), (TermFactory, 0)], ids=["long", "short"]
)
def test_short_form_has_no_menu(mine, make, count):
    assert len(menu_of(mine.get(address("change", make())))) == count
