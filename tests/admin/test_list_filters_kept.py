"""The filters of a list stay on the way over the pages that are reached from an entry, and back."""

from urllib.parse import urlencode, urlsplit

import pytest

from catalog.models import Program, Status

from ..factories import ProgramFactory, RatingFactory, publishable
from ..pages import read
from .pages import address, fields_of
from .workflow.rate_page import BLANK

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FILTERS = "status=in-review&q=calm"
KEPT = urlencode({"_changelist_filters": FILTERS})


def with_filters(path):
    return f"{path}?{KEPT}"


def tools(client, entry):
    """Return the addresses above an entry, by label, when one comes from the filtered list."""
    page = client.get(with_filters(address("change", entry)))
    return {tool.label: tool.address for tool in page.context["tools"]}


def links_to(response, path):
    """Return the queries of a page's links to a path."""
    anchors = read(response).all("a")
    links = [urlsplit(a.attributes["href"]) for a in anchors if "href" in a.attributes]
    return [link.query for link in links if link.path == path]


@pytest.fixture
def program(db):
    return publishable(Program, name="Calm Corners", status=Status.IN_REVIEW)


def test_each_tool_keeps_the_filters(root, program):
    back = with_filters(address("change", program))

    assert {name: urlsplit(url).query for name, url in tools(root, program).items()} == {
        "Publish": KEPT,
        "Back to draft": KEPT,
        "Share a preview": KEPT,
        "Ask for a fact check": KEPT,
        "Assign": KEPT,
        "Notes": KEPT,
        "Merge": KEPT,
        "Rate or re-rate": urlencode({"next": back}),
    }
    of_area = tools(root, program.ratings.get().topic_area)
    assert {name: urlsplit(url).query for name, url in of_area.items()} == {
        "Rate programs": KEPT,
        "Assign": KEPT,
        "Notes": KEPT,
        "Withdraw": KEPT,
        "Retire": KEPT,
    }
    assert links_to(root.get(back), address("history", program)) == [KEPT]


@pytest.mark.parametrize("name", ["Publish", "Share a preview", "Merge"])
def test_pages_lead_back_with_the_filters(root, program, name):
    page = root.get(tools(root, program)[name])

    assert set(links_to(page, address("changelist", Program))) == {"", FILTERS}
    assert set(links_to(page, address("change", program))) == {KEPT}


def test_a_step_leads_back_with_the_filters(root, program):
    path = tools(root, program)["Publish"]
    sent = {**fields_of(root.get(path)), "when": "now"}

    assert root.post(path, sent).url == with_filters(address("change", program))


def test_sharing_stays_with_the_filters(root, program):
    path = tools(root, program)["Share a preview"]

    assert root.post(path, {"days": "7"}).url == path


def test_merging_keeps_the_filters(root, program):
    other = ProgramFactory(name="Calm Corner")
    choice = root.get(tools(root, program)["Merge"])
    (query,) = [url for _, url in read(choice).links if "into=" in url]
    assert query == f"?{KEPT}&into={other.pk}"
    search = read(choice).one("form", role="search")
    assert [
        (f.attributes["name"], f.attributes["value"]) for f in search.all("input", type="hidden")
    ] == [("_changelist_filters", FILTERS)]

    path = address("merge", program) + query
    sent = {**fields_of(root.get(path)), "reason": "The same program."}

    assert root.post(path, sent).url == with_filters(address("change", other))


def test_rating_leads_back_with_the_filters(root, program):
    path = root.get(tools(root, program)["Rate or re-rate"]).url
    page = root.get(path)
    sent = {**fields_of(page), **BLANK, "scientific_rating": "2", "rated_on": "2026"}

    assert root.post(path, sent).url == with_filters(address("change", program))


def test_another_topic_area_is_chosen_with_the_way_back(root, program):
    back = with_filters(address("change", program))
    path = root.get(tools(root, program)["Rate or re-rate"]).url

    ways = links_to(root.get(path), address("rate", program))

    assert ways == [urlencode({"area": "", "next": back})]


def test_rerating_leads_back_to_the_filtered_ratings(root):
    rating = RatingFactory(program__status=Status.DRAFT)
    back = f"{address('changelist', type(rating))}?{FILTERS}"

    query = {"area": rating.topic_area.slug, "next": back}
    assert tools(root, rating) == {
        "Re-rate": f"{address('rate', rating.program)}?{urlencode(query)}"
    }


def test_without_filters_addresses_are_short(root, program):
    page = root.get(address("change", program))

    assert {urlsplit(tool.address).query for tool in page.context["tools"]} == {""}
