"""Merging references and experts: what the survivor takes over, what is refused, and where old keys lead."""

import pytest

from catalog.editorial.linked_merging import LinkedMerge, digest, may_merge, merge_linked
from catalog.editorial.twins import MergeRefused
from catalog.models import (
    Assignment,
    Finding,
    Proposal,
    Reference,
    StaffNote,
    Study,
    TopicExpert,
)

from ...factories import (
    FindingFactory,
    ProgramFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ...importing.loading import load, problems, stored
from ...pages import read
from ..pages import address, fields_of, said, submit
from .merging import links, member_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]

GOES = "It keeps what is said of “rand-2019”; what is said of “rand-2019-2” goes, and stays in the history only."


def join(merged, survivor, **kwargs):
    """Merge as the page does when nobody has changed anything meanwhile."""
    kwargs.setdefault("user", UserFactory(is_superuser=True))
    seen = {entry.pk: digest(entry) for entry in (merged, survivor)}
    plan = merge_linked(merged, survivor, reason="The same", **{"seen": seen, **kwargs})
    survivor.refresh_from_db()
    return plan


@pytest.fixture
def reports(db):
    """One report twice, without a DOI."""
    return [
        ReferenceFactory(key=key, title="A report", year=2019, authors="Rand")
        for key in ("rand-2019-2", "rand-2019")
    ]


# --- References


def test_what_cites_the_one_cites_the_other(reports):
    merged, survivor = reports
    alone, both = ProgramFactory(), ProgramFactory()
    moved = StudyFactory(program=alone, reference=merged, location="Ohio")
    gone = StudyFactory(program=both, reference=merged, location="Utah")
    kept = StudyFactory(program=both, reference=survivor, location="Iowa")
    area = TopicAreaFactory()
    area.further_reading.set([merged, ReferenceFactory(key="other")])
    of_both = {"program": both, "topic_area": area}
    found = FindingFactory(**of_both, reference=merged, outcome="Sleep")
    known = FindingFactory(**of_both, reference=merged, note="Of the one")
    kept_finding = FindingFactory(**of_both, reference=survivor, note="Of the other")
    sample = StudyFactory(program=alone, same_sample_as=merged)
    Study.objects.filter(pk=kept.pk).update(same_sample_as=merged)

    plan = join(merged, survivor)

    assert [row.pk for row in plan.rows] == [moved.pk, found.pk]
    assert [row.pk for row in plan.known_rows] == [gone.pk, known.pk]
    assert sorted(Finding.objects.values_list("pk", "reference", "note")) == sorted(
        [(found.pk, survivor.pk, ""), (kept_finding.pk, survivor.pk, "Of the other")]
    )
    samples = Study.objects.filter(pk__in=[sample.pk, kept.pk]).values_list("pk", "same_sample_as")
    assert dict(samples) == {sample.pk: survivor.pk, kept.pk: None}
    studies = Study.objects.exclude(pk=sample.pk)
    assert sorted(studies.values_list("pk", "program", "reference", "location")) == sorted(
        [
            (moved.pk, alone.pk, survivor.pk, "Ohio"),
            (kept.pk, both.pk, survivor.pk, "Iowa"),
        ]
    )
    assert {r.key for r in area.further_reading.all()} == {"rand-2019", "other"}
    assert not Reference.objects.filter(key="rand-2019-2").exists()


def test_every_row_that_changed_is_in_the_history_with_one_reason(reports):
    merged, survivor = reports
    study, area = StudyFactory(reference=merged), TopicAreaFactory()
    area.further_reading.set([merged])
    user = UserFactory(is_superuser=True)

    join(merged, survivor, user=user)

    last = {
        "merged": Reference.history.filter(id=merged.pk).latest(),
        "survivor": survivor.history.latest(),
        "study": study.history.latest(),
        "area": area.history.latest(),
    }
    reason = f"Merged “{merged}” into “{survivor}”: The same"
    assert {name: (r.history_type, r.history_change_reason) for name, r in last.items()} == {
        "merged": ("-", reason),
        "survivor": ("~", reason),
        "study": ("~", reason),
        "area": ("~", reason),
    }
    assert {r.history_user for r in last.values()} == {user}
    assert len({r.history_save for r in last.values()}) == 1
    then = [link.reference_id for link in last["area"].further_reading.all()]
    assert then == [survivor.pk]


