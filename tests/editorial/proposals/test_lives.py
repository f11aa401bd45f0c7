"""Random lives of a proposal: what is public changes only by who may, and is what was approved."""

import re
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.editorial.proposals.changes import open_proposal, propose
from catalog.editorial.proposals.merging import Disputed
from catalog.editorial.proposals.steps import STEPS, Said, take
from catalog.editorial.workflow import Hindered
from catalog.models import Program, Study

from ...conftest import group_user
from ...examples import few
from ...factories import ProgramFactory, RatingFactory, StudyFactory
from ...importing.loading import load
from ...transactions import rolled_back

pytestmark = pytest.mark.django_db

OWN = ("goals", "description", "target_population")
# A field of a row that belongs to the program.
PLACE = "location"
FIELDS = (*OWN, PLACE)
PEOPLE = ("ann", "bob", "cleo")  # a writer, and two who publish
fields, people = st.sampled_from(FIELDS), st.sampled_from(PEOPLE)
actions = st.one_of(
    st.tuples(st.just("propose"), people, fields, st.booleans()),
    st.tuples(st.just("edit"), fields),
    st.tuples(st.just("bring_in"), st.sampled_from(["ann", "bob"]), st.sampled_from(OWN)),
    st.tuples(st.just("rate"), st.sampled_from(["ann", "bob"])),
    st.tuples(st.just("take"), people, st.sampled_from(["submit", "approve", "publish"])),
    st.tuples(st.just("take"), people, st.sampled_from(["send-back", "discard", "take-up"])),
    st.tuples(st.just("choose"), people, st.sampled_from(["mine", "theirs"])),
)
# What leads to the public, so that random lives get there.
WAY = [
    ("propose", "ann", "goals", False),
    ("take", "ann", "submit"),
    ("take", "bob", "approve"),
    ("take", "cleo", "publish"),
]


@dataclass
class Expected:
    """What a proposal ought to hold, told without the code that keeps it."""

    state: str = "draft"
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    approved: dict | None = None
    submitted_by: str = ""


