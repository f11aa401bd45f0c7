"""What was typed into an entry that can no longer be changed is shown."""

import pytest

from catalog.editorial.merging import digest, merge
from catalog.models import Program, Rating, Status

from ...factories import ProgramFactory, RatingFactory, StudyFactory
from ..pages import address, text_of
from .open_form import Form, rows_of

pytestmark = pytest.mark.django_db


def test_what_was_typed_into_a_program_that_was_merged_meanwhile_is_shown(mine, maria):
    study = StudyFactory(location="Ohio", program__status=Status.DRAFT)
    merged, survivor = study.program, ProgramFactory(status=Status.DRAFT)
    form = Form(mine, merged)
    seen = {program.pk: digest(program) for program in (merged, survivor)}
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
