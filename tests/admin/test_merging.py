"""Programs that are in the catalog twice: the warning before, the merge after, and where old addresses lead."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalog.admin.references import STAYS
from catalog.editorial.duplicates import MOST_SHOWN, resembling
from catalog.editorial.merging import (
    REASON,
    Merge,
    MergeRefused,
    may_merge,
    merge,
    parts,
    state,
    why_not,
)
from catalog.editorial.rating import may_rate
from catalog.finding.comparison import published_at
from catalog.importing.jobs import request_undo
from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.search.upkeep import stale_documents
from catalog.values.names import are_near, short_form

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ..importing.catalogs import examples_own_data
from ..importing.loading import exported, load, problems, stored
from ..importing.undoing import bring_in
from ..pages import read
from .test_entries import BrowserForm, run_action, submit, text_of

pytestmark = pytest.mark.django_db


def member_of(group):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def page_of(program, what="change"):
    return reverse(f"admin:catalog_program_{what}", args=[program.pk])


def merging(merged, survivor):
    """Where two entries are shown side by side, and merged."""
    return f"{page_of(merged, 'merge')}?into={survivor.pk}"


def put_together(merged, survivor, **kwargs):
    """Merge as the page does when nobody has changed anything meanwhile."""
    kwargs.setdefault("user", UserFactory(is_superuser=True))
    seen = {program.pk: state(program) for program in (merged, survivor)}
    plan = merge(merged, survivor, reason="The same", seen=seen, **kwargs)
    merged.refresh_from_db()
    survivor.refresh_from_db()
    return plan


# --- Names that resemble others


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Mockingbird Family(TM)", "Mockingbird Family™"),
        ("Mockingbird Family", "Mockingbird Family®"),
        ("mockingbird FAMILY", "Mockingbird Family™"),
        ("Mockinbird Family", "Mockingbird Family™"),
        ("Mockingbird Faimly", "Mockingbird Family™"),
        ("Parents as Teachers", "Teachers as Parents"),
        ("Parents as Teachers (PAT)", "Parents as Teachers®"),
        ("Homebuilders", "Home Builders®"),
        ("Incredible Years", "The Incredible Years®"),
        ("Familia Adelante", "Família Adelánte"),
        ("Community Resiliency Model®", "Community Resilience Model (CRM)"),
    ],
)
def test_names_are_near_in_either_direction(name, other):
    assert (are_near(name, other), are_near(other, name)) == (True, True)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Triple P, Level 4", "Triple P, Level 5"),
        ("Module A", "Module B"),
        ("Family Connections", "Family Foundations"),
        ("Parenting for Fathers", "Parenting for Mothers"),
        ("Nurse-Family Partnership", "Family Partnership"),
        ("Boys Group", "Girls Group"),
        ("(A)", "(B)"),
        ("", "®"),
    ],
)
def test_other_names_are_not_near(name, other):
    assert (are_near(name, other), are_near(other, name)) == (False, False)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Triple P – Positive Parenting Program®", "Triple P"),
        ("Triple P - Positive Parenting Program", "Triple P"),
        ("Attachment: A Course", "Attachment"),
        ("Trauma Therapy (TT)", "Trauma Therapy"),
        ("Nurse-Family Partnership", "Nurse-Family Partnership"),
        ("(TT)", "(TT)"),
    ],
)
def test_short_form_of_a_name_leaves_out_what_explains_it(name, short):
    assert short_form(name) == short


def found_for(*names, **kwargs):
    return [(like.name, like.program.name) for like in resembling(names, **kwargs).near]


def test_resembling_finds_every_kind_of_name_whatever_the_status():
    ProgramFactory(name="Triple P – Positive Parenting Program®", acronym="TPPP")
    ProgramFactory(name="Calm Corners", also_known_as=["Quiet Rooms", "Still"], status="draft")
    ProgramFactory(name="Level Best", status="retired")

    assert found_for("Triple P (TM)") == [
        ("Triple P (TM)", "Triple P – Positive Parenting Program®")
    ]
    assert found_for("TPPP") == [("TPPP", "Triple P – Positive Parenting Program®")]
    assert found_for("Rooms, quiet") == [("Rooms, quiet", "Calm Corners")]
    assert found_for("Best level", acronym="still") == [
        ("Best level", "Level Best"),
        ("still", "Calm Corners"),
    ]
    assert found_for("Triple Q") == []


def test_an_acronym_alone_is_only_a_weak_sign():
    other = ProgramFactory(name="Community Resilience Model", acronym="CRM®")

    found = resembling(["Care Records Management"], "crm")

    assert (found.near, found.total, found.same_acronym) == ([], 0, [other])


def test_resembling_counts_them_all_and_shows_a_few_in_as_few_queries(django_assert_num_queries):
    for number in range(MOST_SHOWN + 3):
        RatingFactory(program=ProgramFactory(name="Calm Corners", slug=f"calm-{number}"))

    with django_assert_num_queries(3):
        found = resembling(["Calm corners"])

    assert (len(found.near), found.total) == (MOST_SHOWN, MOST_SHOWN + 3)


def test_a_merged_program_is_found_as_the_one_that_stays_and_not_by_itself():
    merged, survivor = ProgramFactory(name="Calm Corners"), ProgramFactory(name="Quiet Rooms")
    put_together(merged, survivor)

    assert found_for("Calm corners") == [("Calm corners", "Quiet Rooms")]
    assert found_for("Calm corners", leave_out=survivor.pk) == []


# --- The warning


def add(client, **changes):
    return submit(client, reverse("admin:catalog_program_add"), **changes)


def links(page):
    """The links of a page of the admin, as words and address."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]*)</a>', page.content.decode())
    return [(html.unescape(words), html.unescape(address)) for address, words in found]


