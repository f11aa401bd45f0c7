"""Search finds what a plain reading of its rules finds, on both databases, after any kind of write."""

import re

import pytest
from django.utils import timezone
from hypothesis import assume, example, given
from hypothesis import strategies as st

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.search import parse, references_holding
from catalog.search.words import MOST_TERMS, STOP_WORDS

from ..factories import (
    ContactFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..plain_words import holds, holds_as_written, neighbours_joined, plain_words
from ..transactions import rolled_back
from .finds import by_weight, found, names
from .queries import queries, texts

# --- The rules, told plainly -----------------------------------------------------------------------------------------


PUBLISHED = {"status": Status.PUBLISHED, "published_at": timezone.now()}


def expected_in(documents, query):
    """Return the numbers of the documents that hold the query in names, in all but titles, and in all."""
    chunks = re.findall(r'(-?)(?:"([^"]*)"|(\S+))', query)
    is_last = [False] * (len(chunks) - 1) + [True]
    wanted, common, unwanted = [], [], []
    for (sign, phrase, word), last in zip(chunks, is_last, strict=True):
        if not plain_words(phrase or word):
            continue
        if sign:
            unwanted.append(phrase or word)
        elif word and " ".join(plain_words(re.sub(r"'s$", "", word))) in STOP_WORDS:
            common.append((word, last))
        else:
            text = f'"{phrase}"' if phrase else re.sub(r"'s$", "", word)
            wanted.append((text, last and bool(word)))

    asked = list(dict.fromkeys(wanted or common))
    joined = neighbours_joined([text for text, _ in asked])

    def fits(document, columns):
        return all(
            any(
                holds(column, text, last) or any(holds_as_written(column, one) for one in as_one)
                for column in document[:columns]
            )
            for (text, last), as_one in zip(asked, joined, strict=True)
        ) and not any(holds(column, text) for text in unwanted for column in document)

    return [
        [number for number, document in enumerate(documents) if fits(document, columns)]
        for columns in (1, 3, 4)
    ]


@pytest.mark.django_db
@given(st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=3), queries)
@example([("parenting", "", "", ""), ("parent", "", "", "")], "parenti")
@example([("trauma", "informed", "", "")], '"trauma informed"')
@example([("the parent", "", "", ""), ("parent", "", "", "")], "the parent")
def test_search_finds_what_the_rules_say(documents, query):
    assume(parse(query))
    with rolled_back():
        numbers = {}
        for number, (names, area, text, title) in enumerate(documents):
            program = Program(name=names or "Nil", slug=f"p-{number}", description=text)
            Program.objects.bulk_create([program])
            numbers[program.pk] = number
            # Names of areas are unique.
            areas = [TopicArea(name=f"{area} nil{number}", slug=f"a-{number}", **PUBLISHED)]
            TopicArea.objects.bulk_create(areas)
            Rating.objects.bulk_create(
                [Rating(program=program, topic_area=areas[0], scientific_rating="1")]
            )
            references = [Reference(title=title or "Nil", key=f"r-{number}")]
            Reference.objects.bulk_create(references)
            Study.objects.bulk_create([Study(program=program, reference=references[0])])

        answer = [sorted(numbers[pk] for pk in ids) for ids in by_weight(query)]

    assert answer == expected_in(documents, query)


# --- One rule at a time ----------------------------------------------------------------------------------------------


# All prose that visitors read of a program, besides its names, description and target population; and of an area.
PROSE = [
    *("goals", "scope_note", "essential_components", "adverse_effects", "child_services"),
    *("caregiver_services", "intensity", "duration", "group_format", "homework"),
    *("resources_needed", "provider_qualifications", "manual_notes", "training_notes"),
    *("pre_implementation_notes", "formal_support_notes", "fidelity_measures_notes"),
    *("implementation_guides_notes", "implementation_research_notes", "cost"),
]
AREA_PROSE = [
    *("definition", "target_population", "services_types", "delivered_by"),
    *("inclusion_criteria", "rating_criteria"),
]


def made_up(field):
    """Return a word that stands in one field only."""
    return f"{field.replace('_', '')}word"


