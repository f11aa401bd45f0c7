"""Synonyms: what means the same is looked for as well, says so, and is applied from the moment that it is stored."""

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import SynonymGroup
from catalog.search import AreaTexts, Synonyms, find, parse

from ..factories import ProgramFactory, SynonymGroupFactory
from ..pages import listed_programs, read
from ..plain_words import holds_as_written
from ..transactions import rolled_back

STARTING = import_module("catalog.migrations.0023_synonyms")
BURNOUT = ["exhaustion", "compassion fatigue", "burned out"]


@pytest.fixture
def programs(db):
    """Programs that say the same in other words, and some that say half of it."""
    for name in ["Exhaustion", "Compassion Fatigue", "Burned-out staff", "Compassion", "Fatigue"]:
        ProgramFactory(name=name)


def names_on(page):
    return sorted(name for name, _ in listed_programs(page))


def ask(client, words):
    return read(client.get("/programs/", {"q": words}, follow=True))


ALL = ["Burned-out staff", "Compassion Fatigue", "Exhaustion"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        *(
            (asked, ALL)
            for asked in ["exhaustion", "exhaustions", "compassion fatigue", "burned out"]
        ),
        ("compassion-fatigue", ALL),
        ("Burned-Out", ALL),
        ("exhaustion staff", ["Burned-out staff"]),
        # Just this: in quotation marks; one word of a phrase; what is left out.
        ('"exhaustion"', ["Exhaustion"]),
        ('"compassion fatigue"', ["Compassion Fatigue"]),
        ("fatigue", ["Compassion Fatigue", "Fatigue"]),
        ("fatigue compassion", ["Compassion Fatigue"]),
        ("fatigue -exhaustion", ["Compassion Fatigue", "Fatigue"]),
    ],
)
def test_words_that_mean_the_same_are_found(client, programs, asked, found):
    SynonymGroupFactory(name=BURNOUT[0], synonyms=BURNOUT[1:])

    assert names_on(ask(client, asked)) == found


def test_list_says_what_else_it_looked_for_and_marks_it(client, programs):
    SynonymGroupFactory(name=BURNOUT[0], synonyms=BURNOUT[1:])

    response = client.get("/programs/?q=exhaustion")

    line = read(response).one("p", id="also")
    assert line.text.startswith("Also searched for: compassion fatigue, burned out.")
    assert "<mark>Compassion Fatigue</mark>" in response.content.decode()
    assert read(client.get("/programs/?q=staff")).all("p", id="also") == []


def test_change_of_synonyms_counts_at_once(client, programs):
    assert names_on(ask(client, "exhaustion")) == ["Exhaustion"]

    group = SynonymGroupFactory(name=BURNOUT[0], synonyms=BURNOUT[1:])
    assert names_on(ask(client, "exhaustion")) == ALL

    group.synonyms = ["fatigue"]
    group.save()
    assert names_on(ask(client, "exhaustion")) == ["Compassion Fatigue", "Exhaustion", "Fatigue"]

    SynonymGroup.objects.all().delete()
    assert names_on(ask(client, "exhaustion")) == ["Exhaustion"]


WORDS = ["calm", "quiet", "still", "very"]
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(" ".join)
groups = st.lists(phrases, min_size=2, max_size=3, unique=True)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


@pytest.mark.django_db
@given(groups, st.lists(texts, min_size=1, max_size=3), phrases)
def test_search_for_a_phrase_finds_it_and_what_means_the_same(group, names, asked):
    """Words of a phrase may also stand apart, as those of any search."""
    with rolled_back():
        keys = [ProgramFactory(name=name).pk for name in names]
        # The last word is finished.
        found = find(parse(f'{asked} -"no such words"'), Synonyms([group]), AreaTexts([]))

    same = group if asked in group else []
    # A single word of what was asked has synonyms of its own, unless the whole has.
    own = {word: group if word in group else [] for word in asked.split()}

    def fits(name):
        if same:
            return any(holds_as_written(name, phrase) for phrase in same) or all(
                holds_as_written(name, word) for word in asked.split()
            )
        return all(
            any(holds_as_written(name, phrase) for phrase in [word, *own[word]])
            for word in asked.split()
        )

    assert sorted(set.intersection(*map(set, found.begun))) == [
        pk for pk, name in zip(keys, names, strict=True) if fits(name)
    ]


# --- The list that sites begin with -----------------------------------------------------------------------------------


@pytest.mark.once
def test_starting_list_is_as_a_form_would_take_it(db):
    groups = [
        SynonymGroup(name=name, synonyms=synonyms) for name, synonyms in STARTING.starting_groups()
    ]
    for group in groups:
        group.full_clean()
        group.save()

    assert len(groups) > 150
    stored = [(group.name, f"|{'|'.join(group.synonyms)}|") for group in SynonymGroup.objects.all()]
    assert stored == list(STARTING.starting_groups())


@pytest.mark.once
@pytest.mark.parametrize("own", [True, False])
def test_starting_list_comes_only_where_there_is_none(db, own):
    if own:
        SynonymGroupFactory(name="ours")
    from django.apps import apps

    STARTING.make_groups(apps, None)

    names = {group.name for group in SynonymGroup.objects.all()}
    assert names == ({"ours"} if own else {name for name, _ in STARTING.starting_groups()})
