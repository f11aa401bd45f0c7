"""The question before a reference is saved that may be in the catalog already."""

import pytest
from django.urls import reverse

from catalog.models import Reference

from ...factories import ReferenceFactory
from ...pages import read
from ..pages import BrowserForm, address, notes, submit

pytestmark = pytest.mark.django_db

ADD = "/admin/catalog/reference/add/"
DOUBT = (
    "This reference may be in the catalog already. Nothing is saved yet: look at the references named below, and say "
    "whether it is one of them."
)


@pytest.fixture
def report(db):
    return ReferenceFactory(
        authors="Rand", title="“Coping”  at work", year=2019, container="", doi="", key="rand-2019"
    )


@pytest.mark.parametrize(
    ("typed", "is_asked"),
    [
        ({}, True),
        ({"title": '"coping" AT work'}, True),
        ({"doi": "10.1234/new"}, True),
        ({"year": "2020"}, False),
        ({"year": ""}, False),
        ({"title": "Coping at home"}, False),
    ],
)
def test_same_title_and_year_is_questioned(editor_client, report, typed, is_asked):
    response = submit(editor_client, ADD, **{"title": report.title, "year": "2019", **typed})

    assert Reference.objects.count() == 2 - is_asked
    assert response.status_code == (200 if is_asked else 302)
    if is_asked:
        assert DOUBT in notes(response)
        links = [url for words, url in read(response).main.links if words == "rand-2019"]
        assert links == [address("change", report)]


def test_another_publication_is_saved_when_the_box_is_ticked(editor_client, report):
    asked = submit(editor_client, ADD, title=report.title, year="2019")
    sent = {**BrowserForm(asked).data, "is_another": "on", "_save": "Save"}

    assert editor_client.post(ADD, sent).status_code == 302
    assert [r.title for r in Reference.objects.order_by("pk")] == [report.title] * 2


def test_two_dois_tell_publications_apart(editor_client, report):
    Reference.objects.update(doi="10.1234/old")

    submit(editor_client, ADD, title=report.title, year="2019", doi="10.1234/new")

    assert set(Reference.objects.values_list("doi", flat=True)) == {"10.1234/old", "10.1234/new"}


def test_what_is_stored_is_not_questioned_while_its_title_stays(editor_client, report):
    twin = ReferenceFactory(title=report.title, year=2019, doi="")

    response = submit(editor_client, address("change", twin), container="Somewhere", doi="")

    assert response.status_code == 302
    assert Reference.objects.get(pk=twin.pk).container == "Somewhere"


def test_doi_that_exists_leads_to_its_reference(editor_client, report):
    Reference.objects.update(doi="10.1234/old")

    response = submit(editor_client, ADD, title="Another", doi="https://doi.org/10.1234/OLD")

    (error,) = read(response).all("ul", id="id_doi_error")
    assert error.text == (
        "There is a reference with this DOI already: "
        "Rand. (2019). “Coping” at work. https://doi.org/10.1234/old"
    )
    assert [url for _, url in error.links] == [
        reverse("admin:catalog_reference_change", args=[report.pk])
    ]
    assert Reference.objects.count() == 1
