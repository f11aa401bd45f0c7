"""Rows of a form that somebody else changed, added, deleted or put in another order."""

import pytest

from catalog.models import Study

from ...conftest import catalog_permissions
from ...factories import ProgramFactory, ReferenceFactory, StudyFactory
from ..pages import text_of
from .open_form import ADD_STUDY, Form

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_row_that_both_changed_is_settled_field_by_field(mine, other):
    study = StudyFactory(location="Ohio", design="rct", summary="Old")
    form = Form(mine, study.program)
    other(study.program, **{"studies-0-location": "Iowa", "studies-0-design": "review"})

    assert not form.save(**{"studies-0-location": "Utah", "studies-0-summary": "Mine"})

    assert form.choices == {
        "Location: both of you changed it": [
            "Theirs: Ohio → Iowa",
            "Yours: Ohio → Utah (the text below, which you may still change)",
        ]
    }
    assert form.data["studies-0-design"] == ["review"]
    assert form.save(**{"studies-0-choice-location": "mine"})
    study.refresh_from_db()
    assert (study.location, study.design, study.summary) == ("Utah", "review", "Mine")


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
    assert list(form.choices.values()) == [["Leave it deleted", "Add it again, as it is below"]]
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
    cells = {"reference": reference.pk, "location": "Ohio"}
    other(program, **ADD_STUDY, **{f"studies-0-{name}": value for name, value in cells.items()})

    assert not form.save(goals="Mine")

    assert "Ohio" in text_of(form.page)
    assert form.save()
    assert program.studies.get().location == "Ohio"
    assert program.studies.get().history.count() == 1


def test_same_reference_added_by_both_is_a_sentence(mine, other):
    program = ProgramFactory()
    form = Form(mine, program)
    row = {"studies-0-reference": ReferenceFactory().pk}
    other(program, **ADD_STUDY, **row, **{"studies-0-location": "Ohio"})

    assert not form.save(**ADD_STUDY, **row, **{"studies-0-location": "Utah"})

    assert "The program has this reference already." in text_of(form.page)
    assert "Ohio" in text_of(form.page)
    assert form.data["studies-0-location"] == ["Utah"]
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
    first = StudyFactory(program=program, location="First")
    second = StudyFactory(program=program, location="Second")
    form = Form(mine, program)
    other(program, **{"studies-0-design": "review"})

    assert not form.save(
        **{"studies-0-summary": "Of the first", "studies-1-summary": "Of the second"}
    )
    assert form.save()

    for study in (first, second):
        study.refresh_from_db()
    assert (first.summary, first.design) == ("Of the first", "review")
    assert (second.summary, second.design) == ("Of the second", "")


@pytest.mark.alike(4)
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
