"""What a program's representative did not provide: of which fields it can be said, and what follows from it."""

import pytest
from django.db import IntegrityError

from catalog.models import NOT_PROVIDED, Program, Providable
from catalog.models.completeness import NEEDS, OWN_NEEDS, missing
from catalog.models.program_details import PROVISIONS

from ..factories import ProgramFactory
from ..finding.comparison_page import table
from ..history.past import ago, change, days_pass, get
from ..importing.loading import exported_rows, load, problems
from ..pages import read
from .examples import errors_of, write_past_validation

pytestmark = pytest.mark.django_db

# Something to hold for each field that may be named, as the database has it.
VALUES = {
    **dict.fromkeys(Providable.values, "Something"),
    **{name: 7 for name in Providable.values if "_age_" in name},
    "relevance_level": "high",
    "outcomes": "|safety|",
    "delivery_settings": "|school|",
    "languages": "|English|",
    "manual_available": "no",
    "training_available": "yes",
    **dict.fromkeys(PROVISIONS, "no"),
}


# Of which it cannot be said, and why.
OURS = {"description", "scope_note", "source", "is_nonresponder"}
OURS |= {"research_last_reviewed", "content_last_reviewed", "loaded_on"}
STATUS = {"status", "published_at", "retired_at", "retirement_reason", "merged_into"}
NAMES = {"id", "slug", "name", "acronym", "also_known_as"}
# A field whose answer they go with.
WITH_ANOTHER = {
    "logic_model_url": "logic_model",
    "logic_model_file": "logic_model",
    "manual_notes": "manual_available",
    "training_notes": "training_available",
    "cost_year": "cost",
    **{f"{name}_notes": name for name in PROVISIONS if name != "logic_model"},
}


@pytest.mark.once
def test_it_can_be_said_of_every_field_but_these():
    fields = {field.name for field in Program._meta.get_fields() if not field.auto_created} | {"id"}

    others = {"not_provided", *OURS, *STATUS, *NAMES, *WITH_ANOTHER}
    assert fields - {*Providable.values} == others
    assert set(WITH_ANOTHER.values()) <= {*Providable.values}


@pytest.mark.parametrize("field", Providable.values)
def test_the_database_keeps_it_to_what_is_blank(field):
    program = ProgramFactory(not_provided=[field])
    program.full_clean()

    with pytest.raises(IntegrityError, match="program_not_provided_is_blank"):
        write_past_validation(program, **{field: VALUES[field]})


def test_the_database_keeps_it_to_fields_that_there_are():
    with pytest.raises(IntegrityError, match="program_not_provided_are_known"):
        write_past_validation(ProgramFactory(), not_provided="|name|")


def test_validation_names_what_is_filled_in():
    program = ProgramFactory(goals="Rest.", child_age_min=0)
    program.not_provided = ("goals", "child_age_min", "duration")

    assert errors_of(program) == {
        "not_provided": [
            "“Children from age”, “Goals” are filled in: say so only of what is blank."
        ]
    }
    program.not_provided = ("goal",)
    assert list(errors_of(program)) == ["not_provided"]


@pytest.mark.parametrize("need", OWN_NEEDS, ids=lambda need: need.slug)
def test_what_was_not_provided_is_not_lacking(need):
    ProgramFactory(name="Bare")
    named = [field for field in need.fields if field in Providable.values][:1]
    ProgramFactory(name="Asked", not_provided=named)

    programs = {p.name: p for p in Program.objects.with_needs()}
    lacked = {name for name, p in programs.items() if need.label in missing(p)}
    assert lacked == ({"Bare"} if named else {"Bare", "Asked"})
    assert {p.name for p in Program.objects.lacking(need)} == lacked


def test_a_program_of_which_all_was_asked_for_lacks_what_the_clearinghouse_owes():
    program = ProgramFactory(not_provided=Providable.values)
    (program,) = Program.objects.with_needs()

    owed = [need.label for need in NEEDS if not set(need.fields) & set(Providable.values)]
    assert missing(program) == owed


