"""The summary of a topic area, as a PDF: it says what the page says, and everybody can read it."""

import io
import re

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from catalog.models import Status

from ..conftest import StrictClient
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import SEED_PROGRAMS, SEED_READING, STS, read

pytestmark = pytest.mark.once

SEED_SUMMARY = "/topics/secondary-traumatic-stress/summary.pdf"


class Summary:
    """What a reader, a screen reader and a browser find in a PDF."""

    def __init__(self, response):
        assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
        self.content = b"".join(response)
        self.reader = PdfReader(io.BytesIO(self.content))
        self.root = self.reader.trailer["/Root"]
        self.text = squeezed("".join(page.extract_text() for page in self.reader.pages))

    @property
    def headings(self):
        return [entry["/Title"] for entry in flat(self.reader.outline)]

    @property
    def links(self):
        return [
            str(annotation.get_object()["/A"]["/URI"])
            for page in self.reader.pages
            for annotation in page.get("/Annots", [])
        ]

    @property
    def tags(self):
        return set(structure_types(self.root["/StructTreeRoot"]))

    def missing(self, texts):
        """Return those of the texts that are not in the summary."""
        return [text for text in texts if squeezed(text) not in self.text]


def squeezed(text):
    """Return text without white space, which a PDF has wherever a line ends."""
    return re.sub(r"[\s\u00ad\u200b]", "", text)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def structure_types(node):
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from structure_types(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        if "/K" in node:
            yield from structure_types(node["/K"])


def summary_of(area, client=None):
    return Summary((client or StrictClient()).get(f"{area.get_absolute_url()}summary.pdf"))


@pytest.fixture(scope="module")
def seed_summary(django_db_setup, django_db_blocker):
    """The summary of the seed's topic area, made once."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", "secondary_traumatic_stress", verbosity=0)
        summary = Summary(StrictClient().get(SEED_SUMMARY))
        transaction.set_rollback(True)
    return summary


# --- What it says ----------------------------------------------------------------------------------------------------


def test_summary_says_what_the_page_says(client, seed):
    page = read(client.get("/topics/secondary-traumatic-stress/"))

    summary = Summary(client.get(SEED_SUMMARY))

    definition = page.section("Definition")
    facts = definition.facts
    texts = [p.text for p in definition.one("div", class_="prose").all("p")]
    assert summary.missing([page.h1, *texts, *facts.keys(), *facts.values()]) == []
    assert summary.missing([f"Made on {timezone.localdate():%B} {timezone.localdate().day}"]) == []


def test_summary_has_the_headings_of_the_page(seed_summary):
    assert seed_summary.headings == [
        STS,
        "Definition",
        "Criteria",
        "Target population",
        "Services/types that fit",
        "Delivered by",
        "In order to be included",
        "In order to be rated",
        "Topic expert",
        "Rating scale",
        "Programs",
        "Further reading",
    ]


def test_summary_lists_every_rated_program_in_clearinghouse_order(seed_summary):
    # The acronym and the words for screen readers are the page's.
    expected = [
        (re.sub(r" \([A-Z-]+\)$", "", name), re.sub(r"^Scientific rating (\w+): ", r"\1", level))
        for name, (level,) in SEED_PROGRAMS
    ]
    names = [name for name, _ in expected]
    levels = sorted({level for _, level in expected})

    _, _, listed = seed_summary.text.partition(squeezed("Rated, most evidence first"))
    starts = [listed.index(squeezed(name)) for name in names]
    parts = [listed[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]

    found = [[level for level in levels if squeezed(level) in part] for part in parts]
    assert list(zip(names, found, strict=True)) == [(name, [level]) for name, level in expected]
    assert seed_summary.missing(["13 programs: 5 at level 3, 8 not able to be rated (NR)."]) == []


def test_summary_explains_the_scale(seed_summary):
    assert (
        seed_summary.missing(
            [
                "1 Well-Supported by Research Evidence",
                "2 Supported by Research Evidence",
                "3 Promising Research Evidence",
                "4 Evidence Fails to Demonstrate Effect",
                "5 Concerning Practice",
                "NR Not able to be Rated",
                "it is not a low rating",
            ]
        )
        == []
    )


def test_summary_names_the_expert_and_the_rule(seed_summary):
    assert (
        seed_summary.missing(["Ginny Sprang, PhD", "This topic area was added in 2024. The topic"])
        == []
    )


def test_summary_cites_further_reading(seed_summary):
    assert seed_summary.missing(SEED_READING) == []


def test_summary_links_to_programs_to_dois_and_to_the_page(seed_summary):
    programs = [link for link in seed_summary.links if "/programs/" in link]
    dois = [link for link in seed_summary.links if "doi.org" in link]
    others = set(seed_summary.links) - {*programs, *dois}

    assert programs[0] == "http://testserver/programs/community-resiliency-model/"
    assert len(set(programs)) == 13
    assert list(dict.fromkeys(dois)) == [c.rpartition(" ")[2] for c in SEED_READING]
    assert others == {"http://testserver/topics/secondary-traumatic-stress/"}


def test_summary_says_why_a_program_is_not_rated(db):
    area = TopicAreaFactory()
    RatingFactory(topic_area=area, scientific_rating="NR", not_rated_reason="no-control-group")
    RatingFactory(topic_area=area, scientific_rating="1")

    summary = summary_of(area)

    assert summary.missing(["No study with a control group", "1 not able to be rated (NR)"]) == []


def test_summary_of_an_umbrella_area_lists_its_parts(db):
    umbrella = TopicAreaFactory(name="Umbrella", definition="All of it.")
    TopicAreaFactory(name="First part", parent=umbrella)
    TopicAreaFactory(name="Hidden part", parent=umbrella, status=Status.DRAFT)

    summary = summary_of(umbrella)

    assert summary.headings == ["Umbrella", "Definition", "Topic areas", "Further reading"]
    assert summary.missing(["All of it.", "First part"]) == []
    assert summary.missing(["Hidden part"]) == ["Hidden part"]
    assert set(summary.links) == {
        "http://testserver/topics/first-part/",
        "http://testserver/topics/umbrella/",
    }


def test_summary_of_a_bare_area_says_what_is_not_there(db):
    summary = summary_of(TopicAreaFactory(name="Bare"))

    assert (
        summary.missing(
            [
                "Definition Not stated",
                "In order to be rated Not stated",
                "No topic expert is recorded",
                "No program is listed in this topic area yet.",
                "Further reading None listed",
            ]
        )
        == []
    )


# --- Who can read it -------------------------------------------------------------------------------------------------


def test_summary_is_tagged_for_screen_readers(seed_summary):
    metadata = seed_summary.root["/Metadata"].get_object().get_data().decode()

    assert seed_summary.root["/MarkInfo"]["/Marked"].value is True
    assert seed_summary.tags >= {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD", "/Link"}
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_summary_has_a_language_and_a_title(seed_summary):
    assert seed_summary.root["/Lang"] == "en-US"
    assert seed_summary.reader.metadata.title == STS
    assert seed_summary.reader.metadata.author == "Evidence Clearinghouse"
    assert seed_summary.root["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_summary_is_saved_under_the_name_of_its_area(client, seed):
    response = client.head(SEED_SUMMARY)

    assert response["Content-Disposition"] == (
        'inline; filename="secondary-traumatic-stress-summary.pdf"'
    )


# --- Texts that mean something elsewhere -----------------------------------------------------------------------------

HOSTILE = [
    '#read("/etc/passwd")',
    '#include "summary.typ"',
    "#sys.inputs.summary",
    "#set page(fill: red)",
    "#panic()",
    "$ x^2 $",
    "@nothing",
    "/* unclosed",
    "// a comment",
    "= no heading",
    "] ) }",
    "\\",
    '"',
    "<script>alert(1)</script>",
    "{{ 7 }}",
]


@pytest.fixture
def area_of():
    """Make a topic area with a text in each of its places."""

    def make(text):
        area = TopicAreaFactory(
            name=f"N {text}"[:200],
            slug="hostile",
            definition=f"N {text}",
            target_population=f"- N {text}",
            rating_criteria=f"> N {text}",
            year_added=2024,
        )
        area.experts.add(
            TopicExpertFactory(
                name=f"N {text}"[:200], slug="hostile", organization=f"N {text}"[:200]
            )
        )
        reference = ReferenceFactory(key="hostile", title=f"N {text}", authors=f"N {text}; M, B.")
        area.further_reading.add(reference)
        program = ProgramFactory(name=f"N {text}"[:300], slug="hostile", description=f"N {text}")
        RatingFactory(program=program, topic_area=area)
        return area

    return make


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_set_and_never_run(db, area_of, text):
    summary = summary_of(area_of(text))

    # Name, definition, two criteria, expert and organization, two in the reference, two of the program.
    assert summary.text.count(squeezed(f"N {text}")) >= 10
    assert summary.missing(["root:"]) == ["root:"]
    assert summary.reader.metadata.title == f"N {text}"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 900,
        "https://example.org/" + "x" * 900,
        "\u202e right to left \u05d0\u0627",
        "\U0001f600 \u0e01 \U00012000",
        "\x01\x0b\x1f\x7f\x85\u2028\ufeff\ufffe",
        "*" * 300,
        "> " * 60,
        "[a](" * 100,
        "- " * 60,
        "`" * 99,
    ],
)
def test_text_that_is_hard_to_set_leaves_the_rest_as_it_is(db, area_of, text):
    summary = summary_of(area_of(text))

    assert summary.headings[1:] == [
        "Definition",
        "Criteria",
        "Target population",
        "Services/types that fit",
        "Delivered by",
        "In order to be included",
        "In order to be rated",
        "Topic expert",
        "Rating scale",
        "Programs",
        "Further reading",
    ]
    assert summary.root["/MarkInfo"]["/Marked"].value is True
    assert summary.missing(["1 program: 1 at level 3.", "3 Promising Research Evidence"]) == []


# A summary takes some tenths of a second.
@settings(max_examples=10)
@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_can_be_set(db, area_of, text):
    with transaction.atomic():
        summary = summary_of(area_of(text))
        transaction.set_rollback(True)

    assert summary.missing(["1 program: 1 at level 3."]) == []


# --- Uploaded instead ------------------------------------------------------------------------------------------------

UPLOADED = b"%PDF-1.7 uploaded by the clearinghouse"


@pytest.fixture
def area_with_document(db):
    area = TopicAreaFactory(name="Calm")
    area.summary_document.save("any name.pdf", ContentFile(UPLOADED))
    return area


def test_uploaded_document_is_served_instead(client, area_with_document):
    response = client.get("/topics/calm/summary.pdf")

    assert b"".join(response) == UPLOADED
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="calm-summary.pdf"'


@pytest.mark.parametrize("prefix", ["/", "/media/", "/var/", "/static/", "/topics/calm/"])
def test_uploaded_document_has_no_other_address(client, area_with_document, prefix):
    response = client.get(f"{prefix}{area_with_document.summary_document.name}")

    assert response.status_code == 404


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
def test_uploaded_document_of_a_hidden_area_is_hidden(client, area_with_document, status):
    area_with_document.status = status
    area_with_document.save()

    response = client.get("/topics/calm/summary.pdf")

    assert response.status_code == 404
    assert UPLOADED not in response.content


def test_editor_sees_the_uploaded_document_of_a_draft(editor_client, area_with_document):
    area_with_document.status = Status.DRAFT
    area_with_document.save()

    response = editor_client.get("/topics/calm/summary.pdf")

    assert b"".join(response) == UPLOADED


# --- Hidden areas ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
def test_hidden_area_has_no_summary(client, db, status):
    TopicAreaFactory(name="Calm", status=status, published_at=timezone.now())

    response = client.get("/topics/calm/summary.pdf")

    assert response.status_code == 404
    assert read(response).h1 == "There is no such page"


def test_retired_area_has_no_summary_for_editors_either(editor_client, db):
    TopicAreaFactory(name="Calm", status=Status.RETIRED, published_at=timezone.now())

    assert editor_client.get("/topics/calm/summary.pdf").status_code == 404


def test_editor_sees_the_summary_of_a_draft(editor_client, db):
    area = TopicAreaFactory(name="Calm", status=Status.DRAFT, definition="Not public yet.")
    RatingFactory(topic_area=area, program__name="Draft program", program__status=Status.DRAFT)

    summary = summary_of(area, editor_client)

    assert summary.missing(["Not public yet.", "Draft program"]) == []
