"""What a merge keeps, what it refuses, and who may merge."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.editorial.merging import (
    REASON,
    Merge,
    digest,
    may_merge,
    merge,
    why_not,
)
from catalog.editorial.twins import MergeRefused, parts
from catalog.models import (
    PROGRAM_ROWS,
    ExternalRating,
    Finding,
    Program,
    Rating,
    Reference,
    RelatedProgram,
    RelationKind,
    Status,
    Study,
    TopicArea,
)
from catalog.search.upkeep import stale_documents

from ...examples import few
from ...factories import (
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ...importing.loading import stored
from ...transactions import rolled_back
from .merging import member_of, merging, put_together

pytestmark = pytest.mark.django_db

LEVELS = ["1", "2", "NR"]

DATES = ["", "2020", "2020-05", "2024"]

FACTS = st.tuples(st.integers(0, 1), st.sampled_from(LEVELS), st.sampled_from(DATES))

# The ratings of a program: any of them current, at most one for each topic area.
RATINGS = st.lists(st.tuples(FACTS, st.booleans()), max_size=4, unique_by=lambda drawn: drawn[0])

NAMES = st.sampled_from(["Calm Corners", "Calm Corners®", "Quiet Rooms", "A|B", "X" * 300])

TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "description": st.sampled_from(["One", "Two"]),
        "acronym": st.sampled_from(["CC", "QR"]),
        "child_age_min": st.sampled_from([0, 9]),
        "child_age_max": st.sampled_from([9, 12]),
        "manual_available": st.sampled_from(["yes", "no", "not-known"]),
        "languages": st.sampled_from([("English",), ("Spanish",)]),
        "contact_name": st.sampled_from(["Ann", "Bob"]),
        "contact_email": st.just("ann@example.org"),
        "also_known_as": st.sampled_from([("Quiet Rooms",), ("CC", "Still")]),
    },
)

PROGRAMS = st.fixed_dictionaries(
    {
        "name": NAMES,
        "status": st.sampled_from(["draft", "in-review", "published", "retired"]),
        "texts": TEXTS,
        "ratings": RATINGS,
        "studies": st.sets(st.integers(0, 2)),
        # Of which study, in which area, of which outcome.
        "findings": st.sets(
            st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(["", "Sleep"]))
        ),
        "scopes": st.sets(st.sampled_from(["", "Sleep"])),
    }
)


def make(drawn, areas, references, registry):
    program = ProgramFactory(name=drawn["name"], status=drawn["status"], **drawn["texts"])
    placed = set()
    for (area, level, rated_on), is_current in drawn["ratings"]:
        RatingFactory(
            program=program,
            topic_area=areas[area],
            scientific_rating=level,
            rated_on=rated_on,
            is_current=is_current and area not in placed,
        )
        placed |= {area} if is_current else set()
    for place in drawn["studies"]:
        StudyFactory(program=program, reference=references[place])
    for place, area, outcome in drawn["findings"]:
        FindingFactory(
            program=program,
            reference=references[place],
            topic_area=areas[area],
            outcome=outcome,
        )
    for scope in drawn["scopes"]:
        ExternalRatingFactory(program=program, registry=registry, scope=scope)
    return program


# Of three programs, which one is related to which, and how.
RELATIONS = st.sets(
    st.tuples(st.integers(0, 2), st.sampled_from(RelationKind.values), st.integers(0, 2)).filter(
        lambda drawn: drawn[0] != drawn[2]
    ),
    max_size=6,
)


def relate(drawn, programs):
    for one, kind, other in sorted(drawn):
        RelatedProgram.objects.create(program=programs[one], kind=kind, other=programs[other])


def relations(standing_for=None):
    """Return how programs are related, with one standing for another, but for what relates it to itself."""
    now = standing_for or {}
    found = RelatedProgram.objects.values_list("program", "kind", "other")
    every = {(now.get(one, one), kind, now.get(other, other)) for one, kind, other in found}
    return {relation for relation in every if relation[0] != relation[2]}


def check_relations(merged, survivor, before):
    """What was said of either is said of the survivor, and nobody names the merged one."""
    assert relations({merged.pk: survivor.pk}) == before
    assert not merged.related_from.exists()
    assert not merged.related_programs.filter(other=survivor).exists()


def facts_of(*programs):
    ratings = Rating.objects.filter(program__in=programs)
    columns = ("pk", "topic_area", "scientific_rating", "rated_on", "rationale", "not_rated_reason")
    return sorted(ratings.values_list(*columns))


def said_of(*programs):
    """Return what is said of programs by studies and elsewhere, whichever of them it belongs to."""
    studies = Study.objects.filter(program__in=programs).values_list("pk", "reference")
    findings = Finding.objects.filter(program__in=programs)
    places = findings.values_list("pk", "reference", "topic_area", "outcome")
    elsewhere = ExternalRating.objects.filter(program__in=programs)
    return sorted(studies), sorted(places), sorted(elsewhere.values_list("pk", "registry", "scope"))


def is_studied(finding):
    return Study.objects.filter(program=finding.program, reference=finding.reference).exists()


def bystanders(program):
    """Return every row of a program and of what is its own, the history too; relations may lead on to the survivor."""
    return [
        list(rows.order_by("pk").values_list())
        for rows in (
            Program.objects.filter(pk=program.pk),
            Program.history.filter(id=program.pk).order_by("history_id"),
            *(
                rows.filter(program=program)
                for model in (Rating, *PROGRAM_ROWS.values())
                if model is not RelatedProgram
                for rows in (model.objects, model.history)
            ),
            TopicArea.objects.all(),
            TopicArea.history.all(),
            Reference.objects.all(),
            Reference.history.all(),
        )
    ]


def histories():
    return {
        model: list(model.history.order_by("history_id").values_list())
        for model in (Program, Rating, *PROGRAM_ROWS.values())
    }


@given(data=st.data())
@few
def test_merging_loses_nothing_and_touches_nothing_else(data, client):
    with rolled_back():
        places = (
            TopicAreaFactory.create_batch(2),
            ReferenceFactory.create_batch(3),
            RegistryFactory(),
        )
        merged, survivor, other = (
            make(data.draw(PROGRAMS), *places) for _ in ("merged", "survivor", "other")
        )
        assume(not survivor.is_retired)
        relate(data.draw(RELATIONS), [merged, survivor, other])
        related = relations({merged.pk: survivor.pk})
        facts, past, rest = facts_of(merged, survivor), histories(), bystanders(other)
        places = Rating.objects.filter(program__in=[merged, survivor], is_current=True)
        placed = set(places.values_list("topic_area", flat=True))
        said = said_of(merged, survivor)
        ours = set(survivor.ratings.values_list("pk", flat=True))
        plan = Merge.of(merged, survivor)
        disputed = [{d.merged.pk, d.survivor.pk} for d in plan.disputes]
        chosen = {data.draw(st.sampled_from(sorted(pair))) for pair in disputed}
        blanks = [part.key for part in plan.blanks]
        fill = data.draw(st.sets(st.sampled_from(blanks))) if blanks else set()
        texts = {part: (part.values(merged), part.values(survivor)) for part in parts(Program)}

        put_together(merged, survivor, past=chosen, fill=fill)

        # Ratings: the same facts, one current in each area, and those in dispute as chosen.
        assert facts_of(merged, survivor) == facts
        current = list(survivor.ratings.current().values_list("topic_area", flat=True))
        assert len(current) == len(set(current))
        known = {rating.pk for rating in plan.known_ratings}
        assert set(merged.ratings.values_list("pk", flat=True)) == known
        assert ours <= set(survivor.ratings.values_list("pk", flat=True))
        for pair in disputed:
            now = {pk: Rating.objects.get(pk=pk).is_current for pk in pair}
            assert now == {pk: pk not in chosen for pk in pair}
        assert set(current) == placed
        # Studies, findings, names, texts.
        assert said_of(merged, survivor) == said
        stayed = [getattr(merged, relation).count() for relation in PROGRAM_ROWS]
        assert len(plan.known_rows) == sum(stayed)
        check_relations(merged, survivor, related)
        assert all(is_studied(finding) for finding in survivor.findings.all())
        for part, (theirs, before) in texts.items():
            assert part.values(survivor) == (theirs if part.key in fill else before)
            assert part.values(merged) == theirs
        assert (merged.merged_into, merged.status) == (survivor, Status.RETIRED)
        survivor.full_clean()
        merged.full_clean()
        # History, search, the rest.
        for model, rows in histories().items():
            assert rows[: len(past[model])] == past[model]
        added = [
            row
            for model in past
            for row in model.history.order_by("history_id")[len(past[model]) :]
        ]
        reason = f"Merged “{merged}” into “{survivor}”: The same"
        assert {row.history_change_reason for row in added} == {reason}
        assert {row.history_user is None for row in added} == {False}
        assert bystanders(other) == rest
        assert stale_documents(connection) == 0
        # Addresses.
        answer = client.get(merged.get_absolute_url())
        target = client.get(survivor.get_absolute_url())
        if target.status_code == 200:
            assert (answer.status_code, answer["Location"]) == (301, survivor.get_absolute_url())
        else:
            assert (answer.status_code, target.status_code) == (404, 404)


def test_the_younger_rating_stays_current_unless_another_is_chosen():
    area = TopicAreaFactory()
    merged, survivor = ProgramFactory.create_batch(2)
    younger = RatingFactory(program=merged, topic_area=area, rated_on="2024-02")
    older = RatingFactory(program=survivor, topic_area=area, rated_on="2024")

    put_together(merged, survivor)

    younger.refresh_from_db()
    older.refresh_from_db()
    assert (younger.program, younger.is_current, older.is_current) == (survivor, True, False)
    assert [row.is_current for row in older.history.all()] == [False, True]


def test_a_rating_that_is_past_there_and_current_here_becomes_current():
    area = TopicAreaFactory()
    merged, survivor = ProgramFactory.create_batch(2)
    known = RatingFactory(program=merged, topic_area=area, rated_on="2024")
    past = RatingFactory(program=survivor, topic_area=area, rated_on="2024", is_current=False)

    put_together(merged, survivor)

    past.refresh_from_db()
    known.refresh_from_db()
    assert (past.is_current, known.is_current, known.program) == (True, True, merged)


def test_half_of_what_belongs_together_is_not_filled_in():
    merged = ProgramFactory(child_age_min=9, contact_name="Ann", contact_email="ann@example.org")
    survivor = ProgramFactory(child_age_max=5, contact_phone="555-0100")

    assert [part.key for part in Merge.of(merged, survivor).blanks] == []


def test_other_names_are_those_that_the_survivor_does_not_have():
    merged = ProgramFactory(
        name="Calm|Corners", acronym="CC", also_known_as=["Quiet rooms®", "Still"]
    )
    survivor = ProgramFactory(name="Quiet Rooms", also_known_as=["STILL"])

    plan = Merge.of(merged, survivor)

    assert (plan.names(), plan.names({"acronym"})) == (["Calm/Corners", "CC"], ["Calm/Corners"])


def test_what_was_merged_before_follows_to_the_last_one():
    first, second, third = (ProgramFactory(name=name) for name in ("First", "Second", "Third"))
    put_together(first, second)

    put_together(second, third)

    first.refresh_from_db()
    assert (first.merged_into, first.retirement_reason) == (third, REASON)
    assert first.history.count() == 3


def test_a_draft_that_is_merged_was_never_public():
    merged, survivor = ProgramFactory(status="draft"), ProgramFactory()

    put_together(merged, survivor)

    assert (merged.status, merged.published_at) == (Status.RETIRED, None)
    assert list(Program.objects.addressable()) == [survivor]


def test_what_cannot_be_merged_says_why():
    merged, survivor, retired = (
        ProgramFactory(name="One"),
        ProgramFactory(name="Two"),
        ProgramFactory(name="Three", status="retired"),
    )
    put_together(merged, survivor)

    assert [
        why_not(survivor, survivor),
        why_not(survivor, retired),
        why_not(survivor, merged),
        why_not(merged, survivor),
        why_not(retired, survivor),
    ] == [
        "An entry cannot be merged into itself. Choose the other entry of the same program.",
        "“Three” is retired. The entry that stays must be one that is in use, or can be.",
        "“One” was itself merged into “Two”. Choose that one.",
        "“One” was merged into “Two” already.",
        "",
    ]


@pytest.mark.parametrize("change", ["program", "rating", "study", "deleted"])
def test_what_has_changed_meanwhile_is_not_merged(change, editor):
    merged, survivor = ProgramFactory(name="One", status="draft"), ProgramFactory(name="Two")
    rating, study = RatingFactory(program=survivor), StudyFactory(program=survivor)
    seen = {program.pk: digest(program) for program in (merged, survivor)}
    if change == "program":
        Program.objects.filter(pk=survivor.pk).update(goals="Others")
    elif change == "rating":
        Rating.objects.filter(pk=rating.pk).update(rationale="Others")
    elif change == "study":
        study.delete()
    else:
        Program.objects.filter(pk=merged.pk).delete()
    before = stored()

    with pytest.raises(MergeRefused) as refused:
        merge(merged, survivor, user=editor, reason="The same", seen=seen)

    assert stored() == before
    assert str(refused.value) == (
        "One of the two entries has been deleted meanwhile. Nothing is merged."
        if change == "deleted"
        else "“Two” has changed since you opened this page. Nothing is merged yet: look once more at what would "
        "happen."
    )


@pytest.mark.parametrize(
    ("group", "one", "other", "may"),
    [
        ("Viewers", "draft", "draft", False),
        ("Editors", "draft", "in-review", True),
        ("Editors", "draft", "published", False),
        ("Editors", "retired", "draft", False),
        ("Editors", "scheduled", "draft", False),
        ("Publishers", "published", "retired", True),
        ("Publishers", "scheduled", "draft", True),
    ],
)
def test_who_may_merge(group, one, other, may, client):
    now = timezone.now()
    when = {"published": now, "retired": now, "scheduled": now + timedelta(days=3)}
    survivor, merged = (
        ProgramFactory(
            status="published" if status == "scheduled" else status, published_at=when.get(status)
        )
        for status in (one, other)
    )
    user = member_of(group)
    client.force_login(user)

    assert may_merge(user, merged, survivor) is may_merge(user, survivor, merged) is may
    assert client.get(merging(merged, survivor)).status_code == (200 if may else 403)


def test_merge_itself_asks_for_the_permission(writer):
    merged, survivor = ProgramFactory(name="One"), ProgramFactory(name="Two")

    with pytest.raises(MergeRefused, match="takes the permission to publish"):
        put_together(merged, survivor, user=writer)


def test_names_that_one_entry_has_no_room_for_are_not_merged():
    merged = ProgramFactory(also_known_as=["x" * 5_000])
    survivor = ProgramFactory(also_known_as=["y" * 5_000])

    with pytest.raises(MergeRefused) as refused:
        put_together(merged, survivor)

    length = 10_000 + 3 + len(merged.name) + 1
    assert str(refused.value) == (
        f"The other names of “{survivor}” would be too long. "
        f"This has {length:,} characters; there may be 10,000 at most."
    )


def test_what_was_public_and_merged_before_takes_the_permission_to_publish(client):
    once_public, merged, survivor = (
        ProgramFactory(name=name, status=status)
        for name, status in (("A", "published"), ("B", "draft"), ("C", "draft"))
    )
    put_together(once_public, merged)
    editor, publisher = member_of("Editors"), member_of("Publishers")
    client.force_login(editor)

    assert client.get(merging(merged, survivor)).status_code == 403
    with pytest.raises(MergeRefused, match="stands for one"):
        put_together(merged, survivor, user=editor)
    assert [may_merge(user, merged, survivor) for user in (editor, publisher)] == [False, True]
    assert may_merge(editor, survivor)


def test_what_is_filled_in_is_no_longer_said_not_to_be_provided():
    merged = ProgramFactory(goals="Rest.")
    survivor = ProgramFactory(not_provided=["goals", "duration"])

    put_together(merged, survivor, fill={"goals"})

    assert (survivor.goals, survivor.not_provided) == ("Rest.", ("duration",))