def resemblances(page):
    (warnings,) = re.findall(r'<ul class="resembling">(.*?)</ul>', page.content.decode(), re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", warnings, re.DOTALL)
    return [html.unescape(" ".join(strip_tags(line).split())) for line in lines]


def test_a_near_name_is_not_saved_before_somebody_has_said_that_it_is_another(editor_client):
    area = TopicAreaFactory(name="Parent training", abbreviation="PT")
    other = ProgramFactory(name="Triple P – Positive Parenting Program®")
    RatingFactory(program=other, topic_area=area, scientific_rating="1")
    typed = {"name": "Triple P (TM)", "goals": "To parent well."}

    page = add(editor_client, **typed)

    assert Program.objects.get() == other
    assert resemblances(page) == [
        "“Triple P (TM)” resembles Triple P – Positive Parenting Program® (published; 1 in PT)"
    ]
    assert (other.name, page_of(other)) in links(page)
    kept = BrowserForm(page).data
    assert (kept["name"], kept["goals"]) == (["Triple P (TM)"], ["To parent well."])
    assert kept["is_another"] == []

    editor_client.post(
        reverse("admin:catalog_program_add"), {**kept, "is_another": "on", "_save": "Save"}
    )

    added = Program.objects.exclude(pk=other.pk).get()
    assert (added.name, added.goals) == ("Triple P (TM)", "To parent well.")


def test_a_name_like_no_other_is_saved_at_once(editor_client):
    ProgramFactory(name="Triple P")

    add(editor_client, name="Quiet Rooms")

    assert sorted(program.name for program in Program.objects.all()) == ["Quiet Rooms", "Triple P"]


def test_renaming_warns_and_leaving_a_name_as_it_is_does_not(editor_client):
    ProgramFactory(name="Quiet Rooms")
    twin = ProgramFactory(name="Quiet Rooms®")

    submit(editor_client, page_of(twin), goals="Quiet.")
    page = submit(editor_client, page_of(twin), also_known_as="Quiet Room | Silence")

    twin.refresh_from_db()
    assert (twin.goals, twin.also_known_as) == ("Quiet.", ())
    assert resemblances(page) == ["“Quiet Room” resembles Quiet Rooms (published; not rated)"]


def test_the_acronym_of_another_program_is_mentioned_and_saved(editor_client):
    other = ProgramFactory(name="Community Resilience Model", acronym="CRM")

    response = add(editor_client, name="Care Records", acronym="CRM")
    page = editor_client.get(response["Location"])

    assert Program.objects.filter(acronym="CRM").count() == 2
    said = [strip_tags(str(message)) for message in page.context["messages"]]
    assert said[0] == "“CRM” is also the acronym of Community Resilience Model."
    assert (other.name, page_of(other)) in links(page)


# --- What a merge does

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
    }
)


