"""Undoing the merge of references and experts: what comes back, when it is refused, and who may undo it."""

import re
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from catalog.editorial.linked_unmerging import MAY_NOT, UNKNOWN, past_merge, unmerge_linked
from catalog.editorial.proposals.changes import open_proposal
from catalog.editorial.proposals.steps import STEPS, Said, take
from catalog.editorial.twins import MergeRefused
from catalog.models import (
    Assignment,
    Finding,
    MergedExpertSlug,
    MergedReferenceKey,
    MergeRecord,
    Program,
    Proposal,
    Rating,
    Reference,
    StaffNote,
    Study,
    TopicArea,
    TopicExpert,
)
from catalog.models.ratings import name_raters

from ...examples import few
from ...factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ...importing.loading import load, problems, stored
from ...transactions import rolled_back
from .merging import join, member_of, put_together

pytestmark = pytest.mark.django_db


def part(merged, **kwargs):
    """Undo a merge as the page does when nobody has changed anything meanwhile."""
    kwargs.setdefault("user", UserFactory(is_superuser=True))
    past = past_merge(type(merged), merged.pk)
    return unmerge_linked(
        type(merged), merged.pk, reason="Two after all", seen=str(past.record.pk), **kwargs
    )


def refusal(merged, **kwargs):
    before = stored()
    with pytest.raises(MergeRefused) as refused:
        part(merged, **kwargs)
    after = stored()
    for rows in (before, after):
        rows.pop("catalog.User", None)
        rows.pop("auth.User", None)
    assert after == before
    return str(refused.value)


def rows():
    """Return every row of the catalog but for the people and the histories; links without keys of their own."""
    found = {}
    for label, rows_of_kind in stored().items():
        if rows_of_kind and "Historical" not in label and "User" not in label:
            is_link = "TopicArea_" in label
            found[label] = sorted(
                re.sub(r"^\(\d+, ", "(", str(row)) if is_link else str(row) for row in rows_of_kind
            )
    return found


@pytest.fixture
def reports(db):
    """One report twice, without a DOI."""
    return [
        ReferenceFactory(key=key, title="A report", year=2019, authors="Rand")
        for key in ("rand-2019-2", "rand-2019")
    ]


OUTCOMES = st.sampled_from(["", "Sleep"])


@given(data=st.data())
@few
def test_merging_and_undoing_leaves_everything_as_it_was(data, client):
    is_expert = data.draw(st.booleans())
    with rolled_back():
        make = TopicExpertFactory if is_expert else ReferenceFactory
        first, merged, survivor = make.create_batch(3)
        if data.draw(st.booleans()):
            join(first, merged)
        relation = "experts" if is_expert else "further_reading"
        for area in TopicAreaFactory.create_batch(2):
            getattr(area, relation).set(data.draw(st.sets(st.sampled_from([merged, survivor]))))
        for program in [] if is_expert else ProgramFactory.create_batch(2):
            for reference in data.draw(st.sets(st.sampled_from([merged, survivor]))):
                StudyFactory(program=program, reference=reference, location=reference.key)
                for place in data.draw(st.sets(st.tuples(st.integers(0, 1), OUTCOMES))):
                    area = TopicArea.objects.order_by("pk")[place[0]]
                    FindingFactory(
                        program=program, reference=reference, topic_area=area, outcome=place[1]
                    )
            if data.draw(st.booleans()):
                sample = data.draw(st.sampled_from([merged, survivor]))
                StudyFactory(program=program, same_sample_as=sample)
        for entry in (merged, survivor):
            add_work(entry, data)
        blank = "position" if is_expert else "volume"
        type(merged).objects.filter(pk=merged.pk).update(**{blank: "5"})
        merged.refresh_from_db()
        pages = ["/references/", *map(TopicArea.get_absolute_url, TopicArea.objects.all())]
        pages += map(Program.get_absolute_url, Program.objects.all())
        before, shown = rows(), [client.get(page).content for page in pages]
        others = {model: model.history.count() for model in (Study, Finding, TopicArea)}

        join(merged, survivor, fill=data.draw(st.sampled_from([(), (blank,)])))
        part(merged)

        assert rows() == before
        assert [client.get(page).content for page in pages] == shown
        reason = f"Undid the merge of “{merged}” into “{survivor}”: Two after all"
        last = type(merged).history.filter(id=merged.pk).latest("history_id")
        assert (last.history_type, last.history_change_reason) == ("+", reason)
        assert all(model.history.count() >= number for model, number in others.items())


def add_work(entry, data):
    """Give the staff something to do at an entry, or not: a note, tasks, a proposal that was discarded."""
    ann = UserFactory(is_staff=True)
    about = {"expert" if isinstance(entry, TopicExpert) else "reference": entry}
    if data.draw(st.booleans()):
        StaffNote.objects.create(text="A letter.", author=ann, **about)
    if data.draw(st.booleans()):
        Assignment.objects.create(person=ann, **about)
    if data.draw(st.booleans()):
        proposal = Proposal.objects.create(
            state="discarded", author=ann, changes={"x": ["", "1"]}, **about
        )
        proposal.comments.create(author=ann, text="Whose?")
        Assignment.objects.create(person=ann, task="finish", proposal=proposal, **about)


