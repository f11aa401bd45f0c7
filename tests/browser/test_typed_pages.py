"""Nothing typed is lost beside the forms of entries: ratings, steps, merges, proposals, tasks, notes, fact checks."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Assignment, Proposal, ProposalComment, Rating, StaffNote, Status
from tests.admin.workflow.merging import put_together
from tests.factories import ProgramFactory, ReferenceFactory

from .looks import violations
from .typed import kept, keys_kept, leave_and_return

pytestmark = pytest.mark.browser

TYPED = "An hour of work."


@pytest.fixture
def page(new_page, catalog, editor):
    """An editor's page, who leaves what is not saved when asked, and on which time goes by when it is told to."""
    page = new_page(editor)
    page.on("dialog", lambda dialog: dialog.accept())
    page.clock.install()
    return page


def address(page, entry):
    return reverse(f"admin:catalog_{entry._meta.model_name}_{page}", args=[entry.pk])


def rate(page, program):
    page.get_by_role("radio", name="2 Supported by Research Evidence").check()
    page.get_by_label("Rated on:").fill("2026")


def correct(page, program):
    page.get_by_label("Why this correction:").fill("A slip.")


def choose_person(page, program):
    page.get_by_label("By whom").select_option(label="editor")


def nothing(page, program):
    pass


def rating_page(program, editor):
    return f"{address('rate', program)}?area=sleep-of-staff"


def correction_page(program, editor):
    return address("change", program.ratings.current().first())


def step_page(target):
    return lambda program, editor: reverse(
        "admin:catalog_program_status", args=[program.pk, target]
    )


def sending_back_page(program, editor):
    draft = ProgramFactory(name="In review", status=Status.IN_REVIEW)
    return reverse("admin:catalog_program_status", args=[draft.pk, "draft"])


def merge_page(program, editor):
    return f"{address('merge', program)}?into={ProgramFactory(name='Survivor').pk}"


def unmerge_page(program, editor):
    merged = ProgramFactory(name="Merged")
    put_together(merged, ProgramFactory(name="Survivor"))
    return address("unmerge", merged)


def reference_merge_page(program, editor):
    merged, survivor = ReferenceFactory.create_batch(2)
    return f"{address('merge', merged)}?into={survivor.pk}"


def proposal_page(program, editor):
    changes = {"goals": [program.goals, "Sleep."]}
    return Proposal.objects.create(program=program, changes=changes).get_absolute_url()


def page_of(name):
    return lambda program, editor: address(name, program)


# The page, the label of what is typed, what else it takes to be sent, and the name of the button.
PAGES = {
    "rate": (rating_page, "Rationale:", rate, "Save the rating"),
    "correct": (correction_page, "Rationale:", correct, "Save"),
    "retire": (step_page("retired"), "Reason", nothing, "Retire"),
    "withdraw": (step_page("draft"), "Reason", nothing, "Withdraw"),
    "send back": (sending_back_page, "Reason", nothing, "Back to draft"),
    "merge": (merge_page, "Why they are merged:", nothing, "Merge"),
    "undo a merge": (unmerge_page, "Why the merge is undone:", nothing, "Undo the merge"),
    "merge references": (reference_merge_page, "Why they are merged:", nothing, "Merge"),
    "proposal": (proposal_page, "Why:", nothing, "Discard"),
    "comment": (proposal_page, "Your comment:", nothing, "Comment"),
    "assign": (page_of("assign"), "What else there is to know", choose_person, "Assign"),
    "note": (page_of("notes"), "Text", nothing, "Add the note"),
    "ask for a fact check": (page_of("fact_checks"), "For whom:", nothing, "Make an address"),
}


@pytest.mark.alike(3)
@pytest.mark.parametrize("name", PAGES)
def test_text_is_offered_put_back_and_forgotten_once_sent(page, catalog, editor, name):
    where, label, fill_in, button = PAGES[name]
    path = where(catalog, editor)
    page.goto(path)
    box = page.get_by_label(label, exact=True)
    assert kept(page) == 0
    box.fill(TYPED)
    assert kept(page) == 1

    notice = leave_and_return(page, path)
    words = label.removesuffix(":")
    expect(notice).to_contain_text(f"and did not save it: {words}.")
    expect(box).not_to_have_value(TYPED)
    page.get_by_role("button", name="Show it").click()
    expect(box).to_have_value(TYPED)
    expect(notice).to_contain_text(f"Not saved yet, and in the form again: {words}.")

    fill_in(page, catalog)
    page.get_by_role("button", name=re.compile(f"^{button}$")).first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert kept(page) == 0
    page.goto("/admin/")
    assert kept(page) == 0


def test_text_that_is_typed_before_the_script_is_there_is_kept(page, catalog, editor):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/typed.js", hold)
    page.goto(rating_page(catalog, editor), wait_until="commit")
    page.get_by_label("Rationale:", exact=True).fill(TYPED)

    held.pop().continue_()
    page.wait_for_load_state()

    # The script's clock stands still but for what is asked of it, and it may not have begun yet.
    for _ in range(50):
        if kept(page):
            break
        page.wait_for_timeout(100)
    assert kept(page) == 1


