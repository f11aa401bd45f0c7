"""What is not published shows nowhere: each public page is the same as if it did not exist."""

import io
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import get_resolver
from django.utils import timezone
from pypdf import PdfReader

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.search import parse, references_holding

from ..conftest import StrictClient, catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ..pages import read
from ..routes import public_routes
from ..search.finds import found as found_by_words
from ..transactions import stored_once
from .hidden import (
    FUTURE,
    HIDDEN,
    MARKER,
    MERGED,
    build_hidden_catalog,
    build_public_catalog,
    let_days_pass,
)

pytestmark = pytest.mark.once

SLIP = "zanizbar"

TODAY = timezone.localdate()
# A retired entry that once was public answers at its address, and says only that.
UNADDRESSABLE = [kind for kind in HIDDEN if kind != "retired"]
# The public entries are as old as that; the hidden ones came in between.
DAYS, DAYS_HIDDEN = 9, 4
DAYS_SINCE = (0, 1, DAYS_HIDDEN - 1, DAYS_HIDDEN, DAYS_HIDDEN + 1, DAYS)

# Examples for every public address of the site. An address that has none fails a test below.
ADDRESSES = {
    "": ["/"],
    "topics/": ["/topics/"],
    "topics/<slug:slug>/": [
        "/topics/part/",
        "/topics/umbrella/",
        "/topics/part-of-a-draft/",
        "/topics/empty/",
    ],
    "topics/<slug:slug>/summary.pdf": [
        "/topics/part/summary.pdf",
        "/topics/umbrella/summary.pdf",
        "/topics/part-of-a-draft/summary.pdf",
    ],
    "programs/": [
        "/programs/",
        "/programs/?sort=name",
        "/programs/?sort=reviewed",
        # Programs, areas, experts and references are looked for; the second is meant by a slip.
        f"/programs/?q={MARKER}",
        f"/programs/?q={SLIP}",
        f"/programs/?q=public+{MARKER}",
        f"/programs/?q={MARKER}+area",
        f"/programs/?q={MARKER}+expert&rating=1",
        f"/programs/?q={MARKER}+title",
        f"/programs/?q=-{MARKER}",
        "/programs/?q=public",
        "/programs/?q=part",
        "/programs/?q=cited",
        "/programs/?q=publci",
        "/programs/?q=publci+rated&rating=5",
        "/programs/?q=public&rating=1",
        "/programs/?rating=1",
        "/programs/?rating=1&rating=4&rating=NR",
        "/programs/?topic=part",
        f"/programs/?topic={MARKER}-area-draft",
        f"/programs/?topic={MARKER}-area-retired",
        "/programs/?topic=empty",
        "/programs/?expert=public-expert",
        f"/programs/?expert={MARKER}-expert-draft",
        "/programs/?relevance=high&outcome=safety&age=7&reviewed_since=2020",
        "/programs/?rating=4&relevance=high&age=0-2&setting=school",
        "/programs/?relevance=low",
        "/programs/?registry=public-index",
        f"/programs/?registry={MARKER}-registry-draft",
    ],
    "programs/<slug:slug>/": [
        "/programs/public-rated/",
        "/programs/public-unrated/",
        *(
            f"/programs/public-{name}/?as_of={TODAY - timedelta(days=days)}"
            for name in ("rated", "unrated")
            for days in DAYS_SINCE
        ),
    ],
    "programs/<slug:slug>.ris": [
        "/programs/public-rated.ris",
        f"/programs/public-rated.ris?as_of={TODAY - timedelta(days=DAYS_HIDDEN)}",
    ],
    "programs/<slug:slug>.bib": ["/programs/public-unrated.bib"],
    # A file has no words: tests/public/test_logic_models.py.
    "programs/<slug:slug>/logic-model.pdf": [],
    # Pictures and colors have no words: tests/public/test_look.py, tests/public/test_link_pictures.py.
    "planned-reviews/": ["/planned-reviews/"],
    # Forms, which ask nothing of the catalog but the name of a program: tests/public/test_submissions.py.
    "programs/<slug:slug>/correction/": ["/programs/public-rated/correction/"],
    "write/": ["/write/"],
    "write/program/": ["/write/program/"],
    "write/topic-area/": ["/write/topic-area/"],
    "write/sent/<str:receipt>/": [],
    "preview.png": [],
    "programs/<slug:slug>/preview.png": [],
    "topics/<slug:slug>/preview.png": [],
    "logo-<str:name>": [],
    "sharing-<str:name>": [],
    "colors-<str:version>.css": [],
    "evidence-map/": ["/evidence-map/", "/evidence-map/?count=studies"],
    "compare/": [
        "/compare/",
        "/compare/?program=public-rated&program=public-unrated",
        "/compare/?program=public-rated&program=public-unrated&differences=1",
        *(f"/compare/?program=public-rated&program={MARKER}-program-{kind}" for kind in HIDDEN),
        *(f"/compare/?program={MARKER}-program-{kind}-once" for kind in HIDDEN),
        f"/compare/?program=public-rated&add={MARKER}",
        "/compare/?add=public",
    ],
    "experts/": ["/experts/"],
    "experts/<slug:slug>/": ["/experts/public-expert/"],
    "references/": [
        "/references/",
        "/references/?since=1900",
        "/references/?q=cited",
        f"/references/?q={MARKER}",
    ],
    "rating-scale/": ["/rating-scale/"],
    "glossary/": ["/glossary/"],
    "<slug:slug>/": ["/public-page/", "/accessibility/"],
    "news/": ["/news/"],
    "news/feed/": ["/news/feed/"],
    "news/<slug:slug>/": ["/news/public-news/"],
    "sitemap.xml": ["/sitemap.xml"],
    "sitemap-<section>.xml": [
        "/sitemap-pages.xml",
        "/sitemap-topics.xml",
        "/sitemap-programs.xml",
        "/sitemap-experts.xml",
        "/sitemap-agency.xml",
        "/sitemap-news.xml",
    ],
    # An address for each link: tests/admin/test_preview_links.py, tests/public/test_fact_checks.py.
    "preview/<str:token>/": [],
    "fact-check/<str:token>/": [],
    "robots.txt": ["/robots.txt"],
}
EXAMPLES = [address for addresses in ADDRESSES.values() for address in addresses]
# Days of which there is no state: before the records begin, ahead, and none at all.
NO_STATE = [
    f"/programs/public-rated/?as_of={TODAY - timedelta(days=DAYS + 1)}",
    f"/programs/public-rated/?as_of={TODAY + timedelta(days=1)}",
    "/programs/public-rated/?as_of=never",
]


