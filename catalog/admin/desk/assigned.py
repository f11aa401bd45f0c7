"""What somebody was given to do, what of it is overdue, and what falls due or waits and is nobody's."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from ...history.diff import person
from ...models import Assignment, Program, Proposal, Task
from ...models.about_entry import ENTRY_FIELDS, entry_models
from ...models.assignments import AT_PROPOSAL, AssignmentQuerySet, nobodys
from ...models.proposals import TO_DECIDE
from ...models.reviews import last_day_beyond, review_age
from ...values.moments import day_in_words
from ...values.site_url import admin_path
from .gaps import MONTHS_AHEAD
from .lines import MOST, SHOWN, DeskPart, Line, Link, Section, all_of, section


class AssignedWork(DeskPart):
    """List what is to be done by whom, as far as this person may read the entries."""

    def mine(self) -> list[Section]:
        """Return the assignments of this person, overdue ones first. One query."""
        found = Assignment.objects.open().filter(person=self.user.pk)
        return self.listed("Assigned to me", found, self.kinds("change"), "mine")

    def overdue(self) -> list[Section]:
        """Return the overdue assignments of everybody, for those who publish. One query."""
        found = Assignment.objects.open().overdue()
        return self.listed("Assigned and overdue", found, self.kinds("publish"), "overdue")

    def listed(
        self, title: str, found: AssignmentQuerySet, kinds: Sequence[str], work: str
    ) -> list[Section]:
        """Return the section of assignments at entries of some kinds."""
        if not kinds:
            return []
        related = (*ENTRY_FIELDS, "person", "proposal")
        rows = found.of_kinds(kinds).select_related(*related).soonest_first()
        assignments = list(rows[: MOST + 1])
        lines = [self.line(one, work) for one in assignments[:SHOWN]]
        models = {type(one.entry) for one in assignments}
        lists = [
            all_of(model, f"work={work}") for model in entry_models().values() if model in models
        ]
        return [section(title, assignments, lines, *lists)]

    def line(self, one: Assignment, work: str) -> Line:
        """Return the line of an assignment: where it is done, until when and, of somebody else's, who is to do it."""
        entry, note = one.entry, one.get_task_display()
        if one.due_on:
            note += f", {'overdue since' if one.is_overdue else 'until'} {day_in_words(one.due_on)}"
        if work != "mine":
            note += f", {person(one.person)}"
        if one.note:
            note += f": {one.note}"
        ways = [Link("Done, or hand it on …", admin_path(type(entry), "assign", entry.pk))]
        if one.task in AT_PROPOSAL and one.proposal:
            page = one.proposal.get_absolute_url()
        else:
            place = "#id_research_last_reviewed" if one.task == Task.REVIEW else ""
            page = f"{admin_path(type(entry), 'change', entry.pk)}{place}"
        return Line(str(entry), page, note, ways if self.may("change", type(entry)) else ())

    def nobodys(self) -> list[Section]:
        """Return what waits and is nobody's. Two queries."""
        return [*self.nobodys_reviews(), *self.nobodys_proposals()]

    def nobodys_reviews(self) -> list[Section]:
        """Return the programs whose review is or falls due and at which nobody has anything to do."""
        if not (self.sees(Program) and self.may("change", Program)):
            return []
        interval = settings.REVIEW_INTERVAL_MONTHS
        until = last_day_beyond(interval - MONTHS_AHEAD)
        due: QuerySet = Program.objects.unretired().reviewed(until=until)
        rows = nobodys(due).order_by("reviewed_on", "pk")
        found = list(rows.values_list("pk", "name", "research_last_reviewed")[: MOST + 1])
        today = timezone.localdate()
        lines = [
            Line(
                name,
                self.page_to_fix(Program, pk, "id_research_last_reviewed"),
                str(review_age(reviewed, today, interval)),
                [Link("Assign …", admin_path(Program, "assign", pk))],
            )
            for pk, name, reviewed in found[:SHOWN]
        ]
        lists = [
            Link(
                "All that are overdue",
                f"{admin_path(Program, 'changelist')}?review=overdue&work=nobody",
            ),
            Link(
                "All that fall due", f"{admin_path(Program, 'changelist')}?review=due&work=nobody"
            ),
        ]
        return [section("Reviews that are nobody’s", found, lines, *lists)]

    def nobodys_proposals(self) -> list[Section]:
        """Return the proposals that wait for a decision and are nobody's, the longest waiting first."""
        kinds = self.kinds("change")
        if not kinds:
            return []
        waiting = Proposal.objects.of_kinds(kinds).filter(state__in=TO_DECIDE)
        rows = nobodys(waiting).select_related(*ENTRY_FIELDS).defer("changes", "rows")
        found = list(rows.order_by("created_at", "pk")[: MOST + 1])
        lines = [
            Line(
                str(one.entry),
                one.get_absolute_url(),
                f"{one.get_state_display()}, proposed on {day_in_words(one.created_at)}",
                [Link("Assign …", admin_path(type(one.entry), "assign", one.entry_key))],
            )
            for one in found[:SHOWN]
        ]
        every = all_of(Proposal, "state__in=submitted,approved&work=nobody")
        return [section("Proposals that are nobody’s", found, lines, every)]
