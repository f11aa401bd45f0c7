"""Two people at one entry: nobody's edit is lost, and each is told of the other."""

import re
import threading
import time
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.admin.entry_form import presence
from catalog.editorial.conflicts import UNKNOWN, ThreeWay
from catalog.editorial.merging import merge, state
from catalog.models import Program, Rating, Status, Study, TopicArea

from ..conftest import catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import Reader
from .test_entries import BrowserForm, address, submit, text_of

pytestmark = pytest.mark.django_db

ADD_STUDY = {"studies-TOTAL_FORMS": "1"}


@pytest.fixture
def maria(editor):
    """The one who saves first."""
    editor.first_name, editor.last_name = "Maria", "Lopez"
    editor.save()
    return editor


@pytest.fixture
def other(client, maria):
    """What saves an entry as Maria, while the test's own client has it open."""
    other = type(client)()
    other.force_login(maria)
    return lambda entry, **changes: submit(other, address("change", entry), **changes)


@pytest.fixture
def mine(client, writer):
    client.force_login(writer)
    return client


class Form:
    """A change form that stays open."""

    def __init__(self, client, entry):
        self.client, self.path = client, address("change", entry)
        self.page = client.get(self.path)
        self.data = BrowserForm(self.page).data

    def save(self, **typed):
        """Type and save; return whether it was saved. If not, the form is what came back."""
        self.page = self.client.post(self.path, {**self.data, **typed, "_save": "Save"})
        if self.page.status_code == 200:
            self.data = BrowserForm(self.page).data
        return self.page.status_code == 302

    @property
    def panel(self):
        reader = Reader()
        reader.feed(re.search(r'<section class="conflicts".*?</section>', self.html, re.DOTALL)[0])
        reader.close()
        return reader.open[0].one("section")

    @property
    def html(self):
        return self.page.content.decode()

    @property
    def choices(self):
        """The legends of the choices, each with what stands for either side."""
        return {
            fieldset.one("legend").text: [label.text for label in fieldset.all("label")]
            for fieldset in self.panel.all("fieldset")
        }


# --- One field three times

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


@settings(max_examples=10)
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
    other(area, summary_document=SimpleUploadedFile("theirs.pdf", b"%PDF-"))

    assert not form.save(summary_document=SimpleUploadedFile("mine.pdf", b"%PDF-"))

    assert "Summary document: choose your file again" in form.panel.text
    assert form.choices == {}
    assert form.save()
    area.refresh_from_db()
    assert area.summary_document.name.startswith("summaries/theirs")


def test_their_file_is_not_cleared_unseen(mine, other):
    area = TopicAreaFactory(summary_document=SimpleUploadedFile("old.pdf", b"%PDF-"))
    form = Form(mine, area)
    other(area, summary_document=SimpleUploadedFile("theirs.pdf", b"%PDF-"))

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


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_form_waits_for_who_is_saving_and_is_told_of_it(mine):
    study = StudyFactory(location="Old")
    program = study.program
    form = Form(mine, program)
    held, waiting = threading.Event(), threading.Event()

    def save_slowly():
        with transaction.atomic():
            theirs = Study.objects.get(pk=study.pk)
            theirs.location = "Theirs"
            theirs.save()
            held.set()
            waiting.wait(1)
        connection.close()

    slow = threading.Thread(target=save_slowly)
    slow.start()
    held.wait(10)
    saved = form.save(**{"studies-0-location": "Mine"})
    slow.join()

    assert not saved
    study.refresh_from_db()
    assert study.location == "Theirs"
    assert form.save(**{"studies-0-choice-location": "mine"})


def save_program(study):
    study.program.save()


def rate_program(study):
    RatingFactory(program=study.program, topic_area=TopicArea.objects.get(), scientific_rating="4")