def text_of(response):
    """Return what a response says: the words of a PDF, or else everything that was sent."""
    body = b"".join(response) if response.streaming else response.content
    if response["Content-Type"] == "application/pdf":
        reader = PdfReader(io.BytesIO(body))
        links = [
            str(annotation.get_object().get("/A", {}).get("/URI", ""))
            for page in reader.pages
            for annotation in page.get("/Annots", [])
        ]
        return "\n".join([*(page.extract_text() for page in reader.pages), *links])
    return body.decode()


def get(address):
    """Return the status of an answer, what it says, and its headers without those that follow from the rest."""
    response = StrictClient().get(address)
    headers = {k: v for k, v in response.headers.items() if k not in {"ETag", "Content-Length"}}
    return response.status_code, text_of(response), headers


def build_catalogs():
    """Store both catalogs, and return every page as it was before the hidden one was added."""
    build_public_catalog()
    last = let_days_pass(DAYS)
    pages = {address: get(address) for address in EXAMPLES + NO_STATE}
    build_hidden_catalog()
    let_days_pass(DAYS_HIDDEN, last)
    return pages


pages_before = stored_once(build_catalogs)


@pytest.fixture
def hidden(pages_before, db):
    """The public and the hidden entries, in place."""
    cache.clear()


def test_every_public_address_is_tried_below():
    assert public_routes(get_resolver().url_patterns) == set(ADDRESSES)


