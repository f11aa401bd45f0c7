"""The mistakes of a form stand in one list on top, each with the way to its field."""

import re

import pytest

from catalog.models import Status

from ...conftest import group_user
from ...factories import ProgramFactory, StudyFactory
from ...pages import read
from ..pages import BrowserForm, address, open_form
from .open_form import blank_study

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def ann(client):
    client.force_login(group_user("Editors"))
    return client


def listed(response):
    """What the list says: words, and the id that each leads to."""
    (section,) = read(response).all("section", class_="mistakes")
    ways = [[href for _, href in item.links] for item in section.all("li")]
    return [(item.text, *way) for item, way in zip(section.all("li"), ways, strict=True)]


def test_each_mistake_leads_to_its_field(ann):
    program = ProgramFactory(status=Status.DRAFT)
    StudyFactory(program=program)
    typed = {
        "name": "",
        "website": "nowhere",
        "studies-0-follow_up_months": "x",
        "studies-TOTAL_FORMS": "2",
        "studies-1-reference": "",
        **blank_study(1),
        "studies-1-location": "Ohio",
    }

    path = address("change", program)
    answer = ann.post(path, {**BrowserForm(open_form(ann, path)).data, **typed, "_save": "Save"})

    assert listed(answer) == [
        ("Name: This field is required.", "#id_name"),
        ("Website: Enter a valid URL.", "#id_website"),
        (
            "Reference 1, Follow-up, in months: Enter a whole number.",
            "#id_studies-0-follow_up_months",
        ),
        ("New reference 1, Reference: This field is required.", "#id_studies-1-reference"),
    ]
    html = answer.content.decode()
    assert re.search(r"Nothing is saved yet: 4 mistakes<", html)
    assert all(f'id="{place[1:]}"' in html for _, place in listed(answer))


def test_mistake_of_a_whole_row_leads_to_it(ann):
    program = ProgramFactory(status=Status.DRAFT)
    study = StudyFactory(program=program)
    twice = {
        "studies-TOTAL_FORMS": "2",
        "studies-1-reference": study.reference_id,
        **blank_study(1),
    }

    path = address("change", program)
    answer = ann.post(path, {**BrowserForm(open_form(ann, path)).data, **twice, "_save": "Save"})

    assert listed(answer) == [
        ("New reference 1: The program has this reference already.", "#studies-1")
    ]
    assert 'id="studies-1"' in answer.content.decode()


def test_form_without_mistakes_has_no_list(ann):
    page = ann.get(address("change", ProgramFactory(status=Status.DRAFT)))

    assert read(page).all("section", class_="mistakes") == []
