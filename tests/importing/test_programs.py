"""Files of programs: several rows of one, and re-rating."""

import pytest

from catalog.models import (
    Program,
    Rating,
    TopicArea,
)

from ..conftest import catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    TopicAreaFactory,
    UserFactory,
)
from .loading import counts, exported_rows, load, problems, rate, ratings, stored

pytestmark = [pytest.mark.django_db, pytest.mark.once]


# --- Several rows of one program


def test_further_rows_of_a_program_place_it_in_further_areas(neighbours):
    TopicAreaFactory(name="New area")

    result = load(
        "programs",
        [
            {"name": "Steady", "acronym": "S", "topic_area": "OA", "scientific_rating": "2"},
            {"name": "Calm", "acronym": "C", "topic_area": "OA", "scientific_rating": "NR"},
            {"name": "Steady", "acronym": "", "topic_area": "New area", "scientific_rating": "3"},
        ],
    )

    assert problems(result) == []
    assert sorted(Program.objects.values_list("slug", "acronym")) == [
        ("calm", "C"),
        ("old-program", ""),
        ("steady", "S"),
    ]
    assert sorted(
        Rating.objects.values_list("program__slug", "topic_area__slug", "scientific_rating")
    ) == [("calm", "old-area", "NR"), ("steady", "new-area", "3"), ("steady", "old-area", "2")]


def test_further_rows_leave_the_program_with_one_entry_in_its_history(neighbours):
    TopicAreaFactory(name="New area")

    load(
        "programs",
        [
            {"slug": "s", "name": "S", "goals": "G", "topic_area": "OA", "scientific_rating": "2"},
            {
                "slug": "s",
                "name": "",
                "goals": "",
                "topic_area": "New area",
                "scientific_rating": "3",
            },
        ],
    )

    program = Program.objects.get(slug="s")
    assert [entry.history_type for entry in program.history.all()] == ["+"]
    assert program.ratings.count() == 2


def test_export_writes_a_row_for_each_current_rating(neighbours):
    program = Program.objects.get()
    RatingFactory(program=program, topic_area=TopicArea.objects.get(), scientific_rating="1")
    RatingFactory(program=program, topic_area=TopicArea.objects.get(), scientific_rating="3")
    RatingFactory(
        program=program, topic_area=TopicAreaFactory(name="New area"), scientific_rating="2"
    )
    ProgramFactory(name="Unrated")

    rows = [
        (row["slug"], row["topic_area"], row["scientific_rating"])
        for row in exported_rows("programs")
    ]

    assert rows == [
        ("old-program", "new-area", "2"),
        ("old-program", "old-area", "3"),
        ("unrated", "", ""),
    ]


def test_further_row_that_says_something_else_names_both_rows(neighbours):
    TopicAreaFactory(name="New area")
    before = stored()

    result = load(
        "programs",
        "slug,name,acronym,topic_area,scientific_rating\n"
        "s,Steady,S,OA,2\n"
        "old-program,Old program,,,\n"
        "s,Steady,SG,New area,3\n",
    )

    assert problems(result) == [(4, "acronym", "SG", "Row 2 says “S” of the same program.")]
    assert stored() == before


@pytest.mark.parametrize("second", ["old-area", "OA", "Old Area"])
def test_further_row_for_the_same_area_names_both_rows(second, neighbours):
    result = load(
        "programs", f"slug,name,topic_area,scientific_rating\ns,Steady,old-area,2\ns,,{second},3\n"
    )

    assert problems(result) == [
        (3, "topic_area", second, "Row 2 places the same program in the same topic area.")
    ]


def test_further_row_without_an_area_is_an_error(db):
    result = load("programs", "slug,name,acronym\ns,Steady,S\ns,Steady,S\n")

    assert problems(result) == [
        (
            3,
            "topic_area",
            "",
            "Row 2 is about the same program; a further row names a further topic area.",
        )
    ]