# --- Keys


def test_the_old_key_is_that_of_its_own_reference_again(reports):
    merged, survivor = reports
    ProgramFactory(slug="calm")
    earlier = ReferenceFactory(key="rand-report")
    join(earlier, merged)
    join(merged, survivor)
    assert Reference.objects.former_keys() == {
        "rand-report": "rand-2019",
        "rand-2019-2": "rand-2019",
    }

    part(merged)

    assert Reference.objects.former_keys() == {"rand-report": "rand-2019-2"}
    assert problems(load("studies", [{"program": "calm", "reference": "rand-2019-2"}])) == []
    assert Study.objects.get().reference_id == merged.pk


def test_the_old_address_is_that_of_its_own_expert_again(client):
    merged, survivor = TopicExpertFactory(slug="ada-2"), TopicExpertFactory(slug="ada")
    area = TopicAreaFactory()
    area.experts.set([merged])
    merged.slug = "ada-lovelace"
    merged.save()
    join(merged, survivor)
    assert client.get("/experts/ada-2/")["Location"] == "/experts/ada/"

    part(merged)

    assert client.get("/experts/ada-lovelace/").status_code == 200
    assert client.get("/experts/ada-2/")["Location"] == "/experts/ada-lovelace/"
    assert not MergedExpertSlug.objects.exists()


def test_of_two_merges_the_later_one_is_undone_first(reports):
    merged, survivor = reports
    third = ReferenceFactory(key="third")
    before = rows()
    join(merged, survivor)
    join(survivor, third)

    assert refusal(merged) == (
        f"“{survivor}”, into which it was merged, has been merged into another entry since: undo that merge first."
    )
    part(survivor)
    part(merged)

    assert rows() == before
    assert not MergedReferenceKey.objects.exists()


# --- What is in the way


def edit(entry, by, **fields):
    for name, value in fields.items():
        setattr(entry, name, value)
    entry._history_user = by
    entry.save()


def test_what_was_edited_since_is_named_with_who_and_when(reports):
    merged, survivor = reports
    study = StudyFactory(reference=merged)
    join(merged, survivor)
    kim = UserFactory(first_name="Kim", last_name="Lee")
    study.refresh_from_db()
    edit(study, kim, location="Ohio")

    assert refusal(merged).startswith(
        f"“{study}” is no longer as the merge left it. Kim Lee changed it on "
    )

    edit(Reference.objects.get(pk=survivor.pk), kim, pages="5")
    assert refusal(merged).startswith(
        f"“{Reference.objects.get(pk=survivor.pk)}” is no longer as the merge left it. Kim Lee changed it on "
    )


def test_what_was_imported_since_is_in_the_way(reports):
    merged, survivor = reports
    join(merged, survivor)
    load("references", [{"key": "rand-2019", "pages": "5"}], reason="A new file")

    assert " is no longer as the merge left it. Somebody changed it on " in refusal(merged)
    assert refusal(merged).endswith(
        " (A new file). To undo the merge, first put that back as it was."
    )


def test_a_topic_area_that_links_no_more_is_named(reports):
    merged, survivor = reports
    area = TopicAreaFactory(name="Sleep")
    area.further_reading.set([merged])
    join(merged, survivor)
    edit(area, None, definition="New.")
    assert past_merge(Reference, merged.pk).edit() == ""

    area.further_reading.clear()

    assert refusal(merged).startswith("“Sleep” is no longer as the merge left it. ")


def test_a_doi_that_another_reference_has_now_is_named(reports):
    merged, survivor = reports
    Reference.objects.filter(pk=merged.pk).update(doi="10.1234/a")
    merged.refresh_from_db()
    join(merged, survivor)
    ReferenceFactory(doi="10.1234/a")

    assert refusal(merged) == (
        f"“{merged}” cannot come back as it was. There is a reference with this DOI already. Change what is in the way "
        "first."
    )


def test_a_program_that_cited_both_must_be_there(reports):
    merged, survivor = reports
    both = ProgramFactory(name="Both")
    for entry in reports:
        StudyFactory(program=both, reference=entry)
    join(merged, survivor)
    other = ProgramFactory()
    StudyFactory(program=other, reference=survivor)
    put_together(both, other)

    assert refusal(merged) == (
        "“Both”, which cited it, has been merged into another program or deleted since. Undo that first."
    )


