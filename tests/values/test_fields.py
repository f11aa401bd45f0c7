"""The model fields of our own: texts with a limit, dates of the record, lists of short values, DOIs."""

import datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import TextField, Value
from django.db.models.functions import Cast
from django.forms import CheckboxSelectMultiple, modelform_factory
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import DeliverySetting, Outcome, Program, Reference
from catalog.models.base import CatalogModel
from catalog.models.history import CatalogRecord
from catalog.values.fields import (
    DoiField,
    ListField,
    parse_partial_date,
    partial_date_in_words,
    tidy,
    tidy_line,
)

from ..factories import ProgramFactory, ReferenceFactory
from ..transactions import rolled_back

MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
WRITE_ISO = "Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15."


def parts_of(date, precision):
    return (date.year, date.month, date.day)[:precision]


def iso(parts):
    return "-".join(f"{part:02}" for part in parts)


# A year, a year and month, or a day: the parts that are known, as numbers.
PARTIAL_DATES = st.builds(
    parts_of,
    st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)),
    st.integers(1, 3),
)


# --- Dates of the record


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024", "2024"),
        ("2024-06", "2024-06"),
        ("2024-06-15", "2024-06-15"),
        ("2024-02-29", "2024-02-29"),
        ("  2024-06\n", "2024-06"),
        ("October 2016", "2016-10"),
        ("october  2016", "2016-10"),
        ("MAY 2016", "2016-05"),
        ("Oct. 2016", "2016-10"),
        ("Sept 2016", "2016-09"),
        ("October 5, 2016", "2016-10-05"),
        ("Oct. 5 2016", "2016-10-05"),
        ("5 October 2016", "2016-10-05"),
        ("05 Oct. 2016", "2016-10-05"),
        ("11/2026", "2026-11"),
        ("1/2026", "2026-01"),
        ("11.2026", "2026-11"),
        ("11-2026", "2026-11"),
        ("2026/11", "2026-11"),
        ("2026.1", "2026-01"),
    ],
)
def test_parse_partial_date_understands_iso_and_months_in_words_and_numbers(text, date):
    assert parse_partial_date(text) == date


@pytest.mark.parametrize("text", ["03/04/2026", "3/4/26", "03.04.2026", "3-4-2026", "03-04-26"])
def test_parse_partial_date_says_why_it_refuses_an_ambiguous_date(text):
    with pytest.raises(ValidationError) as refusal:
        parse_partial_date(text)

    assert refusal.value.code == "ambiguous"
    assert refusal.value.messages == [f"“{text}” can be read as two different days. {WRITE_ISO}"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2023-02-29", "“2023-02-29” is not a date: February 2023 has no day 29."),
        ("2024-04-31", "“2024-04-31” is not a date: April 2024 has no day 31."),
        ("February 30, 2024", "“2024-02-30” is not a date: February 2024 has no day 30."),
    ],
)
def test_parse_partial_date_refuses_a_day_that_a_month_does_not_have(text, why):
    with pytest.raises(ValidationError) as refusal:
        parse_partial_date(text)

    assert refusal.value.messages == [why]


@pytest.mark.parametrize(
    "text",
    [
        *("", "24", "202", "20240", "1899", "2100", "2024-6", "2024-00", "2024-13", "2024-06-00"),
        *("2024-06-32", "2024-1-05", "2024-06-15T00:00", "20240615", "2024-", "-2024", "11 2026"),
        *("13/2026", "0/2026", "2024/13", "11/26", "11/1899", "1/11/2026/1"),
        *("Smarch 2016", "October 0, 2016", "October 32, 2016", "Octo 2016", "yesterday", "n.d."),
        *("October 2016-05", "٢٠٢٤", "２０２４", "2024–06", "25/12/2024", "12/25/24", "0/4/2026"),
    ],
)
def test_parse_partial_date_refuses_what_is_no_date(text):
    with pytest.raises(ValidationError) as refusal:
        parse_partial_date(text)

    assert refusal.value.code == "invalid"


@given(parts=PARTIAL_DATES)
def test_parse_partial_date_keeps_every_date_at_its_precision(parts):
    assert parse_partial_date(iso(parts)) == iso(parts)


