"""Names: which spellings are the same name, and the slugs that are made from names."""

import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.values.names import NearNames, match_key, new_slug, slug_of, without_marks

WORDS = st.lists(st.text("abcxyz019éßöñł-&", min_size=1, max_size=6), min_size=1, max_size=4)
MARKS = ["®", "™", "℠", "(R)", "(r)", "(TM)", "(tm)", "(SM)", "(sm)"]


@pytest.mark.parametrize("mark", MARKS)
def test_without_marks_removes_every_form_of_a_mark(mark):
    name = f"Triple{mark} P{mark}"

    assert without_marks(name) == "Triple P"


def test_without_marks_keeps_what_only_looks_like_a_mark():
    name = "CE-CERT (RT) R TM (STS) ©"

    assert without_marks(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mockingbird Family™", "Mockingbird Family"),
        ("Mockingbird Family™", "Mockingbird Family(TM)"),
        ("Mockingbird Family™", "Mockingbird Family (tm)"),
        ("Sanctuary Model®", "SANCTUARY MODEL"),
        ("Triple® P", "Triple P"),
        ("  Resilience\tAlliance \n", "Resilience Alliance"),
        ("Resilience\u00a0\u00a0Alliance", "Resilience Alliance"),
        ("Children’s Home", "Children's Home"),
        ("‘tricky brain’", "'tricky brain'"),
        ("“CRM Guides”", '"CRM Guides"'),
        ("“CRM Guides''", '"CRM Guides"'),
        ("Caf\u00e9", "Cafe\u0301"),
        ("STRASSE", "Straße"),
    ],
)
def test_match_key_is_the_same_for_spellings_of_one_name(one, other):
    keys = {match_key(one), match_key(other)}

    assert len(keys) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CE-CERT", "CE CERT"),
        ("Cafe", "Café"),
        ("Triple P, Level 4", "Triple P, Level 5"),
        ("Resilience Alliance", "ResilienceAlliance"),
        ("Incredible Years", "The Incredible Years"),
    ],
)
def test_match_key_tells_different_names_apart(one, other):
    assert match_key(one) != match_key(other)


@given(words=WORDS, data=st.data())
def test_match_key_ignores_case_spacing_and_marks(words, data):
    name = " ".join(words)
    variant = ""
    for word in words:
        variant += data.draw(st.sampled_from([word, word.upper(), word.title()]))
        variant += data.draw(st.sampled_from(["", *MARKS]))
        variant += data.draw(st.sampled_from([" ", "  ", "\t", "\n", "\u00a0"]))
    variant = data.draw(st.sampled_from([variant, unicodedata.normalize("NFD", variant)]))

    key = match_key(variant)

    assert key == match_key(name)


@given(one=st.text("ab1 ", max_size=5), other=st.text("ab1 ", max_size=5))
def test_match_key_differs_where_the_words_differ(one, other):
    assume(one.split() != other.split())

    assert match_key(one) != match_key(other)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Mockingbird Family™", "mockingbird-family"),
        ("Mockingbird Family(TM)", "mockingbird-family"),
        ("Sanctuary Model®", "sanctuary-model"),
        ("CE-CERT", "ce-cert"),
        ("Ogińska’s Café & Bar", "oginskas-cafe-bar"),
        ("  -- Help Now! -- ", "help-now"),
        ("A–B Straße", "a-b-strasse"),
        ("Тренинг", "trening"),
        ("Οικογένεια", "oikogeneia"),
        ("親子", "qinzi"),
        ("トレーニング", "toreningu"),
        ("가족", "gajog"),
        ("برنامج", "brnmj"),
        ("Program 親子 ٣", "program-qinzi-3"),
        ("Sun ☀ © Rain", "sun-rain"),
        ("№ 5", "no-5"),
    ],
)
def test_new_slug_is_made_of_the_letters_of_a_name(name, slug):
    assert new_slug(name, set()) == slug


@pytest.mark.parametrize("name", ["", "®", "!!!", "_", "☀ 🙂", "\u200d", "\ud800"])
def test_new_slug_is_not_made_of_signs_alone(name):
    assert new_slug(name, set()) == ""


def test_new_slug_counts_on_when_taken():
    taken = {"sanctuary-model", "sanctuary-model-2", "sanctuary-model-4"}

    assert new_slug("Sanctuary Model®", taken) == "sanctuary-model-3"


def test_new_slug_cuts_a_long_name_where_no_hyphen_is_left_over():
    name = "a" * 99 + " bcd"

    assert new_slug(name, set()) == "a" * 99


def test_new_slug_makes_room_for_its_number():
    taken = {"a" * 100}

    assert new_slug("a" * 200, taken) == "a" * 98 + "-2"


class Looks(set):
    """A set that counts how often somebody looks into it."""

    count = 0

    def __contains__(self, slug):
        self.count += 1
        return super().__contains__(slug)


@pytest.mark.parametrize(
    "names",
    [
        ["Module"] * 1_000,
        # Twice each, and alike as far as they are not cut away for the number.
        [f"{'a' * 96}{number}" for number in range(500)] * 2,
    ],
    ids=["equal", "long"],
)
def test_new_slugs_for_equal_names_are_counted_on_not_from_the_start(names):
    taken, numbers = Looks(), {}

    for name in names:
        taken.add(new_slug(name, taken, numbers))

    assert len(taken) == 1_000
    assert taken.count <= 3 * 1_000


@given(
    names=st.lists(st.text("aAé1-2親 ", max_size=4), max_size=30), given=st.sets(st.text("a12-"))
)
def test_new_slugs_are_the_same_with_and_without_remembered_numbers(names, given):
    taken, numbers, others = set(given), {}, set(given)

    for name in names:
        slug, other = new_slug(name, taken, numbers), new_slug(name, others)
        assert slug == other
        taken.add(slug)
        others.add(other)


def test_only_as_much_of_a_text_as_a_name_may_have_is_normalised():
    letters = "e\u0301" * 500

    assert match_key(letters) == "é" * 500
    assert match_key(letters + "x") == letters + "x"
    assert new_slug("-" * 999 + "a" + "b", set()) == "a"


@given(name=st.text(max_size=150), number=st.integers(1, 12))
def test_new_slug_is_always_a_new_address(name, number):
    assume(slug_of(name))
    taken = []

    for _ in range(number):
        taken.append(new_slug(name, taken))

    assert len(set(taken)) == number
    assert [slug for slug in taken if not re.fullmatch(r"[a-z0-9_-]{1,100}", slug)] == []


# --- Names like others


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("Calm Harbor", "Calm Harbour"),
        ("Home Builders®", "Homebuilders"),
        ("Zoe's Way", "Zoë’s Way"),
        ("The way of Zoe", "Way of Zoë (ZW)"),
        ("Modul 1", "Module 1"),
        ("Family Coachs", "Family Coaches"),
    ],
)
def test_near_names_are_found_whichever_came_first(name, like):
    name, like = match_key(name), match_key(like)

    assert (NearNames([like]).find(name), NearNames([name]).find(like)) == (like, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Module 1", "Module 2"),
        ("Parent Training", "Parent Child Interaction Therapy"),
        ("Aid", "Audio Idea"),
        ("家庭", "学校"),
    ],
)
def test_near_names_leave_others_alone(name, other):
    assert NearNames([match_key(other)]).find(match_key(name)) is None


def test_near_names_are_not_looked_for_where_no_name_may_be_so_long():
    name, longer = "a" * 300, "a" * 301

    assert NearNames([name]).find("a" * 299) == name
    assert (NearNames([name]).find(longer), NearNames([longer]).find(name)) == (None, None)