class Life:
    """A program with its proposals, and beside it what each ought to be."""

    def __init__(self):
        self.count = 0
        self.live = {name: self.word() for name in FIELDS}
        self.program = ProgramFactory(slug="calm", **{name: self.live[name] for name in OWN})
        self.study = StudyFactory(program=self.program, location=self.live[PLACE])
        self.rationale = self.word()
        place = {"program": self.program, "topic_area__slug": "sleep"}
        RatingFactory(**place, rated_on="1900", rationale=self.rationale)
        self.users = {"ann": group_user("Editors"), "bob": group_user("Publishers")}
        self.users["cleo"] = self.another_publisher()
        self.open = None
        self.discarded = []

    def another_publisher(self):
        user = self.users["bob"]
        cleo = type(user).objects.create(username="cleo", is_staff=True)
        cleo.groups.set(user.groups.all())
        return cleo

    def word(self):
        self.count += 1
        return f"word{self.count}."

    # --- What people do

    def propose(self, who, name, back):
        """Send the form as it shows the proposal, with one field changed: to another word, or back to what is live."""
        shown = {**self.live, **(self.open.after if self.open else {})}
        value = self.live[name] if back else self.word()
        sent = {**shown, name: value}
        rows = {"studies": self.row_sent(sent.pop(PLACE))}
        propose(self.program, sent, rows, user=self.users[who])
        if value == shown[name]:
            return
        self.open = self.open or Expected()
        if back:
            del self.open.before[name], self.open.after[name]
        else:
            self.open.before.setdefault(name, self.live[name])
            self.open.after[name] = value
        if self.open.state in {"submitted", "approved"}:
            self.open.state, self.open.approved, self.open.submitted_by = "submitted", None, who

    def row_sent(self, place):
        """Return what the form says is changed of the study: by what stood there when that was first proposed."""
        before = (self.open and self.open.before.get(PLACE)) or self.live[PLACE]
        is_changed = place not in {before, self.live[PLACE]}
        return {str(self.study.pk): {PLACE: [before, place]}} if is_changed else {}

    def edit(self, name):
        self.live[name] = self.word()
        entry = Study.objects.get() if name == PLACE else Program.objects.get()
        setattr(entry, name, self.live[name])
        entry.save()

    def bring_in(self, who, name):
        """Import another word: of what visitors read, only who may publish does."""
        word = self.word()
        result = load("programs", f"slug,{name}\ncalm,{word}\n", user=self.users[who])
        assert bool(result.problems) == (who == "ann")
        if who == "bob":
            self.live[name] = word

    def rate(self, who):
        """Import a newer rating, which is public at once: only who may publish gives one."""
        word, year = self.word(), 1900 + self.count
        row = f"calm,sleep,2,{year},{word}"
        header = "program,topic_area,scientific_rating,rated_on,rationale"
        result = load("ratings", f"{header}\n{row}\n", user=self.users[who])
        assert bool(result.problems) == (who == "ann")
        if who == "bob":
            self.rationale = word

    def take(self, who, step, choices=None):
        proposal = open_proposal(self.program)
        if step == "take-up" and self.discarded:
            proposal = self.discarded[-1][0]
        if proposal is None:
            return
        allowed = self.may(who, step, choices or {})
        try:
            take(
                proposal,
                STEPS[step],
                Said("Because.", "New"),
                user=self.users[who],
                choices={self.key_of(name): side for name, side in (choices or {}).items()},
            )
        except (Hindered, Disputed):
            assert not allowed, (who, step)
            return
        assert allowed, (who, step)
        self.taken(who, step, proposal, choices or {})

    def key_of(self, name):
        """Return by which key somebody chooses about a field."""
        return f"studies.{self.study.pk}.{name}" if name == PLACE else name

    def choose(self, who, side):
        """Publish, and settle every dispute alike."""
        self.take(who, "publish", dict.fromkeys(FIELDS, side))

    # --- What ought to come of it

    def disputes(self):
        return {
            name
            for name, after in self.open.after.items()
            if self.live[name] not in {self.open.before[name], after}
        }

    def left(self, choices):
        """What is published where the disputes are settled so."""
        given_up = {name for name in self.disputes() if choices.get(name) == "theirs"}
        return {name: after for name, after in self.open.after.items() if name not in given_up}

    def may(self, who, step, choices):
        publishes, proposal = who != "ann", self.open
        if step == "take-up":
            return proposal is None and bool(self.discarded)
        if proposal is None:
            return False
        if step == "submit":
            return proposal.state in {"draft", "sent-back"} and bool(proposal.after)
        if step == "approve":
            is_other = proposal.submitted_by != who
            return publishes and proposal.state == "submitted" and is_other and bool(proposal.after)
        if step == "send-back":
            return publishes and proposal.state in {"submitted", "approved"}
        if step == "publish":
            is_settled = self.disputes() <= set(choices)
            rest = self.left(choices)
            is_approved = rest == proposal.approved or proposal.submitted_by != who
            return (
                publishes
                and proposal.state == "approved"
                and is_settled
                and bool(rest)
                and is_approved
            )
        return True

    def taken(self, who, step, proposal, choices):
        if step == "take-up":
            self.open = self.discarded.pop()[1]
            self.open.state = "draft"
        elif step == "submit":
            self.open.state, self.open.submitted_by = "submitted", who
        elif step == "approve":
            self.open.state, self.open.approved = "approved", dict(self.open.after)
        elif step == "send-back":
            self.open.state, self.open.approved = "sent-back", None
        elif step == "discard":
            self.open.approved = None
            self.discarded.append((proposal, self.open))
            self.open = None
        else:
            rest = self.left(choices)
            assert rest.items() <= self.open.approved.items()
            self.live |= rest
            self.open = None

    # --- What is there

    def check(self):
        stored = Program.objects.get()
        values = {name: getattr(stored, name) for name in OWN}
        assert {**values, PLACE: Study.objects.get().location} == self.live
        proposal = open_proposal(stored)
        assert (proposal is None) == (self.open is None)
        if proposal:
            assert proposal.state == self.open.state
            rows = proposal.rows.get("studies", {})
            changes = {**proposal.changes, **rows.get(str(self.study.pk), {})}
            assert {name: after for name, (_, after) in changes.items()} == self.open.after
            assert {name: was for name, (was, _) in changes.items()} == self.open.before

    def check_pages(self):
        """Visitors read what is live, on the page and on that of today as a day, and no word of a proposal."""
        today = timezone.localdate()
        for address in ("/programs/calm/", f"/programs/calm/?as_of={today}"):
            page = Client().get(address).content.decode()
            read = set(re.findall(r"word\d+\.", page))
            assert read == {*self.live.values(), self.rationale}


@few
@given(way=st.booleans(), life=st.lists(actions, max_size=12))
def test_what_is_public_is_what_was_approved(way, life):
    with rolled_back():
        lived = Life()
        for action, *arguments in [*(WAY if way else ()), *life]:
            getattr(lived, action)(*arguments)
            lived.check()
        lived.check_pages()