@pytest.mark.parametrize("rows", [["s,Steady", ",Steady"], [",Steady", "s,Steady"]])
def test_rows_of_one_new_program_are_one_whichever_gives_the_slug(rows, neighbours):
    TopicAreaFactory(name="New area")
    first, second = rows

    load("programs", f"slug,name,topic_area,scientific_rating\n{first},OA,2\n{second},New area,3\n")

    assert list(Program.objects.filter(name="Steady").values_list("slug", flat=True)) == ["s"]
    assert Rating.objects.filter(program__slug="s").count() == 2


@pytest.mark.parametrize(
    ("cells", "wrong", "message"),
    [
        (",2,,", "topic_area", "A rating needs the topic area that it holds in."),
        ("OA,,2024,", "scientific_rating", "Give the rating that these cells belong to."),
        (",,2024,", "scientific_rating", "Give the rating that these cells belong to."),
        (
            "OA,,,",
            "scientific_rating",
            "To place a program in a topic area, give its rating there.",
        ),
    ],
)
def test_placing_a_program_takes_an_area_and_a_rating(cells, wrong, message, neighbours):
    result = load(
        "programs",
        f"slug,topic_area,scientific_rating,rated_on,not_rated_reason\nold-program,{cells}\n",
    )

    assert [(p.row, p.column, p.message) for p in result.problems] == [(2, wrong, message)]


# --- Re-rating by programs.csv


def test_new_level_adds_a_rating_and_retires_the_one_before(rated):
    result = rate("3", "2026")

    assert result.counts == counts(re_rated=1)
    assert ratings() == [("NR", "2024-06", "measures", False), ("3", "2026", "", True)]
    assert [tuple(change) for change in result.rows[0].changes] == [
        ("topic_area", "old-area", "old-area"),
        ("scientific_rating", "NR", "3"),
        ("rated_on", "2024-06", "2026"),
        ("not_rated_reason", "measures", ""),
    ]


def test_re_rating_keeps_both_ratings_histories(rated):
    user = UserFactory(username="robin", is_superuser=True)

    load(
        "programs",
        "slug,topic_area,scientific_rating\nold-program,OA,3\n",
        user=user,
        reason="Imported from programs.csv",
    )

    new = Rating.objects.get(is_current=True)
    columns = ("history_type", "is_current", "history_change_reason", "history_user__username")
    assert list(rated.history.values_list(*columns)) == [
        ("~", False, "Imported from programs.csv", "robin"),
        ("+", True, None, None),
    ]
    assert list(new.history.values_list(*columns)) == [
        ("+", True, "Imported from programs.csv", "robin")
    ]


def test_same_level_of_another_date_is_a_new_rating(rated):
    rate("NR", "2026", "measures")

    assert ratings() == [("NR", "2024-06", "measures", False), ("NR", "2026", "measures", True)]


@pytest.mark.parametrize(
    ("recorded", "given"),
    [("", "2025"), ("2025", "2025-06"), ("2025", "2025-06-15"), ("2025-06", "2025-06-15")],
)
def test_same_level_with_more_of_the_date_completes_the_rating(recorded, given, rated):
    Rating.objects.update(rated_on=recorded)

    result = rate("NR", given, "measures")

    assert result.counts == counts(changed=1)
    assert ratings() == [("NR", given, "measures", True)]
    assert Rating.objects.get().rationale == "Why."


@pytest.mark.parametrize("given", ["", "2024-06", "2024-06-15"])
def test_another_reason_corrects_the_current_rating_with_a_warning(given, rated):
    result = rate("NR", given, "no-control-group")

    assert [tuple(warning) for warning in result.warnings] == [
        (
            2,
            "not_rated_reason",
            "no-control-group",
            "This changes the reason recorded for the rating of 2024-06; a new rating takes a new date.",
        )
    ]
    assert result.counts == counts(changed=1)
    assert ratings() == [("NR", given or "2024-06", "no-control-group", True)]


@pytest.mark.parametrize(("recorded", "given"), [("", "measures"), ("measures", "")])
def test_blank_reason_is_filled_and_no_reason_is_cleared_by_a_blank(recorded, given, rated):
    Rating.objects.update(not_rated_reason=recorded)

    result = rate("NR", "2024-06-15", given)

    assert (result.warnings, result.counts) == ([], counts(changed=1))
    assert ratings() == [("NR", "2024-06-15", "measures", True)]


