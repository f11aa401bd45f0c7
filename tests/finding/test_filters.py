"""The program list finds, counts and orders what a plain reading of its rules does."""

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Program, Rating, Status, TopicArea, TopicExpert
from catalog.search import parse

from ..conftest import StrictClient
from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory
from ..pages import read
from ..search.test_search import expected_in

# --- A catalog as plain data, and what the rules say of it -----------------------------------------------------------


@dataclass(frozen=True)
class PlainArea:
    name: str
    abbreviation: str
    status: str
    experts: frozenset[int]


@dataclass(frozen=True)
class PlainProgram:
    name: str
    acronym: str
    also_known_as: tuple[str, ...]
    description: str
    target_population: str
    status: str
    relevance: str
    outcomes: frozenset[str]
    settings: frozenset[str]
    ages: tuple[tuple[int | None, int | None], ...]  # of the child; of the caregiver's child
    reviewed: str
    levels: dict[int, str]  # topic area -> current level
    past_levels: dict[int, str]


@dataclass(frozen=True)
class PlainCatalog:
    areas: list[PlainArea]
    programs: list[PlainProgram]

    def public_levels(self, program):
        return {
            number: level
            for number, level in program.levels.items()
            if self.areas[number].status == "published"
        }


@dataclass
class Asked:
    """What an address asks for; each list may hold values that mean nothing."""

    q: str = ""
    topic: list[str] = field(default_factory=list)
    rating: list[str] = field(default_factory=list)
    expert: list[str] = field(default_factory=list)
    relevance: list[str] = field(default_factory=list)
    outcome: list[str] = field(default_factory=list)
    age: list[str] = field(default_factory=list)
    setting: list[str] = field(default_factory=list)
    reviewed_since: str = ""
    sort: str = ""

    @property
    def address(self):
        return f"/programs/?{urlencode(vars(self), doseq=True)}"


LEVELS = ["1", "2", "3", "4", "5", "NR"]
AGE_GROUPS = ["0-2", "3-5", "6-12", "13-17", "18-25"]
EXPERTS = range(2)


def meaningful(catalog, asked):
    """Return what is asked for without what means nothing, and the values that mean nothing."""
    public = [n for n, area in enumerate(catalog.areas) if area.status == "published"]
    known = {
        "topic": {f"area-{n}" for n in public},
        "rating": set(LEVELS),
        "expert": {f"expert-{e}" for n in public for e in catalog.areas[n].experts},
        "relevance": {"high", "medium", "low"},
        "outcome": {"safety", "permanency", "well-being"},
        "age": {*(str(age) for age in range(26)), *AGE_GROUPS},
        "setting": {"school", "hospital", "virtual"},
        "reviewed_since": {str(year) for year in range(1900, 2101)},
        "sort": {"match", "rating", "name", "reviewed"},
    }
    kept, dropped = Asked(q=asked.q), []
    for name, values in known.items():
        given_values = getattr(asked, name)
        if isinstance(given_values, str):
            setattr(kept, name, given_values if given_values in values else "")
            dropped += [given_values] * (given_values not in values)
        else:
            setattr(kept, name, [value for value in given_values if value in values])
            dropped += [value for value in given_values if value not in values]
    return kept, sorted(value for value in dropped if value)


def serves(age, low, high):
    if low is None and high is None:
        return False
    return (low is None or low <= age) and (high is None or age <= high)