def add_study(study):
    StudyFactory(program=study.program)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("held", "then"),
    [("program", save_program), ("program", rate_program), ("study", add_study)],
    ids=["program-then-study", "re-rating", "import"],
)
def test_form_and_who_locks_more_than_one_thing_do_not_wait_for_each_other(mine, held, then):
    study = StudyFactory(location="Old")
    RatingFactory(program=study.program)
    form = Form(mine, study.program)
    is_held = threading.Event()
    failed = []

    def write():
        try:
            with transaction.atomic():
                one = study if held == "study" else study.program
                type(one).objects.select_for_update().get(pk=one.pk)
                is_held.set()
                wait_for_one_who_waits()
                then(study)
                if held == "program":
                    list(Study.objects.select_for_update().filter(pk=study.pk))
        except Exception as error:  # to be seen in the other thread
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    is_held.wait(10)
    form.save(goals="Mine")
    thread.join()

    assert failed == []
    form.save(goals="Mine")
    study.program.refresh_from_db()
    assert study.program.goals == "Mine"


def wait_for_one_who_waits():
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("The form waits for nothing.")


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


# --- Its rows


def test_row_that_both_changed_is_settled_field_by_field(mine, other):
    study = StudyFactory(location="Ohio", design="Trial", summary="Old")
    form = Form(mine, study.program)
    other(study.program, **{"studies-0-location": "Iowa", "studies-0-design": "Survey"})

    assert not form.save(**{"studies-0-location": "Utah", "studies-0-summary": "Mine"})

    assert form.choices == {
        "Location: both of you changed it": [
            "Theirs: Ohio → Iowa",
            "Yours: Ohio → Utah (the text below, which you may still change)",
        ]
    }
    assert form.data["studies-0-design"] == ["Survey"]
    assert form.save(**{"studies-0-choice-location": "mine"})
    study.refresh_from_db()
    assert (study.location, study.design, study.summary) == ("Utah", "Survey", "Mine")


def test_row_changed_on_its_own_page_is_not_overwritten(mine, other):
    study = StudyFactory(location="Ohio")
    form = Form(mine, study.program)
    other(study, location="Iowa")

    assert not form.save(goals="Mine")
    assert form.save()

    study.refresh_from_db()
    assert (study.location, study.program.goals) == ("Iowa", "Mine")


@pytest.mark.parametrize("chosen", ["theirs", "mine"])
def test_row_deleted_meanwhile_is_added_again_or_let_go(mine, other, chosen):
    program = ProgramFactory()
    gone = StudyFactory(program=program, location="Ohio")
    stays = StudyFactory(program=program, location="Texas")
    form = Form(mine, program)
    other(program, **{"studies-0-DELETE": "on"})

    assert not form.save(**{"studies-0-location": "Utah", "studies-1-location": "Maine"})

    assert "Maria Lopez deleted the study" in form.panel.text
    assert list(form.choices.values()) == [
        ["Let it go: it stays deleted", "Add it again, as it is below"]
    ]
    assert form.data["studies-1-location"] == ["Utah"]
    assert not form.save()
    assert form.save(**{"studies-1-choice-DELETE": chosen})
    stays.refresh_from_db()
    assert stays.location == "Maine"
    others = program.studies.exclude(pk=stays.pk)
    expected = {"theirs": [], "mine": [(gone.reference_id, "Utah")]}[chosen]
    assert [(study.reference_id, study.location) for study in others] == expected


def test_row_deleted_meanwhile_that_nobody_typed_into_goes(mine, other):
    program = ProgramFactory()
    study = StudyFactory(program=program)
    form = Form(mine, program)
    other(program, **{"studies-0-DELETE": "on"})

    assert not form.save(goals="Mine")

    assert f"Maria Lopez deleted the study “{program}: {study.reference}”" in form.panel.text
    assert form.choices == {}
    assert form.save()
    program.refresh_from_db()
    assert (program.goals, program.studies.count()) == ("Mine", 0)


