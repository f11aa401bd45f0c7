"""A real browser against a running server, watched for what no page may do."""

import os
import shutil
import sqlite3
from dataclasses import dataclass, field

import pytest
from django.conf import settings as django_settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Response, expect, sync_playwright

from catalog.models import (
    DeliverySetting,
    NotRatedReason,
    Outcome,
    PagePlace,
    Program,
    Proposal,
    ProposalState,
    RelevanceLevel,
    ResearchPart,
    Status,
    TopicArea,
    TopicExpert,
)
from tests.conftest import load_seed
from tests.factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    PlannedReviewFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RelatedProgramFactory,
    ScaleEditionFactory,
    SiteSettingsFactory,
    StudyFactory,
    SynonymGroupFactory,
    TopicAreaFactory,
)

from . import looks
from .audit import audit, nu_checker
from .busy_desk import store_desk

# The first of these draws no windows, which saves a fifth of the time.
COMMANDS = (
    os.environ.get("CHROMIUM"),
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A copy of the database as these tests find it.
KEPT = {}
# Milliseconds. Nothing of ours takes as long even on a busy machine: what is waited for does not come.
TIMEOUT = 20_000
# One address for every page that the public sees, in every state that changes what it is made of.
PUBLIC_PAGES = {
    "home": "/",
    "topic areas": "/topics/",
    "umbrella area": "/topics/workforce-well-being/",
    "topic area": "/topics/secondary-traumatic-stress/",
    "programs": "/programs/",
    "programs, filtered": "/programs/?q=-sleep&topic=secondary-traumatic-stress&rating=2&age=0-2&age=7&sort=name",
    "programs, none": "/programs/?q=resilience+strses&rating=5",
    "programs, no help": "/programs/?q=xyzzy",
    "programs, and other matches": "/programs/?q=sprang",
    "programs, with a notice": "/programs/?rating=9&age=young",
    "program": "/programs/everything-known/",
    "program as of a day": f"/programs/everything-known/?as_of={timezone.localdate()}",
    "program, no such day": "/programs/everything-known/?as_of=2000-01-01",
    "program, no date": "/programs/everything-known/?as_of=yesterday",
    "retired program": "/programs/gone/",
    "evidence map": "/evidence-map/",
    "evidence map of studies": "/evidence-map/?count=studies",
    "comparison": "/compare/?program=everything-known&program=ce-cert&program=first-level&program=unknown&add=level",
    "comparison, differences": "/compare/?program=everything-known&program=ce-cert&differences=1",
    "comparison, none": "/compare/",
    "expert": "/experts/ginny-sprang/",
    "experts": "/experts/",
    "references": "/references/",
    "references, found": "/references/?q=sprang&type=journal-article&since=now",
    "rating scale": "/rating-scale/",
    "glossary": "/glossary/",
    "accessibility": "/accessibility/",
    "page of the agency": "/about/",
    "news": "/news/",
    "news item": "/news/a-new-area/",
    "correction": "/programs/everything-known/correction/",
    "message": "/write/",
    "nomination of a program": "/write/program/",
    "nomination of a topic area": "/write/topic-area/",
    "sent": "/write/sent/K7Q2-M4XD/",
    "planned reviews": "/planned-reviews/",
    "not found": "/nothing-here/",
}
# Those that are answered as missing or mistaken.
MISSING = ("not found", "program, no such day", "program, no date")
PREVIEW = "/programs/not-out-yet/"
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
    `policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


# Signs of life are sent beside the pages, and when one is left; whether the session still holds is asked whenever one
# is seen again. The threads of the server share a connection to a database in memory, which two requests at once may
# confuse.
WITHOUT = """
window.fetch = ((ask) => (url, ...rest) =>
    String(url).endsWith("/%s/") ? Promise.resolve({ ok: false }) : ask(url, ...rest))(window.fetch);
"""


@pytest.fixture(scope="package", autouse=True)
def _orm_beside_the_browser():
    """Let the tests use the database although Playwright keeps an event loop in their thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="package")
def browser():
    """One browser for all tests of this folder, and none beside the others: it brings an event loop."""
    path = next((path for name in COMMANDS if name and (path := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium found; install the package chromium-headless-shell")
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What the pages of a test did that no page may do."""

    site: str
    problems: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    # What was sent last from each address of a page.
    sent: dict[str, Response] = field(default_factory=dict)

    def expect_missing(self, *paths):
        """Let the pages at these paths be missing."""
        self.missing.update(self.site + path for path in paths)

    def on_console(self, message):
        if message.type == "error" and message.location["url"] not in self.missing:
            self.problems.append(f"console on {message.page.url}: {message.text}")

    def on_error(self, error):
        self.problems.append(f"script on {error.page.url}: {error.error}")

    def on_request(self, request):
        if request.url.startswith("http") and not request.url.startswith(f"{self.site}/"):
            self.problems.append(f"{request.frame.url} asked another host: {request.url}")

    def source_of(self, page):
        """Return the HTML of a page as it was sent."""
        return self.sent[page.url.partition("#")[0]].text()

    def on_response(self, response):
        if response.request.is_navigation_request():
            self.sent[response.url] = response
        if response.status >= 400 and response.url not in self.missing:
            self.problems.append(f"{response.status} for {response.url}")


@pytest.fixture
def watch(live_server):
    """Fails the test for an error in the console, a broken policy, or a request to another host."""
    watch = Watch(live_server.url)
    yield watch
    assert watch.problems == []


@pytest.fixture
def new_page(browser, live_server, watch):
    """Give pages, each of a visitor of its own, by the options of a browser context."""
    contexts = []

    def new(user=None, signs_of_life=False, session=False, **options):
        options = {"viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.add_init_script(REPORT_VIOLATIONS)
        for path, is_asked in {"presence": signs_of_life, "session": session}.items():
            if not is_asked:
                context.add_init_script(WITHOUT % path)
        context.on("console", watch.on_console)
        context.on("weberror", watch.on_error)
        context.on("request", watch.on_request)
        context.on("response", watch.on_response)
        if user:
            context.add_cookies([session_cookie(user, live_server.url)])
        return context.new_page()

    yield new
    for context in contexts:
        context.close()


def session_cookie(user, url):
    """Return the cookie of a signed-in user: signing in itself is one test's business."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


@pytest.fixture
def page(new_page):
    """A page of a visitor at a desk."""
    return new_page()


@pytest.fixture(scope="session")
def nu():
    """The Nu checker, which takes seconds to start."""
    with nu_checker() as check:
        yield check


@pytest.fixture
def violations(is_thorough, watch, request):
    """Find what axe finds on a page. `make test-all` alone looks at the admin in dark and on a phone.

    For `make audit` other checkers find too.
    """
    if request.config.getoption("audit"):
        nu = request.getfixturevalue("nu")
        return lambda page, name, _=(): audit(page, name, watch.source_of(page), nu)

    def find(page, name, in_looks=looks.THREE_LOOKS):
        if not is_thorough and "/admin/" in page.url:
            in_looks = [look for look in in_looks if look == "light"]
        return looks.violations(page, name, in_looks)

    return find


def program_names(page):
    """Return the names of the programs on a list, in its order."""
    return page.locator(".programs > li h3 a").all_inner_texts()


@pytest.fixture(autouse=True)
def _catalog_in_place(request):
    """The database of the catalog, before anything else is stored: made once, and copied for each later test."""
    if "catalog" not in request.fixturenames:
        return
    request.getfixturevalue("live_server")
    connection.ensure_connection()
    if kept := KEPT.get("catalog"):
        kept.backup(connection.connection)
        ContentType.objects.clear_cache()
        return
    store_catalog()
    KEPT["catalog"] = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(KEPT["catalog"])


@pytest.fixture
def catalog():
    """The program of which everything is known, in the catalog of ``store_catalog``."""
    return Program.objects.get(slug="everything-known")


@pytest.fixture
def busy(catalog, editor):
    """The same program, with something of everything that can wait on the editor's desk."""
    store_desk(catalog, editor)
    return catalog


def store_catalog():
    """Store the seed, the glossary, and one entry of everything else that a page can show."""
    load_seed()
    call_command("loaddata", "glossary", verbosity=0)
    stress = TopicArea.objects.get(slug="secondary-traumatic-stress")
    umbrella = TopicAreaFactory(name="Workforce well-being", definition="An *umbrella* area.")
    sleep = TopicAreaFactory(
        name="Sleep of staff",
        parent=umbrella,
        definition="Programs for **sleep**.",
        year_added=2024,
    )
    sleep.experts.add(TopicExpert.objects.get())
    PageFactory(
        name="About",
        place=PagePlace.MENU,
        shows_scale=True,
        text="## Who we are\n\nAn *agency*.\n\n| When | What |\n|---|---|\n| 2026 | It began. |",
    )
    PageFactory(name="A new area", news_on="2026-03-02", text="We review **sleep** now.")
    PlannedReviewFactory(name="Quiet Nights", note="Expected in *spring*.")
    # Hardly lighter, and hardly darker in dark, than may be.
    SiteSettingsFactory(agency="The Agency", accent="#746a00", accent_in_dark="#c9b8ea")
    program = ProgramFactory(
        name="Everything Known® about Calm Corners",
        slug="everything-known",
        acronym="EKCC",
        also_known_as=["Calm Corners", "Everything"],
        description="What it **is**, with [a link](https://example.org/about).\n\n- one\n- two",
        scope_note="The version for schools.",
        target_population="Staff of schools.",
        child_age_min=3,
        child_age_max=12,
        caregiver_child_age_min=0,
        caregiver_child_age_max=17,
        relevance_level=RelevanceLevel.MEDIUM,
        goals="1. Sleep\n2. Calm",
        essential_components="### Meetings\n\nWeekly.\n\n> Quoted from the manual.\n\n"
        "| Session | Who takes part | Where | What is practised | Minutes |\n"
        "|---|---|---|---|--:|\n"
        "| 1–4 | Staff and supervisors | Conference room | Psychoeducation | 90 |",
        delivery_settings=list(DeliverySetting),
        intensity="Weekly sessions of 90 minutes.",
        duration="24 weeks",
        languages=["English", "Español"],
        manual_available="yes",
        manual_notes="From the [website](https://example.org/manual).",
        training_available="no",
        training_notes="Not yet.",
        outcomes=list(Outcome),
        website="https://example.org/a-rather-long-address-that-has-to-break-somewhere/on-a-narrow-page",
        contact_name="Robin Example",
        contact_organization="Example University",
        contact_email="robin.example.with.a.long.name@communications.example.org",
        contact_phone="555-0100",
        is_nonresponder=True,
        research_last_reviewed="2024-06",
        content_last_reviewed="2023",
        loaded_on="2022-01-31",
    )
    RatingFactory(
        program=program,
        topic_area=stress,
        scientific_rating="NR",
        not_rated_reason=NotRatedReason.NO_CONTROL_GROUP,
        rated_on="2020",
    )
    RatingFactory(
        program=program,
        topic_area=stress,
        scientific_rating="2",
        raters=["ginny-sprang", "Jane Doe", "John Roe (not public)"],
        conflict_statement="Jane Doe *trains* for it.",
        rated_on="2024-06-15",
        rationale="Two *trials*.",
        scale_edition=ScaleEditionFactory(name="2019"),
    )
    for level, name in zip("1345", ("First", "Third", "Fourth", "Fifth"), strict=True):
        RatingFactory(program__name=f"{name} level", topic_area=sleep, scientific_rating=level)
    RatingFactory(
        program=program,
        topic_area=sleep,
        scientific_rating="NR",
        not_rated_reason=NotRatedReason.MEASURES,
        rated_on="2025",
    )
    for part in ResearchPart:
        study = StudyFactory(
            program=program,
            reference=ReferenceFactory(
                container="Journal of Results", volume="1", doi=f"10.5555/{part}"
            ),
            design="rct",
            # What level 2 asks for, so that nobody is asked once more who rates so.
            **dict.fromkeys(("peer_reviewed", "usual_care", "sound_measures"), "yes"),
            enrolled=184,
            participants_status="Teachers.",
            location="Ohio",
            follow_up_months=6,
            summary="It **helped**.",
        )
        if part != ResearchPart.OTHER:
            FindingFactory(
                program=program,
                reference=study.reference,
                topic_area=sleep,
                outcome="Hours of sleep",
                effect="benefit",
                sustained_months=6,
                counts=part == ResearchPart.COUNTS,
                note="Measured by a watch.",
            )
    ExternalRatingFactory(
        program=program,
        registry__name="Index of Programs for Children and Their Teachers",
        registry__url="https://index.example/",
        registry__scale="- Effective\n- Promising",
        registry__state="frozen",
        scope="Hours of sleep",
        url="https://index.example/a-rather-long-address",
        rated_on="2019",
        checked_on="2025-03-01",
    )
    ContactFactory(
        program=program, name="Kim Example", title="Trainer", email="kim@index.example", phone="555"
    )
    RelatedProgramFactory(
        program=program, kind="adaptation", other=Program.objects.get(slug="mockingbird-family")
    )
    SynonymGroupFactory(name="Worn out", synonyms=["burned out", "exhausted"])
    for entry in (
        {"program": program},
        {"topic_area": stress},
        {"expert": TopicExpert.objects.get()},
    ):
        Proposal.objects.create(
            **entry,
            state=ProposalState.PUBLISHED,
            published_at=timezone.now(),
            change_note="New contact: see https://example.org/a-rather-long-address-that-has-to-break",
        )
    retired = ProgramFactory(name="Gone", slug="gone")
    retired.status = Status.RETIRED
    retired.retirement_reason = "Its authors no longer *offer* [it](https://example.org/gone)."
    retired.save()
    draft = ProgramFactory(name="Not out yet", slug="not-out-yet", status=Status.DRAFT)
    RatingFactory(program=draft, topic_area=stress)
