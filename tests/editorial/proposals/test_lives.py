"""Random lives of a proposal: what is public changes only by who may, and is what was approved."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.editorial.proposals.changes import open_proposal, propose
from catalog.editorial.proposals.merging import Disputed
from catalog.editorial.proposals.steps import STEPS, Said, take
from catalog.editorial.workflow import Hindered
from catalog.models import Study

from ...conftest import StrictClient, group_user
from ...examples import few
from ...factories import (
    PageFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ...history.past import ago, days_pass
from ...importing.loading import load
from ...transactions import rolled_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class Kind(NamedTuple):
    """A kind of entry: three of its texts that visitors read where, and the kind of its files.

    ``told`` says whether its page tells what changed.
    """

    factory: Any
    texts: tuple[str, str, str]
    address: str
    key: str = "slug"
    file: str = ""
    told: bool = False


KINDS = {
    "program": Kind(
        ProgramFactory,
        ("goals", "description", "target_population"),
        "/programs/calm/",
        file="programs",
        told=True,
    ),
    "topic area": Kind(
        TopicAreaFactory,
        ("definition", "target_population", "inclusion_criteria"),
        "/topics/calm/",
        file="topic-areas",
        told=True,
    ),
    "expert": Kind(
        TopicExpertFactory,
        ("position", "organization", "biography"),
        "/experts/calm/",
        file="experts",
        told=True,
    ),
    "reference": Kind(
        ReferenceFactory, ("title", "container", "source"), "/references/", "key", "references"
    ),
    "term": Kind(TermFactory, ("name", "definition", "definition"), "/glossary/"),
    "page": Kind(PageFactory, ("name", "text", "text"), "/calm/", told=True),
}
# A field of a row that belongs to a program.
PLACE = "location"
PEOPLE = ("ann", "bob", "cleo")  # a writer, and two who publish
# Of a program the fourth is that of its study; elsewhere it is the first again.
fields, people = st.integers(0, 3), st.sampled_from(PEOPLE)
actions = st.one_of(
    st.tuples(st.just("propose"), people, fields, st.booleans()),
    st.tuples(st.just("edit"), fields),
    st.tuples(st.just("bring_in"), st.sampled_from(["ann", "bob"]), st.integers(0, 2)),
    st.tuples(st.just("rate"), st.sampled_from(["ann", "bob"])),
    st.tuples(st.just("take"), people, st.sampled_from(["submit", "approve", "publish"])),
    st.tuples(st.just("take"), people, st.sampled_from(["send-back", "discard", "take-up"])),
    st.tuples(st.just("choose"), people, st.sampled_from(["mine", "theirs"])),
    st.just(("end_day",)),
)
# What leads to the public, so that random lives get there.
WAY = [
    ("propose", "ann", 0, False),
    ("take", "ann", "submit"),
    ("take", "bob", "approve"),
    ("take", "cleo", "publish"),
]
# Each action, on days of their own, and a dispute.
ALL = [
    ("propose", "ann", 0, False),
    ("take", "ann", "submit"),
    ("end_day",),
    ("edit", 1),
    ("rate", "bob"),
    ("take", "bob", "send-back"),
    ("propose", "bob", 3, False),
    ("take", "bob", "discard"),
    ("end_day",),
    ("take", "ann", "take-up"),
    ("take", "ann", "submit"),
    ("bring_in", "bob", 0),
    ("bring_in", "ann", 1),
    ("edit", 0),
    ("take", "ann", "approve"),
    ("take", "cleo", "approve"),
    ("end_day",),
    ("take", "bob", "publish"),
    ("choose", "bob", "mine"),
    ("end_day",),
    ("propose", "cleo", 1, False),
    ("propose", "cleo", 1, True),
]


@dataclass
class Expected:
    """What a proposal ought to hold, told without the code that keeps it."""

    state: str = "draft"
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    approved: dict | None = None
    submitted_by: str = ""
    note: str = ""


class Life:
    """An entry that is public with its proposals, and beside it what each ought to be."""

    def __init__(self, kind):
        self.kind, self.count = kind, 0
        self.fields = self.texts = tuple(dict.fromkeys(kind.texts))
        self.live = {name: self.word() for name in self.texts}
        self.entry = kind.factory(**{kind.key: "calm"}, **self.live)
        self.besides, self.told, self.days = set(), [], []
        self.make_public()
        self.users = {"ann": group_user("Editors"), "bob": group_user("Publishers")}
        self.users["cleo"] = self.another_publisher()
        self.open = None
        self.discarded = []

    def make_public(self):
        """Have a topic area show what is public by it."""
        shown_by = {TopicExpertFactory: "experts", ReferenceFactory: "further_reading"}
        if relation := shown_by.get(self.kind.factory):
            getattr(TopicAreaFactory(), relation).add(self.entry)

    def another_publisher(self):
        user = self.users["bob"]
        cleo = type(user).objects.create(username="cleo", is_staff=True)
        cleo.groups.set(user.groups.all())
        return cleo

    def word(self):
        self.count += 1
        return f"word{self.count}."

    # --- What people do

    def name(self, number):
        return self.fields[number % len(self.fields)]

    def propose(self, who, number, back):
        """Send the form as it shows the proposal, with one field changed: to another word, or back to what is live."""
        name = self.name(number)
        shown = {**self.live, **(self.open.after if self.open else {})}
        value = self.live[name] if back else self.word()
        self.send({**shown, name: value}, self.users[who])
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

    def send(self, sent, user):
        propose(self.entry, sent, {}, user=user)

    def edit(self, number):
        name = self.name(number)
        self.live[name] = self.word()
        self.change(name)

    def change(self, name):
        entry = self.stored()
        setattr(entry, name, self.live[name])
        entry.save()

    def stored(self):
        return type(self.entry).objects.get(pk=self.entry.pk)

    def bring_in(self, who, number):
        """Import another word: of what visitors read, only who may publish does."""
        if not self.kind.file:
            return
        name, word = self.texts[number], self.word()
        file = f"{self.kind.key},{name}\ncalm,{word}\n"
        result = load(self.kind.file, file, user=self.users[who])
        assert bool(result.problems) == (who == "ann")
        if who == "bob":
            self.live[name] = word

    def rate(self, who):
        """Only programs are rated."""

    def end_day(self):
        """Let a day pass; what visitors read at its end is kept."""
        self.days.append(self.read())
        days_pass()

    def take(self, who, step, choices=None):
        proposal = open_proposal(self.entry)
        if step == "take-up" and self.discarded:
            proposal = self.discarded[-1][0]
        if proposal is None:
            return
        allowed = self.may(who, step, choices or {})
        note = self.word()
        try:
            take(
                proposal,
                STEPS[step],
                Said("Because.", note),
                user=self.users[who],
                choices={self.key_of(name): side for name, side in (choices or {}).items()},
            )
        except (Hindered, Disputed):
            assert not allowed, (who, step)
            return
        assert allowed, (who, step)
        if step == "submit":
            self.open.note = note
        self.taken(who, step, proposal, choices or {})

    def key_of(self, name):
        """Return by which key somebody chooses about a field."""
        return name

    def choose(self, who, side):
        """Publish, and settle every dispute alike."""
        self.take(who, "publish", dict.fromkeys(self.fields, side))

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
            self.told.append(self.open.note)
            self.open = None

    # --- What is there

    def values(self):
        """Return what is stored of the fields."""
        return {name: getattr(self.stored(), name) for name in self.texts}

    def changes(self, proposal):
        """Return what a proposal changes, by field."""
        return proposal.changes

    def check(self):
        assert self.values() == self.live
        proposal = open_proposal(self.entry)
        assert (proposal is None) == (self.open is None)
        if proposal:
            assert proposal.state == self.open.state
            changes = self.changes(proposal)
            assert {name: after for name, (_, after) in changes.items()} == self.open.after
            assert {name: was for name, (was, _) in changes.items()} == self.open.before

    def read(self, **query):
        """Return the words that visitors read: now, or as of a day."""
        page = StrictClient().get(self.kind.address, query).content.decode()
        return set(re.findall(r"word\d+\.", page))

    def check_page(self):
        """Visitors read what is live and what was told of it, and no word of a proposal."""
        told = self.told[-5:] if self.kind.told else []
        assert self.read() == {*self.live.values(), *self.besides, *told}


class ProgramLife(Life):
    """A program, with a study and a rating."""

    def make_public(self):
        self.fields = (*self.texts, PLACE)
        self.live[PLACE] = self.word()
        self.study = StudyFactory(program=self.entry, location=self.live[PLACE])
        self.besides = {self.word()}
        place = {"program": self.entry, "topic_area__slug": "sleep"}
        RatingFactory(**place, rated_on="1900", rationale=next(iter(self.besides)))

    def send(self, sent, user):
        rows = {"studies": self.row_sent(sent.pop(PLACE))}
        propose(self.entry, sent, rows, user=user)

    def row_sent(self, place):
        """Return what the form says is changed of the study: by what stood there when that was first proposed."""
        before = (self.open and self.open.before.get(PLACE)) or self.live[PLACE]
        is_changed = place not in {before, self.live[PLACE]}
        return {str(self.study.pk): {PLACE: [before, place]}} if is_changed else {}

    def change(self, name):
        if name != PLACE:
            super().change(name)
            return
        study = Study.objects.get()
        study.location = self.live[PLACE]
        study.save()

    def rate(self, who):
        """Import a newer rating, which is public at once: only who may publish gives one."""
        word, year = self.word(), 1900 + self.count
        row = f"calm,sleep,2,{year},{word}"
        header = "program,topic_area,scientific_rating,rated_on,rationale"
        result = load("ratings", f"{header}\n{row}\n", user=self.users[who])
        assert bool(result.problems) == (who == "ann")
        if who == "bob":
            self.besides = {word}

    def key_of(self, name):
        return f"studies.{self.study.pk}.{name}" if name == PLACE else name

    def values(self):
        return {**super().values(), PLACE: Study.objects.get().location}

    def changes(self, proposal):
        return {**proposal.changes, **proposal.rows.get("studies", {}).get(str(self.study.pk), {})}

    def check_page(self):
        """Check today's page, and that each day's page as of that day is as it was."""
        super().check_page()
        days = [*self.days, self.read()]
        as_of = [self.read(as_of=ago(number).isoformat()) for number in range(len(days))]
        assert as_of[::-1] == days


def live(kind, life):
    with rolled_back():
        lived = (ProgramLife if kind == "program" else Life)(KINDS[kind])
        for action, *arguments in life:
            getattr(lived, action)(*arguments)
            lived.check()
        lived.check_page()


lives = st.lists(actions, max_size=16)


@example(ALL).via("each action")
@given(lives | lives.map(WAY.__add__))
@few
def test_what_is_public_of_a_program_is_what_was_approved(life):
    live("program", life)


@pytest.mark.once
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "program"])
@example(ALL).via("each action")
@given(lives.map(WAY.__add__))
@few
def test_what_is_public_of_any_kind_is_what_was_approved(kind, life):
    live(kind, life)
