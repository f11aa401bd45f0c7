"""What the page of a program says of its delivery and implementation: what is recorded, and in one line what is not."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.text import Truncator

from ..history.diff import label_in
from ..models import NOT_PROVIDED, Program
from ..models.completeness import NOT_KNOWN
from ..models.reviews import ReviewAge
from ..values.documents import size_in_words
from ..values.richtext import plain

# A text of more characters is folded: about six lines.
MOST_UNFOLDED = 600
WORDS_AT_A_GLANCE = 12


class Download(NamedTuple):
    """Name a file with its type and size, and the address where it is; "" for none."""

    label: str
    address: str


@dataclass(frozen=True)
class Fact:
    """Show one thing about a program: a few words, a text in Markdown, or both; neither where it is unknown.

    ``field`` names those that its representative is asked for; ``term`` is the glossary's slug for the label. What
    need not be there, such as the ages of children in a program for staff, is not missing where nobody recorded it.
    """

    field: str
    label: str
    answer: str = ""
    text: str = ""
    address: str = ""
    download: Download | None = None
    term: str = ""
    date: str = ""
    may_lack: bool = False

    @property
    def is_long(self) -> bool:
        return len(self.text) > MOST_UNFOLDED


class SectionFacts(NamedTuple):
    """Hold what is known, and the labels of all else as one text."""

    known: list[Fact]
    unknown: str


def program_facts(
    program: Program, research_age: ReviewAge, *, asks: bool = False, offers: bool = False
) -> dict[str, SectionFacts]:
    """Return the facts of each section that lists facts, by the section's name.

    A page that ``asks`` the program's representative names all that is not recorded; one that ``offers`` files leads to
    them, as only the program's own page does.
    """
    sections = {
        "glance": [*glance(program), *again_at_a_glance(program, research_age)],
        "dates": dates(program),
        "delivery": delivery(program),
        "implementation": implementation(program, offers=offers),
    }
    return {name: sorted_out(program, facts, asks) for name, facts in sections.items()}


def glance(program: Program) -> list[Fact]:
    return [
        Fact(
            "child_age_min child_age_max",
            "Children/adolescents, ages",
            program.child_ages,
            may_lack=True,
        ),
        Fact(
            "caregiver_child_age_min caregiver_child_age_max",
            "Parents/caregivers of children, ages",
            program.caregiver_child_ages,
            may_lack=True,
        ),
        Fact(
            "relevance_level",
            "Child welfare relevance",
            program.get_relevance_level_display(),
            term="relevance-level",
        ),
        Fact(
            "outcomes",
            "Child-welfare outcomes",
            ", ".join(program.outcome_labels),
            term="child-welfare-outcomes",
        ),
    ]


def again_at_a_glance(program: Program, research_age: ReviewAge) -> list[Fact]:
    """Return in short what other sections say in full; what is not recorded, or was not provided, is told there."""
    duration = Truncator(plain(program.duration)).words(WORDS_AT_A_GLANCE)
    reviewed = f"{research_age.when}{', overdue' if research_age.is_overdue else ''}"
    facts = [
        Fact("delivery_settings", "Settings", ", ".join(program.delivery_setting_labels)),
        Fact("duration", "Duration", duration),
        Fact("languages", "Languages", ", ".join(program.languages)),
        Fact("research_last_reviewed", "Research reviewed", reviewed),
    ]
    return [fact for fact in facts if fact.answer not in {"", NOT_PROVIDED}]


def dates(program: Program) -> list[Fact]:
    names = {
        "research_last_reviewed": "Research last reviewed",
        "content_last_reviewed": "Content last reviewed by the program",
        "loaded_on": "Originally loaded",
    }
    # Without a date of its own the text is the clearinghouse's: no review by the program is missing.
    return [
        Fact(field, label, date=getattr(program, field), may_lack=field == "content_last_reviewed")
        for field, label in names.items()
    ]


def delivery(program: Program) -> list[Fact]:
    settings = ", ".join(program.delivery_setting_labels)
    return [
        text(program, "child_services"),
        text(program, "caregiver_services"),
        Fact("delivery_settings", "Settings", settings),
        text(program, "intensity"),
        text(program, "duration"),
        text(program, "group_format"),
        text(program, "homework"),
        Fact("languages", "Languages", ", ".join(program.languages)),
        text(program, "resources_needed"),
        text(program, "provider_qualifications"),
        choice(program, "manual_available", "Manual", program.manual_notes, term="manual"),
        choice(program, "training_available", "Training", program.training_notes),
    ]


def implementation(program: Program, *, offers: bool) -> list[Fact]:
    year = f" ({program.cost_year})" if program.cost and program.cost_year else ""
    return [
        choice(
            program,
            "logic_model",
            label_in(Program, "logic_model"),
            "",
            address=program.logic_model_url,
            download=logic_model(program, offers=offers),
        ),
        part(program, "pre_implementation"),
        part(program, "formal_support"),
        part(program, "fidelity_measures"),
        part(program, "implementation_guides"),
        part(program, "implementation_research"),
        Fact("cost", f"Cost{year}", text=program.cost),
    ]


def logic_model(program: Program, *, offers: bool) -> Download | None:
    """Return the file of a program's logic model, None where there is none any more."""
    file = program.logic_model_file
    if not file or not (size := size_in_words(file)):
        return None
    address = reverse("catalog:logic_model", args=[program.slug]) if offers else ""
    return Download(f"Logic model (PDF, {size})", address)


def text(program: Program, field: str) -> Fact:
    return Fact(field, label_in(Program, field), text=getattr(program, field))


def part(program: Program, field: str) -> Fact:
    return choice(program, field, label_in(Program, field), getattr(program, f"{field}_notes"))


def choice(
    program: Program, field: str, label: str, notes: str, *, term: str = "", **more: Any
) -> Fact:
    """Return what a program says of something that may exist; that nobody knows is told where there is more to say."""
    known = notes or getattr(program, field) != NOT_KNOWN
    answer = getattr(program, f"get_{field}_display")() if known else ""
    return Fact(field, label, program.unprovided([field]) or answer, notes, term=term, **more)


def sorted_out(program: Program, facts: Iterable[Fact], asks: bool) -> SectionFacts:
    """Return what is known, or known not to have been provided; and name the rest."""
    known, unknown = [], []
    for fact in facts:
        if fact.answer or fact.text or fact.date:
            known.append(fact)
        elif words := program.unprovided(fact.field.split()):
            known.append(replace(fact, answer=words))
        elif asks or not fact.may_lack:
            unknown.append(fact.label[0].lower() + fact.label[1:])
    return SectionFacts(known, "; ".join(unknown))
