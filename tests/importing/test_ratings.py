"""Files of ratings, the whole history."""

import pytest

from catalog.models import (
    Program,
    Rating,
)

from ..factories import (
    ProgramFactory,
    TopicExpertFactory,
)
from .loading import (
    NEW_ROWS,
    counts,
    exported,
    history_file,
    load,
    problems,
    rate,
    ratings,
    stored,
)

pytestmark = pytest.mark.django_db


# --- ratings.csv, the whole history


def test_history_of_ratings_is_loaded_whichever_order_it_is_in(neighbours):
    result = load(
        "ratings", history_file("2,,,2025,yes", "NR,measures,Old.,2020,no", "3,,,2022,no")
    )

    assert problems(result) == []
    assert ratings() == [
        ("NR", "2020", "measures", False),
        ("3", "2022", "", False),
        ("2", "2025", "", True),
    ]


def test_row_repeats_a_current_rating_and_may_correct_its_rationale(rated):
    result = load("ratings", history_file("NR,measures,Better words.,2024-06,yes"))

    assert result.counts == counts(changed=1)
    assert Rating.objects.get().rationale == "Better words."


def test_new_current_rating_retires_the_one_before(rated):
    load("ratings", history_file("2,,,2026,yes"))

    assert ratings() == [("NR", "2024-06", "measures", False), ("2", "2026", "", True)]


def test_new_rating_gets_the_edition_that_was_in_use_on_its_date(neighbours):
    load("ratings", history_file("2,,,2026-03,yes", "3,,,2022,no"))

    editions = Rating.objects.order_by("rated_on").values_list("rated_on", "scale_edition__name")
    assert [*editions] == [("2022", None), ("2026-03", "2026")]
    # As the history says too, and as the same file finds it.
    assert [r.history.get().scale_edition for r in Rating.objects.order_by("rated_on")] == [
        r.scale_edition for r in Rating.objects.order_by("rated_on")
    ]
    again = load("ratings", history_file("2,,,2026-03,yes", "3,,,2022,no"))
    assert again.counts == counts(unchanged=2)


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("NR,measures,New words.,2024-06,no", "rationale"),
        ("NR,not-stated,Why.,2024-06,no", "not rated reason"),
        ("NR,measures,Why.,2024-06,yes", "current"),
    ],
)
def test_past_rating_is_never_overwritten(cells, what, rated):
    rate("3", "2026")
    before = stored()

    result = load("ratings", history_file(cells))

    assert f"A past rating is kept as it was; {what} cannot change." in [
        problem.message for problem in result.problems
    ]
    assert {problem.row for problem in result.problems} == {2}
    assert stored() == before


def test_two_current_ratings_in_one_area_are_refused(rated):
    before = stored()

    result = load("ratings", history_file("2,,,2025,yes", "3,,,2026,yes"))

    assert problems(result) == [
        (
            3,
            "is_current",
            "yes",
            "Row 2 gives another current rating of the same program in the same topic area.",
        )
    ]
    assert stored() == before


NO_CURRENT = "This would leave the program without a current rating in the topic area."


def test_program_is_not_left_without_a_current_rating(rated):
    before = stored()

    result = load("ratings", history_file("NR,measures,Why.,2024-06,no"))

    assert problems(result) == [(2, "is_current", "no", NO_CURRENT)]
    assert stored() == before


def test_past_rating_alone_is_refused(neighbours):
    result = load("ratings", history_file("3,,,2020,no"))

    assert problems(result) == [(2, "is_current", "no", NO_CURRENT)]


def test_every_program_left_without_a_current_rating_is_reported(neighbours):
    ProgramFactory(name="Other program")

    result = load(
        "ratings",
        "program,topic_area,scientific_rating,is_current\nold-program,OA,3,no\nother-program,OA,3,no\n",
    )

    assert problems(result) == [
        (2, "is_current", "no", NO_CURRENT),
        (3, "is_current", "no", NO_CURRENT),
    ]