def expected(catalog, asked):
    """Return the slugs of the programs that are asked for, in their order."""
    documents = [
        (
            " ".join((program.name, program.acronym, *program.also_known_as)),
            " ".join(
                f"{catalog.areas[n].name} {catalog.areas[n].abbreviation}"
                for n in sorted(catalog.public_levels(program))
            ),
            f"{program.target_population} {program.description}",
        )
        for program in catalog.programs
    ]
    by_weight = expected_in(documents, asked.q) if asked.q else []
    found = []
    for number, program in enumerate(catalog.programs):
        rows = [
            level
            for n, level in catalog.public_levels(program).items()
            if (not asked.topic or f"area-{n}" in asked.topic)
            and (not asked.rating or level in asked.rating)
            and (
                not asked.expert
                or any(f"expert-{e}" in asked.expert for e in catalog.areas[n].experts)
            )
        ]
        if (
            program.status == "published"
            and (not asked.q or number in by_weight[-1])
            and (rows or not (asked.topic or asked.rating or asked.expert))
            and (not asked.relevance or program.relevance in asked.relevance)
            and (not asked.outcome or program.outcomes.intersection(asked.outcome))
            and (not asked.setting or program.settings.intersection(asked.setting))
            and (not asked.age or any(serves_one_of(program.ages, age) for age in asked.age))
            and (not asked.reviewed_since or program.reviewed[:4] >= asked.reviewed_since)
        ):
            weight = next((w for w, numbers in enumerate(by_weight) if number in numbers), 0)
            found.append((program, rows, weight, number))

    def name(entry):
        program, _, _, number = entry
        return "".join(c.lower() if c.isascii() else c for c in program.name), number

    def rating(entry):
        _, rows, _, _ = entry
        return min((LEVELS.index(level) for level in rows), default=len(LEVELS)), *name(entry)

    found.sort(key=name if asked.sort == "name" else rating)
    sort = asked.sort or "match"
    if sort == "reviewed":
        found.sort(key=lambda entry: entry[0].reviewed, reverse=True)
    elif sort == "match":
        found.sort(key=lambda entry: entry[2])
    return [f"/programs/program-{number}/" for *_, number in found]


def serves_one_of(ranges, asked):
    """Whether a program for these ages serves a child of an age in years, or of one of a group such as 6-12."""
    first, _, last = asked.partition("-")
    return any(
        serves(age, *ages) for ages in ranges for age in range(int(first), int(last or first) + 1)
    )


def expected_counts(catalog, asked):
    """Return how many programs each value of each filter would give in the place of the values chosen for it."""
    public = [f"area-{n}" for n, area in enumerate(catalog.areas) if area.status == "published"]
    values = {
        "topic": public,
        "rating": LEVELS,
        "relevance": ["high", "medium", "low"],
        "outcome": ["safety", "permanency", "well-being"],
        "age": [*AGE_GROUPS, *(str(age) for age in range(26))],
        "setting": ["school", "hospital", "virtual"],
    }
    counts = {
        (name, value): len(expected(catalog, replace(asked, **{name: [value]})))
        for name, all_values in values.items()
        for value in all_values
    }
    years = {p.reviewed[:4] for p in catalog.programs if p.status == "published" and p.reviewed}
    for year in years | {asked.reviewed_since} - {""}:
        counts["reviewed_since", year] = len(expected(catalog, replace(asked, reviewed_since=year)))
    return counts


# --- Random catalogs, and random questions ---------------------------------------------------------------------------

# Words of one stem; letters that are not ASCII; both cases; words of two parts.
WORDS = ["stress", "Stressed", "Élan", "elan", "ÑANDÚ", "trauma-informed", "trauma", "O'Neil"]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=3).map(" ".join)
statuses = st.sampled_from([*(7 * ["published"]), "draft", "in-review", "retired"])
ages = st.one_of(st.none(), st.integers(0, 25))
age_ranges = st.tuples(ages, ages).map(
    lambda pair: pair if None in pair else (min(pair), max(pair))
)
levels = st.sampled_from(LEVELS)

areas = st.builds(
    PlainArea,
    name=texts,
    abbreviation=st.sampled_from(["", "STS"]),
    status=statuses,
    experts=st.frozensets(st.sampled_from(EXPERTS)),
)
programs = st.builds(
    PlainProgram,
    name=texts.map(lambda text: text or "Élan"),
    acronym=st.sampled_from(["", "STS"]),
    also_known_as=st.lists(words, max_size=2, unique=True).map(tuple),
    description=texts,
    target_population=texts,
    status=statuses,
    relevance=st.sampled_from(["", "high", "medium", "low"]),
    outcomes=st.frozensets(st.sampled_from(["safety", "permanency", "well-being"])),
    settings=st.frozensets(st.sampled_from(["school", "hospital", "virtual"])),
    ages=st.tuples(age_ranges, age_ranges),
    reviewed=st.sampled_from(["", "2019", "2023-12", "2023-12-31", "2024", "2024-01-01"]),
    levels=st.dictionaries(st.integers(0, 2), levels),
    past_levels=st.dictionaries(st.integers(0, 2), levels),
)
catalogs = st.builds(
    PlainCatalog,
    areas=st.lists(areas, min_size=3, max_size=3),
    # Seven times the same are more than one page, in an order that only the primary key decides.
    programs=st.builds(
        lambda several, times: several * times,
        st.lists(programs, min_size=1, max_size=8),
        st.sampled_from([1, 1, 7]),
    ),
)

