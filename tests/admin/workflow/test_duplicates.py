"""Names that resemble one another, and the warning before a twin is saved."""

import html
import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from catalog.editorial.duplicates import MOST_SHOWN, resembling
from catalog.models import Program
from catalog.values.names import are_near, short_form

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from ..pages import BrowserForm, submit
from .merging import links, page_of, put_together

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Mockingbird Family(TM)", "Mockingbird Family™"),
        ("Mockingbird Family", "Mockingbird Family®"),
        ("mockingbird FAMILY", "Mockingbird Family™"),
        ("Mockinbird Family", "Mockingbird Family™"),
        ("Mockingbird Faimly", "Mockingbird Family™"),
        ("Parents as Teachers", "Teachers as Parents"),
        ("Parents as Teachers (PAT)", "Parents as Teachers®"),
        ("Homebuilders", "Home Builders®"),
        ("Incredible Years", "The Incredible Years®"),
        ("Familia Adelante", "Família Adelánte"),
        ("Community Resiliency Model®", "Community Resilience Model (CRM)"),
    ],
)
def test_names_are_near_in_either_direction(name, other):
    assert (are_near(name, other), are_near(other, name)) == (True, True)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Triple P, Level 4", "Triple P, Level 5"),
        ("Module A", "Module B"),
        ("Family Connections", "Family Foundations"),
        ("Parenting for Fathers", "Parenting for Mothers"),
        ("Nurse-Family Partnership", "Family Partnership"),
        ("Boys Group", "Girls Group"),
        ("(A)", "(B)"),
        ("", "®"),
    ],
)
def test_other_names_are_not_near(name, other):
    assert (are_near(name, other), are_near(other, name)) == (False, False)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Triple P – Positive Parenting Program®", "Triple P"),
        ("Triple P - Positive Parenting Program", "Triple P"),
        ("Attachment: A Course", "Attachment"),
        ("Trauma Therapy (TT)", "Trauma Therapy"),
        ("Nurse-Family Partnership", "Nurse-Family Partnership"),
        ("(TT)", "(TT)"),
    ],
)
def test_short_form_of_a_name_leaves_out_what_explains_it(name, short):
    assert short_form(name) == short


def found_for(*names, **kwargs):
    return [(like.name, like.program.name) for like in resembling(names, **kwargs).near]


def test_resembling_finds_every_kind_of_name_whatever_the_status():
    ProgramFactory(name="Triple P – Positive Parenting Program®", acronym="TPPP")
    ProgramFactory(name="Calm Corners", also_known_as=["Quiet Rooms", "Still"], status="draft")
    ProgramFactory(name="Level Best", status="retired")

    assert found_for("Triple P (TM)") == [
        ("Triple P (TM)", "Triple P – Positive Parenting Program®")
    ]
    assert found_for("TPPP") == [("TPPP", "Triple P – Positive Parenting Program®")]
    assert found_for("Rooms, quiet") == [("Rooms, quiet", "Calm Corners")]
    assert found_for("Best level", acronym="still") == [
        ("Best level", "Level Best"),
        ("still", "Calm Corners"),
    ]
    assert found_for("Triple Q") == []


def test_an_acronym_alone_is_only_a_weak_sign():
    other = ProgramFactory(name="Community Resilience Model", acronym="CRM®")

    found = resembling(["Care Records Management"], "crm")

    assert (found.near, found.total, found.same_acronym) == ([], 0, [other])


def test_resembling_counts_them_all_and_shows_a_few_in_as_few_queries(django_assert_num_queries):
    for number in range(MOST_SHOWN + 3):
        RatingFactory(program=ProgramFactory(name="Calm Corners", slug=f"calm-{number}"))

    with django_assert_num_queries(3):
        found = resembling(["Calm corners"])

    assert (len(found.near), found.total) == (MOST_SHOWN, MOST_SHOWN + 3)


def test_a_merged_program_is_found_as_the_one_that_stays_and_not_by_itself():
    merged, survivor = ProgramFactory(name="Calm Corners"), ProgramFactory(name="Quiet Rooms")
    put_together(merged, survivor)

    assert found_for("Calm corners") == [("Calm corners", "Quiet Rooms")]
    assert found_for("Calm corners", leave_out=survivor.pk) == []


# --- The warning


def add(client, **changes):
    return submit(client, reverse("admin:catalog_program_add"), **changes)


def resemblances(page):
    (warnings,) = re.findall(r'<ul class="resembling">(.*?)</ul>', page.content.decode(), re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", warnings, re.DOTALL)
    return [html.unescape(" ".join(strip_tags(line).split())) for line in lines]


def test_a_near_name_is_not_saved_before_somebody_says_it_is_another(editor_client):
    area = TopicAreaFactory(name="Parent training", abbreviation="PT")
    other = ProgramFactory(name="Triple P – Positive Parenting Program®")
    RatingFactory(program=other, topic_area=area, scientific_rating="1")
    typed = {"name": "Triple P (TM)", "goals": "To parent well."}

    page = add(editor_client, **typed)

    assert Program.objects.get() == other
    assert resemblances(page) == [
        "“Triple P (TM)” resembles Triple P – Positive Parenting Program® (published; 1 in PT)"
    ]
    assert (other.name, page_of(other)) in links(page)
    kept = BrowserForm(page).data
    assert (kept["name"], kept["goals"]) == (["Triple P (TM)"], ["To parent well."])
    assert kept["is_another"] == []

    editor_client.post(
        reverse("admin:catalog_program_add"), {**kept, "is_another": "on", "_save": "Save"}
    )

    added = Program.objects.exclude(pk=other.pk).get()
    assert (added.name, added.goals) == ("Triple P (TM)", "To parent well.")


def test_a_name_like_no_other_is_saved_at_once(editor_client):
    ProgramFactory(name="Triple P")

    add(editor_client, name="Quiet Rooms")

    assert sorted(program.name for program in Program.objects.all()) == ["Quiet Rooms", "Triple P"]


def test_renaming_warns_and_leaving_a_name_as_it_is_does_not(editor_client):
    ProgramFactory(name="Quiet Rooms")
    twin = ProgramFactory(name="Quiet Rooms®")

    submit(editor_client, page_of(twin), goals="Quiet.")
    page = submit(editor_client, page_of(twin), also_known_as="Quiet Room | Silence")

    twin.refresh_from_db()
    assert (twin.goals, twin.also_known_as) == ("Quiet.", ())
    line = "“Quiet Room” resembles Quiet Rooms (published; not rated)"
    assert resemblances(page) == [f"{line} Merge this one into it: Quiet Rooms"]


def test_the_acronym_of_another_program_is_mentioned_and_saved(editor_client):
    other = ProgramFactory(name="Community Resilience Model", acronym="CRM")

    response = add(editor_client, name="Care Records", acronym="CRM")
    page = editor_client.get(response["Location"])

    assert Program.objects.filter(acronym="CRM").count() == 2
    said = [strip_tags(str(message)) for message in page.context["messages"]]
    assert said[0] == "“CRM” is also the acronym of Community Resilience Model."
    assert (other.name, page_of(other)) in links(page)
