"""No page takes more queries because there is more in the catalog."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.finding import snapshots
from catalog.models import Program, TopicArea
from catalog.public import caching
from catalog.search.change_log import versions

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ..pages import (
    listed_programs,
    read,
)
from .entries import EVERY_COMPARISON, EVERY_FILTER

pytestmark = pytest.mark.once

QUERIES = {
    # On every page, the version of the catalog; here, the newest programs and the latest ratings that followed others.
    "/": 3,
    # On these, nothing else.
    "/evidence-map/": 1,
    "/compare/": 1,
    # How many studies count is known, once it was asked for.
    "/evidence-map/?count=studies": 1,
    # The page of the agency's own, which is not there, or was.
    "/accessibility/": 3,
    # The count; the news.
    "/news/": 2,
    # The news.
    "/news/feed/": 2,
    # Topic areas; how many programs they have, the sets know.
    "/topics/": 2,
    # The area; its umbrella area; the count; ratings with programs; parts; experts; further reading; related areas;
    # levels, studies and findings; what changed.
    "/topics/area-0/": 13,
    # As many, and how many studies of each program count.
    "/topics/area-0/?count=studies": 14,
    # The area; the count of programs; its parts; experts; further reading; related areas; the best rated programs of
    # its parts; what changed.
    "/topics/umbrella/": 9,
    # The area; its umbrella area; experts. What it says was read when it was made.
    "/topics/area-0/summary.pdf": 4,
    # The programs of the page; their ratings.
    "/programs/": 3,
    # Other ways to write the words; what holds them; the references among it; the programs; their ratings.
    EVERY_FILTER: 6,
    # Of the words, and of the words as they may have been meant: other ways to write them, and what holds them. The
    # references among it.
    "/programs/?q=progarm": 6,
    # The addresses in use; former ones; the programs; their ratings with topic areas; their studies and findings; what
    # other registries say; related programs; other ways to write the words; what holds them; the programs that may be
    # added.
    EVERY_COMPARISON: 11,
    # The program; its ratings with topic areas; their experts; the studies with references; what they found;
    # the editions of the scale and their criteria; those who rated it, and which of them are public; what other
    # registries say; contacts; related programs; since when it is on record; what changed; the glossary.
    "/programs/program-0/": 16,
    # The program; since when it is on record; its row; ratings, findings, topic areas, studies, references, what
    # registries say, these, and the editions of the scale and their criteria, by their histories, and those without
    # one; whom ratings name now, and who that is; what changed; the ratings, studies, findings and what registries say
    # of now; the areas of now; those who rated it, and which of them are public; the glossary. And related programs:
    # which, by the history and without one, their addresses, how they stood, by the history and without one, and which
    # there are now.
    f"/programs/program-0/?as_of={timezone.localdate()}": 40,
    # The experts; their topic areas.
    "/experts/": 3,
    # The expert; the topic areas; the best rated programs of these; what changed.
    "/experts/expert-0/": 5,
    # The references; the areas that read them; the studies that cite them.
    "/references/": 4,
    # And which of them fit.
    "/references/?q=author&since=2000": 5,
    # The edition in use; its criteria; the glossary.
    "/rating-scale/": 4,
    # The glossary.
    "/glossary/": 2,
    "/robots.txt": 0,
    # The process alone is asked.
    "/healthz": 0,
    # The counts of topic areas, programs, experts, pages and news, for the number of sitemap pages.
    "/sitemap.xml": 6,
    # The count, and the entries.
    "/sitemap-topics.xml": 3,
    "/sitemap-programs.xml": 3,
    "/sitemap-experts.xml": 3,
    "/sitemap-pages.xml": 1,
}


# Areas that became public by themselves; the version once more; the names; programs, ratings, what registries say,
# topic areas, their experts, registries. Once for a process; after a change, the programs that changed, their ratings,
# and what registries say of them.
SETS = 9
CHANGED_SETS = 3


def forget_pages():
    """Keep neither pages nor what words found, but the sets."""
    caching.forget()
    snapshots.latest_catalog(versions()).catalog.remembered.clear()


def test_queries_do_not_grow_with_the_catalog(client, catalog_of):
    found = {}
    for address in QUERIES:
        client.get(address)
        forget_pages()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        found[address] = len(queries)

    assert found == QUERIES


def test_summary_that_is_made_reads_what_the_page_shows(
    client, catalog_of, django_assert_num_queries
):
    client.get("/")

    # As when it is kept, and: how many programs have which rating; the first of them; parts; further reading; related
    # areas.
    with django_assert_num_queries(9):
        client.get("/topics/area-0/summary.pdf")


@pytest.mark.parametrize("address", ["/", "/evidence-map/", "/programs/", EVERY_FILTER])
def test_only_the_first_page_after_a_change_reads_the_sets(
    client, catalog_of, address, django_assert_num_queries
):
    client.get("/")
    Program.objects.update(goals="Others.")

    # And the synonyms, where words are looked for.
    with django_assert_num_queries(QUERIES[address] + CHANGED_SETS + ("q=" in address)):
        client.get(address)
    forget_pages()
    with django_assert_num_queries(QUERIES[address]):
        client.get(address)


def test_list_with_words_takes_twelve_queries_even_after_a_change(
    client, db, django_assert_num_queries
):
    """The version; what changed; two for the words, one for their order, one for those that hold half; the references;
    the programs, their ratings and titles."""
    area = TopicAreaFactory(name="Calm")
    for name in ("Calm", "Quiet", "Other"):
        program = ProgramFactory(name=name, goals="Quiet")
        RatingFactory(program=program, topic_area=area)
    StudyFactory(program=program, reference__title="School")
    client.get("/programs/?q=calm+quiet+school")
    Program.objects.update(goals="Quiet.")

    with django_assert_num_queries(12):
        page = read(client.get("/programs/?q=calm+quiet+school"))

    assert [name for name, _ in listed_programs(page)] == ["Other"]
    assert len(page.one("ol", class_="programs-following").all("h3")) == 2


def test_list_takes_few_queries_even_cold_and_at_its_worst(
    client, catalog_of, django_assert_num_queries
):
    # No program holds the mistyped word, but a reference does.
    reference = ReferenceFactory(title="On the progarm area")
    TopicArea.objects.get(slug="area-0").further_reading.add(reference)

    # The version; the sets; links to pages and news; the settings; the synonyms; how else to write the words; what
    # holds them, and what each of them; the references; the programs that hold some, their ratings and titles; the
    # vocabulary; and two of one word alone and of the words as they may have been meant.
    with django_assert_num_queries(14 + SETS):
        response = client.get("/programs/?q=progarm+area&rating=3&age=7")

    page = read(response)
    ways = page.one("div", class_="nothing").links
    assert page.one("h2", id="count").text == "0 programs for “progarm area”"
    assert ways == [
        ("program area", "?q=program+area&rating=3&age=7"),
        ("Without the words", "?rating=3&age=7"),
        ("Without the word “progarm”", "?q=area&rating=3&age=7"),
    ]
    assert "On the progarm area." in page.one("div", class_="others").text


def test_queries_do_not_grow_with_what_is_asked_for(client, db, django_assert_num_queries):
    TopicAreaFactory()
    asked = "&".join(f"topic=t-{n}&expert=e-{n}" for n in range(100))
    client.get(f"/programs/?{asked}")
    caching.forget()

    # The version; there is no program to read.
    with django_assert_num_queries(1):
        response = client.get(f"/programs/?{asked}")

    assert read(response).one("h2", id="count").text == "0 programs"


def test_every_filter_above_leaves_something_to_show(client, catalog_of):
    page = read(client.get(EVERY_FILTER))

    assert [name for name, _ in listed_programs(page)] == [
        f"Program {n}" for n in range(catalog_of)
    ]