def test_a_doi_that_only_the_merged_one_has_is_taken_over(reports):
    merged, survivor = reports
    Reference.objects.filter(pk=merged.pk).update(doi="10.1234/a", volume="5", issue="2")
    merged.refresh_from_db()
    assert [part.key for part in LinkedMerge.of(merged, survivor).blanks] == ["volume", "doi"]

    join(merged, survivor, fill=["doi"])

    assert (survivor.doi, survivor.volume) == ("10.1234/a", "")


def test_keys_of_merged_references_are_not_taken_over(reports, editor_client):
    merged, survivor = reports
    third = ReferenceFactory(key="third")
    join(merged, survivor)
    join(survivor, third)

    assert Reference.objects.former_keys() == {"rand-2019-2": "third", "rand-2019": "third"}
    new = Reference.objects.create(title="New", authors="Rand", year=2019)
    assert new.key == "rand-2019-3"
    page = submit(editor_client, address("change", new), key="rand-2019")
    assert page.context["adminform"].form.errors == {
        "key": [
            "A reference with this key was merged into “third”, and files still use the key. Choose another one."
        ]
    }
    assert submit(editor_client, address("change", third), key="rand-2019").status_code == 302


def test_files_that_use_the_key_of_a_merged_one_are_told_the_other(reports):
    merged, survivor = reports
    ProgramFactory(slug="calm")
    join(merged, survivor)

    former = "rand-2019-2 is the former key of rand-2019; write rand-2019."
    row = {"key": "rand-2019-2", "title": "A report"}
    assert problems(load("references", [row])) == [(2, "key", "rand-2019-2", former)]
    study = {"program": "calm", "reference": "rand-2019-2"}
    assert problems(load("studies", [study])) == [(2, "reference", "rand-2019-2", former)]
    # A new one gets another key by itself.
    load("references", [{"title": "Another report", "authors": "Rand", "year": "2019"}])
    assert Reference.objects.get(title="Another report").key == "rand-2019-3"


# --- Experts


def test_the_pages_of_a_merged_expert_lead_to_the_other(client):
    merged = TopicExpertFactory(name="Ada L.", slug="ada-l", biography="She counts.")
    survivor = TopicExpertFactory(name="Ada Lovelace", slug="ada-lovelace", biography="")
    area = TopicAreaFactory()
    area.experts.set([merged])
    merged.slug = "ada-love"
    merged.save()

    join(merged, survivor, fill=["biography"])

    assert list(area.experts.all()) == [survivor]
    assert survivor.biography == "She counts."
    for slug in ("ada-l", "ada-love"):
        answer = client.get(f"/experts/{slug}/")
        assert (answer.status_code, answer["Location"]) == (301, survivor.get_absolute_url())
    assert TopicExpert.objects.former_slugs() == dict.fromkeys(("ada-l", "ada-love"), survivor.slug)
    assert TopicExpertFactory(name="Ada L", slug="").slug == "ada-l-2"
    problem = "ada-l is the former slug of ada-lovelace; write ada-lovelace."
    assert problems(load("experts", [{"slug": "ada-l", "name": "Ada"}])) == [
        (2, "slug", "ada-l", problem)
    ]


# --- What is refused, and who may


@pytest.mark.parametrize("change", ["survivor", "study", "area", "deleted"])
def test_what_has_changed_meanwhile_is_not_merged(change, reports):
    merged, survivor = reports
    seen = {entry.pk: digest(entry) for entry in reports}
    if change == "survivor":
        Reference.objects.filter(pk=survivor.pk).update(container="Rand")
    elif change == "study":
        StudyFactory(reference=merged)
    elif change == "area":
        TopicAreaFactory().further_reading.add(merged)
    else:
        Reference.objects.filter(pk=merged.pk).delete()
    user, before = UserFactory(is_superuser=True), stored()

    with pytest.raises(MergeRefused) as refused:
        join(merged, survivor, seen=seen, user=user)

    assert stored() == before
    said = {
        "survivor": "“Rand. (2019). A report. Rand.” has changed since",
        "deleted": "One of the two has been deleted meanwhile.",
    }
    assert str(refused.value).startswith(said.get(change, f"“{merged}” has changed since"))


def test_notes_and_tasks_of_the_merged_one_are_the_survivors(reports):
    merged, survivor = reports
    ann, bob = UserFactory(is_staff=True), UserFactory(is_staff=True)
    note = StaffNote.objects.create(reference=merged, text="A letter to Rand.")
    task = Assignment.objects.create(reference=merged, person=ann)

    join(merged, survivor)

    assert [each.pk for each in StaffNote.objects.of(survivor)] == [note.pk]
    assert [(each.pk, each.person) for each in Assignment.objects.of(survivor)] == [(task.pk, ann)]

    third = ReferenceFactory(key="rand-2019-3", title="A report", year=2019, authors="Rand")
    Assignment.objects.create(reference=third, person=bob)
    join(third, survivor)
    assert [each.person for each in Assignment.objects.all()] == [ann]


