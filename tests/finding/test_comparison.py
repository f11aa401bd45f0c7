"""Programs side by side: the whole table, what differs, what is left out, and how programs come and go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import NOT_PROVIDED, Program, Status

from ..factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ..pages import NOT_RATED, PROMISING, read
from .comparison_page import columns, differing, names, notices, rename, status, table

pytestmark = pytest.mark.once


@pytest.fixture
def pair(db):
    """One program of which all is known, and one of which little is."""
    first = ProgramFactory(
        name="Known®",
        acronym="KN",
        description="What *it* is.\n\n- one\n- two",
        goals="1. Sleep\n2. Calm",
        outcomes=["safety", "well-being"],
        target_population="**Staff** of schools.",
        child_age_min=3,
        child_age_max=12,
        caregiver_child_age_max=17,
        relevance_level="high",
        delivery_settings=["school", "virtual"],
        intensity="Weekly.",
        duration=NOT_PROVIDED,
        languages=["English", "Español"],
        manual_available="yes",
        manual_notes="Not in the table.",
        training_available="no",
        research_last_reviewed="2024-06",
        content_last_reviewed="2023",
        is_nonresponder=True,
    )
    second = ProgramFactory(name="Little known", languages=["English", "Español"])
    sleep, calm = TopicAreaFactory(name="Sleep"), TopicAreaFactory(name="calm")
    RatingFactory(program=first, topic_area=sleep, scientific_rating="1", rated_on="2019")
    RatingFactory(program=first, topic_area=sleep, scientific_rating="3", rated_on="2024-06-15")
    RatingFactory(
        program=second,
        topic_area=sleep,
        scientific_rating="NR",
        not_rated_reason="no-control-group",
        rated_on="2025",
    )
    RatingFactory(program=second, topic_area=calm, scientific_rating="3")
    RatingFactory(program=second, topic_area=TopicAreaFactory(name="Hidden", status=Status.DRAFT))
    for counts in (True, True, False):
        FindingFactory(program=first, topic_area=sleep, counts=counts)
    StudyFactory(program=first)
    return first, second


def test_details_have_a_row_where_one_of_the_programs_has_them(client, db):
    ProgramFactory(slug="a", cost="$50", cost_year=2024, logic_model="no")
    ProgramFactory(slug="b", homework="A *diary*.", not_provided=["cost"])

    page = read(client.get("/compare/?program=a&program=b"))

    assert table(page)["Services and implementation"] == {
        "Homework": ["Not recorded", "A diary."],
        "Logic model": ["None provided", "Not recorded"],
        "Cost": ["2024: $50", "Not provided by the representative"],
    }


def test_table_says_all_that_is_known_of_each_program(client, pair):
    page = read(client.get("/compare/?program=known&program=little-known"))

    assert page.h1 == "Compare programs"
    assert page.one("caption").text == "2 programs side by side"
    assert columns(page) == [
        [("Known®", "/programs/known/"), ("Remove Known®", "/compare/?program=little-known")],
        [
            ("Little known", "/programs/little-known/"),
            ("Remove Little known", "/compare/?program=known"),
        ],
    ]
    assert table(page) == {
        "Scientific rating": {
            "calm": ["Not rated here", f"{PROMISING} Rated: Not recorded"],
            "Sleep": [
                f"{PROMISING} Rated: June 15, 2024",
                f"{NOT_RATED} Why: no study with a control group. Rated: 2025",
            ],
        },
        "The program": {
            "What it is": ["What it is. one two", "Not recorded"],
            "Goals": ["Sleep Calm", "Not recorded"],
            "Child-welfare outcomes": ["Safety, Child/family well-being", "Not recorded"],
        },
        "Whom it serves": {
            "Target population": ["Staff of schools.", "Not recorded"],
            "Ages of the children": ["3–12", "Not recorded"],
            "Ages of the caregivers' children": ["Up to 17", "Not recorded"],
            "Child welfare relevance": ["High", "Not recorded"],
        },
        "Delivery": {
            "Settings": ["School, Virtual (telephone, video, web)", "Not recorded"],
            "Recommended intensity": ["Weekly.", "Not recorded"],
            "Recommended duration": ["Not provided by the representative", "Not recorded"],
            "Languages": ["English, Español", "English, Español"],
            "Manual": ["Yes", "Not recorded"],
            "Training": ["No", "Not recorded"],
        },
        "Research and review": {
            "Studies listed": [
                "Research that counts in a rating: 2; Research that does not count in a rating: 1; Other references: 1",
                "None listed",
            ],
            "Research last reviewed": ["June 2024", "Not recorded"],
            "Content last reviewed by the program": ["2023", "Not recorded"],
            "Nonresponder": ["Yes: this entry rests on public information", "Not recorded"],
        },
    }
    assert notices(page) == []


def test_topic_areas_of_the_table_lead_to_their_pages(client, pair):
    page = read(client.get("/compare/?program=known&program=little-known"))

    rows = [row.links for row in page.all("th", scope="row") if row.links]
    # First that in which both are rated.
    assert rows == [[("Sleep", "/topics/sleep/")], [("calm", "/topics/calm/")]]


def test_programs_that_are_rated_nowhere_say_so(client, db):
    RatingFactory(program__slug="a", topic_area__status=Status.DRAFT)
    ProgramFactory(slug="b")

    page = read(client.get("/compare/?program=a&program=b"))

    assert table(page)["Scientific rating"] == {
        "Published topic areas": ["Not rated here", "Not rated here"]
    }


def test_long_description_is_cut_short_and_differs_beyond_the_cut(client, db):
    ProgramFactory(slug="a", description="word " * 60 + "one")
    ProgramFactory(slug="b", description="word " * 60 + "other")

    page = read(client.get("/compare/?program=a&program=b&differences=1"))

    assert table(page) == {"The program": {"What it is": ["word " * 60 + "…"] * 2}}


# --- Which programs --------------------------------------------------------------------------------------------------


@pytest.fixture
def letters(db):
    """Six programs, A to F."""
    return [ProgramFactory(name=letter, slug=letter.lower()) for letter in "ABCDEF"]


def compared(client, slugs, rest=""):
    return read(client.get("/compare/?" + "&".join(f"program={s}" for s in slugs) + rest))


@pytest.mark.parametrize("slugs", ["cab", "bca", "acbaac", ["c", " a ", "", " ", "b"]])
def test_columns_have_the_order_of_the_address_each_once(client, letters, slugs):
    page = compared(client, slugs)

    order = list(dict.fromkeys(slug.strip().upper() for slug in slugs if slug.strip()))
    assert names(page) == order
    assert notices(page) == []


@pytest.mark.parametrize(
    ("slugs", "shown", "said"),
    [
        ("abcd", "ABCD", []),
        ("abcde", "ABCD", ["The first 4 programs are compared; 1 more was left out."]),
        ("feabcd", "FEAB", ["The first 4 programs are compared; 2 more were left out."]),
        ("abcdda", "ABCD", []),
    ],
)
def test_four_programs_are_the_most(client, letters, slugs, shown, said):
    page = compared(client, slugs)

    assert names(page) == list(shown)
    assert notices(page) == said


def test_unknown_program_is_named_and_takes_no_place(client, letters):
    page = compared(client, ["x", "a", "no such", "b", "c", "x", "d"])

    assert names(page) == ["A", "B", "C", "D"]
    assert notices(page) == [
        "No published program has the address “x”; it was left out.",
        "No published program has the address “no such”; it was left out.",
    ]


@pytest.mark.parametrize("hidden", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
def test_program_that_is_not_published_is_as_good_as_unknown(client, letters, hidden):
    address = "/compare/?program=a&program=secret&program=once&add=secret"
    unknown = client.get(address).content
    program = ProgramFactory(name="Secret", slug="once")
    rename(program, "secret")
    assert names(read(client.get(address))) == ["A", "Secret"]
    program.status = hidden
    program.save()

    assert client.get(address).content == unknown


def test_renamed_program_is_found_by_its_former_address_once(client, letters):
    rename(letters[0], "new")
    rename(letters[1], "newer")

    page = compared(client, ["b", "a", "new", "c"])

    assert names(page) == ["B", "A", "C"]
    assert notices(page) == []
    assert [links[1][1] for links in columns(page)] == [
        "/compare/?program=new&program=c",
        "/compare/?program=newer&program=c",
        "/compare/?program=newer&program=new",
    ]


def test_former_address_of_several_programs_leads_where_its_page_does(client, letters):
    for name, now in [("Zebra", "z"), ("Ape", "y"), ("Mule", "m")]:
        rename(ProgramFactory(name=name, slug="shared"), now)

    assert client.get("/programs/shared/")["Location"] == "/programs/y/"
    assert names(compared(client, ["shared"])) == ["Ape"]


def test_address_that_another_program_has_now_leads_to_that_one(client, letters):
    rename(letters[0], "z")
    ProgramFactory(name="Now at a", slug="a")

    assert names(compared(client, "a")) == ["Now at a"]


def test_no_program_explains_and_leads_to_the_list(client, letters):
    page = read(client.get("/compare/"))

    assert page.all("table") == []
    assert page.main.one("p", class_="lead").text.startswith("Put up to 4 programs side by side")
    assert page.main.links == [
        ("Programs", "/programs/"),
        ("the list of programs", "/programs/"),
    ]
    assert page.one("input", name="add").attributes["value"] == ""


def test_one_program_is_shown_with_a_prompt_to_add_another(client, letters):
    Program.objects.filter(slug="a").update(languages=["English"])

    page = compared(client, "a", "&differences=1")

    assert names(page) == ["A"]
    assert page.one("caption").text == "1 program"
    assert page.main.one("p", class_="toggle no-print").text == (
        "One program alone is no comparison yet: add another."
    )
    assert columns(page)[0][1] == ("Remove A", "/compare/")
    # Differences mean nothing here: all rows are shown.
    assert table(page)["Delivery"] == {"Languages": ["English"]}


# --- Differences -----------------------------------------------------------------------------------------------------


def test_differences_are_shown_alone_and_the_rest_is_counted(client, db):
    ProgramFactory(slug="a", intensity="Weekly", languages=["English"])
    ProgramFactory(slug="b", intensity="Weekly", manual_available="no")

    everything = read(client.get("/compare/?program=a&program=b"))
    page = read(client.get("/compare/?program=a&program=b&differences=1"))

    rows = sum(map(len, table(everything).values()))
    assert table(page) == {
        "Delivery": {"Languages": ["English", "Not recorded"], "Manual": ["Not recorded", "No"]}
    }
    assert status(page) == [
        f"Only what differs is shown; {rows - 2} rows in which the programs agree are left out. Show all rows"
    ]
    assert ("Show all rows", "/compare/?program=a&program=b") in page.main.links
    assert (
        "Show only what differs",
        "/compare/?program=a&program=b&differences=1",
    ) in everything.main.links


@pytest.mark.parametrize("value", ["", "0", "2", "true", "11"])
def test_anything_else_asks_for_no_differences(client, letters, value):
    page = compared(client, "ab", f"&differences={value}")

    assert table(page) == table(compared(client, "ab"))


def test_programs_that_agree_in_everything_leave_no_row(client, letters):
    page = compared(client, "ab", "&differences=1")

    assert names(page) == ["A", "B"]
    assert table(page) == {}
    assert status(page)[0].startswith("Only what differs is shown; 2 rows in which")


VALUES = {
    "description": ["", "It *is*.", "It was."],
    "goals": ["", NOT_PROVIDED, "- one\n- two"],
    "outcomes": [(), ("safety",), ("safety", "permanency")],
    "target_population": ["", "Staff", "staff"],
    "child_age_min": [None, 0, 7],
    "caregiver_child_age_max": [None, 0, 7],
    "relevance_level": ["", "high", "low"],
    "delivery_settings": [(), ("school",)],
    "intensity": ["", "Weekly"],
    "duration": ["", "24 weeks"],
    "languages": [(), ("English",), ("English", "Español")],
    "manual_available": ["yes", "no", "not-known"],
    "training_available": ["yes", "no", "not-known"],
    "research_last_reviewed": ["", "2024", "2024-01"],
    "content_last_reviewed": ["", "2024"],
    "is_nonresponder": [True, False],
}
# A rating's level, reason and date; or none.
RATINGS = [None, ("3", "", ""), ("3", "", "2024"), ("NR", "", ""), ("NR", "measures", "")]
entries = st.tuples(
    st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}),
    st.tuples(st.sampled_from(RATINGS), st.sampled_from(RATINGS)),
    st.integers(0, 2),
)


@given(st.lists(entries, min_size=2, max_size=4))
def test_differences_are_exactly_the_rows_that_do_not_say_the_same(client, db, entries):
    areas = TopicAreaFactory.create_batch(2)
    programs = []
    for fields, ratings, studies in entries:
        programs.append(ProgramFactory(**fields))
        for area, rating in zip(areas, ratings, strict=True):
            if rating:
                facts = zip(
                    ("scientific_rating", "not_rated_reason", "rated_on"), rating, strict=True
                )
                RatingFactory(program=programs[-1], topic_area=area, **dict(facts))
        StudyFactory.create_batch(studies, program=programs[-1])
    slugs = [program.slug for program in programs]

    assert table(compared(client, slugs, "&differences=1")) == differing(
        table(compared(client, slugs))
    )


# --- Adding a program ------------------------------------------------------------------------------------------------


def additions(page):
    """Return the links by which programs are added."""
    return [link for item in page.section("Add a program").all("li") for link in item.links]


def test_programs_are_found_by_their_names_and_added(client, letters):
    ProgramFactory(name="Quiet Hour®", slug="quiet", acronym="QH", also_known_as=["Calm Hour"])
    ProgramFactory(name="Quiet draft", status=Status.DRAFT)

    for words in ("quiet", "qh", "calm+hour"):
        page = compared(client, "ba", f"&differences=1&add={words}")

        assert additions(page) == [
            (
                "Add Quiet Hour® (QH)",
                "/compare/?program=b&program=a&program=quiet&differences=1",
            )
        ]
        assert status(page)[-1] == f"1 program matches “{words.replace('+', ' ')}”."


def test_box_to_add_keeps_what_is_chosen(client, letters):
    page = compared(client, "ba", "&differences=1&add=+c+")

    form = page.section("Add a program").one("form")
    sent = [(box.attributes["name"], box.attributes["value"]) for box in form.all("input")]
    assert form.attributes["method"] == "get"
    assert form.attributes["action"] == "/compare/#add"
    assert sent == [("program", "b"), ("program", "a"), ("differences", "1"), ("add", "c")]
    assert form.one("label", for_="id_add").text == "Name, need or topic"


def test_chosen_programs_are_not_found_again(client, db):
    ProgramFactory(name="Calm one", slug="one")
    ProgramFactory(name="Calm two", slug="two")

    page = read(client.get("/compare/?program=one&add=calm"))

    assert additions(page) == [("Add Calm two", "/compare/?program=one&program=two")]
    assert status(read(client.get("/compare/?program=one&add=one"))) == [
        "No other published program matches “one”."
    ]


def test_ten_matches_are_shown_names_first(client, db):
    for n in range(10):
        ProgramFactory(name=f"A{n}", slug=f"a{n}", description="calm")
    ProgramFactory(name="Calm", slug="calm")

    page = read(client.get("/compare/?add=calm"))

    assert additions(page) == [
        ("Add Calm", "/compare/?program=calm"),
        *((f"Add A{n}", f"/compare/?program=a{n}") for n in range(9)),
    ]
    assert status(page) == ["The first 10 programs that match “calm”; more words find fewer."]


def test_fifth_program_cannot_be_added(client, letters):
    page = compared(client, "abcd", "&add=e")

    assert page.main.all("form") == []
    assert page.section("Add a program").text == (
        "Add a program 4 programs are the most that fit side by side. Remove one to add another."
    )


def test_program_page_leads_to_its_comparison(client, editor_client, db):
    ProgramFactory(slug="a")
    ProgramFactory(slug="draft", status=Status.DRAFT)
    link = ("Compare with other programs", "/compare/?program=a")

    assert link in read(client.get("/programs/a/")).section("At a glance").links
    assert read(editor_client.get("/programs/draft/")).section("At a glance").links == []


# --- Machines, and whatever is sent ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "robots"),
    [("", []), ("?program=a", ["noindex, follow"]), ("?x", ["noindex, follow"])],
)
def test_comparisons_are_kept_out_of_search_engines(client, letters, query, robots):
    page = read(client.get(f"/compare/{query}"))

    assert page.one("link", rel="canonical").attributes["href"] == "http://testserver/compare/"
    assert [meta.attributes["content"] for meta in page.all("meta", name="robots")] == robots


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("%00", "\0"),
        ("a%00", "a\0"),
        ("x" * 10_000, "x" * 59 + "…"),
        ("%FF", "\ufffd"),
        ("a/../b", "a/../b"),
        ("A", "A"),
    ],
)
def test_address_that_no_program_can_have_is_unknown(client, letters, value, shown):
    page = compared(client, [value, "b"], f"&add={value}")

    assert names(page) == ["B"]
    assert notices(page) == [f"No published program has the address “{shown}”; it was left out."]


def test_two_hundred_programs_cost_no_more_queries_than_four(client, db, django_assert_num_queries):
    programs = ProgramFactory.create_batch(200)
    for program in programs[:4]:
        RatingFactory(program=program)
        StudyFactory.create_batch(2, program=program)
    for program in programs[:3]:
        rename(program, f"now-{program.slug}")
    asked = [program.slug.removeprefix("now-") for program in programs]
    client.get("/")

    # The version; the addresses in use; former ones; the programs; their ratings with topic areas; their studies and
    # findings; what other registries say; related programs.
    with django_assert_num_queries(9):
        page = compared(client, asked + asked + ["unknown"] * 200)

    assert names(page) == [program.name for program in programs[:4]]
    assert notices(page) == [
        "No published program has the address “unknown”; it was left out.",
        "The first 4 programs are compared; 196 more were left out.",
    ]