@given(parts=PARTIAL_DATES)
def test_partial_date_in_words_says_the_date_and_can_be_read_back(parts):
    year, month, day = [*parts, None, None][:3]
    said = MONTHS[month - 1] if month else ""
    said += f" {day}, " if day else " "
    said = f"{said}{year}".strip()

    words = partial_date_in_words(iso(parts))

    assert words == said
    assert parse_partial_date(words) == iso(parts)


@given(dates=st.lists(PARTIAL_DATES, max_size=8))
def test_dates_of_the_record_sort_by_time_as_text(dates):
    by_text = sorted(iso(parts) for parts in dates)

    assert by_text == [iso(parts) for parts in sorted(dates)]


# --- Lists of short values


@pytest.mark.parametrize(
    ("value", "values"),
    [
        ("", ()),
        (None, ()),
        ((), ()),
        ("well-being|safety", ("safety", "well-being")),
        (" well-being | safety || safety ", ("safety", "well-being")),
        (["well-being", "permanency", "safety"], ("safety", "permanency", "well-being")),
        (("well-being", "nonsense", "safety"), ("safety", "well-being", "nonsense")),
    ],
)
def test_list_field_keeps_its_codes_in_the_order_of_the_vocabulary(value, values):
    assert ListField(codes=Outcome).to_python(value) == values


def test_list_field_without_codes_keeps_the_order_given():
    assert ListField().to_python("Zebra| apple |Zebra|Cafe\u0301") == ("Zebra", "apple", "Café")


@pytest.mark.parametrize("value", ["nonsense", "SAFETY", "safety|nonsense", "Safety", ["safe"]])
def test_list_field_refuses_an_unknown_code(value):
    field = ListField(codes=Outcome)

    with pytest.raises(ValidationError) as refusal:
        field.clean(value, None)

    unknown = next(code for code in field.to_python(value) if code not in Outcome.values)
    assert refusal.value.messages == [f"“{unknown}” is not one of: safety, permanency, well-being."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ((), ""),
        ("", ""),
        (["well-being"], "|well-being|"),
        (["well-being", "safety"], "|safety|well-being|"),
        ("well-being | safety", "|safety|well-being|"),
    ],
)
def test_list_field_stores_each_value_between_bars(values, stored):
    program = ProgramFactory(outcomes=values)

    in_database = Program.objects.annotate(text=Cast("outcomes", TextField())).get(pk=program.pk)

    assert in_database.text == stored


@pytest.mark.django_db
@given(
    values=st.lists(
        st.text(st.characters(exclude_characters="|", exclude_categories=["Cs", "Cc"]), max_size=6),
        max_size=5,
    )
)
def test_list_field_gives_back_what_was_stored(values):
    with rolled_back():
        Program.objects.create(name="Program", also_known_as=values)
        found = Program.objects.get().also_known_as

    expected = []
    for value in values:
        seen = tidy_line(value)
        if seen and seen not in expected:
            expected.append(seen)
    assert found == tuple(expected)


@pytest.mark.django_db
def test_list_field_contains_finds_whole_values_only():
    both = ProgramFactory(also_known_as=["Family", "Ground"])
    ProgramFactory(also_known_as=["Mockingbird Family", "Family First", "Familyhood"])
    ProgramFactory(also_known_as=[])

    found = Program.objects.filter(also_known_as__contains="|Family|")

    assert list(found) == [both]


@pytest.mark.alike(5)
@pytest.mark.django_db
@pytest.mark.parametrize("code", DeliverySetting.values)
def test_list_field_contains_finds_each_code(code):
    ProgramFactory(delivery_settings=[other for other in DeliverySetting.values if other != code])
    alone = ProgramFactory(delivery_settings=[code])
    together = ProgramFactory(delivery_settings=DeliverySetting.values)

    found = Program.objects.filter(delivery_settings__contains=f"|{code}|")

    assert set(found) == {alone, together}


def test_list_field_writes_its_values_for_a_fixture():
    program = Program(outcomes=("safety", "well-being"))

    assert Program._meta.get_field("outcomes").value_to_string(program) == "safety|well-being"


# --- DOIs


