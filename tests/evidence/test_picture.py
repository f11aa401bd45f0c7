"""The picture of a topic area: every study that counts, once, where it belongs."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence.picture import CountedStudy as Counted
from catalog.evidence.picture import (
    DesignGroup,
    Followed,
    OverallEffect,
    draw,
    found_in,
    picture_of,
)
from catalog.models import ScientificRating, Status, Study

from ..factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
)
from ..pages import read

studies = st.lists(
    st.builds(
        Counted,
        st.sampled_from(ScientificRating),
        st.sampled_from(DesignGroup),
        st.sampled_from(OverallEffect),
        st.sampled_from(Followed),
    ),
    min_size=1,
)


@pytest.mark.once
@given(studies)
def test_charts_hold_each_study_once_and_the_longest_bar_fits(drawn):
    picture = draw(drawn)

    for chart, column in zip(picture.charts, ("found", "followed"), strict=True):
        expected = Counter((s.level, getattr(s, column).label, s.design) for s in drawn)
        shown = {
            (row.level, cell.column, bar.design): bar.count
            for row in chart.rows
            for cell in row.cells
            for bar in cell.bars
        }
        assert shown == expected
        assert [row.count for row in chart.rows] == [
            sum(s.level == row.level for s in drawn) for row in chart.rows
        ]
        for cell in (cell for row in chart.rows for cell in row.cells):
            assert cell.count == sum(bar.count for bar in cell.bars)
            # The number beside the bars stands before the next column.
            assert sum(bar.width for bar in cell.bars) <= 96
    assert draw([]) is None


@pytest.mark.once
@pytest.mark.parametrize(
    ("effects", "found"),
    [
        (["benefit"], OverallEffect.BENEFIT),
        (["benefit", ""], OverallEffect.BENEFIT),
        (["benefit", "no-effect"], OverallEffect.MIXED),
        (["mixed", "harm"], OverallEffect.MIXED),
        (["mixed"], OverallEffect.MIXED),
        (["harm", "not-reported"], OverallEffect.HARM),
        (["", "not-reported"], OverallEffect.UNKNOWN),
    ],
)
def test_several_effects_are_mixed_and_what_is_not_stated_is_none(effects, found):
    assert found_in(effects) == found


@pytest.fixture
def area(db):
    """An area with a trial of a program at level 1, and what does not belong into its picture."""
    area, other = TopicAreaFactory(slug="sleep"), TopicAreaFactory()
    program, hidden = ProgramFactory(), ProgramFactory(status=Status.DRAFT)
    trial, not_used = ReferenceFactory.create_batch(2)
    for rated in (program, hidden):
        RatingFactory(program=rated, topic_area=area, scientific_rating="1")
        FindingFactory(program=rated, reference=trial, topic_area=area, effect="benefit")
    FindingFactory(
        program=program, reference=trial, topic_area=area, outcome="Sleep", effect="benefit"
    )
    FindingFactory(program=program, reference=trial, topic_area=other, effect="harm")
    FindingFactory(program=program, reference=not_used, topic_area=area, counts=False)
    FindingFactory(topic_area=area, effect="harm")
    Study.objects.update(design="rct", follow_up_months=18)
    return area


def test_area_shows_the_studies_that_count_of_the_programs_rated_there(area, client):
    page = read(client.get(area.get_absolute_url()))

    section = page.section("The evidence behind these ratings")
    assert section.all("p")[0].text == "1 study counts in a rating here: benefit in 1."
    assert [text.text for text in section.all("text", class_="picture-level")] == ["1", "1"]
    tables = [[cell.text for cell in table.all("td")] for table in section.all("table")]
    one = "1 (Randomized controlled trial: 1)"
    assert tables == [[one, "0", "0", "0", "0", "1"], ["0", one, "0", "0", "0", "1"]]


@pytest.mark.parametrize(
    ("design", "words"),
    [("review", "Another design"), ("other", "Another design"), ("", "Design not recorded")],
)
def test_design_that_is_not_recorded_is_no_other_design(area, client, design, words):
    Study.objects.update(design=design)

    section = read(client.get(area.get_absolute_url())).section("The evidence behind these ratings")

    assert section.all("table")[0].all("td")[0].text == f"1 ({words}: 1)"


def test_picture_takes_three_queries(area, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert len(picture_of(area).charts) == 2


def test_area_without_recorded_findings_has_no_picture(client, db):
    rating = RatingFactory()

    page = read(client.get(rating.topic_area.get_absolute_url()))

    assert "The evidence behind these ratings" not in page.text
