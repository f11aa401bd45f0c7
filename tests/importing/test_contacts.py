"""Files of contacts: which contact a row is about, and what each has to say."""

import pytest

from catalog.models import Contact, Program

from ..factories import ContactFactory
from .loading import NEW_ROWS, counts, load, problems, stored

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROW = NEW_ROWS["contacts"]


@pytest.fixture
def kim(neighbours):
    return ContactFactory(program=Program.objects.get(), name="Kim Example")


def test_contacts_are_told_apart_by_purpose_and_name(kim):
    rows = [{**ROW, "purpose": purpose} for purpose in ("training", "program", "Other")]

    result = load("contacts", rows)

    assert (problems(result), result.counts) == ([], counts(new=2, unchanged=1))
    assert list(Contact.objects.values_list("purpose", "name")) == [
        ("program", "Kim Example"),
        ("training", "Kim Example"),
        ("other", "Kim Example"),
    ]


def test_name_in_other_capitals_than_the_recorded_one_is_refused(kim):
    before = stored()

    result = load("contacts", [{**ROW, "name": "KIM EXAMPLE"}])

    message = "This name is recorded as “Kim Example”, which differs in nothing but capitals. Write it like that."
    assert problems(result) == [(2, "name", "KIM EXAMPLE", message)]
    assert stored() == before


def test_row_that_says_nobody_is_refused(neighbours):
    result = load(
        "contacts", [{**ROW, "name": ""}, {**ROW, "name": "", "purpose": "other", "email": "x"}]
    )

    assert problems(result) == [
        (
            2,
            "name",
            "",
            "Give at least one of these: name, title, organization, e-mail address, phone, website.",
        ),
        (3, "email", "x", "Write one e-mail address, such as name@example.org."),
    ]
