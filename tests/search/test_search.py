"""Search finds what a plain reading of its rules finds, on both databases, after any kind of write."""

import io
import re
import threading
import unicodedata

import pytest
import snowballstemmer
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone
from django.utils.html import escape
from hypothesis import assume, example, given
from hypothesis import strategies as st

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.search import (
    find,
    find_by_weight,
    marked,
    parse,
    references_holding,
    search,
    snippet,
    upkeep,
)
from catalog.search.words import MOST_TERMS, STOP_WORDS

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)

# --- The rules, told plainly -----------------------------------------------------------------------------------------

STEMMER = snowballstemmer.stemmer("porter")


def plain_words(text):
    decomposed = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[^\W_]+", "".join(c for c in decomposed if not unicodedata.combining(c)))


def holds(text, chunk, is_last=False):
    """Whether the words of chunk stand side by side in text, by their stems; the last one perhaps unfinished."""
    words, asked = plain_words(text), plain_words(chunk)
    stems, asked_stems = [STEMMER.stemWords(w) for w in (words, asked)]
    places = range(len(words) - len(asked) + 1)
    if any(stems[n : n + len(asked)] == asked_stems for n in places):
        return True
    *firsts, last = asked
    # A single letter is the beginning of too much.
    may_go_on = is_last and len(last) > 1
    return may_go_on and any(
        words[n : n + len(firsts)] == firsts and words[n + len(firsts)].startswith(last)
        for n in places
    )


PUBLISHED = {"status": Status.PUBLISHED, "published_at": timezone.now()}