def make(drawn, areas, references):
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
    return program


def facts_of(*programs):
    ratings = Rating.objects.filter(program__in=programs)
    columns = ("pk", "topic_area", "scientific_rating", "rated_on", "rationale", "not_rated_reason")
    return sorted(ratings.values_list(*columns))


def bystanders(program):
    """Return every row of a program and of what is its own, the history too."""
    return [
        list(rows.order_by("pk").values_list())
        for rows in (
            Program.objects.filter(pk=program.pk),
            Program.history.filter(id=program.pk).order_by("history_id"),
            Rating.objects.filter(program=program),
            Rating.history.filter(program=program),
            Study.objects.filter(program=program),
            Study.history.filter(program=program),
            TopicArea.objects.all(),
            TopicArea.history.all(),
            Reference.objects.all(),
            Reference.history.all(),
        )
    ]


def histories():
    return {
        model: list(model.history.order_by("history_id").values_list())
        for model in (Program, Rating, Study)
    }


@given(data=st.data())
@settings(max_examples=12)
def test_merging_loses_nothing_and_touches_nothing_else(data, client):
    with examples_own_data():
        areas, references = TopicAreaFactory.create_batch(2), ReferenceFactory.create_batch(3)
        merged, survivor, other = (
            make(data.draw(PROGRAMS), areas, references) for _ in ("merged", "survivor", "other")
        )
        assume(not survivor.is_retired)
        facts, past, rest = facts_of(merged, survivor), histories(), bystanders(other)
        places = Rating.objects.filter(program__in=[merged, survivor], is_current=True)
        placed = set(places.values_list("topic_area", flat=True))
        studies = sorted(Study.objects.filter(program__in=[merged, survivor]).values_list("pk"))
        ours = set(survivor.ratings.values_list("pk", flat=True))
        plan = Merge.of(merged, survivor)
        disputed = [{d.merged.pk, d.survivor.pk} for d in plan.disputes]
        chosen = {data.draw(st.sampled_from(sorted(pair))) for pair in disputed}
        blanks = [part.key for part in plan.blanks]
        fill = data.draw(st.sets(st.sampled_from(blanks))) if blanks else set()
        texts = {part: (part.values(merged), part.values(survivor)) for part in parts()}

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
        # Studies, names, texts.
        assert (
            sorted(Study.objects.filter(program__in=[merged, survivor]).values_list("pk"))
            == studies
        )
        assert len(plan.known_studies) == merged.studies.count()
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
            for model in (Program, Rating, Study)
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


def test_the_younger_rating_stays_current_unless_somebody_decides_otherwise():
    area = TopicAreaFactory()
    merged, survivor = ProgramFactory.create_batch(2)
    younger = RatingFactory(program=merged, topic_area=area, rated_on="2024-02")
    older = RatingFactory(program=survivor, topic_area=area, rated_on="2024")

    put_together(merged, survivor)

    younger.refresh_from_db()
    older.refresh_from_db()
    assert (younger.program, younger.is_current, older.is_current) == (survivor, True, False)
    assert [row.is_current for row in older.history.all()] == [False, True]


def test_a_current_rating_that_the_other_has_as_a_past_one_is_current_there():
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
    seen = {program.pk: state(program) for program in (merged, survivor)}
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


# --- The pages