@pytest.fixture
def calm_school(db):
    """A program with words of its own in each text that is searched, and in some that are not."""
    program = ProgramFactory(
        name="Calm® School™",
        acronym="CLS",
        also_known_as=["Quiet House", "Élan 100%"],
        description="Breathing (slowly) for *a_b*, O'Neil's; c\\d. Trauma-informed, well being.",
        target_population="Teachers",
        delivery_settings=["foster-kinship-care", "virtual"],
        languages=["Klingon", "Scots Gaelic"],
        contact_name="Contactword",
        contact_organization="Officeword",
        contact_email="mailword@example.org",
        contact_phone="phoneword",
        **{field: made_up(field) for field in PROSE},
    )
    area = TopicAreaFactory(
        name="Burnout at work",
        abbreviation="BRN",
        cautionary_notes="Cautionword",
        **{field: f"area{made_up(field)}" for field in AREA_PROSE},
    )
    RatingFactory(program=program, topic_area=area, rationale="Rationaleword")
    draft = TopicAreaFactory(name="Draftword", abbreviation="DRF", status=Status.DRAFT)
    RatingFactory(program=program, topic_area=draft)
    StudyFactory(program=program, reference__title="Titleword", reference__authors="Authorword")
    ContactFactory(
        program=program,
        **{field: f"second{field}word" for field in ("name", "title", "organization", "phone")},
        email="secondmailword@example.org",
        website="https://secondsiteword.org/",
    )
    ProgramFactory(name="Other")


@pytest.mark.parametrize(
    "q",
    [
        *("calm", "CALM SCHOOL", "cls", "house quiet", "élan", "ELAN", "breathe", "breathing"),
        *(
            "teacher",
            "teachers'",
            "teacher's",
            "burnout",
            "brn",
            "titleword",
        ),
        *map(made_up, PROSE),
        # Whom to ask.
        *("contactword officeword", "secondnameword secondtitleword", "secondorganizationword"),
        *(f"area{made_up(field)}" for field in AREA_PROSE),
        # Codes by their labels; languages.
        *("kinship", '"kinship care" telephone', "gaelic klingon"),
        # One word in the area's definition, others in the program.
        "calm areadefinitionword gaelic",
        # Words may come from different places, and in any order.
        *("burnout calm", "work teachers cls", "titleword burnout goalsword"),
        # The last word may be unfinished, in the middle of an ending too.
        *("cal", "calm scho", "breathi", "teache"),
        # Signs of ownership are no words; other signs only part them.
        *(
            "Calm® School™",
            "Calm(TM) School(r)",
            "calm ®",
            "100%",
            "a_b",
            "c\\d",
            "o'neil",
            "(slowly)",
        ),
        *("*a", "100_", "^calm", "calm$", "calm+", "(calm", "c%"),
        # Words that stand side by side, however they are joined.
        *(
            "calmschool",
            "cal[m]",
            '"quiethouse"',
            '"quiet house"',
            "“quiet house”",
            "trauma-informed",
            '"trauma informed"',
            "well-being",
        ),
        *("-other calm", "-nothing", '-"calm house" calm', "the calm of a school"),
        # Any white space parts words.
        *("quiet|house", "calm\u00a0school", "  calm\tschool\n", "calm\0school"),
    ],
)
def test_words_are_found_wherever_they_stand(calm_school, q):
    assert set(names(q)) - {"Other"} == {"Calm® School™"}


@pytest.mark.parametrize(
    "q",
    [
        *("calm nowhere", "cautionword", "foster-kinship-care"),
        *("mailword", "phoneword", "secondmailword", "secondphoneword", "secondsiteword"),
        *(
            "rationaleword",
            "calm -costword",
            "authorword",
            "draftword",
            "drf",
            "alm",
            "urnout",
            "cals m",
        ),
        *('"house quiet"', '"school cls teachers"', '"cal"', "calm -school", "-calm -other"),
        *("house|élan", "calm|other", "calm AND NOT other", "calm OR other", "name:calm"),
        "calm NEAR school",
    ],
)
def test_words_that_stand_nowhere_find_nothing(calm_school, q):
    assert names(q) == []


def test_words_are_found_in_names_and_in_all_but_the_details(db):
    titled = StudyFactory(program__name="1 titled", reference__title="Calm").program
    described = ProgramFactory(name="2 described", description="Be calm.")
    placed = RatingFactory(program__name="3 placed", topic_area__name="Calm").program
    named = ProgramFactory(name="4 calm")

    assert [sorted(ids) for ids in by_weight("calm")] == [
        [named.pk],
        [described.pk, placed.pk, named.pk],
        [titled.pk, described.pk, placed.pk, named.pk],
    ]


