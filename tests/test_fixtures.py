"""The seed's data is what its page says, and the example files are what the importer reads."""

import csv
import json
import re
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command

from catalog.models import (
    Contact,
    Criterion,
    ExternalRating,
    Finding,
    NotRatedReason,
    Page,
    Program,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    ScaleEdition,
    Study,
    SynonymGroup,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.models.base import CatalogModel
from catalog.resources import KINDS
from catalog.values.richtext import render

from .pages import read

PROGRAMS = [
    ("Community Resiliency Model", "3"),
    ("Compassion-Focused Therapy for Secondary Traumatic Stress", "3"),
    ("Emotion-Focused Training for Helping Professionals", "3"),
    # The page, as plain text, writes the sign as (TM).
    ("Mockingbird Family™", "3"),
    ("Self-Compassion for Healthcare Communities", "3"),
    ("CE-CERT", "NR"),
    ("Resilience Alliance", "NR"),
    ("Resilience and Coping for the Healthcare Community", "NR"),
    ("Resilience for Trauma-Informed Professionals", "NR"),
    ("Restoring Resiliency Response", "NR"),
    ("Sanctuary Model", "NR"),
    ("Stress-Less Initiative", "NR"),
    ("Therapeutic Group Sessions", "NR"),
]
ACRONYMS = {
    "Community Resiliency Model": "CRM",
    "Emotion-Focused Training for Helping Professionals": "EFT-HP",
    "Self-Compassion for Healthcare Communities": "SCHC",
    "Resilience and Coping for the Healthcare Community": "RCHC",
    "Restoring Resiliency Response": "RRR",
    "Stress-Less Initiative": "SLI",
    "Therapeutic Group Sessions": "TGS",
}
EXAMPLES = {
    "topic_areas.csv": "topic-areas",
    "experts.csv": "experts",
    "references.csv": "references",
    "programs.csv": "programs",
    "ratings.csv": "ratings",
    "studies.csv": "studies",
    "findings.csv": "findings",
    "contacts.csv": "contacts",
    "registries.csv": "registries",
    "external_ratings.csv": "external-ratings",
}

# The glossary has a fixture of its own (test_glossary.py); the rating scale and synonyms come with the migrations.
MODELS = [
    model
    for model in apps.get_app_config("catalog").get_models()
    if issubclass(model, CatalogModel)
    and model not in {Term, ScaleEdition, Criterion, SynonymGroup}
]

TESTS = Path(__file__).parent
FIXTURES = TESTS.parent / "fixtures"

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def area(seed):
    return TopicArea.objects.get()


class ListItems(HTMLParser):
    """The text of each list item in a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.items, self.is_inside = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "li":
            self.items.append("")
            self.is_inside = True

    def handle_endtag(self, tag):
        self.is_inside = self.is_inside and tag != "li"

    def handle_data(self, data):
        if self.is_inside:
            self.items[-1] += data


def content():
    """Everything in the catalog, in an order that does not depend on primary keys."""
    objects = [obj for model in MODELS for obj in model.objects.all()]
    entries = json.loads(
        serializers.serialize(
            "json", objects, use_natural_foreign_keys=True, use_natural_primary_keys=True
        )
    )
    return sorted(entries, key=json.dumps)


# Names and terms are the page's own words, and stand between runs of prose.
TERMS = [
    "the Diagnostic and Statistical Manual of Mental Disorders",
    "https://www.self-growth-institute.com/en/self-growth-institute/",
    "Components for Enhancing Career Experience and Reducing Trauma",
    "Tracking, Resourcing, Grounding, Gesturing, Help Now!, and Shift and Stay",
    "experiential engagement, reducing rumination, conscious narrative, reducing emotional labor",
    "appraisals, self-efficacy, emotional awareness, affect regulation, resilience",
]
RUN = 8


def runs_in(text, *breaks):
    """Return the hashes of the runs of eight words of a text, without those across one of the breaks."""
    said = " ".join(words_of(text))
    for words in sorted((" ".join(words_of(name)) for name in breaks), key=len, reverse=True):
        said = re.sub(rf"\b{words}\b", "/", said)
    pieces = [piece.split() for piece in said.split("/")]
    runs = (" ".join(p[at : at + RUN]) for p in pieces for at in range(len(p) - RUN + 1))
    return {sha256(run.encode()).hexdigest()[:8] for run in runs}


def words_of(text):
    return re.findall("[a-z0-9]+", re.sub("['’]", "", text.lower()))


def test_prose_of_the_seed_has_no_eight_words_in_a_row_of_its_page():
    entries = json.loads((FIXTURES / "secondary_traumatic_stress.json").read_text())
    texts = [
        text
        for entry in entries
        if entry["model"] in {"catalog.topicarea", "catalog.program", "catalog.topicexpert"}
        for field, text in entry["fields"].items()
        if isinstance(text, str) and field not in {"name", "also_known_as"}
    ]
    # The first eight digits of hashes, so that the page need not be kept here.
    page = set((TESTS / "seed_page_runs.txt").read_text().split())
    names = [name for name, _ in PROGRAMS] + list(ACRONYMS.values()) + TERMS

    assert [text for text in texts if runs_in(text, *names) & page] == []
    # The hashes are those of the page: its terms are found.
    assert [term for term in TERMS if not runs_in(term) & page] == []


def test_seed_has_the_topic_area_of_the_page(area):
    facts = (area.name, area.abbreviation, area.slug, area.year_added, area.parent)

    assert facts == (
        "Secondary Traumatic Stress (STS) Prevention & Intervention Programs",
        "STS",
        "secondary-traumatic-stress",
        2024,
        None,
    )


def test_seed_has_a_definition_and_five_criteria_under_their_labels(area):
    labels = [label for label, _ in area.criteria]

    assert labels == [
        "Target population",
        "Services/types that fit",
        "Delivered by",
        "In order to be included",
        "In order to be rated",
    ]
    assert [label for label, text in area.criteria if not text.strip()] == []
    assert len({text for _, text in area.criteria}) == 5
    assert "DSM-5" in area.definition


def test_seed_has_one_topic_expert(area):
    assert [str(expert) for expert in area.experts.all()] == ["Ginny Sprang, PhD"]
    assert TopicExpert.objects.count() == 1


def test_seed_has_its_programs_and_levels_in_clearinghouse_order(area, client):
    ratings = area.ratings.select_related("program").in_program_order()

    page = read(client.get("/programs/"))

    links = [link for item in page.all("li", class_="program") for link in item.one("h3").links]
    assert [(rating.program.name, rating.scientific_rating) for rating in ratings] == PROGRAMS
    assert [name for name, _ in links] == [name for name, _ in PROGRAMS]


def test_seed_gives_the_acronyms_of_the_page(seed):
    acronyms = dict(Program.objects.exclude(acronym="").values_list("name", "acronym"))

    assert acronyms == ACRONYMS


def test_seed_states_no_date_and_no_reason_that_the_page_does_not(seed):
    programs = Program.objects.values_list(
        "loaded_on", "research_last_reviewed", "content_last_reviewed", "relevance_level"
    )
    ratings = Rating.objects.values_list(
        "scientific_rating", "rated_on", "not_rated_reason", "is_current"
    )

    assert set(programs) == {("", "", "", "")}
    assert set(ratings) == {("3", "", "", True), ("NR", "", NotRatedReason.NOT_STATED, True)}


def test_seed_has_its_references_in_the_order_of_the_page(area):
    further_reading = area.further_reading.values_list("key", "year", "doi")

    assert list(further_reading) == [
        ("bride-2007", 2007, "10.1093/sw/52.1.63"),
        ("cieslak-2014", 2014, "10.1037/a0033798"),
        ("meadors-2010", 2010, "10.2190/om.60.2.a"),
        ("oginska-bulik-2021", 2021, "10.1371/journal.pone.0247596"),
        ("sprang-2018", 2018, "10.1037/trm0000180"),
        ("sprang-2023", 2023, "10.1037/trm0000386"),
        ("sprang-2022", 2022, "10.1177/08862605211044961"),
    ]


def test_seed_holds_nothing_else_and_is_all_published(seed):
    public = {model: model.objects.published().count() for model in MODELS}

    assert public == {
        TopicArea: 1,
        TopicExpert: 1,
        Program: 13,
        Rating: 13,
        Reference: 7,
        Study: 0,
        Finding: 0,
        Contact: 0,
        RelatedProgram: 0,
        Registry: 0,
        ExternalRating: 0,
        Page: 0,
    }
    assert public == {model: model.objects.count() for model in MODELS}


def test_seed_loaded_twice_changes_nothing(seed):
    before = content()

    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)

    assert len(before) == 35
    assert content() == before


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_seed_passes_every_check(seed, model):
    before = content()

    for obj in model.objects.all():
        obj.full_clean()
        obj.save()

    # Nothing needed to be tidied, dated or named.
    assert content() == before


def test_seed_describes_every_program(seed):
    descriptions = set(Program.objects.values_list("description", flat=True))

    assert len(descriptions - {""}) == 13


def test_seed_says_from_where_it_is_retold(seed):
    entries = [*TopicArea.objects.all(), *Program.objects.all(), *TopicExpert.objects.all()]

    assert len(entries) == 15
    for entry in entries:
        assert "California Evidence-Based Clearinghouse for Child Welfare (CEBC)" in entry.source


def test_seed_leaves_blank_what_the_page_does_not_say(seed):
    noted = Program.objects.exclude(scope_note="").values_list("name", flat=True)
    blank = dict.fromkeys(
        (
            "intensity",
            "duration",
            "languages",
            "outcomes",
            "website",
            "contact_name",
            "contact_email",
        ),
        "",
    )

    # Of two the page says that less than the whole program was reviewed.
    assert set(noted) == {name for name, _ in PROGRAMS[:2]}
    assert Program.objects.filter(**blank).count() == 13
    assert set(Program.objects.values_list("child_age_min", "child_age_max")) == {(None, None)}


def test_seed_lists_the_five_skills_of_ce_cert(seed):
    description = Program.objects.get(slug="ce-cert").description

    assert ListItems(render(description)).items == [
        "Experiential engagement",
        "Reducing rumination",
        "Conscious narrative",
        "Reducing emotional labor",
        "Parasympathetic recovery",
    ]


def test_seed_speaks_of_the_clearinghouse_and_not_of_another_one(fixtures):
    text = (fixtures / "secondary_traumatic_stress.json").read_text(encoding="utf-8")

    # But for the line that says from where it is retold.
    told = re.sub(r'"source": "[^"]*"', "", text)
    assert re.findall(r"CEBC|California Evidence|cebc4cw", told, re.IGNORECASE) == []


def test_examples_are_one_file_for_each_kind(fixtures):
    assert {path.name for path in fixtures.glob("*.csv")} == set(EXAMPLES)
    assert set(EXAMPLES.values()) == set(KINDS)


@pytest.mark.parametrize(("name", "kind"), EXAMPLES.items())
def test_examples_have_the_columns_of_their_kind(fixtures, name, kind):
    with (fixtures / name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)

    assert [column for column in header if column not in KINDS[kind].columns()] == []
    assert len(set(header)) == len(header)
    assert rows
    assert {len(row) for row in rows} == {len(header)}