def test_row_added_meanwhile_stays_and_is_shown(mine, other):
    program = ProgramFactory()
    form = Form(mine, program)
    reference = ReferenceFactory()
    cells = {"reference": reference.pk, "role": "relevant", "location": "Ohio"}
    other(program, **ADD_STUDY, **{f"studies-0-{name}": value for name, value in cells.items()})

    assert not form.save(goals="Mine")

    assert f"Maria Lopez added the study “{program}: {reference}”" in form.panel.text
    assert form.data["studies-0-location"] == ["Ohio"]
    assert form.save()
    assert program.studies.get().location == "Ohio"
    assert program.studies.get().history.count() == 1


def test_same_reference_added_by_both_is_a_sentence(mine, other):
    program = ProgramFactory()
    form = Form(mine, program)
    row = {"studies-0-reference": ReferenceFactory().pk, "studies-0-role": "relevant"}
    other(program, **ADD_STUDY, **row, **{"studies-0-location": "Ohio"})

    assert not form.save(**ADD_STUDY, **row, **{"studies-0-location": "Utah"})

    assert "The program has this reference already." in text_of(form.page)
    assert (form.data["studies-0-location"], form.data["studies-1-location"]) == (
        ["Ohio"],
        ["Utah"],
    )
    assert program.studies.get().location == "Ohio"


def test_row_changed_meanwhile_is_not_deleted_unseen(mine, other, writer):
    writer.user_permissions.add(*catalog_permissions("delete"))
    study = StudyFactory(location="Ohio")
    form = Form(mine, study.program)
    other(study.program, **{"studies-0-location": "Iowa"})

    assert not form.save(**{"studies-0-DELETE": "on"})

    assert "You had ticked “Delete”. Tick it again" in form.panel.text
    assert form.data["studies-0-DELETE"] == []
    assert form.data["studies-0-location"] == ["Iowa"]
    assert form.save(**{"studies-0-DELETE": "on"})
    assert not Study.objects.exists()


def test_rows_in_another_order_keep_what_is_theirs(mine, other):
    program = ProgramFactory()
    first = StudyFactory(program=program, role="relevant", location="First")
    second = StudyFactory(program=program, role="relevant", location="Second")
    form = Form(mine, program)
    other(program, **{"studies-0-role": "additional"})

    assert not form.save(
        **{"studies-0-summary": "Of the first", "studies-1-summary": "Of the second"}
    )
    assert form.save()

    for study in (first, second):
        study.refresh_from_db()
    assert (first.summary, first.role) == ("Of the first", "additional")
    assert (second.summary, second.role) == ("Of the second", "relevant")


@pytest.mark.parametrize(
    "forged",
    [
        {"version": "x"},
        {"version": "9" * 30},
        {"opened": "1'", "undecided": "version pk id __class__ goals goals"},
        {"undecided": "DELETE"},
        {"studies-0-id": "x", "studies-0-version": "-1"},
        {"studies-0-id": ""},
        {"studies-0-undecided": "DELETE program id", "studies-0-opened": "x"},
        {"studies-INITIAL_FORMS": "7"},
        {"studies-INITIAL_FORMS": "0", "studies-00-zz": "x", "studies-00-location": "Forged"},
        {"studies-TOTAL_FORMS": "99"},
        {"studies-TOTAL_FORMS": "x"},
    ],
    ids=str,
)
def test_forged_form_is_answered_and_changes_nothing_unseen(mine, forged):
    study = StudyFactory(location="Ohio")
    form = Form(mine, study.program)

    response = mine.post(form.path, {**form.data, **forged, "_save": "Save"})

    assert response.status_code in {200, 302}
    study.refresh_from_db()
    assert study.location == "Ohio"


# --- What can no longer be changed


def rows_of(response):
    """Return the terms and descriptions of a page."""
    reader = Reader()
    reader.feed(response.content.decode())
    reader.close()
    return {
        row.one("dt").text: row.one("dd").text
        for found in reader.open[0].all("dl")
        for row in found.all("div")
    }


