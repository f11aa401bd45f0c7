"""Open proposals that link to a reference or an expert that is merged into another one."""

import pytest

from catalog.editorial.linked_merging import digest, merge_linked
from catalog.editorial.linked_unmerging import unmerge_linked
from catalog.editorial.proposals.changes import as_it_stands, propose
from catalog.editorial.proposals.steps import APPROVE, PUBLISH, SUBMIT, Said, take
from catalog.models import (
    MergeRecord,
    Proposal,
    ProposalState,
    Reference,
    Study,
    TopicArea,
    TopicExpert,
)

from ...factories import ReferenceFactory, StudyFactory, TopicAreaFactory, TopicExpertFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reports(db):
    """One report twice, and another one."""
    return [ReferenceFactory(key=key) for key in ("rand-2019-2", "rand-2019", "other")]


def join(merged, survivor, user):
    seen = {entry.pk: digest(entry) for entry in (merged, survivor)}
    merge_linked(merged, survivor, user=user, reason="The same.", seen=seen)


def approved(entry, ann, bob, fields=(), rows=()):
    proposal = propose(entry, dict(fields), dict(rows), user=ann)
    take(proposal, SUBMIT, Said(is_minor=True), user=ann)
    return take(proposal, APPROVE, user=bob)


def area_with(*further_reading, experts=()):
    area = TopicAreaFactory(definition="What it is.", rating_criteria="What to examine.")
    area.further_reading.set(further_reading)
    area.experts.set(experts)
    return TopicArea.objects.get(pk=area.pk)


def test_approved_list_has_the_one_that_stays_and_is_published(ann, bob, reports):
    merged, survivor, other = reports
    area = area_with(merged)
    wanted = frozenset({merged.pk, other.pk})
    proposal = approved(area, ann, bob, {"further_reading": wanted})

    join(merged, survivor, bob)
    take(proposal, PUBLISH, user=bob)

    assert set(area.further_reading.all()) == {survivor, other}
    reasons = Proposal.history.order_by("pk").values_list("history_change_reason", flat=True)
    assert list(reasons)[3] == f"Merged “{merged}” into “{survivor}”: The same."


def test_proposed_list_of_experts_has_the_one_that_stays(ann, bob):
    merged, survivor = TopicExpertFactory.create_batch(2)
    area = area_with()
    proposal = approved(area, ann, bob, {"experts": frozenset({merged.pk, survivor.pk})})

    join(merged, survivor, bob)
    take(proposal, PUBLISH, user=bob)

    assert list(area.experts.all()) == [survivor]
    assert list(TopicExpert.objects.all()) == [survivor]


def test_proposed_studies_are_of_the_one_that_stays(ann, bob, program, reports):
    merged, survivor, other = reports
    kept = StudyFactory(program=program, reference=other)
    study = StudyFactory(reference=merged, program=program)
    going = as_it_stands(study)
    rows = {
        "+1": {"reference": [None, merged.pk], "location": ["", "Ohio"]},
        str(kept.pk): {"location": ["", "Utah"]},
        str(study.pk): {"DELETE": [going, None]},
    }
    proposal = approved(program, ann, bob, rows={"studies": rows})

    join(merged, survivor, bob)
    take(proposal, PUBLISH, user=bob)

    found = Study.objects.order_by("location").values_list("location", "reference")
    assert list(found) == [("Ohio", survivor.pk), ("Utah", other.pk)]


def test_what_the_merge_does_itself_is_proposed_no_more(ann, bob, program, reports):
    merged, survivor, _ = reports
    study = StudyFactory(program=program, reference=merged)
    rows = {str(study.pk): {"reference": [merged.pk, survivor.pk]}}
    proposal = propose(program, {"goals": "Sleep."}, {"studies": rows}, user=ann)

    join(merged, survivor, bob)

    proposal.refresh_from_db()
    assert (proposal.changes, proposal.rows) == ({"goals": ["Rest.", "Sleep."]}, {})


def test_proposals_that_link_elsewhere_stay_as_they_are(ann, bob, program, reports):
    merged, survivor, other = reports
    proposal = approved(program, ann, bob, {"goals": "Sleep."})
    ended = Proposal.objects.create(
        topic_area=area_with(other),
        changes={"further_reading": [[], [merged.pk]]},
        state=ProposalState.DISCARDED,
    )
    number = Proposal.history.count()

    join(merged, survivor, bob)

    ended.refresh_from_db()
    assert ended.changes == {"further_reading": [[], [merged.pk]]}
    assert Proposal.history.count() == number
    assert proposal.pk
    assert not Reference.objects.filter(pk=merged.pk).exists()


# --- Undone


def part(merged, user):
    record = MergeRecord.objects.get()
    unmerge_linked(type(merged), merged.pk, user=user, reason="Two.", seen=str(record.pk))


def test_undone_merge_gives_an_approved_list_back_and_it_is_published(ann, bob, reports):
    merged, survivor, other = reports
    area = area_with()
    wanted = frozenset({merged.pk, other.pk})
    proposal = approved(area, ann, bob, {"further_reading": wanted})

    join(merged, survivor, bob)
    part(merged, bob)
    take(proposal, PUBLISH, user=bob)

    assert set(area.further_reading.values_list("pk", flat=True)) == wanted


def test_undone_merge_leaves_a_list_that_was_changed_since(ann, bob, reports):
    merged, survivor, other = reports
    area = area_with()
    propose(area, {"further_reading": frozenset({merged.pk})}, {}, user=ann)

    join(merged, survivor, bob)
    propose(area, {"further_reading": frozenset({survivor.pk, other.pk})}, {}, user=ann)
    part(merged, bob)

    wanted = sorted([survivor.pk, other.pk])
    assert Proposal.objects.get().changes == {"further_reading": [[], wanted]}