def test_a_survivor_that_is_deleted_leaves_nothing_to_undo(reports):
    merged, survivor = reports
    join(merged, survivor)
    Reference.objects.get(pk=survivor.pk).delete()

    assert refusal(merged) == (
        f"The entry into which “{merged}” was merged has been deleted since, so the merge cannot be undone. "
        "Enter it anew from its history."
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_a_merge_of_which_nothing_is_recorded_stays(reports, is_there):
    merged, survivor = reports
    if not is_there:
        join(merged, survivor)
        MergeRecord.objects.all().delete()

    not_merged = f"“{merged}” is not merged into another entry. Somebody may have undone the merge meanwhile."
    assert refusal(merged) == (not_merged if is_there else UNKNOWN)


def test_a_page_of_an_earlier_merge_undoes_none(reports):
    merged, survivor = reports
    join(merged, survivor)

    with pytest.raises(MergeRefused, match="It was merged anew since you opened this page"):
        unmerge_linked(
            Reference, merged.pk, user=UserFactory(is_superuser=True), reason="x", seen="1" * 9
        )


@pytest.mark.parametrize(
    ("match", "values"),
    [
        ("mergerecord_kind_is_known", {"kind": "program"}),
        ("mergerecord_is_of_two_entries", {"merged": 2}),
        ("merged", {"survivor": 3}),  # a second merge of what is deleted already
    ],
)
def test_database_refuses_a_record_of_a_merge_that_cannot_be(match, values):
    record = {"kind": "reference", "merged": 1, "survivor": 2}
    first = MergeRecord.objects.create(**record, history_save=uuid4())

    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        MergeRecord.objects.create(**{**record, **values}, history_save=uuid4())

    assert list(MergeRecord.objects.all()) == [first]


# --- Beside the entries


def test_a_proposal_for_the_survivor_waits_and_is_published_afterwards(reports):
    merged, survivor = reports
    Reference.objects.filter(pk=merged.pk).update(volume="7")
    merged.refresh_from_db()
    join(merged, survivor, fill=["volume"])
    survivor.refresh_from_db()
    changes = {"pages": ["", "5"]}
    base = survivor.history.latest("history_id").pk
    Proposal.objects.create(reference=survivor, changes=changes, base=base, is_minor=True)

    part(merged)

    proposal = open_proposal(survivor)
    assert proposal.changes == changes
    ann, boss = UserFactory(is_superuser=True), UserFactory(is_superuser=True)
    for step, user in (("submit", ann), ("approve", boss), ("publish", boss)):
        take(proposal, STEPS[step], Said(is_minor=True), user=user)
    survivor.refresh_from_db()
    assert (survivor.volume, survivor.pages) == ("", "5")


def test_work_of_people_who_are_gone_does_not_hinder(reports):
    merged, survivor = reports
    ann = UserFactory(is_staff=True)
    proposal = Proposal.objects.create(reference=merged, state="discarded", author=ann)
    Assignment.objects.create(reference=merged, person=ann, task="finish", proposal=proposal)
    note = StaffNote.objects.create(reference=merged, text="A letter.", author=ann)
    join(merged, survivor)
    ann.delete()

    part(merged)

    assert [(p.pk, p.author) for p in Proposal.objects.of(merged)] == [(proposal.pk, None)]
    assert not Assignment.objects.exists()
    assert [n.pk for n in StaffNote.objects.of(merged)] == [note.pk]


def test_what_the_survivor_was_given_since_stays_there(reports):
    merged, survivor = reports
    moved = StudyFactory(reference=merged)
    join(merged, survivor)
    study = StudyFactory(reference_id=survivor.pk)
    StaffNote.objects.create(reference=survivor, text="Since.")

    part(merged)

    assert [s.pk for s in survivor.studies.all()] == [study.pk]
    assert [s.pk for s in merged.studies.all()] == [moved.pk]
    assert [n.text for n in StaffNote.objects.of(survivor)] == ["Since."]


@pytest.mark.parametrize(
    ("group", "is_read", "may"),
    [
        ("Viewers", False, False),
        ("Editors", False, True),
        ("Editors", True, False),
        ("Publishers", True, True),
    ],
)
def test_who_may_merge_may_undo_it(group, is_read, may, reports):
    merged, survivor = reports
    if is_read:
        StudyFactory(reference=merged)
    join(merged, survivor)

    if may:
        part(merged, user=member_of(group))
        assert Reference.objects.filter(pk=merged.pk).count() == 1
    else:
        assert refusal(merged, user=member_of(group)) == MAY_NOT


def test_ratings_lead_to_the_expert_who_stays_and_back_and_are_not_written():
    ada, other = TopicExpertFactory(name="Ada", slug="ada"), TopicExpertFactory(name="Ada Expert")
    rating = RatingFactory(raters=["ada", "Jane Doe"])
    RatingFactory(program=rating.program, topic_area=rating.topic_area, rated_on="2026")
    written = rating.history.count()

    def raters():
        stored = Rating.objects.get(pk=rating.pk)
        name_raters([stored])
        return stored.raters, [rater.name for rater in stored.named_raters]

    before = raters()
    join(ada, other)
    merged = raters()
    part(ada)

    assert before == (("ada", "Jane Doe"), ["Ada", "Jane Doe"])
    assert merged == (("ada", "Jane Doe"), ["Ada Expert", "Jane Doe"])
    assert raters() == before
    assert rating.history.count() == written