queries = st.lists(
    st.one_of(
        words, words.map(lambda word: word[:4]), words.map("-{}".format), texts.map('"{}"'.format)
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


def some(*values):
    asked = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    return st.one_of(st.just([]), st.just([]), st.just([]), asked)


questions = st.builds(
    Asked,
    q=st.one_of(st.just(""), st.just(""), queries),
    topic=some("area-0", "area-1", "area-2", "area-3", ""),
    rating=some(*LEVELS, "6", "nr", ""),
    expert=some("expert-0", "expert-1", "expert-2"),
    relevance=some("high", "medium", "low", "High"),
    outcome=some("safety", "permanency", "well-being", "safe"),
    age=some("0", "7", "25", "6-12", "18-25", "26", "-1", "seven", "7.5", "1e400"),
    setting=some("school", "hospital", "virtual", "School"),
    reviewed_since=st.sampled_from(7 * [""] + ["2019", "2023", "2024", "2099", "1899", "24", "x"]),
    sort=st.sampled_from(["", "match", "rating", "name", "reviewed", "worst"]),
)


@contextmanager
def stored(catalog):
    """Keep a plain catalog in the database for a while."""
    now = timezone.now()

    def status(of):
        return {
            "status": of.status,
            "published_at": now,
            "retired_at": now if of.status == Status.RETIRED else None,
        }

    with transaction.atomic():
        experts = TopicExpert.objects.bulk_create(
            TopicExpert(name=f"Expert {n}", slug=f"expert-{n}") for n in EXPERTS
        )
        areas = TopicArea.objects.bulk_create(
            TopicArea(
                # Names are unique; the words of a number are in no question.
                name=f"{area.name} №{n}",
                slug=f"area-{n}",
                abbreviation=area.abbreviation,
                **status(area),
            )
            for n, area in enumerate(catalog.areas)
        )
        TopicArea.experts.through.objects.bulk_create(
            TopicArea.experts.through(topicarea=areas[n], topicexpert=experts[e])
            for n, area in enumerate(catalog.areas)
            for e in area.experts
        )
        programs = Program.objects.bulk_create(
            Program(
                slug=f"program-{n}",
                name=program.name,
                acronym=program.acronym,
                also_known_as=program.also_known_as,
                description=program.description,
                target_population=program.target_population,
                relevance_level=program.relevance,
                outcomes=program.outcomes,
                delivery_settings=program.settings,
                child_age_min=program.ages[0][0],
                child_age_max=program.ages[0][1],
                caregiver_child_age_min=program.ages[1][0],
                caregiver_child_age_max=program.ages[1][1],
                research_last_reviewed=program.reviewed,
                **status(program),
            )
            for n, program in enumerate(catalog.programs)
        )
        Rating.objects.bulk_create(
            Rating(
                program=programs[p],
                topic_area=areas[a],
                scientific_rating=level,
                rated_on="2020" if is_current else "2010",
                is_current=is_current,
            )
            for p, program in enumerate(catalog.programs)
            for is_current, ratings in [(True, program.levels), (False, program.past_levels)]
            for a, level in ratings.items()
        )
        yield
        transaction.set_rollback(True)


def ask(address):
    """Return the addresses of the programs on all pages of a list, and the values that its notices name."""
    client, found, dropped = StrictClient(), [], []
    while address:
        page = read(client.get(address, follow=True))
        found += [item.one("h3").links[0][1] for item in page.all("li", class_="program")]
        notices = [notice.text for notice in page.all("p", class_="notice")]
        dropped = sorted(re.findall(r"“(.*)” was ignored", "\n".join(notices)))
        following = page.all("a", rel="next")
        address = f"/programs/{following[0].attributes['href']}" if following else ""
    return found, dropped


def counts_on(page):
    """Return the number that stands beside each value of each filter."""
    counts = {}
    for option in page.all("label", class_="option") + page.all("label", class_="option none"):
        box = option.one("input").attributes
        number = option.one("span", class_="option-count").text.strip("()")
        counts[box["name"], box["value"]] = int(number)
    for year in page.all("select", name="reviewed_since"):
        for option in year.all("option")[1:]:
            value, number = re.fullmatch(r"(\d{4}) \((\d+)\)", option.text).groups()
            counts["reviewed_since", value] = int(number)
    settings = {"school", "hospital", "virtual"}
    return {
        (name, value): n
        for (name, value), n in counts.items()
        if name != "setting" or value in settings
    }


@pytest.mark.django_db
@given(catalogs, st.lists(questions, min_size=1, max_size=4))
def test_list_shows_and_counts_what_the_rules_say(catalog, several):
    with stored(catalog):
        for asked in several:
            kept, dropped = meaningful(catalog, asked)
            if not parse(kept.q):
                dropped = sorted([*dropped, kept.q] if kept.q.strip() else dropped)
                kept.q = ""

            answer = ask(asked.address)
            page = read(StrictClient().get(asked.address, follow=True))

            assert answer == (expected(catalog, kept), dropped), asked.address
            assert counts_on(page) == expected_counts(catalog, kept), asked.address


# --- One rule at a time ----------------------------------------------------------------------------------------------


def found(address):
    """Return the names on the list at an address."""
    page = read(StrictClient().get(address, follow=True))
    return [item.one("h3").links[0][0] for item in page.all("li", class_="program")]


@pytest.fixture
def rated_twice(db):
    """A program that is rated 1 in area a, by expert a, and NR in area b, by expert b."""
    program = ProgramFactory(name="Rated twice")
    for letter, level in [("a", "1"), ("b", "NR")]:
        area = TopicAreaFactory(slug=f"area-{letter}")
        area.experts.add(TopicExpertFactory(slug=f"expert-{letter}"))
        RatingFactory(program=program, topic_area=area, scientific_rating=level)
    RatingFactory(program__name="Rated elsewhere", scientific_rating="1")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("topic=area-a&rating=1", ["Rated twice"]),
        ("topic=area-b&rating=NR", ["Rated twice"]),
        ("topic=area-a&rating=NR", []),
        ("topic=area-b&rating=1", []),
        ("topic=area-a&topic=area-b&rating=1", ["Rated twice"]),
        ("topic=area-a&topic=area-b&rating=2&rating=NR", ["Rated twice"]),
        ("expert=expert-a&rating=1", ["Rated twice"]),
        ("expert=expert-a&rating=NR", []),
        ("expert=expert-a&topic=area-b", []),
        ("expert=expert-b&topic=area-b&rating=NR", ["Rated twice"]),
        ("rating=1", ["Rated elsewhere", "Rated twice"]),
    ],
)
def test_topic_rating_and_expert_ask_for_one_rating_that_has_them_all(rated_twice, query, names):
    assert found(f"/programs/?{query}") == names


