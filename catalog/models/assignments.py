"""Assignments: who of the staff is to do what at an entry, and until when."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from ..values.expressions import SortableDate
from ..values.fields import LimitedTextField
from .about_entry import ENTRY_FIELDS, AboutEntry, AboutEntryQuerySet, entry_field, is_of_one_entry
from .programs import Program
from .proposals import TO_DECIDE, TO_FINISH, Proposal
from .status import Status


class Task(models.TextChoices):
    EDIT = "edit", "Edit the entry"
    REVIEW = "review", "Review the research"
    FINISH = "finish", "Finish the proposal"
    DECIDE = "decide", "Decide on the proposal"


# At an entry's one open proposal.
AT_PROPOSAL = (Task.FINISH, Task.DECIDE)


def is_to_do() -> Q:
    """Return the condition that a task is not done by what has happened since somebody was given it.

    A review is done when its date has moved on; a proposal is finished when it is submitted, and that again when it is
    sent back; it is decided on when it is neither submitted nor approved any more.
    """
    is_reviewed = ~Q(program__status=Status.RETIRED) & Q(reviewed_on__lte=F("reviewed_then"))
    return (
        Q(task=Task.EDIT)
        | (Q(task=Task.REVIEW) & is_reviewed)
        | Q(task=Task.FINISH, proposal__state__in=TO_FINISH)
        | Q(task=Task.DECIDE, proposal__state__in=TO_DECIDE)
    )


class AssignmentQuerySet(AboutEntryQuerySet):
    def unended(self) -> Self:
        """Return the assignments that nobody has ended, though what was to be done may be done."""
        return self.filter(ended_at=None)

    def open(self) -> Self:
        """Return the assignments by which somebody of the staff still has something to do."""
        found = self.unended().filter(
            person__is_active=True, person__is_staff=True, program__merged_into=None
        )
        return found.alias(
            reviewed_on=SortableDate("program__research_last_reviewed"),
            reviewed_then=SortableDate("last_reviewed"),
        ).filter(is_to_do())

    def overdue(self) -> Self:
        """Return the assignments whose day is over."""
        return self.filter(due_on__lt=timezone.localdate())

    def soonest_first(self) -> Self:
        """Return the assignments by the day until which they are due, those without one last."""
        return self.order_by(F("due_on").asc(nulls_last=True), "pk")


class Assignment(AboutEntry):
    """A task at one entry, given to one person: never changed, but ended, and perhaps followed by another one.

    ``last_reviewed`` is when the program's research had been reviewed last, of a task to review it; ``proposal`` is the
    one that is to be finished or decided on.
    """

    task = models.CharField(max_length=10, choices=Task, default=Task.EDIT)
    # Without an account there is nobody to do it.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="catalog_assignments"
    )
    due_on = models.DateField("due on", null=True, blank=True)
    note = LimitedTextField(blank=True, max_length=500)
    last_reviewed = models.CharField(max_length=10, blank=True)
    proposal = models.ForeignKey(
        Proposal, models.CASCADE, null=True, blank=True, related_name="assignments"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    assigned_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-assigned_at", "-pk"]
        # Who may change an entry assigns it.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="assignment_is_of_one_entry", condition=is_of_one_entry()),
            models.CheckConstraint(
                name="assignment_task_is_known", condition=Q(task__in=Task.values)
            ),
            models.CheckConstraint(
                name="assignment_review_is_of_a_program",
                condition=~Q(task=Task.REVIEW) | Q(program__isnull=False),
            ),
            models.CheckConstraint(
                name="assignment_at_proposal_names_it",
                condition=Q(task__in=AT_PROPOSAL, proposal__isnull=False)
                | (~Q(task__in=AT_PROPOSAL) & Q(proposal__isnull=True)),
            ),
            *(
                models.UniqueConstraint(
                    name=f"assignment_one_for_{name}",
                    fields=[name, "task"],
                    condition=Q(ended_at__isnull=True),
                )
                for name in ENTRY_FIELDS
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_task_display()}: {self.entry}"

    @property
    def is_overdue(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


def assignment_field(model: type[models.Model]) -> str:
    """Return which field of an assignment names an entry of a model, or a proposal."""
    return "proposal" if model is Proposal else entry_field(model)


def nobodys(entries: models.QuerySet) -> models.QuerySet:
    """Return those of some entries or proposals at which nobody has anything to do, and somebody could have.

    What was merged into another program is given to nobody.
    """
    key = {assignment_field(entries.model): OuterRef("pk")}
    merged_into = {Program: "merged_into", Proposal: "program__merged_into"}.get(entries.model)
    is_open = Q(**{f"{merged_into}__isnull": True}) if merged_into else Q()
    return entries.filter(is_open, ~Exists(Assignment.objects.open().filter(**key).order_by()))
