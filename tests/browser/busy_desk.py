"""Something of everything that can wait on the desk of an editor, and what leads there."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from catalog.editorial.proposals.comments import comment
from catalog.models import Assignment, Import, Program, Proposal, StaffNote, Status, TopicArea
from tests.factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    SubmissionFactory,
)

from ..admin.workflow.merging import join, put_together

NEAR = "Everything Known about a Calm Corner"


def shared_previews(entry):
    """Return the addresses of two previews of an entry: one that is open, and one that has ended."""
    now, week = timezone.now(), timedelta(days=7)
    return [
        entry.preview_links.create(
            created_at=at, expires_at=at + week, created_by=None
        ).get_absolute_url()
        for at in (now, now - 2 * week)
    ]


def fact_checks_of(program):
    """Return two fact checks of a program: one that was answered, and one that has ended."""
    now, week = timezone.now(), timedelta(days=7)
    dates = {"created_at": now - week, "expires_at": now + week}
    answered = {"answered_by": "Ada", "answered_at": now}
    check = program.fact_checks.create(sent_to="Ada", **dates, **answered)
    check.answers.create(section="goals", verdict="change", comment="Sleep is the goal.")
    check.answers.create(section="names", verdict="right")
    return check, program.fact_checks.create(sent_to="Bo", revoked_at=now, **dates)


def store_desk(program, editor):
    """Store something of everything that can wait on the desk of an editor, who has changed a program."""
    stress = TopicArea.objects.get(slug="secondary-traumatic-stress")
    for name, status in (("Being read", "in-review"), ("Mine", "draft"), ("Soon", "published")):
        entry = Program(name=name, status=status, description="What it is.")
        entry._history_user = editor
        entry.published_at = timezone.now() + timedelta(days=30) if name == "Soon" else None
        entry.save()
        RatingFactory(program=entry, topic_area=stress, scientific_rating="NR")
    today = timezone.localdate()
    for name, years in (("Overdue", 9), ("Nearly due", 2)):
        reviewed = str(today - timedelta(days=365 * years - 30))
        ProgramFactory(name=name, research_last_reviewed=reviewed, website="http://localhost/x")
    for status in ("ready", "failed", "confirmed"):
        Import.objects.create(
            kind="programs",
            file="programs.csv",
            file_name="programs.csv",
            user=editor,
            status=status,
        )
    program.acronym, program.website = "", ""
    program.goals = f"To rest, and to sleep. {'x' * 200}"
    program._history_user, program._change_reason = editor, "The program wrote to us."
    program.save()
    shared_previews(Program.objects.get(name="Mine"))
    fact_checks_of(Program.objects.get(name="Mine"))
    ProgramFactory(name=NEAR, acronym="EK", status=Status.DRAFT)
    twin = ProgramFactory(name="Merged", intensity="Weekly")
    put_together(twin, ProgramFactory(name="Survivor"), fill={"intensity"})
    proposed(editor)
    at_work(program, editor)
    SubmissionFactory(kind="correction", program_slug=program.slug, text="x" * 200)


def at_work(program, editor):
    """What somebody has to do at a program, and is late with; a note on it."""
    late = timezone.localdate() - timedelta(days=9)
    Assignment.objects.create(program=program, person=editor, due_on=late, note="x" * 200)
    text = f"PsycINFO, https://example.org/{'x' * 200}: 41 found."
    StaffNote.objects.create(program=program, author=editor, kind="search", text=text)


def proposed(editor):
    """A proposal that is approved, of which the same was changed since; and one that was sent back."""
    overdue, nearly = (Program.objects.get(name=name) for name in ("Overdue", "Nearly due"))
    study = StudyFactory(program=overdue)
    came = {"reference": [None, ReferenceFactory().pk], "location": ["", "Ohio"]}
    approved = Proposal(
        program=overdue,
        changes={"goals": ["Rest.", "Rest and sleep."], "duration": ["", "A week"]},
        rows={"studies": {str(study.pk): {"location": ["", "Utah"]}, "+1": came}},
        state="approved",
        change_note="New goals",
        approved_by=editor,
    )
    approved.approved_digest = approved.digest
    approved.save()
    Program.objects.filter(pk=overdue.pk).update(goals="Work.")
    back = Proposal(program=nearly, author=editor, state="sent-back", is_minor=True)
    back.changes = {"goals": ["", "Rest."]}
    back._change_reason = "Sent back: Whose?"
    back.save()
    comment(back, "The children's?", user=editor)
    about = {"subject": "“Nearly due”", "words": "Whose?", "address": back.get_absolute_url()}
    for read_at in (None, timezone.now()):
        editor.notifications.create(kind="sent-back", read_at=read_at, **about)


def merged_reference_page():
    """Merge a reference into another one, and return the address at which that is undone."""
    merged, survivor = ReferenceFactory(volume="7"), ReferenceFactory(title="x" * 200)
    StudyFactory(reference=merged, program__name="Citing")
    join(merged, survivor, fill=["volume"])
    return reverse("admin:catalog_reference_unmerge", args=[merged.pk])