def test_list_is_ordered_by_the_ratings_that_are_asked_for(rated_twice):
    RatingFactory(
        program__name="Rated 5",
        topic_area=TopicArea.objects.get(slug="area-b"),
        scientific_rating="5",
    )

    # In area b, the program that is rated 1 elsewhere is NR.
    assert found("/programs/?topic=area-b") == ["Rated 5", "Rated twice"]
    assert found("/programs/") == ["Rated elsewhere", "Rated twice", "Rated 5"]


@pytest.fixture
def assorted(db):
    """Programs that differ in one thing each."""
    ProgramFactory(name="High", relevance_level="high")
    ProgramFactory(name="Low", relevance_level="low")
    ProgramFactory(name="Safe", outcomes=["safety", "permanency"])
    ProgramFactory(name="Well", outcomes=["well-being"], relevance_level="low")
    ProgramFactory(name="Child 3–12", child_age_min=3, child_age_max=12)
    ProgramFactory(name="Child 13 on", child_age_min=13)
    ProgramFactory(name="Caregiver of up to 5", caregiver_child_age_max=5)
    ProgramFactory(name="Reviewed 2023", research_last_reviewed="2023-12-31")
    ProgramFactory(name="Reviewed 2024", research_last_reviewed="2024")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("relevance=high", ["High"]),
        ("relevance=high&relevance=low", ["High", "Low", "Well"]),
        ("outcome=safety", ["Safe"]),
        ("outcome=permanency&outcome=well-being", ["Safe", "Well"]),
        ("relevance=low&outcome=well-being", ["Well"]),
        ("relevance=high&outcome=well-being", []),
        ("age=2", ["Caregiver of up to 5"]),
        ("age=3", ["Caregiver of up to 5", "Child 3–12"]),
        ("age=5", ["Caregiver of up to 5", "Child 3–12"]),
        ("age=6", ["Child 3–12"]),
        ("age=12", ["Child 3–12"]),
        ("age=13", ["Child 13 on"]),
        ("age=25", ["Child 13 on"]),
        ("reviewed_since=2023", ["Reviewed 2023", "Reviewed 2024"]),
        ("reviewed_since=2024", ["Reviewed 2024"]),
        ("reviewed_since=2025", []),
    ],
)
def test_within_a_filter_any_value_will_do_and_between_filters_all_must_fit(assorted, query, names):
    assert found(f"/programs/?{query}") == names


