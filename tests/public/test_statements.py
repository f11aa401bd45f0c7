"""What pages say is what is recorded: a bare catalog has just these statements, and each value brings its own."""

import json
from collections import Counter

import pytest
from django.utils import timezone

from catalog.models import Rating, TopicArea
from catalog.public.summary.content import summary_content

from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory
from ..pages import INLINE, read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADDRESSES = {
    "program": "/programs/steady/",
    "as of": "/programs/steady/?as_of={today}",
    "area": "/topics/calm/",
    "comparison": "/compare/?program=steady&program=other",
    "expert": "/experts/ada/",
    "list": "/programs/",
    "areas": "/topics/",
    "map": "/evidence-map/",
    "home": "/",
    "scale": "/rating-scale/",
}
# Said whatever is recorded: headings, links, and how to read the page.
HEADINGS = {
    "Scientific rating",
    "What the ratings mean",
    "About the program",
    "Delivery",
    "Implementation",
    "Research",
    "At a glance",
    "Compare with other programs",
    "Dates",
    "Contact",
}
LEVEL_3 = "Scientific rating 3: Promising Research Evidence"
RATED_3 = (
    "In Calm, this program is rated 3: at least one controlled study found a benefit, or results as good as those of "
    "a suitable comparison."
)
RATED_NR = (
    "In Calm, this program is not able to be rated (NR): when it was rated, the published, peer-reviewed research "
    "that a level needs had not been found. That says nothing against the program: it is not a low rating."
)
TOOK_PART = "Topic expert took part Not recorded. "
NO_YEAR = (
    "The year in which this topic area was added is not recorded, so it is not known which programs the topic expert "
    "helped to identify and rate."
)
RULE = (
    "This topic area was added in 2024. The topic expert helped to identify and rate any program whose original load "
    "date, which stands on its page, is in that year, and any that was loaded earlier and placed here at the launch. "
    "As the area grows, programs that are added later are identified by the staff, the Scientific Panel and/or the "
    "Advisory Committee; the topic expert did not take part in identifying or rating these, unless a rating names "
    "them among those who gave it."
)
IN_COMPARISON = (
    "Calm Scientific rating 3: Promising Research Evidence Rated: Not recorded Not rated here"
)
FILES = "For reference managers: RIS · BibTeX"
NO_FINDING = "No finding of a study is recorded in this topic area."
# What a section names that is not recorded.
DELIVERY = (
    *("services to children and adolescents", "services to parents and caregivers", "settings"),
    *("recommended intensity", "recommended duration", "group format and size", "homework"),
    *("languages", "resources needed", "provider qualifications", "manual", "training"),
)
IMPLEMENTATION = (
    *("logic model", "pre-implementation materials", "formal support", "fidelity measures"),
    *("implementation guides or manuals", "research on how to implement it", "cost"),
)
AT_A_GLANCE = ("child welfare relevance", "child-welfare outcomes")
WHO_RATED = ("who rated it", "conflicts of interest")
DATES = ("research last reviewed", "originally loaded")
NO_CONTACT_THEN = (
    "Whom to ask is a question of today, and nobody who is no longer named is named here for ever: pages of a past day "
    "show no contacts. Whom to ask now"
)
NO_CONTACT = "This site has no contact of the program on record."
NO_ANSWER = (
    "Nonresponder: the program's representative did not answer the clearinghouse. This entry rests on information "
    "that is publicly available."
)


def lacking(names, but=""):
    """Return the one line in which a section names what is not recorded."""
    return f"Not recorded: {'; '.join(name for name in names if name != but)}."


def statements(element):
    """Return what an element says, block by block; a fact with its label and a row of a table are one."""
    lines, words = [], []

    def end():
        lines.append(" ".join("".join(words).split()))
        words.clear()

    def walk(part):
        if isinstance(part, str):
            words.append(part)
        elif part.tag == "tr" or [c for c in part.children if getattr(c, "tag", "") == "dt"]:
            end()
            lines.append(part.text)
        elif part.tag not in {"form", "nav", "search", "script", "button"}:
            if part.tag not in INLINE:
                end()
            for child in part.children:
                walk(child)
            if part.tag not in INLINE:
                end()

    walk(element)
    return Counter(filter(None, lines))


def of_summary():
    area = TopicArea.objects.get(slug="calm")
    content = summary_content(
        area,
        ratings=Rating.objects.published().current().filter(topic_area=area).in_program_order(),
        experts=area.experts.all(),
        further_reading=(),
        site_name="",
        address="https://example.org/topics/calm/",
        made_on=timezone.localdate(),
    )
    shown = json.loads(content)
    said = [shown["involvement"], shown["program_count"]]
    for entry in shown["rated"] + shown["not_rated"]:
        said += [f"{name}: {entry[name]}" for name in ("level", "reason", "scope") if entry[name]]
    return Counter(said)