def test_what_was_typed_into_a_program_that_was_merged_meanwhile_is_shown(mine, maria):
    study = StudyFactory(location="Ohio", program__status=Status.DRAFT)
    merged, survivor = study.program, ProgramFactory(status=Status.DRAFT)
    form = Form(mine, merged)
    seen = {program.pk: state(program) for program in (merged, survivor)}
    merge(merged, survivor, user=maria, reason="The same", seen=seen)

    assert not form.save(goals="My <i>goals</i>", **{"studies-0-location": "Iowa"})

    assert form.page.status_code == 409
    text = text_of(form.page)
    assert "Maria Lopez changed" in text
    assert "Merged into another entry" in text
    assert rows_of(form.page)["Goals"] == "My <i>goals</i>"
    assert rows_of(form.page)["Location"] == "Iowa"
    merged.refresh_from_db()
    study.refresh_from_db()
    assert (merged.goals, study.location) == ("", "Ohio")


def test_what_was_typed_into_a_rating_that_became_a_past_one_is_shown(mine, maria):
    rating = RatingFactory(program__status=Status.DRAFT, rationale="Old")
    form = Form(mine, rating)
    again = Rating(program=rating.program, topic_area=rating.topic_area, scientific_rating="4")
    again._history_user = maria
    again.save()

    assert not form.save(rationale="Mine", change_reason="A slip")

    assert form.page.status_code == 409
    assert "Maria Lopez changed" in text_of(form.page)
    assert "(“Re-rated”)" in text_of(form.page)
    shown = rows_of(form.page)
    assert (shown["Rationale"], shown["Why this correction"]) == ("Mine", "A slip")
    assert "Scientific rating" not in shown
    assert address("history", rating) in form.html
    rating.refresh_from_db()
    assert (rating.rationale, rating.is_current) == ("Old", False)


def test_what_was_typed_into_a_rating_without_history_is_shown(mine):
    rating = RatingFactory(program__status=Status.DRAFT, rationale="Old")
    Rating.history.all().delete()
    form = Form(mine, rating)
    RatingFactory(program=rating.program, topic_area=rating.topic_area, scientific_rating="4")

    assert not form.save(rationale="Mine", change_reason="A slip")

    assert form.page.status_code == 409
    assert rows_of(form.page)["Rationale"] == "Mine"


def test_what_was_typed_into_a_draft_that_was_deleted_is_shown(mine, client, maria):
    program = ProgramFactory(status=Status.DRAFT, goals="Old")
    StudyFactory(program=program)
    form = Form(mine, program)
    history = address("history", program)
    theirs = type(client)()
    theirs.force_login(maria)
    theirs.post(address("delete", program), {"post": "yes"})

    assert not form.save(goals="Mine", **{"studies-0-location": "Iowa"})

    assert form.page.status_code == 409
    assert "Maria Lopez deleted it" in text_of(form.page)
    assert rows_of(form.page)["Goals"] == "Mine"
    assert rows_of(form.page)["Location"] == "Iowa"
    assert history in form.html
    assert not Program.objects.exists()


def test_form_that_was_never_open_is_refused_as_ever(mine):
    program = ProgramFactory(goals="Old", status=Status.RETIRED, merged_into=ProgramFactory())
    other = ProgramFactory()

    def status(path, **data):
        return mine.post(path, {"goals": "Mine", "_save": "Save", **data}).status_code

    assert status(address("change", program)) == 403
    assert status(address("change", program), version=other.history.first().pk) == 403
    assert status(address("change", program).replace(str(program.pk), "99"), version="1") == 302


# --- Many rows


def test_program_with_many_studies_is_saved(mine):
    program = ProgramFactory()
    StudyFactory.create_batch(90, program=program)
    form = Form(mine, program)

    assert form.save(goals="Mine")
    program.refresh_from_db()
    assert program.goals == "Mine"