def test_current_rating_is_retired_where_the_same_file_gives_another(rated):
    result = load("ratings", history_file("3,,,2026,yes", "NR,measures,Why.,2024-06,no"))

    assert (problems(result), result.counts) == ([], counts(changed=1, re_rated=1))
    assert ratings() == [("NR", "2024-06", "measures", False), ("3", "2026", "", True)]


@pytest.mark.parametrize("others", [[], ["1,,Why.,2024-06,no"]])
def test_re_rating_is_compared_with_what_was_current_before_the_file(others, rated):
    Rating.objects.update(scientific_rating="1", not_rated_reason="")

    result = load("ratings", history_file("4,,,2023,yes", *others))

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "scientific_rating", "4", "This falls by 3 levels: the current rating is 1."),
        (2, "rated_on", "2023", "This is older than the current rating, which is of 2024-06."),
    ]
    assert [planned.action for planned in result.rows if planned.number == 2] == ["re-rated"]
    assert ratings() == [("1", "2024-06", "", False), ("4", "2023", "", True)]
    retired = Rating.objects.get(is_current=False)
    assert retired.history.filter(history_type="~", is_current=False).count() == 1


@pytest.mark.parametrize(
    ("recorded", "given", "kept"),
    [
        ("", "2025", "2025"),
        ("2025", "2025-06", "2025-06"),
        ("2025-06-15", "June 2025", "2025-06-15"),
        ("2025", "", "2025"),
    ],
)
def test_row_of_the_history_completes_the_date_of_the_current_rating(recorded, given, kept, rated):
    Rating.objects.update(rated_on=recorded)

    result = load("ratings", history_file(f"NR,measures,Why.,{given},yes"))

    assert (problems(result), result.counts) == (
        [],
        counts(unchanged=1) if kept == recorded else counts(changed=1),
    )
    assert ratings() == [("NR", kept, "measures", True)]


def test_row_of_the_date_recorded_comes_before_one_that_says_more(rated):
    result = load(
        "ratings", history_file("NR,measures,Why.,2024-06-15,yes", "NR,measures,Why.,2024-06,no")
    )

    assert (problems(result), result.counts) == ([], counts(changed=1, re_rated=1))
    assert ratings() == [
        ("NR", "2024-06", "measures", False),
        ("NR", "2024-06-15", "measures", True),
    ]


def test_only_one_row_completes_a_rating(rated):
    result = load(
        "ratings", history_file("NR,measures,Why.,2024-06-15,no", "NR,measures,Why.,2024-06-20,yes")
    )

    assert problems(result) == []
    assert ratings() == [
        ("NR", "2024-06-15", "measures", False),
        ("NR", "2024-06-20", "measures", True),
    ]


def test_date_of_a_past_rating_is_not_completed(rated):
    rate("3", "2026")

    load("ratings", history_file("NR,measures,Why.,2024-06-15,no", "3,,,2026,yes"))

    assert ratings() == [
        ("NR", "2024-06", "measures", False),
        ("NR", "2024-06-15", "measures", False),
        ("3", "2026", "", True),
    ]


@pytest.mark.parametrize("kind", ["programs", "ratings"])
def test_undated_rating_in_the_place_of_a_dated_one_is_a_warning(kind, rated):
    result = rate("3") if kind == "programs" else load(kind, history_file("3,,,,yes"))

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "rated_on", "", "This has no date; the current rating is of 2024-06.")
    ]
    assert result.counts == counts(re_rated=1)


def test_ratings_without_a_column_for_it_are_current(neighbours):
    load("ratings", [NEW_ROWS["ratings"]])

    assert ratings() == [("2", "", "", True)]


@pytest.mark.parametrize("is_current", [True, False])
def test_blank_cell_for_current_leaves_a_recorded_rating_as_it_is(is_current, rated):
    if not is_current:
        rate("3", "2026")
    before = stored()

    result = load("ratings", history_file("NR,measures,Why.,2024-06,"))

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_file_without_dates_is_about_the_ratings_that_are_recorded(rated):
    """An absent column leaves the date alone: this is not a re-rating of an unknown date."""
    load(
        "ratings",
        "program,topic_area,scientific_rating,rationale\nold-program,OA,NR,Better words.\n",
    )

    assert ratings() == [("NR", "2024-06", "measures", True)]
    assert Rating.objects.get().rationale == "Better words."