def test_hidden_entries_are_in_place(hidden):
    programs = Program.objects.filter(name__startswith=MARKER)
    assert programs.count() == len(HIDDEN) + len(MERGED)
    ratings = Rating.objects.filter(rationale__startswith=MARKER)
    assert ratings.count() == 8 * len(HIDDEN) + 2 * len(MERGED)
    reasons = [
        model.history.filter(history_change_reason__startswith=MARKER) for model in (Program, Study)
    ]
    assert [rows.count() for rows in reasons] == [1, 1]
    assert {e.status for e in TopicArea.objects.filter(name__startswith=MARKER)} == {
        Status.DRAFT,
        Status.IN_REVIEW,
        Status.PUBLISHED,
        Status.RETIRED,
    }


@pytest.mark.parametrize("address", EXAMPLES + NO_STATE)
def test_page_is_the_same_as_without_hidden_entries(hidden, pages_before, address):
    status, text, headers = get(address)

    assert (status == 200) == (address not in NO_STATE)
    assert (status, text, headers) == pages_before[address]
    # Only a visitor who types the marker reads it again; a slip is not put right.
    assert MARKER in address or MARKER not in f"{text} {headers}".lower()


@pytest.mark.parametrize("address", ["/", "/topics/", "/topics/empty/", "/programs/"])
def test_hidden_part_does_not_make_a_topic_area_an_umbrella_area(hidden, client, address):
    before = client.get(address).content

    TopicAreaFactory(parent=TopicArea.objects.get(slug="empty"), status=Status.DRAFT)

    assert client.get(address).content == before


@pytest.mark.parametrize("words", [MARKER, SLIP, f"{MARKER} area", f"{MARKER} title draft"])
def test_search_for_hidden_text_finds_and_offers_nothing(hidden, client, words):
    page = read(client.get("/programs/", {"q": words}))

    assert page.one("h2", id="count").text == f"0 programs for “{words}”"
    assert page.all("div", class_="others") == []
    assert "Did you mean" not in page.main.text


def test_hidden_words_are_there_to_be_found(hidden):
    found = found_by_words(MARKER)

    assert len(found.programs) == len(HIDDEN) + len(MERGED)
    assert found.topic_areas == []  # their documents hold their names only while they are public
    assert len(found.experts) == len(HIDDEN) + 1
    assert references_holding(parse(MARKER)).count() == 2 * len(HIDDEN) + len(MERGED) + 1


def test_hidden_references_do_not_take_the_place_of_public_ones(hidden, client):
    Reference.objects.bulk_create(
        Reference(key=f"{MARKER}-{n}", authors="Author, A.", title="Latecomer") for n in range(200)
    )
    program = Program.objects.get(slug="public-rated")
    StudyFactory(program=program, reference__title="Latecomer")

    page = read(client.get("/programs/?q=latecomer"))

    citations = page.one("div", class_="others").all("li")
    assert [citation.text for citation in citations] == ["Author, A. (2020). Latecomer."]


@pytest.mark.parametrize("parameter", ["topic", "expert"])
def test_filter_does_not_tell_what_is_hidden_from_what_is_unknown(hidden, client, parameter):
    kind = "area" if parameter == "topic" else "expert"

    there = client.get(f"/programs/?{parameter}={MARKER}-{kind}-draft").content.decode()
    unknown = client.get(f"/programs/?{parameter}={MARKER}-{kind}-drift").content.decode()

    assert there == unknown.replace("drift", "draft")


# --- The addresses of hidden entries ---------------------------------------------------------------------------------