def all_statements(client):
    today = timezone.localdate()
    pages = {name: client.get(path.format(today=today)) for name, path in ADDRESSES.items()}
    return {
        **{name: statements(read(page).main) for name, page in pages.items()},
        "pdf": of_summary(),
    }


@pytest.fixture
def bare():
    """A program, its rating, its topic area and the expert, of which nothing more is recorded than must be."""
    expert = TopicExpertFactory(name="Ada", slug="ada")
    area = TopicAreaFactory(name="Calm", slug="calm")
    area.experts.add(expert)
    program = ProgramFactory(name="Steady", slug="steady")
    ProgramFactory(name="Other", slug="other")
    rating = RatingFactory(program=program, topic_area=area)
    return {"program": program, "rating": rating, "area": area, "expert": expert}


def test_bare_entries_are_said_to_be_just_that(client, bare):
    said = all_statements(client)

    of_program = {
        "Steady",
        f"3 {LEVEL_3} in Calm",
        "Date not recorded.",
        "Explanation of the rating in Calm",
        RATED_3,
        NO_FINDING,
        "No studies are listed with this program yet.",
        *map(lacking, (DELIVERY, IMPLEMENTATION, AT_A_GLANCE, DATES, WHO_RATED)),
    }
    of_today = {
        NO_CONTACT,
        "In the same topic area",
        "Programs rated 1 to 3 in Calm",
        "Is something wrong here? Suggest a correction",
        f"{TOOK_PART}The year in which the topic area was added is not recorded.",
    }
    citing = {"Cite this page", FILES, *(line for line in said["program"] if "Entry as of" in line)}
    assert set(said["program"]) == HEADINGS | of_program | of_today | citing
    assert set(said["as of"]) == (
        HEADINGS - {"Compare with other programs"} | of_program | {NO_CONTACT_THEN} | citing
    )
    assert set(said["comparison"]) == {
        "Compare programs",
        "Show only what differs",
        "2 programs side by side",
        "Steady Remove Steady Other Remove Other",
        "Scientific rating",
        IN_COMPARISON,
        "Research and review",
        "Studies listed None listed None listed",
        "Add a program",
    }
    assert NO_YEAR in said["area"]
    assert said["pdf"] == Counter([NO_YEAR, "1 program: 1 at level 3.", "level: 3"])
    assert set(said["expert"]) > {"Ada", "Topic expert for", "Calm", "1 program"}


def of_program(added, removed=()):
    """Return what changes on a program's page, as of today too."""
    return {"program": (added, removed), "as of": (added, removed)}