@pytest.mark.parametrize("kind", ["ratings", "studies"])
def test_change_of_what_belongs_to_a_retired_program_is_a_warning(kind, neighbours):
    Program.objects.update(status="retired", retired_at="2026-01-01T00:00Z")
    ProgramFactory(name="Other program")
    row = NEW_ROWS[kind]

    result = load(kind, [row, {**row, "program": "other-program"}])
    again = load(kind, [row])

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "", "Old program", "This entry is retired.")
    ]
    assert (again.counts, again.warnings) == (counts(unchanged=1), [])


def test_re_rating_of_a_retired_program_is_a_warning(rated):
    Program.objects.update(status="retired", retired_at="2026-01-01T00:00Z")

    result = load("ratings", history_file("3,,,2026,yes"))

    assert (problems(result), result.counts) == ([], counts(re_rated=1))
    assert [tuple(warning) for warning in result.warnings] == [
        (2, "", "Old program", "This entry is retired.")
    ]


SAID_OF_PROGRAM = (
    "Notice. This is no reason any more: it becomes not-stated. A file of programs says in is_nonresponder that a "
    "representative did not answer."
)


def test_reason_that_nobody_answered_becomes_not_stated(neighbours):
    result = load("ratings", history_file("NR,nonresponder,,2020,no", "NR,measures,,2024,yes"))

    assert problems(result) == []
    assert [tuple(warning) for warning in result.warnings] == [
        (
            2,
            "not_rated_reason",
            "nonresponder",
            SAID_OF_PROGRAM,
        )
    ]
    assert ratings() == [("NR", "2020", "not-stated", False), ("NR", "2024", "measures", True)]


# --- Who gave them


def load_raters(raters, statement=""):
    row = {"program": "old-program", "topic_area": "OA", "scientific_rating": "NR"}
    return load("ratings", [{**row, "raters": raters, "conflict_statement": statement}])


def test_raters_are_experts_by_slug_or_name_and_others_by_name(rated):
    expert = TopicExpertFactory(name="Ada Expert", slug="ada-1")
    expert.slug = "ada"
    expert.save()
    TopicExpertFactory(name="Ben Expert", slug="ben")

    result = load_raters("ada-1 | Jane Doe (Not public)|BEN  expert|ada", "None declared.")

    assert problems(result) == []
    rating = Rating.objects.get()
    assert rating.raters == ("ada", "Jane Doe (not public)", "ben")
    assert rating.conflict_statement == "None declared."
    assert rating.history.latest().raters == rating.raters


def test_rater_whom_nobody_can_tell_is_refused(rated):
    for slug in ("kim-1", "kim-2"):
        TopicExpertFactory(name="Kim Expert", slug=slug)
    before = stored()

    result = load_raters("kim-3|Kim Expert|Jane Doe")

    message = (
        "“kim-3” is no topic expert’s slug. Write a slug that there is, or a name as people write it: "
        "“Jane Doe”. More than one topic expert is called “Kim Expert”; write the slug: kim-1, kim-2."
    )
    assert problems(result) == [(2, "raters", "kim-3|Kim Expert|Jane Doe", message)]
    assert stored() == before


def test_raters_come_back_unchanged_from_their_export(rated):
    expert = TopicExpertFactory(name="Ada Expert", slug="ada")
    load_raters("ada|Jane Doe|John Roe (not public)", "None.")
    rate("3", "2026")
    expert.slug = "ada-expert"
    expert.save()
    # Of the same name as somebody who was recorded before.
    TopicExpertFactory(name="Jane Doe")
    before = stored()

    file = exported("ratings").decode()
    result = load("ratings", file)

    assert "ada-expert|Jane Doe|John Roe (not public),None.,no" in file
    assert result.counts == counts(unchanged=2)
    assert stored() == before
