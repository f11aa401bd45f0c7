"""Whatever is looked for, the search of either database answers sensibly."""

from urllib.parse import quote_plus, urlencode

import pytest
from django.test import Client
from hypothesis import example, given
from hypothesis import strategies as st

from .hostile_inputs import HOSTILE, PARAMETERS, queries, store_one_of_each
from .pages import internals, listed_programs, read
from .transactions import stored_once

catalog = stored_once(store_one_of_each)


@pytest.mark.alike(12)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_breaks_the_program_list_or_the_comparison(catalog, db, value):
    sent = quote_plus(value)
    everywhere = "&".join(f"{quote_plus(name)}={sent}" for name in PARAMETERS)

    # Words by themselves are looked for; with what means nothing they stand under a notice.
    for address, heading in {
        f"/programs/?q={sent}": "Programs",
        f"/programs/?{everywhere}": "Programs",
        f"/compare/?add={sent}": "Compare programs",
        f"/compare/?program=program&{everywhere}": "Compare programs",
    }.items():
        response = Client().get(address, follow=True)

        assert (address, response.status_code) == (address, 200)
        assert read(response).h1 == heading
        assert internals(response) == []


# Much of it means something, and stands in an order, as often, and with blanks, as nobody's form would send it.
sensible = st.lists(
    st.tuples(
        st.sampled_from(PARAMETERS),
        st.one_of(
            st.sampled_from(
                ["area", "expert", "NR", "1", "3", "high", "low", "safety", "7", "0-2"]
            ),
            st.sampled_from(
                ["school", "2020", "name", "rating", "match", "reviewed", "2", " ", ""]
            ),
            st.text("ab \u00a0\u0301®é'\"-", max_size=210),
            st.integers(195, 205).map(lambda size: ("ab " * 100)[-size:]),
        ),
    ),
    max_size=8,
).map(urlencode)


@given(st.one_of(queries, sensible))
# Cut to a length, these words end in a blank.
@example(f"q={'abc+' * 60}")
def test_no_address_of_the_program_list_leads_to_another_that_leads_on(catalog, db, query):
    client = Client()

    response = client.get(f"/programs/?{query}")

    if response.status_code == 302:
        assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # What holds no words asks for nothing.
        *(
            (f"q={quote_plus(signs)}", ["Program"])
            for signs in ("\0", "'", '"', "*", "( ) : ^", "-")
        ),
        *((f"page={number}", ["Program"]) for number in (-1, 0, "x", 10**30)),
        ("q=program", ["Program"]),
        ("q=PROGRAM%00", ["Program"]),
        ("q=pro*", ["Program"]),
        ("q=%22program", ["Program"]),
        ("q=program%22", ["Program"]),
        ("q=program+-", ["Program"]),
        ("q=-program", []),
        ("q=program+-program", []),
        # No operators: words like any others, which the program does not hold.
        ("q=program+NEAR+program", []),
        ("q=program+xyzzy+OR", []),
        # Words that nearly every text holds count where there are no others.
        ("q=program+AND+the", ["Program"]),
        ("q=the+and", []),
        ("&".join(["rating=3"] * 200), ["Program"]),
        ("&".join(f"topic=t{n}" for n in range(200)), ["Program"]),
        (f"q={'x' * 10_000}", []),
        (f"q=program{'+' * 10_000}", ["Program"]),
    ],
)
def test_strange_questions_have_sensible_answers(catalog, db, client, query, found):
    page = read(client.get(f"/programs/?{query}", follow=True))

    assert [name for name, _ in listed_programs(page)] == found


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=220))
def test_words_that_were_typed_stand_in_the_box_as_they_were(catalog, db, text):
    page = read(Client().get(f"/programs/?q={quote_plus(text)}", follow=True))

    typed = " ".join(text.replace("\0", " ").split())[:200].strip()
    box = page.one("input", name="q")
    assert box.attributes["value"] == typed
