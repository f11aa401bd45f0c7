"""Undoing a merge: what comes back, when it is refused, and who may undo it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.editorial.merging import Merge
from catalog.editorial.twins import MergeRefused
from catalog.editorial.unmerging import PastMerge, may_unmerge, unmerge
from catalog.models import ExternalRating, Program, Rating, RelatedProgram, Study

from ...examples import few
from ...factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ...importing.loading import stored
from ...transactions import rolled_back
from .merging import member_of, put_together
from .test_merging import PROGRAMS, RELATIONS, histories, make, relate

pytestmark = pytest.mark.django_db


def take_apart(merged, **kwargs):
    """Undo a merge as the page does when nobody has changed anything meanwhile."""
    kwargs.setdefault("user", UserFactory(is_superuser=True))
    seen = str(PastMerge.of(merged).record.pk)
    return unmerge(merged, reason="Two after all", seen=seen, **kwargs)


def rows():
    """Return every row of the catalog but for its histories."""
    return {label: rows for label, rows in stored().items() if "Historical" not in label}


def refusal(merged, **kwargs):
    merged.refresh_from_db()
    with pytest.raises(MergeRefused) as refused:
        take_apart(merged, **kwargs)
    return str(refused.value)


@given(data=st.data())
@few
def test_merging_and_undoing_leaves_everything_as_it_was(data, client):
    with rolled_back():
        areas, references = TopicAreaFactory.create_batch(2), ReferenceFactory.create_batch(3)
        places = areas, references, RegistryFactory()
        merged, survivor, follower = (make(data.draw(PROGRAMS), *places) for _ in "123")
        assume(not survivor.is_retired)
        relate(data.draw(RELATIONS), [merged, survivor, follower])
        if data.draw(st.booleans()):
            put_together(follower, merged) if not merged.is_retired else None
        is_unrecorded = data.draw(st.booleans())
        if is_unrecorded:  # as from a fixture
            for model in (Program, Rating, Study, RelatedProgram, ExternalRating):
                model.history.exclude(id=follower.pk).delete()
        pages = [
            "/programs/",
            *(a.get_absolute_url() for a in (*areas, merged, survivor, follower)),
        ]
        plan, before = Merge.of(merged, survivor), rows()
        shown = [client.get(page).content for page in pages]
        disputed = [{d.merged.pk, d.survivor.pk} for d in plan.disputes]
        chosen = {data.draw(st.sampled_from(sorted(pair))) for pair in disputed}
        blanks = [part.key for part in plan.blanks]
        fill = data.draw(st.sets(st.sampled_from(blanks))) if blanks else set()

        put_together(merged, survivor, past=chosen, fill=fill)
        past = histories()
        take_apart(merged)

        assert rows() == before
        # A page says how to cite the state of a day as soon as there are records of it.
        assert is_unrecorded or [client.get(page).content for page in pages] == shown
        # The history only grows, by one record of each row that the merge had written.
        for model, records in histories().items():
            assert records[: len(past[model])] == past[model]
            added = model.history.order_by("history_id")[len(past[model]) :]
            reason = f"Undid the merge of “{merged}” into “{survivor}”: Two after all"
            assert {row.history_change_reason for row in added} <= {reason}
            assert len({row.id for row in added}) == len(added)


@pytest.fixture
def pair(db):
    """Two programs that are merged, with a rating and a study that moved, and one rating that became a past one."""
    area = TopicAreaFactory(name="Sleep")
    merged, survivor = ProgramFactory(name="One", intensity="Weekly"), ProgramFactory(name="Two")
    RatingFactory(program=merged, topic_area=area, rated_on="2025", scientific_rating="2")
    RatingFactory(program=survivor, topic_area=area, rated_on="2024", scientific_rating="3")
    StudyFactory(program=merged, reference__key="bride-2007")
    put_together(merged, survivor, fill={"intensity"})
    return merged, survivor


def edit(entry, by, **fields):
    for name, value in fields.items():
        setattr(entry, name, value)
    entry._history_user = by
    entry.save()


@pytest.mark.parametrize(
    ("model", "fields", "name"),
    [
        (Program, {"goals": "Calm."}, "Two"),
        (Rating, {"rationale": "Because."}, "Two: 2 in Sleep"),
        (Study, {"location": "Ohio"}, "Two: "),
    ],
)
def test_what_was_edited_since_is_named_with_who_and_when(pair, model, fields, name):
    merged, survivor = pair
    found = {Program: survivor, Rating: survivor.ratings.current().get()}
    edit(
        found.get(model) or Study.objects.get(),
        UserFactory(first_name="Kim", last_name="Lee"),
        **fields,
    )
    before = stored()

    why = refusal(merged)

    assert why.startswith(f"“{name}")
    assert " is no longer as the merge left it. Kim Lee changed it on " in why
    before["catalog.User"] = stored().get("catalog.User")
    assert {k: v for k, v in stored().items() if v} == {k: v for k, v in before.items() if v}


def test_what_was_deleted_since_is_named(pair):
    merged, _ = pair
    study = Study.objects.get()
    name = str(study)
    study.delete()

    assert refusal(merged).startswith(
        f"“{name}” is no longer as the merge left it. Somebody deleted it on "
    )


def test_a_new_rating_in_the_place_of_one_that_moved_is_in_the_way(pair):
    merged, survivor = pair
    area = survivor.ratings.current().get().topic_area
    RatingFactory(program=survivor, topic_area=area, rated_on="2026")

    assert refusal(merged).startswith("“Two: 2 in Sleep” is no longer as the merge left it.")


def test_what_the_survivor_was_given_since_stays_there(pair):
    merged, survivor = pair
    rating, study = RatingFactory(program=survivor), StudyFactory(program=survivor)

    take_apart(merged)

    assert {*survivor.ratings.current().values_list("topic_area__name", flat=True)} == {
        "Sleep",
        rating.topic_area.name,
    }
    assert list(survivor.studies.all()) == [study]
    assert [s.reference.key for s in merged.studies.all()] == ["bride-2007"]


def test_what_was_edited_and_edited_back_is_not_in_the_way(pair):
    merged, survivor = pair
    for goals in ("Calm.", ""):
        edit(survivor, None, goals=goals)

    take_apart(merged)

    assert Program.objects.get(pk=merged.pk).merged_into is None


def test_of_two_merges_the_later_one_is_undone_first():
    first, second, third = (ProgramFactory(name=name) for name in ("First", "Second", "Third"))
    before = rows()
    put_together(first, second)
    put_together(second, third)

    assert refusal(first) == (
        "“Second”, into which it was merged, has been merged into “Third” since: undo that merge first."
    )
    for merged in (second, first):
        merged.refresh_from_db()
        take_apart(merged)

    assert rows() == before


def test_what_was_merged_again_is_taken_apart_again():
    one, two, three = ProgramFactory.create_batch(3)
    put_together(one, two)
    take_apart(one)
    one.refresh_from_db()
    before = rows()
    put_together(one, three)

    take_apart(one)

    assert rows() == before
    assert refusal(one) == (
        f"“{one}” is not merged into another entry. Somebody may have undone the merge meanwhile."
    )


def test_a_merge_that_the_history_does_not_know_stays():
    survivor = ProgramFactory()
    merged = ProgramFactory(name="One", status="retired", merged_into=survivor)

    assert refusal(merged) == (
        "The history does not say how “One” was before it was merged, so the merge cannot be undone. Enter what is "
        "missing by hand."
    )


def test_a_page_of_an_earlier_merge_undoes_none(pair):
    merged, _ = pair

    with pytest.raises(MergeRefused, match="was merged anew since you opened this page"):
        unmerge(merged, user=UserFactory(is_superuser=True), reason="x", seen="1")


@pytest.mark.parametrize(
    ("group", "status", "other", "may"),
    [
        ("Viewers", "draft", "draft", False),
        ("Editors", "draft", "in-review", True),
        ("Editors", "draft", "published", False),
        ("Editors", "published", "draft", False),
        ("Publishers", "published", "draft", True),
    ],
)
def test_who_may_merge_may_undo_it(group, status, other, may):
    merged, survivor = ProgramFactory(status=status), ProgramFactory(status=other)
    put_together(merged, survivor)

    assert may_unmerge(member_of(group), merged) is may
    if not may:
        assert "takes the permission to publish" in refusal(merged, user=member_of(group))


def test_what_was_scheduled_takes_the_permission_to_publish(later):
    merged = ProgramFactory(status="published", published_at=later)
    put_together(merged, ProgramFactory(status="draft"))

    assert [may_unmerge(member_of(g), merged) for g in ("Editors", "Publishers")] == [False, True]

    take_apart(merged)
    merged.refresh_from_db()
    assert (merged.status, merged.published_at) == ("published", later)


@pytest.fixture
def later():
    return timezone.now().replace(microsecond=0) + timedelta(days=3)
