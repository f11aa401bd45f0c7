"""The command that makes a fresh checkout usable."""

from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core import serializers
from django.core.management import CommandError, call_command

from catalog.models import Program, Rating, Reference, Term, TopicArea, TopicExpert

from .factories import ProgramFactory, TermFactory, TopicAreaFactory

SIGN_IN = [
    "Sign in at /admin/ as “editor” with the password “editor”: publishes and retires.",
    "Sign in at /admin/ as “writer” with the password “writer”: writes, and sends to review.",
    "Sign in at /admin/ as “viewer” with the password “viewer”: reads.",
]
SEEDED = {TopicArea: 1, TopicExpert: 1, Program: 13, Rating: 13, Reference: 7, Term: 17}

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def development(settings):
    settings.DEBUG = True


def prepare():
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("prepare_development", stdout=out)
    return out.getvalue()


def everything():
    """All rows of the catalog and its history, and of the accounts, as text."""
    models = [*apps.get_app_config("catalog").get_models(), get_user_model()]
    objects = [obj for model in models for obj in model.objects.order_by("pk")]
    return serializers.serialize("json", objects)


def test_prepare_development_refuses_a_production_site():
    with pytest.raises(CommandError) as refusal:
        prepare()

    assert str(refusal.value) == (
        "This makes an account with a known password; it only runs with DEBUG=1."
    )
    assert (TopicArea.objects.count(), get_user_model().objects.count()) == (0, 0)


def test_prepare_development_loads_the_seed_and_says_how_to_sign_in(development):
    printed = prepare()

    assert {model: model.objects.count() for model in SEEDED} == SEEDED
    assert printed.splitlines() == [
        "Loaded the seed: one topic area with its programs.",
        "Loaded the glossary.",
        *SIGN_IN,
    ]


def test_prepare_development_begins_the_history_of_every_entry(development):
    prepare()

    for model, count in SEEDED.items():
        histories = [list(entry.history.all()) for entry in model.objects.all()]
        assert [len(history) for history in histories] == [1] * count
        assert {history[0].history_change_reason for history in histories} == {
            "Loaded with the seed"
        }
    (area,) = TopicArea.history.all()
    assert (area.experts.count(), area.further_reading.count()) == (1, 7)


def test_prepare_development_makes_an_editor_of_the_catalog_alone(development):
    prepare()

    editor = get_user_model().objects.get(username="editor")
    assert (editor.username, editor.is_staff, editor.is_superuser) == ("editor", True, False)
    assert editor.check_password("editor")
    expected = Permission.objects.filter(content_type__app_label="catalog")
    assert editor.get_all_permissions() == {
        f"catalog.{codename}" for codename in expected.values_list("codename", flat=True)
    }
    assert editor.has_perms(
        ["catalog.publish_program", "catalog.import_rating", "catalog.change_topicarea"]
    )


def test_prepare_development_makes_somebody_of_each_group(development):
    prepare()

    people = get_user_model().objects.order_by("username")
    assert [
        (user.username, user.get_full_name(), [group.name for group in user.groups.all()])
        for user in people
    ] == [
        ("editor", "Robin Example", ["Publishers"]),
        ("viewer", "Kim Example", ["Viewers"]),
        ("writer", "Alex Example", ["Editors"]),
    ]
    for user in people:
        assert (user.is_staff, user.check_password(user.username)) == (True, True)
    writer = people.get(username="writer")
    assert writer.has_perm("catalog.change_program")
    assert not writer.has_perm("catalog.publish_program")


def test_prepare_development_keeps_what_is_there(development):
    prepare()
    program = Program.objects.get(slug="ce-cert")
    program.name = "CE-CERT, revised"
    program.save()
    Reference.objects.get(key="sprang-2022").topic_areas.clear()
    editor = get_user_model().objects.get(username="editor")
    editor.set_password("a better one")
    editor.save()
    before = everything()

    prepare()

    assert everything() == before


def test_prepare_development_makes_only_the_missing_editor_again(development):
    prepare()
    get_user_model().objects.all().delete()
    programs = list(Program.objects.values())

    printed = prepare()

    assert get_user_model().objects.get(username="editor").check_password("editor")
    assert list(Program.objects.values()) == programs
    assert printed.splitlines() == SIGN_IN


@pytest.mark.parametrize("factory", [ProgramFactory, TopicAreaFactory])
def test_prepare_development_does_not_mix_the_seed_with_other_data(development, factory):
    factory()

    prepare()

    assert Program.objects.count() + TopicArea.objects.count() == 1


def test_prepare_development_does_not_mix_the_glossary_with_other_terms(development):
    TermFactory()

    prepare()

    assert (Term.objects.count(), Program.objects.count()) == (1, 13)