@pytest.mark.parametrize(
    "value",
    [
        "10.1093/sw/52.1.63",
        "10.1093/SW/52.1.63",
        "https://doi.org/10.1093/sw/52.1.63",
        "http://doi.org/10.1093/sw/52.1.63",
        "https://dx.doi.org/10.1093/sw/52.1.63",
        "http://dx.doi.org/10.1093/sw/52.1.63",
        "HTTPS://DOI.ORG/10.1093/Sw/52.1.63",
        "doi:10.1093/sw/52.1.63",
        "DOI: 10.1093/sw/52.1.63",
        "  10.1093/sw/52.1.63\n",
    ],
)
def test_doi_field_brings_every_form_to_one(value):
    assert DoiField().clean(value, None) == "10.1093/sw/52.1.63"


@pytest.mark.parametrize(
    "value",
    [
        "11.1093/sw",
        "10.109/sw",
        "10.1093",
        "10.1093/",
        "10.1093/sw 52",
        "https://example.org/10.1093/sw",
        "n/a",
    ],
)
def test_doi_field_refuses_what_is_no_doi(value):
    with pytest.raises(ValidationError) as refusal:
        DoiField().clean(value, None)

    assert refusal.value.messages == [
        f"“{value}” is not a DOI. A DOI looks like 10.1093/sw/52.1.63."
    ]


@given(
    doi=st.builds(
        "10.{}/{}".format, st.integers(1000, 10**9 - 1), st.text("abcxyz019.()/:;_-", min_size=1)
    ),
    prefix=st.sampled_from(["", "https://doi.org/", "http://dx.doi.org/", "doi:", "doi: "]),
    write=st.sampled_from([str, str.upper, str.title]),
)
def test_doi_field_ignores_case_and_resolver(doi, prefix, write):
    assert DoiField().clean(write(prefix + doi), None) == doi


# --- In forms


ProgramForm = modelform_factory(
    Program, fields=["name", "also_known_as", "outcomes", "research_last_reviewed"]
)
ReferenceForm = modelform_factory(Reference, fields=["title", "doi"])


@pytest.mark.django_db
def test_form_takes_values_as_people_write_them():
    form = ProgramForm(
        {
            "name": "Steady Ground",
            "also_known_as": "Ground | Steady |",
            "outcomes": ["well-being", "safety"],
            "research_last_reviewed": "October 5, 2016",
        }
    )

    form.save()

    saved = Program.objects.get()
    assert saved.also_known_as == ("Ground", "Steady")
    assert saved.outcomes == ("safety", "well-being")
    assert saved.research_last_reviewed == "2016-10-05"


@pytest.mark.django_db
def test_form_takes_no_value_for_a_field_that_may_be_blank():
    form = ProgramForm({"name": "Steady Ground"})

    form.save()

    saved = Program.objects.get()
    assert (saved.also_known_as, saved.outcomes, saved.research_last_reviewed) == ((), (), "")


@pytest.mark.django_db
def test_form_says_beside_each_field_what_is_wrong_with_it():
    form = ProgramForm(
        {"name": "X", "outcomes": ["nonsense"], "research_last_reviewed": "03/04/2026"}
    )

    assert form.errors == {
        "outcomes": ["Select a valid choice. nonsense is not one of the available choices."],
        "research_last_reviewed": [f"“03/04/2026” can be read as two different days. {WRITE_ISO}"],
    }


def test_form_shows_a_list_as_text_with_bars():
    form = ProgramForm(instance=Program(also_known_as=("Ground", "Steady")))

    assert form["also_known_as"].value() == "Ground | Steady"


@pytest.mark.parametrize(
    ("posted", "changed"),
    [
        ("Ground | Steady", []),
        (" Ground|Steady|", []),
        ("Steady | Ground", ["also_known_as"]),
        ("Ground", ["also_known_as"]),
        ("", ["also_known_as"]),
    ],
)
def test_form_sees_whether_a_list_changed(posted, changed):
    program = Program(name="X", also_known_as=("Ground", "Steady"))

    form = ProgramForm({"name": "X", "also_known_as": posted}, instance=program)

    assert form.changed_data == changed