# --- Where visitors read it


def test_the_page_says_it_where_the_field_would_stand(client):
    program = ProgramFactory(not_provided=Providable.values)

    page = read(client.get(program.get_absolute_url()))

    assert page.section("Goals").text == f"Goals {NOT_PROVIDED}"
    assert page.section("Target population").text == f"Target population {NOT_PROVIDED}"
    facts = page.main.facts
    said = {label for label, words in facts.items() if words == NOT_PROVIDED}
    assert said == {
        *("Settings", "Recommended intensity", "Recommended duration", "Languages", "Manual"),
        *("Training", "Children/adolescents, ages", "Parents/caregivers of children, ages"),
        *("Child welfare relevance", "Child-welfare outcomes"),
        *("Services to children and adolescents", "Services to parents and caregivers"),
        *("Group format and size", "Homework", "Resources needed", "Provider qualifications"),
        *("Logic model", "Pre-implementation materials", "Formal support", "Fidelity measures"),
        *("Implementation guides or manuals", "Research on how to implement it", "Cost"),
    }
    assert page.section("Adverse effects").text == f"Adverse effects {NOT_PROVIDED}"
    assert "Not recorded" not in page.section("Implementation").text
    assert page.section("Contact").text == f"Contact {NOT_PROVIDED}"


def test_a_part_of_the_contact_is_said_not_to_be_provided(client):
    program = ProgramFactory(contact_name="Ann", not_provided=["contact_email"])

    section = read(client.get(program.get_absolute_url())).section("Contact")
    items = section.one("ul", class_="plain").all("li")

    assert [li.text for li in items] == ["Ann", "E-mail: not provided by the representative"]


def test_the_page_of_a_day_says_what_was_said_then():
    program = ProgramFactory(not_provided=["intensity"])
    days_pass()
    change(program, not_provided=(), intensity="Weekly")

    page = read(get(program, ago(1)))

    assert page.section("Delivery").facts["Recommended intensity"] == NOT_PROVIDED
    assert read(get(program)).section("Delivery").facts["Recommended intensity"] == "Weekly"


def test_the_comparison_says_it_in_the_cell(client):
    ProgramFactory(slug="asked", not_provided=["goals", "manual_available", "child_age_min"])
    ProgramFactory(slug="given", goals="Rest.")

    page = read(client.get("/compare/?program=asked&program=given"))

    rows = {label: cells for group in table(page).values() for label, cells in group.items()}
    assert rows["Goals"] == [NOT_PROVIDED, "Rest."]
    assert rows["Manual"] == [NOT_PROVIDED, "Not recorded"]
    assert rows["Ages of the children"][0] == NOT_PROVIDED


def test_what_is_known_is_not_hidden_by_what_was_not_provided(client):
    ProgramFactory(slug="from-three", child_age_min=3, not_provided=["child_age_max"])
    ProgramFactory(slug="other")

    page = read(client.get("/compare/?program=from-three&program=other"))

    rows = {label: cells for group in table(page).values() for label, cells in group.items()}
    facts = read(client.get("/programs/from-three/")).main.facts
    assert rows["Ages of the children"][0] == facts["Children/adolescents, ages"] == "3 and older"


# --- Files


def test_files_say_it_by_the_names_of_columns():
    load("programs", [{"name": "Calm", "not_provided": "goals|Languages"}])
    assert Program.objects.get().not_provided == ("goals", "languages")
    (row,) = exported_rows("programs")
    assert row["not_provided"] == "goals|languages"
    assert load("programs", [row]).counts["unchanged"] == 1

    filled = load("programs", [{"slug": "calm", "goals": "Rest."}])
    why = "“Goals” is filled in: say so only of what is blank."
    assert [(p[0], p[1], p[3]) for p in problems(filled)] == [(2, "not_provided", why)]
    both = {"slug": "calm", "goals": "Rest.", "not_provided": "languages"}
    assert problems(load("programs", [both])) == []
    assert Program.objects.get().goals == "Rest."