def test_the_way_from_one_entry_to_its_twin(editor_client):
    survivor = ProgramFactory(name="Quiet Rooms®", goals="Ours.", description="Soft rooms.")
    merged = ProgramFactory(
        name="Quiet Rooms (TM)",
        acronym="QR",
        goals="Theirs.",
        intensity="Weekly",
        duration="A year",
    )
    area, reference = TopicAreaFactory(name="Calm"), ReferenceFactory(key="one-2020")
    ours = RatingFactory(program=survivor, topic_area=area, rated_on="2024")
    theirs = RatingFactory(program=merged, topic_area=area, rated_on="2025", scientific_rating="2")
    StudyFactory(program=merged, reference=reference)
    tools = links(editor_client.get(page_of(merged)))
    assert ("Merge", page_of(merged, "merge")) in tools

    choice = links(editor_client.get(page_of(merged, "merge")))
    assert ("Quiet Rooms®", f"?into={survivor.pk}") in choice
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data
    assert sorted(form["fill"]) == ["acronym", "duration", "intensity"]
    assert form[f"current-{area.pk}"] == [str(theirs.pk)]
    form["fill"] = ["duration"]
    form[f"current-{area.pk}"] = [str(ours.pk)]
    response = editor_client.post(merging(merged, survivor), {**form, "reason": "Twins."})

    assert (response.status_code, response["Location"]) == (302, page_of(survivor))
    survivor.refresh_from_db()
    assert (survivor.duration, survivor.intensity, survivor.acronym) == ("A year", "", "")
    assert survivor.also_known_as == ("QR",)
    theirs.refresh_from_db()
    ours.refresh_from_db()
    assert (theirs.program, theirs.is_current, ours.is_current) == (survivor, False, True)
    assert Study.objects.get().program == survivor
    page = editor_client.get(page_of(merged))
    assert ("Quiet Rooms®", page_of(survivor)) in links(page)
    assert "_save" not in page.content.decode()
    assert [label for label, _ in links(page) if label == "Merge"] == []


def test_a_merge_without_a_reason_asks_for_it_and_keeps_what_was_chosen(editor_client):
    merged, survivor = ProgramFactory(intensity="Weekly", duration="A year"), ProgramFactory()
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data

    response = editor_client.post(merging(merged, survivor), {**form, "fill": ["duration"]})

    again = BrowserForm(response).data
    assert (again["fill"], response.context["form"].errors.get_json_data()) == (
        ["duration"],
        {"reason": [{"message": "Say why these two are the same program.", "code": "required"}]},
    )
    assert Program.objects.filter(merged_into=None).count() == 2


def test_a_page_that_is_out_of_date_says_so_and_keeps_the_reason(editor_client):
    merged, survivor = ProgramFactory(name="One"), ProgramFactory(name="Two")
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data
    survivor.goals = "Others."
    survivor.save()

    page = editor_client.post(merging(merged, survivor), {**form, "reason": "Twins."})

    assert [str(message) for message in page.context["messages"]] == [
        "“Two” has changed since you opened this page. Nothing is merged yet: look once more at what would happen."
    ]
    again = BrowserForm(page).data
    assert again["reason"] == ["Twins."]
    assert editor_client.post(merging(merged, survivor), again).status_code == 302
    merged.refresh_from_db()
    assert merged.merged_into == survivor


def test_what_the_database_refuses_is_said_in_words(editor_client, monkeypatch):
    merged, survivor = ProgramFactory.create_batch(2)
    form = BrowserForm(editor_client.get(merging(merged, survivor))).data

    def refuse(*args, **kwargs):
        raise IntegrityError("UNIQUE constraint failed")

    monkeypatch.setattr(Merge, "carry_out", refuse)
    page = editor_client.post(merging(merged, survivor), {**form, "reason": "Twins."})

    assert [str(message) for message in page.context["messages"]] == [
        "Somebody else is saving these entries. Nothing is merged; try again in a moment."
    ]


@pytest.mark.parametrize("into", ["0", "x", "9" * 30, "٣", "-1"])
def test_an_entry_that_is_not_there_leads_back_to_the_choice(into, editor_client):
    program = ProgramFactory()

    page = editor_client.get(f"{page_of(program, 'merge')}?into={into}")

    assert (page.status_code, [str(message) for message in page.context["messages"]]) == (
        200,
        ["There is no such entry any more. Choose another one."],
    )


