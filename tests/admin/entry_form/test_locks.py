"""A form waits for who is saving, and never for ever."""

import threading

import pytest
from django.db import connection, transaction

from catalog.models import Study, TopicArea

from ...factories import RatingFactory, StudyFactory
from ...transactions import wait_for_one_who_waits
from .open_form import Form

pytestmark = pytest.mark.django_db


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
