"""Search finds what a plain reading of its rules finds, on both databases, after any kind of write."""

import re
import unicodedata

import pytest
import snowballstemmer
from django.db import transaction
from django.utils import timezone
from hypothesis import assume, example, given
from hypothesis import strategies as st

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.search import find, parse
from catalog.search.words import STOP_WORDS

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
    return is_last and any(
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
        for columns in (1, 2, 3, 4)
    ]


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

        found = [sorted(numbers[pk] for pk in ids) for ids in find(parse(query)).programs]

        transaction.set_rollback(True)
    assert found == expected_in(documents, query)