@pytest.mark.parametrize(
    ("cells", "needed"), [(("3", "2026"), ["add", "change"]), (("NR", "2024-06-15"), ["change"])]
)
def test_re_rating_takes_the_permissions_for_both_ratings(cells, needed, rated):
    header = "slug,topic_area,scientific_rating,rated_on\nold-program,OA,"
    allowed = {"add", "change"}

    def refused(*actions):
        user = UserFactory()
        user.user_permissions.set(catalog_permissions("publish", *actions))
        result = load("programs", f"{header}{','.join(cells)}\n", user=user, dry_run=True)
        return [problem.message for problem in result.problems]

    for action in needed:
        assert refused(*allowed - {action}) == [f"Your account may not {action} ratings."]
    assert refused(*needed) == []


@pytest.mark.parametrize("given", ["", "2024-06", "June 2024", "2024"])
def test_same_level_with_the_same_or_less_of_the_date_changes_nothing(given, rated):
    before = stored()

    result = rate("NR", given)

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_area_without_a_level_leaves_the_rating_alone(rated):
    before = stored()

    result = load("programs", "slug,topic_area,scientific_rating\nold-program,OA,\n")

    assert (problems(result), result.counts) == ([], counts(unchanged=1))
    assert stored() == before


def test_rating_that_was_recorded_before_is_not_recorded_again(rated):
    rate("3", "2026")
    before = stored()

    result = rate("NR", "2024-06", "measures")

    assert [(p.row, p.message) for p in result.problems] == [
        (2, "This rating of the program, of the same date, is recorded already.")
    ]
    assert stored() == before


def test_umbrella_area_takes_no_rating(neighbours):
    TopicAreaFactory(name="Part", parent=TopicArea.objects.get())

    result = rate("3")

    assert problems(result) == [
        (
            2,
            "topic_area",
            "OA",
            "“Old area” is an umbrella area; rate the program in one of its parts.",
        )
    ]


def test_program_of_several_new_rows_is_new_in_all_of_them(neighbours):
    TopicAreaFactory(name="Other area")

    result = load(
        "programs",
        "slug,name,topic_area,scientific_rating\n"
        "s,Steady,OA,1\ns,,other-area,NR\nold-program,Old program,OA,2\n",
    )

    assert (problems(result), result.counts) == ([], counts(new=2, changed=1))


# --- A reason of former files


def test_reason_that_nobody_answered_is_said_of_the_program(neighbours):
    TopicAreaFactory(name="New area")
    rows = [
        {"name": "Old program", "topic_area": "OA", "scientific_rating": "NR"},
        {"name": "Steady", "topic_area": "OA", "scientific_rating": "3"},
        {"name": "Steady", "topic_area": "New area", "scientific_rating": "NR"},
        {"name": "Calm", "topic_area": "OA", "scientific_rating": "NR"},
    ]
    reasons = ["nonresponder", "", "The program's representative did not respond", "measures"]
    rows = [{**row, "not_rated_reason": why} for row, why in zip(rows, reasons, strict=True)]

    result = load("programs", rows)

    notice = "Notice. This is no reason any more: it becomes not-stated, and the program's is_nonresponder yes."
    assert problems(result) == []
    assert [(w.row, w.column, w.message) for w in result.warnings if w.column != "name"] == [
        (2, "not_rated_reason", notice),
        (4, "not_rated_reason", notice),
    ]
    assert sorted(Program.objects.values_list("slug", "is_nonresponder")) == [
        ("calm", False),
        ("old-program", True),
        ("steady", True),
    ]
    assert sorted(Rating.objects.values_list("program__slug", "not_rated_reason")) == [
        ("calm", "measures"),
        ("old-program", "not-stated"),
        ("steady", ""),
        ("steady", "not-stated"),
    ]
    assert load("programs", rows).counts == counts(unchanged=4)


def test_cell_that_says_who_answered_stands_beside_a_reason_of_former_files(neighbours):
    row = {"name": "Old program", "topic_area": "OA", "scientific_rating": "NR"}

    load("programs", [{**row, "not_rated_reason": "nonresponder", "is_nonresponder": "no"}])

    assert Program.objects.get().is_nonresponder is False