@pytest.mark.parametrize("pk", ["0", "x", "9" * 30])
def test_merging_what_is_not_there_is_not_found(pk, editor_client):
    assert editor_client.get(f"/admin/catalog/program/{pk}/merge/").status_code == 404


def test_search_for_the_entry_that_stays_leaves_out_itself_and_merged_ones(editor_client):
    program, other, third = (ProgramFactory(name=f"Rooms {place}") for place in "ABC")
    put_together(third, other)

    page = editor_client.get(page_of(program, "merge"), {"q": "rooms"})

    found = [link for link in links(page) if link[1].startswith("?into")]
    assert found == [("Rooms B", f"?into={other.pk}")]


def test_no_merged_entry_is_offered_for_a_rating(editor_client):
    merged, survivor = ProgramFactory(name="Rooms A"), ProgramFactory(name="Rooms B")
    put_together(merged, survivor)
    field = {"app_label": "catalog", "model_name": "rating", "field_name": "program"}

    offered = editor_client.get("/admin/autocomplete/", {"term": "rooms", **field}).json()

    assert [found["text"] for found in offered["results"]] == ["Rooms B"]


def test_a_merged_entry_cannot_be_changed_deleted_or_merged_again(editor_client):
    merged, survivor = ProgramFactory(status="draft"), ProgramFactory()
    put_together(merged, survivor)

    assert editor_client.post(page_of(merged), {"name": "Other"}).status_code == 403
    assert editor_client.get(page_of(merged, "delete")).status_code == 403
    assert editor_client.get(page_of(merged, "merge"))["Location"] == page_of(merged)


@pytest.fixture
def left_behind(db):
    """What stays with a merged program: a rating and a study that the other one has, too."""
    merged, survivor = (
        ProgramFactory(name=name, slug=name.lower(), status="draft") for name in ("One", "Two")
    )
    area, reference = TopicAreaFactory(slug="sleep"), ReferenceFactory()
    for program in (survivor, merged):
        rating = RatingFactory(program=program, topic_area=area, rated_on="2024")
        study = StudyFactory(program=program, reference=reference)
    put_together(merged, survivor)
    return rating, study


def test_a_merged_program_is_not_rated_and_its_ratings_are_not_corrected(
    editor, editor_client, left_behind
):
    rating, _ = left_behind
    page = f"{page_of(rating.program, 'rate')}?area=sleep"
    correction = reverse("admin:catalog_rating_change", args=[rating.pk])

    assert [may_rate(editor, rating.program, action) for action in ("add", "change")] == [False] * 2
    assert editor_client.get(page).status_code == 403
    assert editor_client.post(page, {"scientific_rating": "1"}).status_code == 403
    assert read(editor_client.get(correction)).h1 == "View rating"
    assert editor_client.post(correction, {"scientific_rating": "1"}).status_code == 403


def test_no_merged_program_is_offered_to_be_rated_in_an_area(editor_client, left_behind):
    area = left_behind[0].topic_area
    page = reverse("admin:catalog_topicarea_rate", args=[area.pk])

    shown = read(editor_client.get(page)).main.all("th", scope="row")

    assert [cell.text for cell in shown] == ["Two"]


def test_studies_of_a_merged_program_can_only_be_read(editor_client, left_behind):
    _, study = left_behind
    page, delete = (
        reverse(f"admin:catalog_study_{view}", args=[study.pk]) for view in ("change", "delete")
    )
    before = list(Study.objects.order_by("pk").values())

    assert STAYS in [p.text for p in read(editor_client.get(page)).all("div", class_="description")]
    assert editor_client.post(page, {"summary": "Other"}).status_code == 403
    assert editor_client.post(delete, {"post": "yes"}).status_code == 403
    run_action(editor_client, "delete_selected", [study])
    assert list(Study.objects.order_by("pk").values()) == before


def test_a_study_is_not_given_to_a_merged_program(editor_client, left_behind):
    merged, other = left_behind[1].program, StudyFactory()
    before = list(Study.objects.order_by("pk").values())
    change = reverse("admin:catalog_study_change", args=[other.pk])
    cells = {"program": merged.pk, "reference": ReferenceFactory().pk}

    answers = [
        submit(editor_client, reverse("admin:catalog_study_add"), **cells),
        submit(editor_client, change, **cells),
    ]

    refusal = ["“One” was merged into “Two”. Choose that one."]
    assert [answer.context["adminform"].form.errors for answer in answers] == [
        {"program": refusal}
    ] * 2
    assert list(Study.objects.order_by("pk").values()) == before