ENTRY_ADDRESSES = [
    address.format(f"{MARKER}-{kind}-{hidden_kind}{suffix}")
    for kind, address in [
        ("program", "/programs/{}/"),
        ("area", "/topics/{}/"),
        ("area", "/topics/{}/summary.pdf"),
        ("page", "/{}/"),
        ("news", "/news/{}/"),
    ]
    for hidden_kind in UNADDRESSABLE
    for suffix in ("", "-once")
]
ENTRY_ADDRESSES += [
    f"/programs/{MARKER}-program-{kind}{suffix}/?as_of={TODAY - timedelta(days=days)}"
    for kind in [*UNADDRESSABLE, "merged-draft", "draft-merged-into-hidden"]
    for suffix in ("", "-once")
    for days in DAYS_SINCE
]
# What was merged leads to the other program, and nowhere as long as that is not public.
ENTRY_ADDRESSES += [
    f"/programs/{MARKER}-program-{kind}{suffix}/"
    for kind in ("merged-into-hidden", "draft-merged-into-hidden")
    for suffix in ("", "-once")
]
OTHER_ADDRESSES = [
    *(f"/experts/{MARKER}-expert-{kind}/" for kind in HIDDEN),
    f"/experts/{MARKER}-unused/",
    f"/topics/{MARKER}-area-retired/summary.pdf",
]


def visitor(name):
    """Return a client for someone who may not preview, and who comes ever nearer to it."""
    client = StrictClient()
    if name != "anonymous":
        user = UserFactory(is_staff=name != "reader")
        user.user_permissions.set(
            [
                permission
                for permission in catalog_permissions("view", "add", "change")
                if name == "reader"
                or (name == "writer" and not permission.codename.startswith("view"))
            ]
        )
        client.force_login(user)
    return client


# "reader" has every permission and is not staff; "staff" has none; "writer" may do everything but view.
@pytest.mark.parametrize("name", ["anonymous", "reader", "staff", "writer"])
def test_hidden_entry_has_no_address(hidden, name, some):
    client = visitor(name)
    unknown = client.get("/programs/nothing/")

    for address in some(ENTRY_ADDRESSES + OTHER_ADDRESSES, 20):
        response = client.get(address)

        assert (address, response.status_code) == (address, 404)
        assert response.content == unknown.content
        assert client.head(address).status_code == 404


RETIRED_ADDRESSES = [f"/programs/{MARKER}-program-retired/", f"/topics/{MARKER}-area-retired/"]


@pytest.mark.parametrize("address", RETIRED_ADDRESSES)
def test_retired_entry_says_nothing_but_its_name_and_why(hidden, client, address):
    page = read(client.get(address))

    reason = f"{MARKER} retirement_reason"
    assert page.h1.startswith(MARKER)
    assert page.main.one("div", class_="prose").text == reason
    assert page.text.replace(reason, "").count(MARKER) == 2  # in the title and in the heading
    assert page.main.one("strong").text.startswith("This entry was retired on ")


@pytest.mark.parametrize("days", DAYS_SINCE)
@pytest.mark.parametrize("kind", ["retired", "merged-into-hidden"])
def test_retired_entry_says_no_more_of_a_day_when_it_was_not_public(hidden, client, kind, days):
    address = f"/programs/{MARKER}-program-{kind}/"

    response = client.get(f"{address}?as_of={TODAY - timedelta(days=days)}")

    page = read(response)
    name, reason = f"{MARKER} program {kind}", f"{MARKER} retirement_reason"
    # Its address stands in links of the page.
    said = page.text.replace(name, "").replace(reason, "")
    assert response.status_code == 404
    assert MARKER not in said
    assert {a for _, a in page.links if MARKER in a} <= {address}


@pytest.mark.parametrize("slug", ["merged", "merged-once", "merged-draft", "merged-draft-once"])
def test_address_of_what_was_merged_into_a_public_program_leads_there(hidden, client, slug):
    response = client.get(f"/programs/{MARKER}-program-{slug}/")

    assert (response.status_code, response["Location"]) == (301, "/programs/public-rated/")
    assert response.content == b""


@pytest.mark.parametrize("factory", [ProgramFactory, TopicAreaFactory])
def test_preview_of_one_entry_shows_nothing_of_other_hidden_ones(hidden, client, factory):
    entry = factory(name="Shared", status=Status.DRAFT)
    for other in Program.objects.all() if factory is TopicAreaFactory else TopicArea.objects.all():
        place = {"program": other, "topic_area": entry}
        if factory is ProgramFactory:
            place = {"program": entry, "topic_area": other}
        RatingFactory(**place, rated_on="2019", is_current=False)
        RatingFactory(**place)
    if factory is TopicAreaFactory:
        entry.parent = TopicArea.objects.get(slug=f"{MARKER}-area-draft")
        entry.save()
        TopicAreaFactory(name=f"{MARKER} part", parent=entry, status=Status.DRAFT)
    link = entry.preview_links.create(expires_at=FUTURE)

    response = client.get(link.get_absolute_url())

    assert (response.status_code, read(response).h1) == (200, "Shared")
    assert MARKER not in f"{response.content.decode()} {response.headers}".lower()