# Words that share stems, or the beginnings of others; accents; numbers; words in which other stemmers differ.
WORDS = [
    *("train", "trained", "training", "trainer", "parent", "parenting", "Élan", "elan", "NAÏVE"),
    *("trauma", "traumatic", "the", "of", "well-being", "Parents'", "3.5", "TF-CBT", "generously"),
    *("relational", "skies", "dying", "news", "Ünïted", "a_b", "O'Neil", "universe", "university"),
]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=5).map(" ".join)
chunks = st.one_of(
    words, words.map(lambda w: w[: max(2, len(w) // 2 + 1)]), texts.map('"{}"'.format)
)
queries = st.lists(
    st.tuples(st.sampled_from(["", "", "", "-"]), chunks).map("".join), min_size=1, max_size=4
).map(" ".join)


def expected_in(documents, query):
    """Return, for each weight, the numbers of the documents in which the columns so far hold the query."""
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
            wanted.append((phrase or re.sub(r"'s$", "", word), last and bool(word)))

    def fits(document, columns):
        return all(
            any(holds(column, text, last) for column in document[:columns])
            for text, last in wanted or common
        ) and not any(holds(column, text) for text in unwanted for column in document)

    return [
        [number for number, document in enumerate(documents) if fits(document, columns)]
        for columns in range(1, len(documents[0]) + 1)
    ]


def by_weight(query):
    """Return the programs that the search finds, for each weight."""
    words = parse(query)
    found = find(words)
    return [found.named, *find_by_weight(words), found.programs]


@pytest.mark.django_db
@given(st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=3), queries)
@example([("parenting", "", "", ""), ("parent", "", "", "")], "parenti")
@example([("trauma", "informed", "", "")], '"trauma informed"')
@example([("the parent", "", "", ""), ("parent", "", "", "")], "the parent")
def test_search_finds_what_the_rules_say(documents, query):
    assume(parse(query))
    with transaction.atomic():
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

        found = [sorted(numbers[pk] for pk in ids) for ids in by_weight(query)]

        transaction.set_rollback(True)
    assert found == expected_in(documents, query)


# --- One rule at a time ----------------------------------------------------------------------------------------------


def names(q):
    """Return the names of the programs that hold q, the best match first."""
    seen = dict.fromkeys(pk for ids in by_weight(q) for pk in sorted(ids))
    return [Program.objects.get(pk=pk).name for pk in seen]


@pytest.fixture
def calm_school(db):
    """A program with words of its own in each text that is searched, and in some that are not."""
    program = ProgramFactory(
        name="Calm® School™",
        acronym="CLS",
        also_known_as=["Quiet House", "Élan 100%"],
        description="Breathing (slowly) for *a_b*, O'Neil's; c\\d. Trauma-informed, well being.",
        target_population="Teachers",
        goals="Goalword",
        essential_components="Componentword",
        contact_name="Contactword",
    )
    area = TopicAreaFactory(name="Burnout at work", abbreviation="BRN", definition="Definitionword")
    RatingFactory(program=program, topic_area=area, rationale="Rationaleword")
    draft = TopicAreaFactory(name="Draftword", abbreviation="DRF", status=Status.DRAFT)
    RatingFactory(program=program, topic_area=draft)
    StudyFactory(program=program, reference__title="Titleword", reference__authors="Authorword")
    ProgramFactory(name="Other")


@pytest.mark.parametrize(
    "q",
    [
        *("calm", "CALM SCHOOL", "cls", "house quiet", "élan", "ELAN", "breathe", "breathing"),
        *("teacher", "teachers'", "teacher's", "burnout", "brn", "goalword", "titleword"),
        # Words may come from different places, and in any order.
        *("burnout calm", "work teachers cls", "titleword burnout goalword"),
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
        *('"quiet house"', "“quiet house”", "trauma-informed", '"trauma informed"', "well-being"),
        *("-other calm", "-nothing", '-"calm house" calm', "the calm of a school"),
        # Any white space parts words.
        *("house|élan", "calm\u00a0school", "  calm\tschool\n", "calm\0school"),
    ],
)
def test_words_are_found_wherever_they_stand(calm_school, q):
    assert set(names(q)) - {"Other"} == {"Calm® School™"}


@pytest.mark.parametrize(
    "q",
    [
        *("calm nowhere", "calmschool", "componentword", "contactword", "definitionword"),
        *("rationaleword", "authorword", "draftword", "drf", "alm", "urnout", "cals m"),
        *('"house quiet"', '"school cls teachers"', '"cal"', "calm -school", "-calm -other"),
        *("calm|other", "cal[m]", "calm AND NOT other", "calm OR other", "name:calm"),
        "calm NEAR school",
    ],
)
def test_words_that_stand_nowhere_find_nothing(calm_school, q):
    assert names(q) == []


def test_best_match_is_in_names_then_areas_then_texts_then_titles(db):
    titled = StudyFactory(program__name="1 titled", reference__title="Calm").program
    described = ProgramFactory(name="2 described", description="Be calm.")
    placed = RatingFactory(program__name="3 placed", topic_area__name="Calm").program
    named = ProgramFactory(name="4 calm")

    assert [sorted(ids) for ids in by_weight("calm")] == [
        [named.pk],
        [placed.pk, named.pk],
        [described.pk, placed.pk, named.pk],
        [titled.pk, described.pk, placed.pk, named.pk],
    ]
    assert [p.name for p in search(Program.objects.all(), "calm")] == [
        *("4 calm", "1 titled", "2 described", "3 placed")
    ]


def test_areas_experts_and_references_are_found_too(db):
    area = TopicAreaFactory(name="Calm schools", abbreviation="CLM")
    expert = TopicExpertFactory(name="Carla Calm", organization="School of Calm")
    reference = ReferenceFactory(authors="Calm, C.", title="Schools", year=2007)

    by_words = [
        (*find(parse(q))[2:], [r.pk for r in references_holding(parse(q))])
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
        assert find(words) == ([], [], [], []) or words.excluded


@pytest.mark.parametrize(
    ("q", "terms", "excluded"),
    [
        ("the calm", ["calm"], []),
        ("the of", ["the", "of"], []),
        ('"the calm"', ["the calm"], []),
        ("calm calm calm", ["calm", "calm"], []),  # the last one may be unfinished
        ("TF-CBT -well-being", ["tf cbt"], ["well being"]),
        (" ".join(f"w{n}" for n in range(30)), [f"w{n}" for n in range(20)], []),
    ],
)
def test_words_are_parsed(q, terms, excluded):
    words = parse(q)

    assert [term.text for term in words.terms] == terms
    assert [term.text for term in words.excluded] == excluded


# --- Marks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "q", "html"),
    [
        (
            "Training trained trains",
            "train",
            "<mark>Training</mark> <mark>trained</mark> <mark>trains</mark>",
        ),
        ("Élan vital", "elan", "<mark>Élan</mark> vital"),
        (
            "<b>calm</b> & calm",
            "calm",
            "&lt;b&gt;<mark>calm</mark>&lt;/b&gt; &amp; <mark>calm</mark>",
        ),
        ("Parenting", "parenti", "<mark>Parenting</mark>"),
        ("quiet house, quiet", '"quiet house"', "<mark>quiet house</mark>, quiet"),
        ("well-being", "well-being", "<mark>well-being</mark>"),
        ("nothing", "calm", "nothing"),
    ],
)
def test_words_are_marked_in_escaped_text(text, q, html):
    assert marked(text, parse(q)) == html


@given(st.text(max_size=80), queries)
def test_marking_changes_nothing_but_the_marks(text, q):
    assert re.sub("</?mark>", "", marked(text, parse(q))) == escape(text)


single_words = st.sampled_from([word for text in WORDS for word in plain_words(text)])


@given(
    st.lists(single_words | st.text("aeinst", min_size=2, max_size=7), max_size=8),
    single_words | st.text("aeinst", min_size=2, max_size=5),
)
@example(["filing", "file", "sensibility", "sensible", "hopping", "hop"], "sensible")
@example(["relational", "relate", "families", "family", "familiar"], "family")
def test_each_word_is_marked_that_the_search_finds(texts, asked):
    html = marked(" ".join(texts), parse(asked))

    assert html.split() == [
        f"<mark>{word}</mark>" if holds(word, asked, is_last=len(asked) > 1) else word
        for word in texts
    ]


def test_snippet_is_the_part_that_holds_the_words():
    text = (
        " ".join(f"word{n}" for n in range(100))
        + " calm "
        + " ".join(f"end{n}" for n in range(100))
    )

    shown = snippet(text, parse("calm"))

    before = " ".join(f"word{n}" for n in range(88, 100))
    after = " ".join(f"end{n}" for n in range(32))
    assert shown == f"… {before} <mark>calm</mark> {after} …"
    assert snippet("calm at once", parse("calm")) == "<mark>calm</mark> at once"
    assert snippet(text, parse("")) == " ".join(f"word{n}" for n in range(45)) + " …"


# --- The index is right after any write ------------------------------------------------------------------------------


def by_save(program, area, reference):
    program.name = area.name = reference.title = "Zebra"
    for entry in (program, area, reference):
        entry.save()


def by_update(program, area, reference):
    Program.objects.filter(pk=program.pk).update(name="Zebra")
    TopicArea.objects.filter(pk=area.pk).update(name="Zebra")
    Reference.objects.filter(pk=reference.pk).update(title="Zebra")


def by_bulk_update(program, area, reference):
    program.name = area.name = reference.title = "Zebra"
    Program.objects.bulk_update([program], ["name"])
    TopicArea.objects.bulk_update([area], ["name"])
    Reference.objects.bulk_update([reference], ["title"])


def by_sql(program, area, reference):
    with connection.cursor() as cursor:
        for entry, column in ((program, "name"), (area, "name"), (reference, "title")):
            table = entry._meta.db_table
            cursor.execute(f"UPDATE {table} SET {column} = 'Zebra' WHERE id = %s", [entry.pk])  # noqa: S608


@pytest.mark.parametrize("write", [by_save, by_update, by_bulk_update, by_sql])
def test_index_is_right_after_any_change_of_a_text(db, write):
    named, placed, titled = (ProgramFactory(name=name) for name in ("Named", "Placed", "Titled"))
    rating = RatingFactory(program=placed, topic_area__name="Area")
    study = StudyFactory(program=titled, reference__title="Title")

    write(named, rating.topic_area, study.reference)

    found = find(parse("zebra"))
    assert [set(ids) for ids in by_weight("zebra")] == [
        {named.pk},
        {named.pk, placed.pk},
        {named.pk, placed.pk},
        {named.pk, placed.pk, titled.pk},
    ]
    assert found[2:] == ([rating.topic_area_id], [])
    assert list(references_holding(parse("zebra"))) == [study.reference]
    assert [names(q) for q in ("named", "area", "title")] == [[], [], ["Titled"]]  # its name
    assert upkeep.stale_documents(connection) == 0


def test_index_is_right_after_links_change(db):
    one, other = ProgramFactory(name="One"), ProgramFactory(name="Other")
    rating = RatingFactory(program=one, topic_area__name="Zebra")
    study = StudyFactory(program=one, reference__title="Gnu")
    assert (names("zebra"), names("gnu")) == (["One"], ["One"])

    Rating.objects.filter(pk=rating.pk).update(program=other)
    Study.objects.filter(pk=study.pk).update(program=other)
    assert (names("zebra"), names("gnu")) == (["Other"], ["Other"])

    rerated = RatingFactory(program=other, topic_area=rating.topic_area, scientific_rating="1")
    assert names("zebra") == ["Other"]
    Rating.objects.filter(pk=rerated.pk).update(is_current=False)
    study.delete()
    assert (names("zebra"), names("gnu")) == ([], [])

    Rating.objects.filter(pk=rerated.pk).update(is_current=True)
    TopicArea.objects.filter(pk=rating.topic_area_id).update(
        status=Status.RETIRED, retired_at=timezone.now()
    )
    assert names("zebra") == []

    Rating.objects.all().delete()
    other.delete()
    assert (names("one"), names("other")) == (["One"], [])
    assert upkeep.stale_documents(connection) == 0


def test_index_is_right_after_bulk_creation_and_loaddata(db):
    Program.objects.bulk_create([Program(name=f"Zebra {n}", slug=f"zebra-{n}") for n in range(3)])
    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)

    assert names("zebra") == ["Zebra 0", "Zebra 1", "Zebra 2"]
    assert names("sanctuary") == ["Sanctuary Model"]
    assert upkeep.stale_documents(connection) == 0


@pytest.fixture
def stale(db):
    """An index that missed a change, because a trigger was gone."""
    program = ProgramFactory(name="Gnu")
    with connection.cursor() as cursor:
        for name, table, _ in list(upkeep.triggers(connection)):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")
    Program.objects.filter(pk=program.pk).update(name="Zebra")
    assert names("zebra") == []


def reports():
    return [(message.id, message.msg) for message in upkeep.check_search(["default"])]


@pytest.mark.parametrize(
    "mend",
    [
        lambda: call_command("rebuild_search", verbosity=0, stdout=io.StringIO()),
        lambda: upkeep.after_migrations(using="default"),
    ],
    ids=["rebuild_search", "migrate"],
)
def test_stale_index_is_reported_and_mended(stale, mend):
    count = len(list(upkeep.triggers(connection)))
    assert reports() == [
        ("catalog.W001", f"Search and caches miss changes: {count} triggers are missing."),
        ("catalog.W002", "Search is stale: 1 entries."),
    ]

    mend()

    assert names("zebra") == ["Zebra"]
    assert reports() == []
    Program.objects.update(name="Okapi")
    assert (names("zebra"), names("okapi")) == ([], ["Okapi"])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has one table for each index")
def test_loss_of_whole_words_is_reported(db):
    ProgramFactory(name="Zebra")
    connection.cursor().execute("DELETE FROM catalog_search_program_words").close()

    assert reports() == [("catalog.W002", "Search is stale: 1 entries.")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_who_write_about_one_program_at_once_are_both_found():
    program = ProgramFactory()
    first, second = ReferenceFactory(title="Zebra"), ReferenceFactory(title="Okapi")
    written, go_on = threading.Event(), threading.Event()

    def cite_slowly():
        with transaction.atomic():
            StudyFactory(program=program, reference=first)
            written.set()
            go_on.wait(10)
        connections.close_all()

    def cite():
        StudyFactory(program=program, reference=second)
        connections.close_all()

    slow, quick = threading.Thread(target=cite_slowly), threading.Thread(target=cite)
    slow.start()
    written.wait(10)
    quick.start()
    quick.join(0.5)  # it waits for the document
    go_on.set()
    slow.join()
    quick.join()

    assert names("zebra") == names("okapi") == [program.name]
    assert reports() == []


@pytest.mark.django_db(transaction=True)
def test_migration_that_makes_tables_anew_leaves_search_right():
    """SQLite alters a table by making it anew, without its triggers."""
    program = ProgramFactory(name="Zebra")
    field = Program._meta.get_field("goals")
    wider = type(field)(null=True)
    wider.set_attributes_from_name("goals")
    try:
        upkeep.before_migrations(using="default", plan=["a migration"])
        with connection.schema_editor() as editor:
            editor.alter_field(Program, field, wider)
        Program.objects.filter(pk=program.pk).update(name="Okapi")
        with connection.schema_editor() as editor:
            editor.alter_field(Program, wider, field)
    finally:
        upkeep.after_migrations(using="default", plan=["a migration"])

    assert names("okapi") == ["Okapi"]
    assert reports() == []


def test_list_marks_the_words_and_says_when_they_stand_elsewhere(client, db):
    area = TopicAreaFactory(name="Zebra care")
    RatingFactory(program__name="Zebra <care>", topic_area=area)
    StudyFactory(program__name="Titled", reference__title="On zebras")
    ProgramFactory(name="Described", goals="**Zebra** & gnu", description="Other")

    items = client.get("/programs/?q=zebra").content.decode().split('<li class="program">')[1:]

    marks = [re.findall(r"<mark>.*?</mark>", item) for item in items]
    assert marks == [["<mark>Zebra</mark>"] * 2, ["<mark>Zebra</mark>"], []]
    assert "<mark>Zebra</mark> &lt;care&gt;" in items[0]
    assert "<mark>Zebra</mark> &amp; gnu" in items[1]
    found_elsewhere = ["Found in the titles of its references." in item for item in items]
    assert found_elsewhere == [False, False, True]
