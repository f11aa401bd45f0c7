"""Texts that mean something elsewhere, or are hard to set, stand in a summary as they were typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...examples import few
from ...factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ...transactions import rolled_back
from .reading import HEADINGS, squeezed, summary_of

pytestmark = pytest.mark.once

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


@pytest.mark.alike(5)
@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_set_and_never_run(db, area_of, text):
    summary = summary_of(area_of(text))

    # Name, definition, two criteria, expert and organization, two in the reference, two of the program.
    assert summary.text.count(squeezed(f"N {text}")) >= 10
    assert summary.missing(["root:"]) == ["root:"]
    assert summary.reader.metadata.title == f"N {text}"


@pytest.mark.alike(4)
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
        f"|{'a|' * 300}\n|{'-|' * 300}\n|{'b|' * 300}",
        "> > > - |a|\n> > >   |-|",
    ],
)
def test_text_that_is_hard_to_set_leaves_the_rest_as_it_is(db, area_of, text):
    summary = summary_of(area_of(text))

    assert summary.headings[1:] == HEADINGS
    assert summary.root["/MarkInfo"]["/Marked"].value is True
    assert summary.missing(["1 program: 1 at level 3.", "3 Promising Research Evidence"]) == []


def test_table_of_a_text_is_a_table(db):
    area = TopicAreaFactory(definition="| Age | *n* |\n|---|--:|\n| 6–12 | 40 |")

    summary = summary_of(area)

    # There is no other one where there are no programs.
    assert summary.tags >= {"/Table", "/TH", "/TD"}
    assert summary.missing(["Age n 6–12 40"]) == []


def test_table_of_very_many_cells_is_set_as_paragraphs(db):
    area = TopicAreaFactory(definition="| a |\n|---|\n" + "| word |\n" * 1000)

    summary = summary_of(area)

    assert "/Table" not in summary.tags
    assert summary.text.count("word") == 1000


# A summary takes some tenths of a second.
@few
@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_can_be_set(db, area_of, text):
    with rolled_back():
        summary = summary_of(area_of(text))

    assert summary.missing(["1 program: 1 at level 3."]) == []