def test_past_rating_is_not_found(db):
    program, area = ProgramFactory(name="Rerated"), TopicAreaFactory(slug="area")
    RatingFactory(program=program, topic_area=area, scientific_rating="2", rated_on="2020")
    RatingFactory(program=program, topic_area=area, scientific_rating="1", rated_on="2024")

    assert found("/programs/?rating=2") == []
    assert found("/programs/?topic=area&rating=1") == ["Rerated"]


@pytest.mark.parametrize(
    ("query", "value", "noun"),
    [
        ("topic=nowhere", "nowhere", "topic area"),
        ("topic=a-draft", "a-draft", "topic area"),
        ("topic=an-umbrella", "an-umbrella", "topic area"),
        ("rating=6", "6", "scientific rating"),
        ("rating=nr", "nr", "scientific rating"),
        ("expert=nobody", "nobody", "topic expert"),
        ("relevance=highest", "highest", "child welfare relevance"),
        ("outcome=money", "money", "child-welfare outcome"),
        ("age=26", "26", "child’s age"),
        ("age=-1", "-1", "child’s age"),
        ("age=six", "six", "child’s age"),
        ("age=6.5", "6.5", "child’s age"),
        ("age=Infinity", "Infinity", "child’s age"),
        ("age=1e400", "1e400", "child’s age"),
        ("reviewed_since=1066", "1066", "year"),
        ("reviewed_since=yesterday", "yesterday", "year"),
        ("sort=best", "best", "order"),
    ],
)
def test_unknown_value_is_named_and_ignored(client, db, query, value, noun):
    TopicAreaFactory(slug="a-draft", status=Status.DRAFT)
    TopicAreaFactory(parent=TopicAreaFactory(slug="an-umbrella"))
    RatingFactory(program__name="Still here")

    page = read(client.get(f"/programs/?{query}&rating=3"))

    assert [notice.text for notice in page.all("p", class_="notice")] == [
        f"Unknown {noun} “{value}” was ignored."
    ]
    assert found(f"/programs/?{query}&rating=3") == ["Still here"]
    assert page.one("h2", id="count").text == "1 program"


def test_blank_values_ask_for_nothing(client, seed):
    blank = "q=+&topic=&rating=&relevance=&outcome=&age=&reviewed_since=&expert=&sort=&page="

    response = client.get(f"/programs/?{blank}")

    assert (response.status_code, response["Location"]) == (302, "/programs/")


@pytest.mark.parametrize(
    ("repeated", "once"),
    [
        ("rating=3&rating=3", "rating=3"),
        ("topic=secondary-traumatic-stress&topic=secondary-traumatic-stress&topic=x", "topic=x"),
        ("q=nowhere&q=resilience", "q=resilience"),
        ("sort=rating&sort=name", "sort=name"),
        ("page=7&page=1", "page=1"),
    ],
)
def test_repeated_value_asks_for_nothing_more(seed, repeated, once):
    programs = found(f"/programs/?{repeated}")

    assert programs == found(f"/programs/?{once}")
    assert programs != []