# What is recorded, and what pages then say and no longer say.
RECORDED = [
    (
        "area",
        "year_added",
        2024,
        {
            "program": (
                [f"{TOOK_PART}The program's load date is not recorded."],
                [f"{TOOK_PART}The year in which the topic area was added is not recorded."],
            ),
            "area": ([RULE], [NO_YEAR]),
            "pdf": ([RULE], [NO_YEAR]),
            "expert": (["Added in 2024. 1 program"], ["1 program"]),
        },
    ),
    (
        "area",
        "rating_criteria",
        "Sleep.",
        {
            **of_program([f"{RATED_3} What this area asks of research: “Sleep.”"], [RATED_3]),
            "area": (["In order to be rated Sleep."], ["In order to be rated Not stated"]),
        },
    ),
    ("expert", "position", "Chair", {"area": (["Ada, Chair"], ["Ada"]), "expert": (["Chair"], [])}),
    (
        "program",
        "loaded_on",
        "2024",
        of_program(
            ["Originally loaded 2024", lacking(DATES, "originally loaded")], [lacking(DATES)]
        ),
    ),
    (
        "program",
        "is_nonresponder",
        True,
        {
            **of_program([NO_ANSWER]),
            "comparison": (
                ["Nonresponder Yes: this entry rests on public information Not recorded"],
                [],
            ),
        },
    ),
    (
        "program",
        "manual_available",
        "no",
        {
            **of_program(["Manual No", lacking(DELIVERY, "manual")], [lacking(DELIVERY)]),
            "comparison": (["Delivery", "Manual No Not recorded"], []),
        },
    ),
    (
        "program",
        "relevance_level",
        "low",
        {
            **of_program(
                ["Child welfare relevance Low", lacking(AT_A_GLANCE, "child welfare relevance")],
                [lacking(AT_A_GLANCE)],
            ),
            "comparison": (["Whom it serves", "Child welfare relevance Low Not recorded"], []),
        },
    ),
    (
        "program",
        "languages",
        ("English",),
        {
            **of_program(
                ["Languages English", lacking(DELIVERY, "languages")], [lacking(DELIVERY)]
            ),
            "comparison": (["Delivery", "Languages English Not recorded"], []),
        },
    ),
    (
        "program",
        "content_last_reviewed",
        "2025",
        {
            **of_program(["Content last reviewed by the program 2025"]),
            "comparison": (["Content last reviewed by the program 2025 Not recorded"], []),
        },
    ),
    (
        "program",
        "research_last_reviewed",
        "2099",
        {
            **of_program(
                [
                    "The date recorded for the last review of the research, 2099, is in the future.",
                    "Research last reviewed 2099",
                    "Research reviewed 2099",
                    lacking(DATES, "research last reviewed"),
                ],
                [lacking(DATES)],
            ),
            "comparison": (["Research last reviewed 2099 Not recorded"], []),
        },
    ),
    ("program", "contact_name", "Robin", {"program": (["Robin"], [NO_CONTACT])}),
    (
        "program",
        "scope_note",
        "One use.",
        {
            **of_program(["What was reviewed", "One use."]),
            "area": (["What was reviewed: One use."], []),
            "comparison": (["The program", "What was reviewed One use. Not recorded"], []),
            "pdf": (["scope: One use."], []),
        },
    ),
    (
        "program",
        "not_provided",
        ("goals",),
        {
            **of_program(["Goals", "Not provided by the representative"]),
            "comparison": (
                ["The program", "Goals Not provided by the representative Not recorded"],
                [],
            ),
        },
    ),
    (
        "rating",
        "rated_on",
        "2024",
        {
            **of_program(["Rated 2024."], ["Date not recorded."]),
            "comparison": (
                [IN_COMPARISON.replace("Not recorded", "2024")],
                [IN_COMPARISON],
            ),
        },
    ),
    (
        "rating",
        "raters",
        ["Jane Doe"],
        of_program(["Rated by Jane Doe", lacking(WHO_RATED, "who rated it")], [lacking(WHO_RATED)]),
    ),
    (
        "rating",
        "raters",
        ["Jane Doe (not public)"],
        of_program(
            [
                "Rated by 1 person who is not named in public",
                lacking(WHO_RATED, "who rated it"),
            ],
            [lacking(WHO_RATED)],
        ),
    ),
    (
        "rating",
        "raters",
        ["ada"],
        {
            "program": (
                [
                    "Rated by Ada",
                    "Topic expert took part Yes. Recorded among those who rated it: Ada.",
                    lacking(WHO_RATED, "who rated it"),
                ],
                [
                    lacking(WHO_RATED),
                    f"{TOOK_PART}The year in which the topic area was added is not recorded.",
                ],
            ),
            "as of": (
                ["Rated by Ada", lacking(WHO_RATED, "who rated it")],
                [lacking(WHO_RATED)],
            ),
        },
    ),
    (
        "rating",
        "conflict_statement",
        "None.",
        of_program(
            ["Conflicts of interest None.", lacking(WHO_RATED, "conflicts of interest")],
            [lacking(WHO_RATED)],
        ),
    ),
]


def test_each_value_brings_just_what_rests_on_it(client, bare):
    before = all_statements(client)
    for what, field, value, changes in RECORDED:
        entry = bare[what]
        blank = getattr(entry, field)
        setattr(entry, field, value)
        entry.save()

        now = all_statements(client)

        found = {
            page: (list(now[page] - before[page]), list(before[page] - now[page])) for page in now
        }
        expected = {**dict.fromkeys(now, ([], [])), **changes}
        assert [(field, page, *map(sorted, found[page])) for page in now] == [
            (field, page, *map(sorted, expected[page])) for page in now
        ]
        setattr(entry, field, blank)
        entry.save()
    assert all_statements(client) == before


def test_nr_says_what_was_not_found_and_when(client, bare):
    rating = bare["rating"]
    rating.scientific_rating = "NR"
    rating.save()
    without_reason = {"program": statements(read(client.get("/programs/steady/")).main)}
    without_reason["pdf"] = of_summary()
    rating.not_rated_reason = "no-control-group"
    rating.save()

    page = statements(read(client.get("/programs/steady/")).main)

    assert without_reason["program"][RATED_NR] == 1
    assert without_reason["program"]["NR is not a low rating. What the ratings mean"] == 1
    why = "Why NR: no study with a control group."
    assert page - without_reason["program"] == Counter([f"Date not recorded. {why}"])
    assert of_summary()["reason: No study with a control group"] == 1
    assert without_reason["pdf"]["reason: Reason not stated"] == 1
