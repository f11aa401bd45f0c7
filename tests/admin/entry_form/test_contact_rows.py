"""Contacts, related programs and the file of a logic model in a program's form, and in its history."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Contact, Proposal, RelatedProgram

from ...conftest import group_user
from ...factories import ContactFactory, ProgramFactory, RelatedProgramFactory
from ..pages import address, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NOBODY = "Give at least one of these: name, title, organization, e-mail address, phone, website."
KIM = {"contacts-TOTAL_FORMS": "1", "contacts-0-purpose": "training", "contacts-0-name": "Kim"}


@pytest.fixture
def pair(db):
    return ProgramFactory(name="Calm"), ProgramFactory(name="Calm Corners")


def version_of(other):
    return {
        "related_programs-TOTAL_FORMS": "1",
        "related_programs-0-kind": "version",
        "related_programs-0-other": other.pk,
    }


def test_rows_are_saved_and_told_in_the_history(editor_client, pair):
    program, other = pair

    assert submit(editor_client, address("change", program), **KIM, **version_of(other))

    assert list(Contact.objects.values_list("program", "purpose", "name")) == [
        (program.pk, "training", "Kim")
    ]
    assert list(RelatedProgram.objects.values_list("program", "kind", "other")) == [
        (program.pk, "version", other.pk)
    ]
    headlines = text_of(editor_client.get(address("history", program)))
    assert "Contact added: Kim (training)" in headlines
    assert "Related program added: A version of Calm Corners" in headlines


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({**KIM, "contacts-0-name": ""}, NOBODY),
        ({"itself": True}, "A program is not related to itself."),
    ],
)
def test_rows_that_say_nothing_or_lead_back_are_refused(editor_client, pair, typed, message):
    program, _ = pair
    rows = version_of(program) if "itself" in typed else typed

    answer = submit(editor_client, address("change", program), **rows)

    assert answer.status_code == 200
    assert text_of(answer).count(message) >= 1
    assert (Contact.objects.count(), RelatedProgram.objects.count()) == (0, 0)


def test_writer_proposes_rows_of_what_is_public(client, pair):
    program, other = pair
    client.force_login(group_user("Editors"))

    submit(client, address("change", program), **KIM, **version_of(other))

    rows = Proposal.objects.get().rows
    assert {relation: len(found) for relation, found in rows.items()} == {
        "contacts": 1,
        "related_programs": 1,
    }
    assert (Contact.objects.count(), RelatedProgram.objects.count()) == (0, 0)


def test_program_that_others_name_is_kept(editor_client):
    relation = RelatedProgramFactory(other__status="draft")

    page = address("delete", relation.other)
    answer = editor_client.post(page, {"post": "yes"}, follow=True)

    assert "Another program names it as a related one: take it out there first." in text_of(answer)


def test_contact_is_edited_on_its_own_page(editor_client, pair):
    contact = ContactFactory(program=pair[0], name="Kim")

    submit(editor_client, address("change", contact), title="Director")

    contact.refresh_from_db()
    assert contact.title == "Director"


def test_logic_model_has_a_file_only_where_one_is_provided(editor_client, pair):
    program, _ = pair

    def sent(**fields):
        file = SimpleUploadedFile("model.pdf", b"%PDF-1.7\n%%EOF")
        answer = submit(editor_client, address("change", program), logic_model_file=file, **fields)
        program.refresh_from_db()
        return answer

    refused = sent(logic_model="no")
    assert "Only a logic model that is provided has a file." in text_of(refused)
    assert sent(logic_model="yes").status_code == 302
    assert program.logic_model_file.name.startswith("logic-models/model")