def test_what_is_refused_is_kept_until_it_is_saved(page, catalog, editor):
    path = rating_page(catalog, editor)
    page.goto(path)
    page.get_by_label("Rationale:", exact=True).fill(TYPED)
    page.get_by_role("button", name="Save the rating").click()
    expect(page.get_by_text("Please correct what is marked below.")).to_be_visible()
    assert kept(page) == 1

    expect(leave_and_return(page, path)).to_contain_text("and did not save it: Rationale.")
    assert not Rating.objects.filter(rationale=TYPED).exists()


def test_texts_are_those_of_one_topic_area_and_one_program(page, catalog, editor):
    page.goto(rating_page(catalog, editor))
    page.get_by_label("Rationale:", exact=True).fill(TYPED)

    elsewhere = f"{address('rate', catalog)}?area=secondary-traumatic-stress"
    expect(leave_and_return(page, elsewhere)).to_have_count(0)
    other = f"{address('rate', ProgramFactory())}?area=sleep-of-staff"
    expect(leave_and_return(page, other)).to_have_count(0)
    expect(leave_and_return(page, rating_page(catalog, editor))).to_have_count(1)


def test_comment_that_is_sent_leaves_what_is_typed_beside_it(page, catalog, editor):
    path = proposal_page(catalog, editor)
    page.goto(path)
    page.get_by_label("Why:", exact=True).fill("Whose sleep?")
    page.get_by_label("Your comment:", exact=True).fill(TYPED)
    assert kept(page) == 2
    page.get_by_role("button", name="Comment").click()

    expect(page.locator(".comments")).to_contain_text(TYPED)
    notice = page.locator(".typed-before > div")
    expect(notice).to_contain_text("and did not save it: Why.")
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_label("Why:", exact=True)).to_have_value("Whose sleep?")
    assert [c.text for c in ProposalComment.objects.all()] == [TYPED]


def test_many_entries_keep_the_text_of_their_page(page, catalog, editor):
    drafts = ProgramFactory.create_batch(2, status=Status.DRAFT)

    def ask():
        page.goto("/admin/catalog/program/?status=draft")
        for program in drafts:
            page.locator(f"input[name=_selected_action][value='{program.pk}']").check()
        page.get_by_label("Action:").select_option(label="Assign")
        page.get_by_role("button", name="Run").click()
        # The script has given the page its number, and so keeps what is typed from now on.
        expect(page.locator("input[name=typed]")).not_to_have_value("")

    ask()
    box = page.get_by_label("What else there is to know", exact=True)
    box.fill(TYPED)
    page.clock.run_for(1_500)
    ask()
    page.get_by_role("button", name="Show it").click()
    expect(box).to_have_value(TYPED)
    # Nobody is chosen: what comes back goes on with the same text.
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("Nothing was assigned yet")).to_be_visible()
    assert kept(page) == 1
    choose_person(page, catalog)
    page.get_by_role("button", name="Assign").click()

    expect(page.locator(".messagelist .success")).to_be_visible()
    assert kept(page) == 0
    assert {one.note for one in Assignment.objects.all()} == {TYPED}


@pytest.fixture
def check(catalog):
    now, week = timezone.now(), timedelta(days=7)
    return catalog.fact_checks.create(sent_to="Ada", created_at=now, expires_at=now + week)


def test_representative_finds_what_was_typed_until_it_is_sent(new_page, catalog, check):
    page = new_page()
    page.clock.install()
    path = check.get_absolute_url()
    page.goto(path)
    section = page.locator("#check-goals")
    section.get_by_label("Please change").check()
    section.get_by_label("What is wrong, and what would be right").fill(TYPED)
    # The address is a secret, and not what the text is kept under.
    (key,) = keys_kept(page)
    assert re.fullmatch(rf"typed  fact-check-{check.pk} [0-9]+", key)

    notice = leave_and_return(page, path, elsewhere="/programs/")
    about = "Goals: is this right?, What is wrong, and what would be right: Goals"
    expect(notice).to_contain_text(f"and did not save it: {about}.")
    assert violations(page, "offer") == []
    page.get_by_role("button", name="Show it").click()
    expect(section.get_by_label("Please change")).to_be_checked()
    page.get_by_role("button", name="Send your answers").click()
    expect(page.get_by_text("Nothing is sent yet")).to_be_visible()
    assert kept(page) == 1
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_role("button", name="Send your answers").click()

    expect(page.get_by_text("Thank you, Ada Lovelace")).to_be_visible()
    assert (kept(page), notice.count()) == (0, 0)
    assert [(a.section, a.comment) for a in check.answers.all()] == [("goals", TYPED)]


def test_editor_who_looks_at_a_fact_check_loses_nothing(page, catalog, editor, check):
    page.goto(address("notes", catalog))
    page.get_by_label("Text", exact=True).fill(TYPED)

    expect(
        leave_and_return(page, address("notes", catalog), check.get_absolute_url())
    ).to_have_count(1)
    assert not StaffNote.objects.exists()