def test_form_offers_the_codes_as_checkboxes():
    field = ProgramForm().fields["outcomes"]

    assert isinstance(field.widget, CheckboxSelectMultiple)
    assert field.choices == Outcome.choices
    assert field.label == "Child-welfare outcomes"
    assert field.help_text == "Which of these its research examines."


def test_form_leaves_room_for_a_date_in_words():
    html = str(ProgramForm()["research_last_reviewed"])

    assert "maxlength" not in html


@pytest.mark.django_db
def test_form_takes_a_whole_doi_link():
    form = ReferenceForm({"title": "Title", "doi": "https://doi.org/10.1093/SW/52.1.63"})

    form.save()

    assert Reference.objects.get().doi == "10.1093/sw/52.1.63"


@pytest.mark.django_db
def test_form_refuses_a_doi_that_is_there_already():
    ReferenceFactory(doi="10.1093/sw/52.1.63")

    form = ReferenceForm({"title": "Title", "doi": "http://dx.doi.org/10.1093/sw/52.1.63"})

    assert form.errors == {"doi": ["There is a reference with this DOI already."]}


# --- Tidy text


def test_tidy_composes_letters_however_many_marks_a_text_piles_up():
    piled = "a" + "\u0301\u0323" * 100_000

    assert tidy("Cafe\u0301 " * 3) == "Café Café Café"
    assert tidy(piled) == tidy(tidy(piled))
    assert tidy(piled).replace("\u034f", "").count("\u0323") >= 99_999


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Safe\u202egnp.exe", "Safegnp.exe"),
        ("\u2066Calm\u2069 \u200eHands\ufeff", "Calm Hands"),
        ("Calm\u00ad Ha\u200bnds\U000e0041", "Calm Hands"),
        ("Calm\x0bHands\r\n\tHome", "Calm Hands Home"),
        ("Calm\u200d Han\u200cds", "Calm Hands"),
        ("\x00\x1b\x7f\x9f\u200b", ""),
        # Joiners that the script needs, and a sign that is made of two.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
    ],
)
def test_name_holds_one_line_of_what_can_be_seen(typed, stored):
    assert tidy_line(typed) == stored == tidy_line(stored)


def test_text_of_several_lines_loses_what_turns_its_letters_and_keeps_its_lines():
    assert tidy("One\r\n\n\ttwo\x07 \u202ethree\u2069") == "One\n\n\ttwo three"


# --- Texts with a limit


def too_long(**texts):
    program = ProgramFactory.build(**texts)
    with pytest.raises(ValidationError) as refused:
        program.full_clean(exclude=["slug"])
    return refused.value.message_dict


@pytest.mark.django_db
def test_text_is_refused_with_what_is_there_and_what_may_be():
    ProgramFactory.build(goals="x" * 10_000, description="x" * 50_000).full_clean()

    assert too_long(goals="x" * 12_345, description="é" * 50_001) == {
        "goals": ["This has 12,345 characters; there may be 10,000 at most."],
        "description": ["This has 50,001 characters; there may be 50,000 at most."],
    }
    # With the signs between the values.
    assert too_long(also_known_as=["x" * 4_999, "y" * 5_000]) == {
        "also_known_as": ["This has 10,002 characters; there may be 10,000 at most."]
    }


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["goals", "description", "also_known_as"])
def test_database_holds_a_text_to_its_limit(field):
    program = ProgramFactory()
    most = Program._meta.get_field(field).max_length

    for manager in (Program.objects, Program.history):
        rows = manager.filter(id=program.pk)
        rows.update(**{field: Value("é" * most)})
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**{field: Value("é" * (most + 1))})


def test_each_text_of_an_entry_and_its_history_has_a_limit():
    models = [m for m in apps.get_models() if issubclass(m, CatalogModel | CatalogRecord)]
    texts = [f for model in models for f in model._meta.fields if isinstance(f, TextField)]

    endless = [f for f in texts if not f.max_length and not getattr(f, "codes", None)]
    assert endless == []
    assert Program._meta.get_field("goals") in texts


def test_box_of_a_text_takes_whatever_is_pasted():
    assert "maxlength" not in Program._meta.get_field("goals").formfield().widget.attrs