def test_form_shows_what_was_asked_for(client, rated_twice):
    address = (
        "/programs/?q=rated&topic=area-b&rating=1&rating=NR&relevance=low&outcome=safety"
        "&age=6-12&age=7&setting=school&expert=expert-b&reviewed_since=2020&sort=name"
    )

    page = read(client.get(address))

    form = page.main.one("form", id="finder")
    checked = [
        (box.attributes["name"], box.attributes["value"]) for box in form.all("input", checked=None)
    ]
    typed = {
        box.attributes["name"]: box.attributes["value"]
        for box in form.all("input")
        if box.attributes["type"] != "checkbox"
    }
    selected = [option.attributes["value"] for option in form.all("option", selected=None)]
    assert checked == [
        ("topic", "area-b"),
        ("rating", "1"),
        ("rating", "NR"),
        ("relevance", "low"),
        ("outcome", "safety"),
        ("age", "6-12"),
        ("age", "7"),
        ("setting", "school"),
    ]
    assert typed == {"q": "rated", "expert": "expert-b", "sort": "name"}
    assert selected == ["2020"]
    # Where a chosen value stands behind a button, it is open.
    assert [d.attributes["id"] for d in form.all("details", open=None)] == [
        "more-age",
        "more-setting",
    ]


def test_active_filters_stand_above_the_results_and_can_be_taken_off(client, rated_twice):
    page = read(client.get("/programs/?q=rated&topic=area-b&rating=1&rating=NR&age=7&sort=name"))

    links = page.one("ul", class_="chips").links
    area = TopicArea.objects.get(slug="area-b").name
    assert links == [
        (
            f"Remove the filter Topic area: {area}",
            "?q=rated&rating=1&rating=NR&age=7&sort=name",
        ),
        (
            "Remove the filter Scientific rating: 1 Well-Supported by Research Evidence",
            "?q=rated&topic=area-b&rating=NR&age=7&sort=name",
        ),
        (
            "Remove the filter Scientific rating: NR Not able to be Rated",
            "?q=rated&topic=area-b&rating=1&age=7&sort=name",
        ),
        (
            "Remove the filter Child’s age in years: 7",
            "?q=rated&topic=area-b&rating=1&rating=NR&sort=name",
        ),
        ("Clear all filters, keep the words", "?q=rated&sort=name"),
    ]


def test_choices_are_the_topic_areas_in_which_programs_can_be_rated(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicAreaFactory(name="Part", parent=umbrella)
    TopicAreaFactory(name="alone")
    TopicAreaFactory(name="Draft", status=Status.DRAFT)

    page = read(client.get("/programs/"))

    assert [c.attributes["value"] for c in page.all("input", name="topic")] == ["alone", "part"]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ["Beta", "alpha", "Gamma", "Delta"]),
        ("sort=rating", ["Beta", "alpha", "Gamma", "Delta"]),
        ("sort=name", ["alpha", "Beta", "Delta", "Gamma"]),
        ("sort=reviewed", ["Gamma", "alpha", "Delta", "Beta"]),
        ("sort=match", ["Beta", "alpha", "Gamma", "Delta"]),
        # Best match first, without being asked; all else in the order of ratings.
        ("q=GAMMA", ["Gamma", "Beta", "alpha"]),
        ("q=gamma&sort=match", ["Gamma", "Beta", "alpha"]),
        ("q=gamma&sort=rating", ["Beta", "alpha", "Gamma"]),
    ],
)
def test_order_is_the_one_that_is_asked_for(db, query, order):
    area = TopicAreaFactory()
    programs = {
        "Gamma": ("NR", "2024-02", ""),
        "Delta": (None, "2023", ""),
        "alpha": ("5", "2024", "like gamma"),
        "Beta": ("2", "", "unlike gamma"),
    }
    for name, (level, reviewed, description) in programs.items():
        program = ProgramFactory(
            name=name, research_last_reviewed=reviewed, description=description
        )
        if level:
            RatingFactory(program=program, topic_area=area, scientific_rating=level)

    assert found(f"/programs/?{query}") == order


def test_best_match_has_every_word_in_its_names(db):
    ProgramFactory(name="Another calm", description="For a school.")
    ProgramFactory(name="Calm", also_known_as=["School of breath"])
    ProgramFactory(name="Zeal", acronym="School", description="Calm.")

    assert found("/programs/?q=calm+school") == ["Calm", "Another calm", "Zeal"]
