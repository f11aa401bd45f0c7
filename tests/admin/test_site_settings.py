"""The settings of the site in the admin: the first save makes their row."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import SiteSettings

from ..factories import SiteSettingsFactory
from .pages import BrowserForm, address, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LIST = reverse("admin:catalog_sitesettings_changelist")
ADD, CHANGE = address("add", SiteSettings), reverse("admin:catalog_sitesettings_change", args=[1])
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


def test_first_save_makes_the_row_and_then_the_list_leads_to_it(editor_client):
    before = editor_client.get(LIST).url
    form = BrowserForm(editor_client.get(ADD)).data
    submit(editor_client, ADD, site_name="What Works")

    site = SiteSettings.objects.get()
    assert (before, editor_client.get(LIST).url, editor_client.get(ADD).url) == (
        ADD,
        CHANGE,
        CHANGE,
    )
    assert form["headline"] == ["Which programs work, and how sure is anyone?"]
    assert site.name == "What Works"
    assert [record.history_user.username for record in site.history.all()] == ["editor"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.png", b"<svg/>", "“a.png” is no PNG, JPEG or WebP picture by its content."),
        (
            "a.jpg",
            PNG,
            "“a.jpg” is another kind of picture by its content: its name should end in .png.",
        ),
        (
            "a.png",
            PNG + b"x" * 512_000,
            "there may be 500.0 KB at most. Save it with fewer pixels.",
        ),
    ],
)
def test_what_is_no_picture_is_refused(editor_client, name, content, sentence):
    SiteSettingsFactory()

    response = submit(editor_client, CHANGE, logo=SimpleUploadedFile(name, content))

    assert sentence in text_of(response).replace("\xa0", " ")
    assert SiteSettings.objects.get().logo == ""


def test_form_leads_to_the_picture_that_is_stored(editor_client):
    SiteSettingsFactory()
    submit(editor_client, CHANGE, logo=SimpleUploadedFile("a.png", PNG))

    logo = SiteSettings.objects.get().logo_address
    assert f'href="{logo}"' in editor_client.get(CHANGE).content.decode()
    assert editor_client.get(logo).content == PNG
