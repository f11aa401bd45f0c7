"""What a form found free, and somebody else has taken before it is saved: it comes back and names what is taken."""

import re
import threading

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.urls import reverse

from catalog.models import Program, Study

from ..factories import (
    ProgramFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .entry_form.open_form import blank_study
from .pages import address, fields_of, submit, text_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]

# What two add at once, the field that may be there once only, and what the second is told of which field.
SLUG = "{} with this Slug already exists."
KINDS = {
    "program": (ProgramFactory, {"name": "Steady Ground", "slug": "steady"}, "slug", SLUG),
    "area": (TopicAreaFactory, {"name": "Sleep", "slug": "sleep"}, "slug", SLUG),
    "expert": (TopicExpertFactory, {"name": "Ada", "slug": "ada"}, "slug", SLUG),
    "term": (TermFactory, {"name": "A", "definition": "B.", "slug": "a"}, "slug", SLUG),
    "reference": (
        *(ReferenceFactory, {"title": "A title", "key": "ada-2001"}, "key"),
        "{} with this Key already exists.",
    ),
    "DOI": (
        *(ReferenceFactory, {"title": "A title", "doi": "10.1000/1"}, "doi"),
        "There is a reference with this DOI already.",
    ),
}


@pytest.fixture
def mine(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def elsewhere(act):
    """Act on another connection."""

    def run():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        act()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def meanwhile(model, act, before="INSERT INTO"):
    """Act once, on another connection, just before this one adds to the model's table, or changes it."""
    waiting = [act]

    def wrapper(execute, sql, *args):
        if waiting and sql.startswith(f'{before} "{model._meta.db_table}"'):
            elsewhere(waiting.pop())
        return execute(sql, *args)

    return connection.execute_wrapper(wrapper)


@pytest.mark.parametrize(("factory", "typed", "field", "sentence"), KINDS.values(), ids=KINDS)
def test_value_that_was_taken_meanwhile_is_an_error_of_its_field(
    mine, factory, typed, field, sentence
):
    model = factory._meta.model
    path = reverse(f"admin:catalog_{model._meta.model_name}_add")

    with meanwhile(model, lambda: factory(**{field: typed[field]})):
        page = submit(mine, path, **typed)

    kind = str(model._meta.verbose_name).capitalize()
    assert page.status_code == 200
    ((name, (said,)),) = page.context["adminform"].form.errors.items()
    # A link leads to the reference that has it.
    plain = re.sub(r": <a href='[^']+'>.*</a>$", ".", str(said))
    assert (name, plain) == (field, sentence.format(kind))
    kept = fields_of(page)
    assert {name: kept[name] for name in typed} == {name: [text] for name, text in typed.items()}
    assert model.objects.count() == 1


def test_slug_that_was_taken_meanwhile_is_not_changed_to(mine):
    program = ProgramFactory(slug="calm", goals="Old.")
    path = address("change", program)

    with meanwhile(Program, lambda: ProgramFactory(slug="steady"), before="UPDATE"):
        page = submit(mine, path, slug="steady", goals="New.")

    assert page.context["adminform"].form.errors == {
        "slug": ["Program with this Slug already exists."]
    }
    assert fields_of(page)["goals"] == ["New."]
    program.refresh_from_db()
    assert (program.slug, program.goals) == ("calm", "Old.")


def test_row_that_was_added_meanwhile_is_named(mine):
    program, reference = ProgramFactory(), ReferenceFactory()
    path = address("change", program)

    def add_study():
        StudyFactory(program=program, reference=reference)

    row = {
        "studies-TOTAL_FORMS": "1",
        "studies-0-reference": reference.pk,
        **blank_study(0),
    }

    with meanwhile(Program, add_study, before="UPDATE"):
        page = submit(mine, path, **row)

    assert page.status_code == 200
    assert "The program has this reference already." in text_of(page)
    assert Study.objects.count() == 1


def test_user_name_that_was_taken_meanwhile_is_an_error_too(mine):
    secret = "dusk-Harbour-71"
    typed = {"username": "ben", "password1": secret, "password2": secret}

    with meanwhile(User, lambda: UserFactory(username="ben")):
        page = submit(mine, reverse("admin:auth_user_add"), **typed)

    assert page.context["adminform"].form.errors == {
        "username": ["A user with that username already exists."]
    }
