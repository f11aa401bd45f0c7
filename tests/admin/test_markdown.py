"""The preview of Markdown in the admin's forms: which texts have one, what it shows, and to whom."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from catalog.admin.markdown import MARKDOWN
from catalog.models import Program, Rating, Registry, Study, TopicArea, TopicExpert
from catalog.values.fields import MOST_OF_LONG_TEXT, LimitedTextField

from ..conftest import catalog_permissions
from ..factories import (
    ExternalRatingFactory,
    ProgramFactory,
    RatingFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADDRESS = "/admin/markdown/"


def texts(model):
    """Return a text in Markdown for each long text of a model, with the field's own name in it."""
    fields = [
        f.name for f in model._meta.concrete_fields if type(f) is LimitedTextField and f.editable
    ]
    return {name: f"**{model._meta.model_name} {name}**" for name in fields}


def test_the_texts_with_a_preview_are_those_that_pages_show_as_markdown(client):
    expert = TopicExpertFactory(**texts(TopicExpert))
    area = TopicAreaFactory(**texts(TopicArea))
    area.experts.add(expert)
    program = ProgramFactory(**texts(Program))
    RatingFactory(program=program, topic_area=area, **texts(Rating))
    StudyFactory(program=program, **texts(Study))
    ExternalRatingFactory(program=program, registry=RegistryFactory(**texts(Registry)))

    pages = [client.get(entry.get_absolute_url()) for entry in (expert, area, program)]
    shown = "".join(page.content.decode() for page in pages)

    for model in (Program, TopicArea, Rating, Study, TopicExpert, Registry):
        name = model._meta.model_name
        as_markdown = {f for f in texts(model) if f"<strong>{name} {f}</strong>" in shown}
        assert as_markdown == MARKDOWN[name]


def test_only_what_there_is_has_a_preview():
    for name, fields in MARKDOWN.items():
        model = apps.get_model("catalog", name)
        assert fields - {field.name for field in model._meta.fields} == set()


@pytest.mark.parametrize("model", [Program, TopicArea, Study, TopicExpert, Registry])
def test_forms_tell_where_the_preview_is_made(editor_client, model):
    page = editor_client.get(reverse(f"admin:catalog_{model._meta.model_name}_add"))

    wanted = len(MARKDOWN[model._meta.model_name])
    assert page.content.decode().count(f'data-preview="{ADDRESS}"') == wanted


def test_rationale_of_a_new_rating_has_the_preview(editor_client):
    rating = RatingFactory()

    rate = reverse("admin:catalog_program_rate", args=[rating.program_id])
    page = editor_client.get(rate, {"area": rating.topic_area.slug})

    box = read(page).one("textarea", name="rationale")
    assert box.attributes["data-preview"] == ADDRESS


def test_preview_is_what_visitors_see(editor_client):
    text = "# Aims\n\n*Calm* <b>rooms</b>\n\n- one\n- [two](https://example.org/)"
    program = ProgramFactory(description=text)

    preview = editor_client.post(ADDRESS, {"text": text})
    page = editor_client.get(program.get_absolute_url())

    assert preview.content.decode() in page.content.decode()
    assert preview.content.decode() == (
        "<h3>Aims</h3>\n<p><em>Calm</em> &lt;b&gt;rooms&lt;/b&gt;</p>\n<ul>\n<li>one</li>\n"
        '<li><a href="https://example.org/" rel="noopener nofollow">two</a></li>\n</ul>\n'
    )


def test_preview_asks_the_database_only_who_is_there(editor_client, django_assert_num_queries):
    # The session, the user, and the permissions of the user and of the groups.
    with django_assert_num_queries(4):
        editor_client.post(ADDRESS, {"text": "text"})


def test_preview_is_never_kept_and_only_asked_for(editor_client):
    assert "no-store" in editor_client.post(ADDRESS, {"text": "text"})["Cache-Control"]
    assert editor_client.get(ADDRESS).status_code == 405


def test_text_that_is_too_long_is_refused_in_words(editor_client):
    assert editor_client.post(ADDRESS, {"text": "x" * MOST_OF_LONG_TEXT}).status_code == 200

    response = editor_client.post(ADDRESS, {"text": "x" * (MOST_OF_LONG_TEXT + 1)})

    assert response.status_code == 413
    assert response.content.decode() == (
        "This text is too long to preview: it has 50,001 characters, and 50,000 are the most."
    )


@pytest.mark.parametrize(
    ("permissions", "is_staff", "status"),
    [
        (None, True, 403),
        ([], False, 401),
        (["view_term"], True, 200),
        (["change_program"], True, 200),
    ],
)
def test_preview_is_for_staff_of_the_catalog(client, permissions, is_staff, status):
    user = UserFactory(is_staff=is_staff)
    if permissions is not None:
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    if not is_staff:
        user.user_permissions.set(catalog_permissions("view"))
    client.force_login(user)

    response = client.post(ADDRESS, {"text": "*text*"})

    assert response.status_code == status
    assert ("<em>" in response.content.decode()) is (status == 200)


def test_visitors_are_told_to_sign_in(client):
    response = client.post(ADDRESS, {"text": "text"})

    assert response.status_code == 401
    assert "You are signed out" in response.content.decode()


def test_preview_asks_for_the_forms_token(editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)

    assert client.post(ADDRESS, {"text": "text"}).status_code == 403