@pytest.mark.parametrize("model", ["program", "topicarea"])
def test_permission_to_view_one_kind_does_not_show_the_other(hidden, client, model):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.set(
        [p for p in catalog_permissions("view") if p.codename == f"view_{model}"]
    )
    client.force_login(staff)

    answers = [
        client.get(f"/{address}-draft/").status_code
        for address in (f"programs/{MARKER}-program", f"topics/{MARKER}-area")
    ]

    assert answers == ([200, 404] if model == "program" else [404, 200])


@pytest.mark.parametrize("kind", HIDDEN)
@pytest.mark.parametrize("address", ["/programs/{}-program-{}/", "/topics/{}-area-{}/"])
def test_editor_sees_a_preview_with_a_banner(hidden, editor_client, address, kind):
    response = editor_client.get(address.format(MARKER, kind))

    page = read(response)
    label = "Scheduled" if kind == "scheduled" else HIDDEN[kind][0].label
    assert page.one(class_="preview-banner").text.startswith(f"{label}. Only staff")
    assert page.h1.startswith(MARKER)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("kind", ["draft", "in-review", "withdrawn"])
def test_editor_sees_a_preview_of_the_summary(hidden, editor_client, kind):
    response = editor_client.get(f"/topics/{MARKER}-area-{kind}/summary.pdf")

    assert f"{MARKER} definition" in text_of(response)
    assert "no-store" in response["Cache-Control"]


def test_what_is_scheduled_becomes_public_everywhere_by_itself(db, client):
    """Nothing is written when the moment comes: reading is enough, as for the days before it."""
    area = TopicAreaFactory(name="Launch area")
    program = ProgramFactory(name="Launched", description="A new program.")
    RatingFactory(program=program, topic_area=area)
    moment = timezone.now() + timedelta(seconds=2)
    for entry in (area, program):
        type(entry).objects.filter(pk=entry.pk).update(published_at=moment)
    addresses = {
        "/": "Launch area",
        "/topics/": "Launch area",
        "/topics/launch-area/": "Launched",
        "/programs/": "Launched",
        "/programs/?q=launch+area": "Launched",
        "/programs/?topic=launch-area": "Launched",
        "/programs/launched/": "Launch area",
        "/sitemap-programs.xml": "/programs/launched/",
    }

    before = {address: client.get(address) for address in addresses}
    tokens = {address: r["ETag"] for address, r in before.items() if r.has_header("ETag")}
    time.sleep(max(0, (moment - timezone.now()).total_seconds()) + 0.01)
    after = {
        address: client.get(address, headers={"If-None-Match": tokens.get(address, "")})
        for address in addresses
    }

    assert timezone.now() > moment > program.published_at
    assert [a for a, text in addresses.items() if text in text_of(before[a])] == []
    assert {a: r.status_code for a, r in after.items()} == dict.fromkeys(addresses, 200)
    assert [a for a, text in addresses.items() if text not in text_of(after[a])] == []
    assert [a for a, r in before.items() if r.status_code == 404] == [
        "/topics/launch-area/",
        "/programs/launched/",
    ]


def test_clock_of_the_site_that_is_behind_shows_nobody_more(hidden, monkeypatch):
    """The database says what is public; the page, asked a moment too early, shows no other entry for that."""
    addresses = ["/topics/part/", "/programs/public-rated/", "/programs/public-unrated/"]
    before = {address: get(address) for address in addresses}
    late = timezone.now() - timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: late)

    after = {address: get(address) for address in addresses}

    assert before.keys() == after.keys()
    assert [a for a in addresses if MARKER in after[a][1].lower()] == []
