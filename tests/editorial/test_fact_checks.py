"""Fact checks: what is kept of the answers, how often they may be sent, and what dating by them writes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.editorial.fact_checks import (
    ANSWERED_AGAIN,
    DEALT_WITH,
    NOT_DATED,
    SectionAnswer,
    TooOften,
    page_version,
    receive,
    seconds_until_next,
    settle,
    settle_and_date,
    told_about,
)
from catalog.editorial.proposals.changes import propose
from catalog.editorial.proposals.merging import put_in
from catalog.editorial.workflow import Hindered
from catalog.models import FactCheckSend, Program, Proposal, Rating, Status, Study

from ..conftest import group_user
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
)

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "192.0.2.7", "198.51.100.3"
RIGHT, CHANGE = (
    SectionAnswer("goals", "right", ""),
    SectionAnswer("about", "change", "It is for fathers too."),
)


def check_of(program=None, **fields):
    now = timezone.now()
    dates = {"created_at": now - timedelta(days=1), "expires_at": now + timedelta(days=9)}
    program = program or ProgramFactory()
    return program.fact_checks.create(**{"sent_to": "Ada", **dates, **fields})


def send(check, *said, name="Ada", address=HERE, seen="1.0.0-0"):
    receive(check, said, name=name, address=address, seen=seen)
    check.refresh_from_db()


def answers_of(check):
    return {answer.section: (answer.verdict, answer.comment) for answer in check.answers.all()}


# --- Taking it in


def test_answers_are_kept_with_name_moment_and_version():
    check, before = check_of(), timezone.now()

    send(check, RIGHT, CHANGE)

    assert answers_of(check) == {
        "goals": ("right", ""),
        "about": ("change", "It is for fathers too."),
    }
    assert (check.answered_by, check.answered_version) == ("Ada", "1.0.0-0")
    assert before <= check.answered_at <= timezone.now()
    assert check.in_short == "1 of 2 sections: please change"


def test_who_asked_is_told_of_answers_that_are_new():
    check = check_of(created_by=group_user("Editors"))

    send(check, RIGHT, CHANGE)
    send(check, RIGHT)

    (told,) = check.created_by.notifications.all()
    assert str(told) == f"Answered: the fact check of “{check.program}”"
    assert told.words == "Ada: 1 of 2 sections: please change"


def test_answer_that_is_sent_again_takes_the_place_of_the_former():
    check = check_of()
    send(check, RIGHT, CHANGE)
    first = {a.section: (a.pk, a.answered_at) for a in check.answers.all()}

    send(check, RIGHT, SectionAnswer("about", "right", "Thank you."), name="Bo")

    assert answers_of(check) == {"goals": ("right", ""), "about": ("right", "Thank you.")}
    again = {a.section: (a.pk, a.answered_at) for a in check.answers.all()}
    # What was said before, and is said again, was said then.
    assert again["goals"] == first["goals"]
    assert again["about"][0] == first["about"][0]
    assert again["about"][1] > first["about"][1]
    assert check.answered_by == "Bo"


def test_something_else_after_it_was_dealt_with_waits_again(publisher):
    check = check_of()
    send(check, RIGHT)
    settle(check, user=publisher, seen=check.answered_at.isoformat())

    send(check, RIGHT)
    check.refresh_from_db()
    assert check.settled_by == publisher

    send(check, CHANGE)
    assert (check.settled_by, check.settled_at, check.is_unsettled) == (None, None, True)


@pytest.mark.parametrize(
    ("limits", "refused"), [((2, 0), [0, 1]), ((0, 2), [0, 2]), ((0, 0), []), ((3, 3), [])]
)
def test_answers_are_sent_so_often_within_an_hour(settings, limits, refused):
    settings.FACT_CHECK_LIMIT, settings.FACT_CHECK_CLIENT_LIMIT = limits
    mine, other = check_of(), check_of()
    ways = [(mine, HERE), (mine, ELSEWHERE), (other, HERE), (other, ELSEWHERE)]
    FactCheckSend.objects.bulk_create(
        FactCheckSend(fact_check=check, address=HERE) for check in (mine, mine)[: max(limits)]
    )

    waiting = [seconds_until_next(check, address) for check, address in ways]

    assert [place for place, seconds in enumerate(waiting) if seconds] == refused
    assert all(3590 < seconds <= 3600 for seconds in waiting if seconds)


def test_refused_answers_are_not_kept_and_waiting_ends(settings):
    settings.FACT_CHECK_LIMIT = 1
    check = check_of()
    send(check, RIGHT)

    with pytest.raises(TooOften) as refused:
        send(check, CHANGE)

    assert "wait 60 minutes" in refused.value.sentence
    assert answers_of(check) == {"goals": ("right", "")}
    assert check.sends.count() == 1
    check.sends.update(sent_at=timezone.now() - timedelta(minutes=61))
    send(check, CHANGE)
    # Addresses are forgotten when they no longer count.
    assert check.sends.count() == 1
    assert answers_of(check).keys() == {"goals", "about"}


# --- What the answers are about


def test_page_is_another_one_when_its_words_change():
    program, area = ProgramFactory(goals="Rest."), TopicAreaFactory()
    versions = [page_version(program, None)]
    for change in (
        lambda: Program.objects.update(goals="Sleep."),
        lambda: Program.objects.update(delivery_settings=("school",)),
        lambda: StudyFactory(program=program),
        lambda: Study.objects.update(location="Utah"),
        lambda: RatingFactory(program=program, topic_area=area),
        lambda: Rating.objects.update(rationale="Because."),
    ):
        change()
        versions.append(page_version(Program.objects.get(), None))

    assert len({*versions}) == 7


def test_page_is_the_same_whoever_may_see_it_and_beside_what_is_hidden():
    program = ProgramFactory(goals="Rest.")
    versions = {page_version(program, None)}
    Program.objects.update(status=Status.DRAFT, published_at=None)
    versions.add(page_version(Program.objects.get(), None))
    RatingFactory(program=program, topic_area=TopicAreaFactory(status=Status.DRAFT))
    versions.add(page_version(Program.objects.get(), None))

    assert len(versions) == 1


def test_publishing_what_was_checked_makes_no_other_page_of_it(publisher):
    program = ProgramFactory(goals="Rest.", delivery_settings=("hospital", "school"))
    study, reference = StudyFactory(program=program), ReferenceFactory()
    before = page_version(program, None)
    sent = {"goals": "Sleep.", "delivery_settings": ("school", "hospital", "virtual")}
    rows = {str(study.pk): {"location": ["", "Utah"]}, "+1": {"reference": [None, reference.pk]}}
    proposal = propose(program, sent, {"studies": rows}, user=publisher)
    checked = page_version(program, proposal)

    put_in(proposal, program, publisher)

    published = page_version(Program.objects.get(), None)
    assert before != checked == published


# --- What an editor makes of it


def answered(program=None, *said, **fields):
    check = check_of(program, **fields)
    send(check, *(said or (RIGHT,)))
    return check


def seen_of(check):
    return check.answered_at.isoformat()


def test_publisher_dates_a_live_program_by_a_save_with_history(publisher):
    program = ProgramFactory(content_last_reviewed="2019")
    check = answered(program)

    is_proposed = settle_and_date(check, user=publisher, seen=seen_of(check))

    program.refresh_from_db()
    check.refresh_from_db()
    last = program.history.latest()
    assert not is_proposed
    assert program.content_last_reviewed == str(timezone.localdate(check.answered_at))
    assert (last.history_user, last.history_change_reason) == (publisher, "Fact check by Ada")
    assert (check.settled_by, check.is_unsettled) == (publisher, False)


def test_who_may_not_publish_proposes_the_date(db):
    writer, program = group_user("Editors"), ProgramFactory()
    check = answered(program)

    is_proposed = settle_and_date(check, user=writer, seen=seen_of(check))

    day = str(timezone.localdate(check.answered_at))
    proposal = Proposal.objects.get()
    program.refresh_from_db()
    assert is_proposed
    assert proposal.changes == {"content_last_reviewed": ["", day]}
    assert proposal.history.latest().history_change_reason == "Proposed: Fact check by Ada"
    assert program.content_last_reviewed == ""


def test_date_joins_the_open_proposal_that_was_checked(publisher):
    program = ProgramFactory(goals="Rest.")
    propose(program, {"goals": "Sleep."}, {}, user=publisher)
    check = answered(program)

    assert settle_and_date(check, user=publisher, seen=seen_of(check))

    proposal = Proposal.objects.get()
    assert proposal.changes.keys() == {"goals", "content_last_reviewed"}
    assert Program.objects.get().content_last_reviewed == ""


def test_draft_is_dated_at_once_by_who_may_change_it(db):
    program = ProgramFactory(status=Status.DRAFT)
    check = answered(program)

    assert not settle_and_date(check, user=group_user("Editors"), seen=seen_of(check))

    program.refresh_from_db()
    assert program.content_last_reviewed == str(timezone.localdate(check.answered_at))


def test_nothing_is_done_with_answers_that_nobody_has_read(publisher):
    check = answered()
    seen = seen_of(check)
    send(check, CHANGE)

    with pytest.raises(Hindered, match=ANSWERED_AGAIN[:40]):
        settle_and_date(check, user=publisher, seen=seen)

    check.refresh_from_db()
    assert check.is_unsettled
    assert Program.objects.get().content_last_reviewed == ""


def test_answers_are_dealt_with_once(publisher):
    check = answered()
    settle(check, user=publisher, seen=seen_of(check))

    with pytest.raises(Hindered, match=DEALT_WITH):
        settle(check, user=publisher, seen=seen_of(check))


@pytest.mark.parametrize("fields", [{"status": Status.RETIRED}, {"content_last_reviewed": "2099"}])
def test_date_is_never_put_back_nor_given_to_what_is_retired(publisher, fields):
    program = ProgramFactory(**fields)
    check = answered(program)

    with pytest.raises(Hindered, match=NOT_DATED):
        settle_and_date(check, user=publisher, seen=seen_of(check))

    check.refresh_from_db()
    assert check.is_unsettled
    assert Program.objects.get().content_last_reviewed == fields.get("content_last_reviewed", "")


def test_readers_of_a_proposal_are_told_of_what_matters_to_it(publisher):
    program = ProgramFactory(goals="Rest.")
    dealt_with = answered(program)
    settle(dealt_with, user=publisher, seen=seen_of(dealt_with))
    waiting = answered(program)
    proposal = propose(program, {"goals": "Sleep."}, {}, user=publisher)
    since = answered(program)
    settle(since, user=publisher, seen=seen_of(since))
    answered()
    check_of(program)

    assert told_about(proposal) == [since, waiting]