def test_versions_of_all_rows_are_asked_for_together(mine):
    program = ProgramFactory()
    StudyFactory(program=program)
    path = address("change", program)
    mine.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        mine.get(path)
    for _ in range(5):
        StudyFactory(program=program)

    with CaptureQueriesContext(connection) as many:
        mine.get(path)

    # For each, the box of its reference asks for the one that is chosen.
    assert len(many) - len(few) == 5


# --- Who has it open


def test_form_tells_who_else_has_the_entry_open(mine, client, maria, writer):
    program = ProgramFactory()
    path = address("change", program)
    first = client.get(path)
    client.force_login(maria)

    second = client.get(path)

    assert line_of(first) == ""
    assert re.fullmatch(r"writer has had this entry open since \d?\d:\d\d [ap]\.m\.\.", line_of(second))
    client.force_login(writer)
    assert line_of(client.get(path)).startswith("Maria Lopez has had this entry open since ")


def line_of(response):
    found = re.search(r'<p id="presence"[^>]*>(.*?)</p>', response.content.decode())
    return found[1] if found else None


def beat(client, entry, **data):
    return client.post(address("presence", entry), data)


def test_sign_of_life_answers_who_is_there_and_who_has_saved(mine, other, maria):
    program = ProgramFactory()
    form = Form(mine, program)
    version = form.data["version"][0]
    presence.enter(program, maria)

    there = beat(mine, program, version=version).json()["line"]
    other(program, goals="Theirs")
    saved = beat(mine, program, version=version).json()["line"]

    assert there.startswith("Maria Lopez has had this entry open since ")
    assert saved.startswith("Maria Lopez has saved this entry at ")
    # She has saved, and with that left.
    assert "has had" not in saved


def test_who_leaves_is_forgotten(mine, writer):
    program = ProgramFactory()
    Form(mine, program)
    assert set(presence.editors_of(program)) == {writer.pk}

    beat(mine, program, leaving="1")

    assert presence.editors_of(program) == {}


def test_who_gives_no_sign_of_life_is_forgotten(mine, writer, monkeypatch):
    program = ProgramFactory()
    Form(mine, program)
    now = time.time()

    monkeypatch.setattr(presence.time, "time", lambda: now + presence.FORGOTTEN_AFTER + 1)

    assert presence.editors_of(program) == {}


def test_reader_does_not_count_and_is_not_told(client, writer):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(catalog_permissions("view"))
    program = ProgramFactory()
    presence.enter(program, writer)
    client.force_login(reader)

    page = client.get(address("change", program))

    assert line_of(page) is None
    assert "presence.js" not in page.content.decode()
    assert beat(client, program).status_code == 403
    assert set(presence.editors_of(program)) == {writer.pk}


def test_presence_is_asked_by_post_with_a_token(mine, writer):
    program = ProgramFactory()
    checked = Client(enforce_csrf_checks=True)
    checked.force_login(writer)

    answers = [
        mine.get(address("presence", program)).status_code,
        beat(checked, program).status_code,
        mine.post("/admin/catalog/program/999999/presence/").status_code,
        beat(mine, program, version="x").status_code,
    ]

    assert answers == [405, 403, 404, 200]


def test_name_of_somebody_is_text(mine, maria):
    maria.first_name = "<script>"
    program = ProgramFactory()
    presence.enter(program, maria)

    form = Form(mine, program)

    assert line_of(form.page).startswith("&lt;script&gt; Lopez has had")
    assert (
        beat(mine, program, version=form.data["version"])
        .json()["line"]
        .startswith("<script> Lopez has had")
    )


def test_sign_of_life_asks_no_more_for_more_people(mine, other):
    program = ProgramFactory()
    beat(mine, program)
    with CaptureQueriesContext(connection) as few:
        beat(mine, program)
    for user in UserFactory.create_batch(5):
        presence.enter(program, user)

    with CaptureQueriesContext(connection) as many:
        beat(mine, program)

    assert len(many) == len(few)
