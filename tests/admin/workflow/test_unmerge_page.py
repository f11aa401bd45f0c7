"""The page on which a merge is undone, and the ways that lead there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Program, Reference, TopicExpert

from ...factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ...pages import read
from ..pages import address, fields_of, said
from .merging import join, links, page_of, put_together

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def pair(db):
    area = TopicAreaFactory(name="Sleep")
    merged = ProgramFactory(name="One", intensity="Weekly", status="draft")
    survivor, first = ProgramFactory(name="Two"), ProgramFactory(name="Before", status="draft")
    put_together(first, merged)
    RatingFactory(program=merged, topic_area=area, rated_on="2025", scientific_rating="2")
    RatingFactory(program=survivor, topic_area=area, rated_on="2024", scientific_rating="3")
    StudyFactory(program=merged, reference__key="bride-2007")
    put_together(merged, survivor, fill={"intensity"})
    return merged, survivor


def test_the_way_back_from_a_merged_entry_to_two(editor_client, pair):
    merged, survivor = pair
    path = page_of(merged, "unmerge")
    assert ("Undo the merge", path) in links(editor_client.get(page_of(merged)))

    page = editor_client.get(path)

    points = [li.text for li in read(page).one("form", id="unmerge_form").all("li")]
    assert points == [
        "“One” is an entry of its own again. Its status is what it was: Draft.",
        f"Its address {merged.get_absolute_url()} no longer leads to {survivor.get_absolute_url()}.",
        "The rating 2 in Sleep, 2025 goes back to “One”.",
        "The rating 3 in Sleep, 2024 of “Two” is its current one again.",
        "The reference bride-2007 goes back to “One”.",
        "“Before” counts as merged into “One” again.",
        "Ratings and references that “Two” was given since stay there.",
        "The history of both keeps everything, with your name and your reason.",
    ]
    lost = [row.text for row in read(page).main.all("dt")]
    assert lost == ["Other names", "Recommended intensity"]
    answer = editor_client.post(path, {**fields_of(page), "reason": "Two after all."})
    assert (answer.status_code, answer["Location"]) == (302, page_of(merged))
    assert said(answer)[-1] == (
        f"The merge is undone: “One” and <a href='{page_of(survivor)}'>Two</a> are two entries again."
    )
    merged.refresh_from_db()
    assert (merged.merged_into, merged.status, merged.intensity) == (None, "draft", "Weekly")
    assert read(editor_client.get(page_of(merged))).h1 == "Change program"


def test_the_history_of_the_other_entry_names_what_was_merged_into_it(editor_client, pair):
    merged, survivor = pair

    page = editor_client.get(page_of(survivor, "history"))

    assert links(page).count(("See its entry, where the merge can be undone", page_of(merged))) == 1
    assert "“One” was merged into this entry." in read(page).main.text


def test_undoing_without_a_reason_asks_for_it(editor_client, pair):
    path = page_of(pair[0], "unmerge")

    opened = fields_of(editor_client.get(path))
    page = editor_client.post(path, opened)

    assert fields_of(page)["seen"] == opened["seen"] != [""]
    assert page.context["form"].errors == {
        "reason": ["Say why these two are not the same program after all."]
    }
    assert Program.objects.filter(merged_into=None).count() == 1


def test_a_merge_that_was_built_on_says_so_on_the_entry(editor_client, editor, pair):
    merged, survivor = pair
    survivor._history_user = editor
    survivor.goals = "Calm."
    survivor.save()
    path = page_of(merged, "unmerge")

    for answer in (editor_client.get(path), editor_client.post(path, {"reason": "x", "seen": "1"})):
        assert answer["Location"] == page_of(merged)
    why = "Nothing is undone. “Two” is no longer as the merge left it. "
    assert said(editor_client.get(path))[-1].startswith(why)


@pytest.mark.parametrize("seen", ["", "x", "9" * 30, "1"])
def test_what_no_page_sends_undoes_nothing(seen, editor_client, pair):
    answer = editor_client.post(page_of(pair[0], "unmerge"), {"reason": "x", "seen": seen})

    assert answer.status_code in {200, 302}
    assert Program.objects.filter(merged_into=None).count() == 1


def test_an_entry_that_was_not_merged_has_nothing_to_undo(editor_client):
    program = ProgramFactory(name="One")

    answer = editor_client.get(page_of(program, "unmerge"))

    assert (answer.status_code, answer["Location"]) == (302, page_of(program))
    assert ("Undo the merge", page_of(program, "unmerge")) not in links(
        editor_client.get(page_of(program))
    )


def test_the_page_costs_as_much_for_many_ratings(editor_client):
    costs = []
    for number in (1, 4):
        merged, survivor = ProgramFactory.create_batch(2)
        RatingFactory.create_batch(number, program=merged)
        StudyFactory.create_batch(number, program=merged)
        put_together(merged, survivor)
        editor_client.get(page_of(merged, "unmerge"))
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(page_of(merged, "unmerge"))
        costs.append(len(queries))

    assert costs[0] == costs[1]


# --- References and experts


@pytest.fixture
def reports(db):
    """One report twice; a program cites the one that is merged, and another one both."""
    merged = ReferenceFactory(key="rand-2019-2", authors="Rand", title="A report", volume="7")
    survivor = ReferenceFactory(key="rand-2019", authors="Rand", title="A report")
    StudyFactory(program__name="Calm", reference=merged)
    both = ProgramFactory(name="Both")
    for entry in (merged, survivor):
        StudyFactory(program=both, reference=entry)
    TopicAreaFactory(name="Sleep").further_reading.add(merged)
    join(merged, survivor, fill=["volume"])
    return merged, survivor


def test_the_way_back_to_two_references_leads_by_the_history(editor_client, reports):
    merged, survivor = reports
    path = address("unmerge", merged)
    for entry, said_there in (
        (merged, "This entry is deleted; its history is kept. It was merged into “rand-2019”."),
        (survivor, "“rand-2019-2” was merged into this entry."),
    ):
        history = editor_client.get(address("history", entry))
        assert ("Undo the merge", path) in links(history)
        assert said_there in read(history).main.text

    page = editor_client.get(path)

    assert read(page).h1 == "Undo the merge of “rand-2019-2” into “rand-2019”"
    form = read(page).one("form", id="unmerge_form")
    assert [li.text for li in form.all("li")] == [
        "“rand-2019-2” is an entry of its own again, as it was.",
        "Its key rand-2019-2 is its own again; files may use it.",
        "“Calm” cites “rand-2019-2” again instead of “rand-2019”, with what is said of the study now.",
        "“Both” cites both again, with what was said of the study.",
        "The topic area “Sleep” links to “rand-2019-2” again.",
        "Its notes, tasks and proposals are its own again. What “rand-2019” was given since stays there.",
        "The history of both keeps everything, with your name and your reason.",
    ]
    assert [row.text for row in form.all("dt")] == ["Volume"]
    answer = editor_client.post(path, {**fields_of(page), "reason": "Two after all."})
    assert (answer.status_code, answer["Location"]) == (302, address("change", merged))
    assert said(answer)[-1] == (
        f"The merge is undone: “rand-2019-2” and <a href='{address('change', survivor)}'>rand-2019</a> are two entries "
        "again."
    )
    assert set(Reference.objects.values_list("key", "volume")) == {
        ("rand-2019-2", "7"),
        ("rand-2019", ""),
    }
    assert ("Undo the merge", path) not in links(editor_client.get(address("history", survivor)))


def test_undoing_the_merge_of_experts_asks_for_a_reason(editor_client):
    merged, survivor = TopicExpertFactory(slug="ada-2"), TopicExpertFactory(slug="ada")
    join(merged, survivor)
    path = address("unmerge", merged)
    opened = fields_of(editor_client.get(path))

    page = editor_client.post(path, opened)

    assert page.context["form"].errors == {
        "reason": ["Say why these two are not the same person after all."]
    }
    points = [li.text for li in read(page).one("form", id="unmerge_form").all("li")]
    assert points[1] == (
        "Its address /experts/ada-2/, and each one that it had before, no longer leads to /experts/ada/."
    )
    assert TopicExpert.objects.count() == 1
    assert editor_client.post(path, {**opened, "reason": "Two."}).status_code == 302
    assert TopicExpert.objects.count() == 2


def test_a_merge_of_references_that_was_built_on_says_so(editor_client, reports):
    merged, survivor = reports
    survivor = Reference.objects.get(pk=survivor.pk)
    survivor.pages = "5"
    survivor.save()
    path = address("unmerge", merged)

    answer = editor_client.get(path)

    assert answer["Location"] == address("history", merged)
    assert said(answer)[-1].startswith(
        f"Nothing is undone. “{survivor}” is no longer as the merge left it. "
    )


@pytest.mark.parametrize("seen", ["", "x", "9" * 30, "1" * 9])
def test_what_no_page_sends_parts_no_references(seen, editor_client, reports):
    answer = editor_client.post(address("unmerge", reports[0]), {"reason": "x", "seen": seen})

    assert answer.status_code in {200, 302}
    assert Reference.objects.count() == 1


def test_a_reference_that_never_was_has_nothing_to_undo(editor_client, reports):
    assert editor_client.get("/admin/catalog/reference/987654321/unmerge/").status_code == 404
    assert editor_client.get("/admin/catalog/reference/x/unmerge/").status_code == 404
    answer = editor_client.get(address("unmerge", reports[1]))
    assert said(answer)[-1].startswith(f"Nothing is undone. “{reports[1]}” is not merged into")


def test_the_page_of_references_costs_as_much_for_many_studies(editor_client):
    costs = []
    for number in (1, 4):
        merged, survivor = ReferenceFactory.create_batch(2)
        for study in StudyFactory.create_batch(number, reference=merged):
            StudyFactory(program=study.program, reference=survivor)
        StudyFactory.create_batch(number, reference=merged)
        for area in TopicAreaFactory.create_batch(number):
            area.further_reading.add(merged)
        join(merged, survivor)
        editor_client.get(address("unmerge", merged))
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(address("unmerge", merged))
        costs.append(len(queries))

    assert costs[0] == costs[1]
