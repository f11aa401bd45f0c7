"""Fields that two people change at once: neither overwrites the other unseen."""

from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from catalog.editorial.conflicts import UNKNOWN, ThreeWay
from catalog.models import Status

from ...examples import few
from ...factories import (
    ProgramFactory,
    ReferenceFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .open_form import Form

pytestmark = [pytest.mark.django_db, pytest.mark.once]

values = st.sampled_from(["", "a", "b", "c", 0, None, UNKNOWN])


@given(values, values, values)
def test_no_value_is_lost_without_a_choice(base, theirs, mine):
    three = ThreeWay(base, theirs, mine)

    if three.is_open:
        assert base not in (theirs, mine)
        assert theirs != mine
    else:
        # What is dropped is what was there before, or the same.
        assert {base, theirs, mine} - {base, three.value} == set()
    if theirs == base:
        assert (three.is_open, three.value) == (False, mine)
    if mine == base:
        assert (three.is_open, three.value) == (False, theirs)


texts = st.sampled_from(["One.", "Two, and\nmore.", "Three"])


@few
@given(st.tuples(texts, texts, texts), st.sampled_from(["theirs", "mine"]))
def test_form_keeps_what_either_side_typed(mine, other, three, chosen):
    base, theirs, typed = three
    term = TermFactory(definition=base)
    form = Form(mine, term)
    other(term, definition=theirs)

    assert not form.save(definition=typed)

    is_open = len({base, theirs, typed}) == 3
    assert bool(form.choices) == is_open
    assert form.save(**({"choice-definition": chosen} if is_open else {}))
    term.refresh_from_db()
    settled = ThreeWay(base, theirs, typed).value
    assert term.definition == ({"theirs": theirs, "mine": typed}[chosen] if is_open else settled)


# --- The entry's own fields


def test_field_that_only_they_changed_is_taken_over_and_mine_stays(mine, other):
    program = ProgramFactory(description="The old text of it", goals="Old")
    form = Form(mine, program)
    other(program, description="The new text of it")

    assert not form.save(goals="Mine")

    panel = form.panel
    assert "Maria Lopez changed" in panel.text
    assert panel.facts == {"Description": "The old new text of it"}
    assert [e.text for e in panel.all("del")] == ["old"]
    assert [e.text for e in panel.all("ins")] == ["new"]
    assert "You had not touched Description: the form below has their text." in panel.text
    assert form.choices == {}
    assert (form.data["description"], form.data["goals"]) == (["The new text of it"], ["Mine"])
    program.refresh_from_db()
    assert (program.description, program.goals) == ("The new text of it", "Old")
    assert form.save()
    program.refresh_from_db()
    assert (program.description, program.goals) == ("The new text of it", "Mine")
    assert LogEntry.objects.first().get_change_message() == "Changed Goals."


@pytest.mark.parametrize(
    ("chosen", "typed", "kept"),
    [
        ("theirs", {}, "Theirs"),
        ("mine", {}, "Mine"),
        ("mine", {"goals": "Mine, again"}, "Mine, again"),
    ],
)
def test_field_that_both_changed_is_chosen(mine, other, chosen, typed, kept):
    program = ProgramFactory(goals="Old")
    form = Form(mine, program)
    other(program, goals="Theirs")

    assert not form.save(goals="Mine")

    assert form.choices == {
        "Goals: both of you changed it": [
            "Theirs: Old → Theirs",
            "Yours: Old → Mine (the text below, which you may still change)",
        ]
    }
    assert form.data["goals"] == ["Mine"]
    assert form.save(**typed, **{"choice-goals": chosen})
    program.refresh_from_db()
    assert program.goals == kept


def test_choice_left_out_is_an_error_that_names_the_field(mine, other):
    program = ProgramFactory(goals="Old", duration="Old")
    form = Form(mine, program)
    other(program, goals="Theirs", duration="Theirs")
    form.save(goals="Mine", duration="Mine")

    assert not form.save(**{"choice-goals": "theirs"})

    assert [p.text for p in form.panel.all("p", class_="errornote")] == [
        "Choose for “Recommended duration”: theirs or yours."
    ]
    assert form.data["choice-goals"] == ["theirs"]
    assert form.data["goals"] == ["Mine"]
    assert form.save(**{"choice-duration": "mine"})
    program.refresh_from_db()
    assert (program.goals, program.duration) == ("Theirs", "Mine")


def test_third_person_starts_it_anew(mine, other):
    program = ProgramFactory(goals="Old", duration="Old", intensity="Old")
    form = Form(mine, program)
    other(program, goals="Theirs", duration="Theirs")
    form.save(goals="Mine", duration="Mine", intensity="Mine")
    other(program, goals="Third", intensity="Third")

    assert not form.save(**{"choice-goals": "mine", "choice-duration": "mine"})

    assert {
        name: form.data.get(f"choice-{name}") for name in ("goals", "duration", "intensity")
    } == {
        "goals": [],
        "duration": ["mine"],
        "intensity": [],
    }
    assert form.save(**{"choice-goals": "theirs", "choice-intensity": "mine"})
    program.refresh_from_db()
    assert (program.goals, program.duration, program.intensity) == ("Third", "Mine", "Mine")


def test_choice_of_theirs_follows_a_third_person(mine, other):
    program = ProgramFactory(goals="Old")
    form = Form(mine, program)
    other(program, goals="Theirs")
    form.save(goals="Mine")
    other(program, goals="Third")

    assert not form.save(**{"choice-goals": "theirs"})

    assert form.data["goals"] == ["Third"]
    assert form.save()
    program.refresh_from_db()
    assert program.goals == "Third"


def test_field_taken_over_can_be_put_back(mine, other):
    program = ProgramFactory(goals="Old", duration="Old")
    form = Form(mine, program)
    other(program, goals="Theirs")
    form.save(duration="Mine")

    assert form.save(goals="Old")

    program.refresh_from_db()
    assert (program.goals, program.duration) == ("Old", "Mine")


def test_every_kind_of_field_is_compared(mine, other):
    program = ProgramFactory(
        child_age_min=3,
        languages=["English"],
        outcomes=["safety"],
        is_nonresponder=True,
        research_last_reviewed="2020",
        relevance_level="high",
    )
    form = Form(mine, program)
    other(
        program,
        child_age_min="4",
        languages="English | Español",
        outcomes=["safety", "permanency"],
        is_nonresponder=[],
        research_last_reviewed="October 2021",
        relevance_level="low",
    )

    assert not form.save(
        child_age_min="4", outcomes=["safety", "well-being"], research_last_reviewed="Oct 2021"
    )

    assert (
        form.choices
        == {
            "Child-welfare outcomes: both of you changed it": [
                "Theirs: Safety → Safety, Permanency",
                "Yours: Safety → Safety, Child/family well-being",
            ]
        }
        or form.choices
    )
    assert set(form.choices) == {"Child-welfare outcomes: both of you changed it"}
    taken = {
        name: form.data[name]
        for name in ("child_age_min", "languages", "is_nonresponder", "relevance_level")
    }
    assert taken == {
        "child_age_min": ["4"],
        "languages": ["English | Español"],
        "is_nonresponder": [],
        "relevance_level": ["low"],
    }
    assert form.save(**{"choice-outcomes": "theirs"})
    program.refresh_from_db()
    assert program.outcomes == ("safety", "permanency")
    assert (program.research_last_reviewed, program.languages) == (
        "2021-10",
        ("English", "Español"),
    )


def test_mistake_in_what_was_typed_is_kept_and_chosen_away(mine, other):
    program = ProgramFactory(child_age_min=3)
    form = Form(mine, program)
    other(program, child_age_min="4")

    assert not form.save(child_age_min="five")

    assert form.data["child_age_min"] == ["five"]
    assert form.save(**{"choice-child_age_min": "theirs"})
    program.refresh_from_db()
    assert program.child_age_min == 4


def test_lists_of_other_entries_are_compared(mine, other):
    ada, ben, cy = (TopicExpertFactory(name=name) for name in ("Ada", "Ben", "Cy"))
    reading = ReferenceFactory()
    area = TopicAreaFactory()
    area.experts.add(ada)
    form = Form(mine, area)
    other(area, experts=[ada.pk, ben.pk], further_reading=[reading.pk])

    assert not form.save(experts=[cy.pk])

    assert form.panel.facts["Further reading"] == f"blank → {reading}"
    assert set(form.choices) == {"Topic experts: both of you changed it"}
    assert form.data["further_reading"] == [str(reading.pk)]
    assert form.save(**{"choice-experts": "mine"})
    assert (set(area.experts.all()), set(area.further_reading.all())) == ({cy}, {reading})


def test_their_file_stays_and_mine_is_asked_for_again(mine, other):
    area = TopicAreaFactory()
    form = Form(mine, area)
    other(area, summary_document=SimpleUploadedFile("theirs.pdf", b"%PDF-%%EOF"))

    assert not form.save(summary_document=SimpleUploadedFile("mine.pdf", b"%PDF-%%EOF"))

    assert (
        "Summary document: Choose “mine.pdf” again: a browser does not send a file twice."
        in form.panel.text
    )
    assert form.choices == {}
    assert form.save()
    area.refresh_from_db()
    assert area.summary_document.name.startswith("summaries/theirs")


def test_their_file_is_not_cleared_unseen(mine, other):
    area = TopicAreaFactory(summary_document=SimpleUploadedFile("old.pdf", b"%PDF-%%EOF"))
    form = Form(mine, area)
    other(area, summary_document=SimpleUploadedFile("theirs.pdf", b"%PDF-%%EOF"))

    assert not form.save(**{"summary_document-clear": "on"})

    assert form.data["summary_document-clear"] == []
    assert form.save()
    area.refresh_from_db()
    assert area.summary_document.name.startswith("summaries/theirs")


def test_status_changed_meanwhile_is_told_and_kept(mine, maria):
    program = ProgramFactory(status=Status.PUBLISHED)
    form = Form(mine, program)
    program.status, program._history_user = Status.RETIRED, maria
    program._change_reason = "No longer offered"
    program.save()

    assert not form.save(goals="Mine")

    assert form.panel.facts["Status"] == "Published → Retired"
    assert "(“No longer offered”)" in form.panel.text
    assert form.save()
    program.refresh_from_db()
    assert (program.status, program.goals) == (Status.RETIRED, "Mine")


def test_import_is_not_overwritten(mine, tmp_path):
    program = ProgramFactory(goals="Old", description="Old")
    form = Form(mine, program)
    file = tmp_path / "programs.csv"
    file.write_text(f"slug,goals\n{program.slug},Imported\n")
    call_command("import_csv", "programs", str(file), stdout=StringIO())

    assert not form.save(description="Mine")

    assert "programs.csv" in form.panel.text
    assert form.save()
    program.refresh_from_db()
    assert (program.goals, program.description) == ("Imported", "Mine")


def test_save_that_changed_nothing_is_told(mine, other):
    program = ProgramFactory(goals="Old")
    form = Form(mine, program)
    other(program)

    assert not form.save(goals="Mine")

    assert "Maria Lopez saved it" in form.panel.text
    assert form.save()


def test_entry_without_history_is_compared_with_what_was_stored(mine, other):
    area = TopicAreaFactory(definition="Old", delivered_by="Old")
    area.experts.add(TopicExpertFactory())
    area.history.all().delete()
    form = Form(mine, area)
    other(area, definition="Theirs")

    assert not form.save(delivered_by="Mine")

    assert form.panel.facts == {"Definition": "Old → Theirs"}
    assert form.choices == {}
    assert form.save()
    area.refresh_from_db()
    assert (area.definition, area.delivered_by) == ("Theirs", "Mine")


def test_entry_that_came_without_history_is_compared_with_what_was_stored(mine):
    program = ProgramFactory(goals="Old", duration="Old")
    program.history.all().delete()
    form = Form(mine, program)
    program.goals = "Theirs"
    program.save()

    assert not form.save(duration="Mine")

    assert (form.choices, form.data["goals"]) == ({}, ["Theirs"])
