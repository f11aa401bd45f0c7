"""The page of a merge, and what merged entries no longer take."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from catalog.admin.program_rows import STAYS
from catalog.editorial.merging import Merge
from catalog.editorial.rating import may_rate
from catalog.models import Program, Study

from ...factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ...pages import read
from ..pages import BrowserForm, run_action, submit
from .merging import links, merging, page_of, put_together

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_way_from_one_entry_to_its_twin(editor_client):
    survivor = ProgramFactory(name="Quiet Rooms®", goals="Ours.", description="Soft rooms.")
    merged = ProgramFactory(
        name="Quiet Rooms (TM)",
        acronym="QR",
        goals="Theirs.",
        intensity="Weekly",
        duration="A year",
    )
    area, reference = TopicAreaFactory(name="Calm"), ReferenceFactory(key="one-2020")
    ours = RatingFactory(program=survivor, topic_area=area, rated_on="2024")
    theirs = RatingFactory(program=merged, topic_area=area, rated_on="2025", scientific_rating="2")
    StudyFactory(program=merged, reference=reference)
    tools = links(editor_client.get(page_of(merged)))
    assert ("Merge", page_of(merged, "merge")) in tools

    choice = links(editor_client.get(page_of(merged, "merge")))
    assert ("Quiet Rooms®", f"?into={survivor.pk}") in choice
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data
    assert sorted(form["fill"]) == ["acronym", "duration", "intensity"]
    assert form[f"current-{area.pk}"] == [str(theirs.pk)]
    form["fill"] = ["duration"]
    form[f"current-{area.pk}"] = [str(ours.pk)]
    response = editor_client.post(merging(merged, survivor), {**form, "reason": "Twins."})

    assert (response.status_code, response["Location"]) == (302, page_of(survivor))
    survivor.refresh_from_db()
    assert (survivor.duration, survivor.intensity, survivor.acronym) == ("A year", "", "")
    assert survivor.also_known_as == ("QR",)
    theirs.refresh_from_db()
    ours.refresh_from_db()
    assert (theirs.program, theirs.is_current, ours.is_current) == (survivor, False, True)
    assert Study.objects.get().program == survivor
    page = editor_client.get(page_of(merged))
    assert ("Quiet Rooms®", page_of(survivor)) in links(page)
    assert "_save" not in page.content.decode()
    assert [label for label, _ in links(page) if label == "Merge"] == []


def test_a_merge_without_a_reason_asks_for_it_and_keeps_what_was_chosen(editor_client):
    merged, survivor = ProgramFactory(intensity="Weekly", duration="A year"), ProgramFactory()
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data

    response = editor_client.post(merging(merged, survivor), {**form, "fill": ["duration"]})

    again = BrowserForm(response).data
    assert (again["fill"], response.context["form"].errors.get_json_data()) == (
        ["duration"],
        {"reason": [{"message": "Say why these two are the same.", "code": "required"}]},
    )
    assert Program.objects.filter(merged_into=None).count() == 2


def test_a_page_that_is_out_of_date_says_so_and_keeps_the_reason(editor_client):
    merged, survivor = ProgramFactory(name="One"), ProgramFactory(name="Two")
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data
    survivor.goals = "Others."
    survivor.save()

    page = editor_client.post(merging(merged, survivor), {**form, "reason": "Twins."})

    assert [str(message) for message in page.context["messages"]] == [
        "“Two” has changed since you opened this page. Nothing is merged yet: look once more at what would happen."
    ]
    again = BrowserForm(page).data
    assert again["reason"] == ["Twins."]
    assert editor_client.post(merging(merged, survivor), again).status_code == 302
    merged.refresh_from_db()
    assert merged.merged_into == survivor


def test_what_the_database_refuses_is_said_in_words(editor_client, monkeypatch):
    merged, survivor = ProgramFactory.create_batch(2)
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data

    def refuse(*args, **kwargs):
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(Merge, "carry_out", refuse)
    page = editor_client.post(merging(merged, survivor), {**form, "reason": "Twins."})

    assert [str(message) for message in page.context["messages"]] == [
        "Somebody else is saving these entries. Nothing is merged; try again in a moment."
    ]


@pytest.mark.parametrize("into", ["0", "x", "9" * 30, "٣", "-1"])
def test_an_entry_that_is_not_there_leads_back_to_the_choice(into, editor_client):
    program = ProgramFactory()

    page = editor_client.get(f"{page_of(program, 'merge')}?into={into}")

    assert (page.status_code, [str(message) for message in page.context["messages"]]) == (
        200,
        ["There is no such entry any more. Choose another one."],
    )


@pytest.mark.parametrize("pk", ["0", "x", "9" * 30])
def test_merging_what_is_not_there_is_not_found(pk, editor_client):
    assert editor_client.get(f"/admin/catalog/program/{pk}/merge/").status_code == 404


def test_search_for_the_entry_that_stays_leaves_out_itself_and_merged_ones(editor_client):
    program, other, third = (ProgramFactory(name=f"Rooms {place}") for place in "ABC")
    put_together(third, other)

    page = editor_client.get(page_of(program, "merge"), {"q": "rooms"})

    found = [link for link in links(page) if link[1].startswith("?into")]
    assert found == [("Rooms B", f"?into={other.pk}")]


def test_no_merged_entry_is_offered_for_a_rating(editor_client):
    merged, survivor = ProgramFactory(name="Rooms A"), ProgramFactory(name="Rooms B")
    put_together(merged, survivor)
    field = {"app_label": "catalog", "model_name": "rating", "field_name": "program"}

    offered = editor_client.get("/admin/autocomplete/", {"term": "rooms", **field}).json()

    assert [found["text"] for found in offered["results"]] == ["Rooms B"]


def test_a_merged_entry_cannot_be_changed_deleted_or_merged_again(editor_client):
    merged, survivor = ProgramFactory(status="draft"), ProgramFactory()
    put_together(merged, survivor)

    assert editor_client.post(page_of(merged), {"name": "Other"}).status_code == 403
    assert editor_client.post(page_of(merged, "delete"), {"post": "yes"}).url == page_of(merged)
    assert Program.objects.filter(pk=merged.pk).exists()
    assert editor_client.get(page_of(merged, "merge"))["Location"] == page_of(merged)


@pytest.fixture
def left_behind(db):
    """What stays with a merged program: a rating and a study that the other one has, too."""
    merged, survivor = (
        ProgramFactory(name=name, slug=name.lower(), status="draft") for name in ("One", "Two")
    )
    area, reference = TopicAreaFactory(slug="sleep"), ReferenceFactory()
    for program in (survivor, merged):
        rating = RatingFactory(program=program, topic_area=area, rated_on="2024")
        study = StudyFactory(program=program, reference=reference)
    put_together(merged, survivor)
    return rating, study


def test_a_merged_program_is_not_rated_and_its_ratings_are_not_corrected(
    editor, editor_client, left_behind
):
    rating, _ = left_behind
    page = f"{page_of(rating.program, 'rate')}?area=sleep"
    correction = reverse("admin:catalog_rating_change", args=[rating.pk])

    assert [may_rate(editor, rating.program, action) for action in ("add", "change")] == [False] * 2
    assert editor_client.get(page).status_code == 403
    assert editor_client.post(page, {"scientific_rating": "1"}).status_code == 403
    assert read(editor_client.get(correction)).h1 == "View rating"
    assert editor_client.post(correction, {"scientific_rating": "1"}).status_code == 403


def test_no_merged_program_is_offered_to_be_rated_in_an_area(editor_client, left_behind):
    area = left_behind[0].topic_area
    page = reverse("admin:catalog_topicarea_rate", args=[area.pk])

    shown = read(editor_client.get(page)).main.all("th", scope="row")

    assert [cell.text for cell in shown] == ["Two"]


def test_studies_of_a_merged_program_can_only_be_read(editor_client, left_behind):
    _, study = left_behind
    page, delete = (
        reverse(f"admin:catalog_study_{view}", args=[study.pk]) for view in ("change", "delete")
    )
    before = list(Study.objects.order_by("pk").values())

    assert STAYS in [p.text for p in read(editor_client.get(page)).all("div", class_="description")]
    assert editor_client.post(page, {"summary": "Other"}).status_code == 403
    assert editor_client.post(delete, {"post": "yes"}).status_code == 403
    run_action(editor_client, "delete_selected", [study])
    assert list(Study.objects.order_by("pk").values()) == before


def test_a_study_is_not_given_to_a_merged_program(editor_client, left_behind):
    merged, other = left_behind[1].program, StudyFactory()
    before = list(Study.objects.order_by("pk").values())
    change = reverse("admin:catalog_study_change", args=[other.pk])
    cells = {"program": merged.pk, "reference": ReferenceFactory().pk}

    answers = [
        submit(editor_client, reverse("admin:catalog_study_add"), **cells),
        submit(editor_client, change, **cells),
    ]

    refusal = ["“One” was merged into “Two”. Choose that one."]
    assert [answer.context["adminform"].form.errors for answer in answers] == [
        {"program": refusal}
    ] * 2
    assert list(Study.objects.order_by("pk").values()) == before