def test_areas_experts_and_references_are_found_too(db):
    area = TopicAreaFactory(name="Calm schools", abbreviation="CLM")
    expert = TopicExpertFactory(name="Carla Calm", organization="School of Calm")
    reference = ReferenceFactory(authors="Calm, C.", title="Schools", year=2007)

    by_words = [
        (found(q).topic_areas, found(q).experts, [r.pk for r in references_holding(parse(q))])
        for q in ("calm school", "clm", "carla", "calm 2007")
    ]

    assert by_words == [
        ([area.pk], [expert.pk], [reference.pk]),
        ([area.pk], [], []),
        ([], [expert.pk], []),
        ([], [], [reference.pk]),
    ]


HOSTILE = [
    *(
        '"',
        '""',
        '"""',
        "'",
        "\\",
        "*",
        "(",
        ")",
        ":",
        "^",
        "-",
        "--",
        "- -",
        '-"',
        "-''",
        "|",
        "&",
    ),
    *(
        "!",
        "<->",
        "a:*",
        "'a' & 'b'",
        "a AND",
        "NEAR(a b)",
        "{a b}: c",
        "NOT",
        "OR OR",
        "\0",
        "a\0b",
    ),
    *("the", "the of and", "%s", "%", "$1", "{changed}", "x" * 10_000, "x " * 5_000, '"x ' * 3_000),
    *(
        "-x " * 3_000,
        "́",
        "e\u0301",
        "🙂",
        "²½",
        "ﬁ",
        "İ",
        "\ud83d",
        "1e400",
        "0x",
        "a.b.c/d@e:f?g=h",
    ),
]


@pytest.mark.django_db
@given(
    st.one_of(
        st.sampled_from(HOSTILE),
        st.text(max_size=60),
        st.lists(st.sampled_from(HOSTILE)).map(" ".join),
    )
)
def test_nothing_that_can_be_typed_fails(text):
    words = parse(text)

    assert len(words.terms) <= MOST_TERMS
    assert len(words.typed) <= 200
    assert parse(words.typed).terms == words.terms
    if words:
        answer = found(text)
        assert [*answer.programs, *answer.exactly, *answer.excluded] == []
        assert [*answer.topic_areas, *answer.experts] == []


def test_excluded_words_are_not_looked_for_in_what_areas_say(calm_school):
    """An area's criteria name what other programs of it are about."""
    assert names("calm -areadefinitionword") == ["Calm® School™"]


def test_area_that_holds_all_words_is_found_those_named_so_first(db):
    told = TopicAreaFactory(name="A", definition="Gnu and zebra")
    named = TopicAreaFactory(name="Z zebra gnu")
    TopicAreaFactory(name="B zebra")
    TopicAreaFactory(name="C zebra gnu", status=Status.DRAFT)

    assert found("zebra gnus").topic_areas == [named.pk, told.pk]
    assert found("zebra -gnu").topic_areas == [TopicArea.objects.get(name="B zebra").pk]


def test_list_marks_the_words_and_says_where_the_others_stand(client, db):
    area = TopicAreaFactory(name="Zebra care", definition="For okapi")
    RatingFactory(program__name="Zebra <care>", topic_area=area)
    titled = StudyFactory(program__name="Titled", reference__title="On zebras").program
    ContactFactory(program=titled, name="Gnu", organization="Okapi Institute")
    ProgramFactory(
        name="Described", goals="**Zebra** & gnu", description="Other", languages=["Okapi"]
    )

    page = client.get("/programs/?q=zebra+okapi").content.decode()

    items = page.split('<li class="program">')[1:]
    assert [re.findall(r"<mark>.*?</mark>", item) for item in items] == [
        ["<mark>Zebra</mark>"] * 2,
        ["<mark>Zebra</mark>"],
        [],
    ]
    assert "<mark>Zebra</mark> &lt;care&gt;" in items[0]
    assert "<b>Goals:</b> <mark>Zebra</mark> &amp; gnu" in items[1]
    assert [re.findall(r'class="hint">(Found .*?)</p>', item) for item in items] == [
        ["Found “okapi” in the definition or criteria of Zebra care."],
        ["Found “okapi” in “Languages”."],
        ["Found “okapi” in its contacts; “zebra” in the titles of its references."],
    ]
    assert "Zebra care</a> (1 program)" in page


def test_list_says_that_words_stand_in_other_names(client, db):
    ProgramFactory(name="Calm", also_known_as=["Quiet House"])

    page = client.get("/programs/?q=quiet").content.decode()

    assert "Found “quiet” in its other names." in page