def test_a_proposal_that_waits_is_not_lost(reports):
    merged, survivor = reports
    Proposal.objects.create(reference=merged, changes={"pages": ["", "5"]})

    with pytest.raises(MergeRefused, match="has a proposal that waits"):
        join(merged, survivor)

    Proposal.objects.update(state="discarded")
    join(merged, survivor)
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("group", "is_read", "may"),
    [
        ("Viewers", False, False),
        ("Editors", False, True),
        ("Editors", True, False),
        ("Publishers", True, True),
    ],
)
def test_what_visitors_read_takes_the_permission_to_publish(group, is_read, may, reports):
    merged, survivor = reports
    if is_read:
        StudyFactory(reference=survivor)
    user = member_of(group)

    assert may_merge(user, merged, survivor) is may
    if not may:
        with pytest.raises(MergeRefused, match="Your account may not merge these two"):
            join(merged, survivor, user=user)


# --- The pages


def test_the_way_from_one_reference_to_its_twin(editor_client, reports):
    merged, survivor = reports
    StudyFactory(program__name="Calm", reference=merged)
    both = ProgramFactory(name="Both")
    for entry in reports:
        StudyFactory(program=both, reference=entry)
    assert ("Merge", address("merge", merged)) in links(
        editor_client.get(address("change", merged))
    )
    choice = editor_client.get(address("merge", merged))
    assert ("rand-2019", f"?into={survivor.pk}") in links(choice)

    path = f"{address('merge', merged)}?into={survivor.pk}"
    page = editor_client.get(path)

    points = [li.text for li in read(page).one("form", id="merge_form").all("li")]
    assert points == [
        "“rand-2019” stays. “rand-2019-2” is deleted; its history is kept.",
        "Its key rand-2019-2 is given to no other reference; a file that still uses it is told the new one.",
        "“Calm” cites “rand-2019” from then on, with what is said of the study and its findings.",
        f"“Both” cites both. {GOES}",
        "The merge can be undone while nobody has edited since what it changes. After that it is final.",
        "The history keeps everything, with your name and your reason.",
    ]
    answer = editor_client.post(path, {**fields_of(page), "reason": "One report."})
    assert answer["Location"] == address("change", survivor)
    assert said(answer)[-1].startswith("“rand-2019-2” is merged into this entry.")
    history = editor_client.get(address("history", merged))
    assert "This entry is deleted; its history is kept." in read(history).main.text


def test_a_reference_that_is_gone_meanwhile_leads_to_the_list(editor_client, reports):
    merged, survivor = reports
    path = f"{address('merge', merged)}?into={survivor.pk}"
    sent = {**fields_of(editor_client.get(path)), "reason": "One report."}
    survivor.title = "Another report"
    survivor.save()

    page = editor_client.post(path, sent)

    assert said(page)[-1].startswith(f"“{survivor}” has changed since you opened this page.")
    assert fields_of(page)["reason"] == ["One report."]
    assert editor_client.post(path, fields_of(page)).status_code == 302


def test_an_expert_of_the_same_name_is_questioned_and_merged(editor_client):
    survivor = TopicExpertFactory(name="Ada Lovelace", slug="ada")
    add = "/admin/catalog/topicexpert/add/"

    page = submit(editor_client, add, name="ada  LOVELACE", slug="ada-2")
    assert "This expert may be in the catalog already." in read(page).main.text
    assert ("ada", address("change", survivor)) in links(page)
    assert editor_client.post(add, {**fields_of(page), "is_another": "on"}).status_code == 302
    twin = TopicExpert.objects.get(slug="ada-2")

    path = f"{address('merge', twin)}?into={survivor.pk}"
    answer = editor_client.post(path, {**fields_of(editor_client.get(path)), "reason": "One."})
    assert answer["Location"] == address("change", survivor)
    assert list(TopicExpert.objects.all()) == [survivor]


def test_the_doi_of_another_reference_leads_to_merging(editor_client, reports):
    merged, survivor = reports
    Reference.objects.filter(pk=survivor.pk).update(doi="10.1234/a")

    page = submit(editor_client, address("change", merged), doi="10.1234/a")

    merging = f"{address('merge', merged)}?into={survivor.pk}"
    assert ("Merge this one into it", merging) in read(page).main.links
