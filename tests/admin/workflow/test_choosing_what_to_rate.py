"""The ways to the rating page: from a program, a topic area, and the list of ratings."""

from urllib.parse import unquote, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Program, Rating, Status, TopicArea

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from ...pages import read
from ..pages import BrowserForm, address, said, submit
from .rate_page import rows

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_one_topic_area_needs_no_choice_and_leads_to_others(editor_client, calm):
    response = editor_client.get(f"{address('rate', calm.program)}?next=/admin/")

    page = address("rate", calm.program)
    assert unquote(response.url) == f"{page}?area=sleep&next=/admin/"
    page = read(editor_client.get(response.url))
    others = dict(page.main.links)["Rate it in another topic area"]
    assert unquote(others) == f"{address('rate', calm.program)}?area=&next=/admin/"


def test_topic_areas_to_choose_from_hold_no_umbrella(editor_client, calm):
    umbrella = TopicAreaFactory(name="All of it")
    TopicAreaFactory(name="Diet", slug="diet", status=Status.DRAFT, parent=umbrella)

    response = editor_client.get(f"{address('rate', calm.program)}?area=&next=/admin/")

    page = address("rate", calm.program)
    assert rows(response) == [
        (
            [
                "Sleep",
                "Published",
                "2 Supported by Research Evidence",
                "June 2024",
                "Re-rate Sleep",
            ],
            [f"{page}?area=sleep&next=/admin/"],
        ),
        (["Diet", "Draft", "Not rated here", "", "Rate Diet"], [f"{page}?area=diet&next=/admin/"]),
    ]


@pytest.mark.parametrize(
    ("slug", "wrong"),
    [
        ("all", "“All of it” is an umbrella area; programs are rated in its parts."),
        ("nowhere", "There is no topic area “nowhere”."),
        ("a b\0", "There is no topic area “a b”."),
    ],
)
def test_area_in_which_nothing_is_rated_leads_to_the_choice(editor_client, calm, slug, wrong):
    umbrella = TopicAreaFactory(name="All of it", slug="all")
    TopicAreaFactory(parent=umbrella)

    response = editor_client.get(f"{address('rate', calm.program)}?{urlencode({'area': slug})}")

    assert response.url == f"{address('rate', calm.program)}?area="
    assert said(response) == [f"{wrong} Choose the topic area here."]


def test_topic_area_lists_its_programs_and_finds_the_others(editor_client, calm):
    sleep = calm.topic_area
    RatingFactory(program=ProgramFactory(name="Calm sea"), topic_area=sleep, scientific_rating="NR")
    best = RatingFactory(topic_area=sleep, scientific_rating="1", program__name="Zen")
    other = ProgramFactory(name="A calm new one", status=Status.DRAFT)
    page = address("rate", sleep)

    own, found = editor_client.get(page), editor_client.get(f"{page}?q=calm")

    assert [cells[:4] for cells, _ in rows(own)] == [
        ["Zen", "Published", "1 Well-Supported by Research Evidence", "Date not recorded"],
        ["Calm", "Published", "2 Supported by Research Evidence", "June 2024"],
        ["Calm sea", "Published", "NR Not able to be Rated", "Date not recorded"],
    ]
    assert rows(own)[0][1] == [f"{address('rate', best.program)}?area=sleep&next={page}"]
    assert [cells[0] for cells, _ in rows(found)] == ["Calm", "Calm sea", "A calm new one"]
    assert rows(found)[2] == (
        ["A calm new one", "Draft", "Not rated here", "", "Rate A calm new one"],
        [f"{address('rate', other)}?area=sleep&next={page}?q=calm"],
    )


def test_adding_a_rating_begins_with_its_program(editor_client, calm):
    page = "/admin/catalog/rating/add/"

    response = editor_client.get(page)
    posted = editor_client.post(page, {"program": calm.program_id, "scientific_rating": "1"})

    assert rows(response) == [(["Calm", "Published", "Rate Calm"], [address("rate", calm.program)])]
    assert posted.status_code == 405
    assert Rating.objects.count() == 2


@pytest.mark.parametrize("page", ["topicarea", "rating", "program"])
def test_pages_to_choose_from_cost_the_same_for_any_number(editor_client, calm, page):
    pages = {
        "topicarea": address("rate", calm.topic_area),
        "rating": "/admin/catalog/rating/add/",
        "program": f"{address('rate', calm.program)}?area=",
    }
    queries = []
    for number in (0, 101):
        numbers = range(number)
        programs = Program.objects.bulk_create(
            Program(name=f"P {n}", slug=f"p-{n}") for n in numbers
        )
        Rating.objects.bulk_create(
            Rating(program=program, topic_area=calm.topic_area, scientific_rating="3")
            for program in programs
        )
        TopicArea.objects.bulk_create(TopicArea(name=f"A {n}", slug=f"a-{n}") for n in numbers)
        with CaptureQueriesContext(
            connection,
        ) as context:
            response = editor_client.get(pages[page])
        queries.append(len(context))

    assert queries[0] == queries[1]
    assert len(rows(response)) == 100


def test_new_program_has_no_ratings_in_its_form_and_leads_on_to_rating(editor_client):
    form = BrowserForm(editor_client.get("/admin/catalog/program/add/")).data

    response = submit(editor_client, "/admin/catalog/program/add/", name="New")

    program = Program.objects.get()
    assert not [name for name in form if name.startswith("ratings")]
    assert said(response)[1:] == [
        f'It is not rated yet. <a href="{address("rate", program)}">Rate it in a topic area …</a>'
    ]


def test_ratings_are_read_in_the_program_with_links_to_what_may_be_done(editor_client, calm):
    past = Rating.objects.get(is_current=False)
    page = read(editor_client.get(address("change", calm.program)))

    inline = page.one("div", id="ratings-group")
    ratings = [row for row in inline.all("tr") if row.all("td")]
    words = [[cell.text for cell in row.all("td")] for row in ratings]
    assert len(inline.one("details").all("tr")) == 2  # the heads, and the past one
    assert words == [
        ["Sleep", "2 Supported by Research Evidence", "June 2024", "Re-rate Correct"],
        ["Sleep", "NR Not able to be Rated: no study with a control group", "2020 (past)", "View"],
    ]
    assert [row.links[1:] for row in ratings] == [
        [
            ("Re-rate", f"{address('rate', calm.program)}?area=sleep"),
            ("Correct", address("change", calm)),
        ],
        [("View", address("change", past))],
    ]


def test_forged_inline_changes_no_rating(editor_client, calm):
    before = list(Rating.objects.values())
    forged = {
        "ratings-TOTAL_FORMS": "3",
        "ratings-INITIAL_FORMS": "2",
        "ratings-0-id": calm.pk,
        "ratings-0-program": calm.program_id,
        "ratings-0-scientific_rating": "1",
        "ratings-0-DELETE": "on",
        "ratings-2-program": calm.program_id,
        "ratings-2-topic_area": TopicAreaFactory().pk,
        "ratings-2-scientific_rating": "1",
    }

    submit(editor_client, address("change", calm.program), **forged)

    assert list(Rating.objects.values()) == before