# --- Addresses


def rename(program, slug):
    program.slug = slug
    program.save()


def where(client, slug):
    """Return the status of a program's address, and where it leads."""
    response = client.get(f"/programs/{slug}/")
    return response.status_code, response.headers.get("Location", "")


def test_every_address_of_a_merged_program_leads_to_where_the_other_one_is_now(client):
    merged = ProgramFactory(slug="first")
    rename(merged, "second")
    survivor = ProgramFactory(slug="third")
    put_together(merged, survivor)
    rename(survivor, "fourth")

    found = {slug: where(client, slug) for slug in ("first", "second", "third")}

    assert found == dict.fromkeys(found, (301, "/programs/fourth/"))
    assert published_at([*found, "fourth"]) == dict.fromkeys([*found, "fourth"], survivor.pk)


def test_an_address_that_two_had_leads_to_the_one_that_had_it_itself(client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two")
    rename(merged, "one-merged")
    put_together(merged, survivor)
    other = ProgramFactory(slug="one")
    rename(other, "other")

    assert where(client, "one") == (301, "/programs/other/")
    assert published_at(["one"]) == {"one": other.pk}


def test_an_address_that_a_merged_program_has_leads_before_one_that_another_had(client):
    other = ProgramFactory(slug="one")
    rename(other, "other")
    merged, survivor = ProgramFactory(slug="one", status="draft"), ProgramFactory(slug="two")
    put_together(merged, survivor)

    assert where(client, "one") == (301, "/programs/two/")
    assert published_at(["one"]) == {"one": survivor.pk}


def test_where_the_other_one_is_not_public_visitors_get_what_its_address_gives(client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two", status="draft")
    put_together(merged, survivor)
    as_draft = where(client, "one")
    survivor.status = Status.PUBLISHED
    survivor.save()
    as_public = where(client, "one")
    survivor.status = Status.RETIRED
    survivor.save()

    assert (as_draft, as_public) == ((404, ""), (301, "/programs/two/"))
    assert where(client, "one") == (301, "/programs/two/")
    assert read(client.get("/programs/two/")).h1 == survivor.name
    assert published_at(["one"]) == {}


# How the survivor of a merge can be hidden: its status, and since when it was or is to be public.
HIDDEN = {
    "draft": (Status.DRAFT, None),
    "scheduled": (Status.PUBLISHED, timezone.now() + timedelta(days=9)),
    "withdrawn": (Status.DRAFT, timezone.now() - timedelta(days=9)),
}


@pytest.mark.parametrize("hidden", HIDDEN)
def test_the_name_of_a_survivor_that_is_not_public_shows_at_no_address(client, hidden):
    earlier, merged = (
        ProgramFactory(slug=f"{name}-then", published_at=timezone.now() - timedelta(days=9))
        for name in ("earlier", "merged")
    )
    status, published_at = HIDDEN[hidden]
    survivor = ProgramFactory(
        name="Zanzibar", slug="zanzibar", status=status, published_at=published_at
    )
    for program in (earlier, merged):
        rename(program, program.slug.removesuffix("-then"))
    put_together(earlier, merged)
    put_together(merged, survivor)
    days = ("", *(str(timezone.localdate() - timedelta(days=days)) for days in (0, 1, 5, 99)), "x")
    slugs = ("earlier", "earlier-then", "merged", "merged-then", "zanzibar")

    answers = [
        client.get(address, follow=True)
        for slug in slugs
        for address in (
            f"/programs/{slug}/",
            *(f"/programs/{slug}/?as_of={day}" for day in days),
            f"/compare/?program={slug}",
        )
    ]

    told = [answer for answer in answers if "another entry of this catalog" in text_of(answer)]
    assert told != []
    assert [answer.request for answer in answers if "Zanzibar" in answer.content.decode()] == []
    assert "zanzibar" not in "".join(answer.headers.get("Location", "") for answer in answers)


def test_a_day_of_the_past_is_asked_of_the_merged_program_itself(client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two")
    put_together(merged, survivor)

    response = client.get("/programs/one/", {"as_of": "2026-01-01"})

    assert response.headers.get("Location") is None


def test_staff_are_led_to_a_draft_too(editor_client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two", status="draft")
    put_together(merged, survivor)

    assert where(editor_client, "one") == (301, "/programs/two/")


# --- Imports


@pytest.fixture
def twins(db):
    """“Two” and what was merged into it: “One”, and another “Two”."""
    survivor = ProgramFactory(name="Two", slug="two")
    area, reference = TopicAreaFactory(slug="area"), ReferenceFactory(key="one-2020")
    RatingFactory(program=survivor, topic_area=area, rated_on="2020")
    StudyFactory(program=survivor, reference=reference)
    for name, slug in (("One", "one"), ("Two", "two-2")):
        merged = ProgramFactory(name=name, slug=slug)
        RatingFactory(program=merged, topic_area=area, rated_on="2020")
        StudyFactory(program=merged, reference=reference)
        put_together(merged, survivor)
    return survivor


MERGED = "This program was merged into “Two” (slug two). Use that."


@pytest.mark.parametrize("cell", [{"slug": "one"}, {"name": "One"}, {"slug": "two-2"}])
def test_a_row_of_a_merged_program_names_the_other_one(cell, twins):
    (slug,) = {cell.get("slug", "one")}

    result = load("programs", [{**cell, "goals": "New"}])

    assert problems(result) == [(2, "slug", slug, MERGED)]


def test_a_name_that_both_have_finds_the_one_that_stays(twins):
    assert problems(load("programs", [{"name": "Two", "goals": "New"}])) == []
    row = {"program": "Two", "topic_area": "area", "scientific_rating": "2", "rated_on": "2024"}
    assert problems(load("ratings", [row])) == []

    twins.refresh_from_db()
    assert (twins.goals, twins.ratings.count()) == ("New", 2)


def test_ratings_and_studies_of_a_merged_program_name_the_other_one(twins):
    ReferenceFactory(key="two-2020")
    rating = {"program": "one", "topic_area": "area", "scientific_rating": "2", "rated_on": "2024"}
    study = {"program": "one", "reference": "two-2020"}

    found = [problems(load("ratings", [rating])), problems(load("studies", [study]))]

    assert found == [[(2, "program", "One", MERGED)]] * 2


def test_a_former_address_of_a_merged_program_is_told_as_the_others_now():
    merged, survivor = ProgramFactory(slug="first"), ProgramFactory(slug="two")
    rename(merged, "second")
    put_together(merged, survivor)

    result = load("programs", [{"slug": "first", "goals": "New"}])

    assert problems(result) == [(2, "slug", "first", "first is the former slug of two; write two.")]


@pytest.mark.parametrize("kind", ["programs", "ratings", "studies"])
def test_what_is_exported_with_merged_programs_changes_nothing_when_it_comes_back(kind, twins):
    before = stored()

    result = load(kind, exported(kind))

    assert (problems(result), stored()) == ([], before)


def test_undoing_an_import_keeps_what_was_merged_since():
    user = UserFactory(username="ann", is_superuser=True)
    TopicAreaFactory(slug="area")
    place = {"topic_area": "area", "rated_on": "2024"}
    record = bring_in(
        "programs",
        [
            {"name": "One", "scientific_rating": "1", **place},
            {"name": "Two", "scientific_rating": "2", **place},
        ],
        user,
    )
    merged, survivor = Program.objects.order_by("name")
    put_together(merged, survivor, user=user)

    request_undo(record, user)

    record.refresh_from_db()
    assert (record.status, Program.objects.count(), Rating.objects.count()) == ("undone", 2, 2)
    assert sorted(kept["entry"] for kept in record.kept) == ["One", "Two"]
    assert {"ann changed it" in kept["why"] for kept in record.kept} == {True}
