"""Programs side by side: which ones an address asks for, and the rows of the table that compares them."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.core.validators import slug_re
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.http import urlencode

from ..history.diff import label_in
from ..models import (
    ExternalRating,
    Finding,
    Program,
    Rating,
    RelatedProgram,
    ResearchPart,
    ScientificRating,
    Study,
    TopicArea,
)
from ..models.ages import AGE_RANGES
from ..models.completeness import NOT_KNOWN
from ..models.findings import by_reference, research_part
from ..models.related_programs import RelatedGroup, related_groups
from ..values.expressions import NameKey, name_key

MOST_PROGRAMS = 4


@dataclass(frozen=True)
class ProgramComparison:
    """Hold what an address asks to compare: the programs in its order, and what had to be left out of it.

    ``unknown`` are the slugs under which there is no published program; ``left_out`` counts the programs
    beyond the first MOST_PROGRAMS. ``is_narrowed`` leaves only the rows in which the programs differ.
    """

    programs: list[Program]
    unknown: list[str]
    left_out: int
    is_narrowed: bool
    most = MOST_PROGRAMS

    @classmethod
    def of(cls, slugs: Iterable[str], differences: bool = False) -> "ProgramComparison":
        """Return the comparison of the published programs that have, or once had, these slugs."""
        asked = list(dict.fromkeys(slug.strip() for slug in slugs if slug.strip()))
        found = published_at(asked)
        keys = list(dict.fromkeys(found[slug] for slug in asked if slug in found))
        chosen = programs_to_compare().in_bulk(keys[:MOST_PROGRAMS])
        programs = with_related_programs([chosen[key] for key in keys if key in chosen])
        return cls(
            programs=programs,
            unknown=[slug for slug in asked if slug not in found],
            left_out=len(keys[MOST_PROGRAMS:]),
            is_narrowed=differences and len(programs) > 1,
        )

    @property
    def is_full(self) -> bool:
        return len(self.programs) >= MOST_PROGRAMS

    @cached_property
    def all_groups(self) -> list["RowGroup"]:
        return compare(self.programs)

    @cached_property
    def groups(self) -> list["RowGroup"]:
        """Return the rows that are shown."""
        return only_differences(self.all_groups) if self.is_narrowed else self.all_groups

    @property
    def same_rows(self) -> int:
        """Return how many rows are left out because the programs agree in them."""
        return count_rows(self.all_groups) - count_rows(self.groups)

    @property
    def columns(self) -> list[tuple[Program, str]]:
        """Return the programs, each with the address of the comparison without it."""
        return [
            (program, self.address_of(other for other in self.programs if other != program))
            for program in self.programs
        ]

    @property
    def other_rows_address(self) -> str:
        """Return the address where all rows are shown instead of the differences, or the other way round."""
        return replace(self, is_narrowed=not self.is_narrowed).address_of(self.programs)

    def address_with(self, program: Program) -> str:
        return self.address_of([*self.programs, program])

    def address_of(self, programs: Iterable[Program]) -> str:
        """Return the address at which these programs are compared in the same rows."""
        query = [("program", program.slug) for program in programs]
        query += [("differences", "1")] * self.is_narrowed
        return f"{reverse('catalog:compare')}?{urlencode(query)}".removesuffix("?")


def programs_to_compare() -> QuerySet[Program]:
    """Return the published programs with all that the table shows of them."""
    studies = Study.objects.published().only("program", "reference")
    findings = Finding.objects.published().only("program", "reference", "counts")
    return (
        Program.objects.published()
        .with_public_ratings()
        .prefetch_related(
            Prefetch("studies", studies.order_by()),
            Prefetch("findings", findings.order_by()),
            Prefetch("external_ratings", ExternalRating.objects.on_page()),
        )
    )


def with_related_programs(programs: list[Program]) -> list[Program]:
    """Add ``related_groups`` to programs: to which public ones each is related. One query."""
    pks = [program.pk for program in programs]
    relations = list(RelatedProgram.objects.published().of(*pks).with_names()) if pks else []
    for program in programs:
        its = [r for r in relations if program.pk in {r.program_id, r.other_id}]
        program.related_groups = related_groups(program.pk, its)  # type: ignore[attr-defined]
    return programs


def published_at(slugs: Collection[str]) -> dict[str, int]:
    """Return the keys of published programs by slug: the one that has it, else the one to which its page redirects.

    That is one into which the program that has it was merged, else one that had it, or a program merged into it did:
    of several, the first by name.
    """
    public = Program.objects.published()
    standing = Program.objects.filter(Q(pk__in=public) | Q(merged_into__in=public)).order_by()
    survivor = Coalesce("merged_into", "pk")
    possible = {slug for slug in slugs if slug_re.match(slug)}
    now = dict(standing.filter(slug__in=possible).values_list("slug", survivor))
    history: Any = Program.history
    holder = standing.filter(pk=OuterRef("id"))
    name = Coalesce(NameKey("merged_into__name"), NameKey("name"))
    once = (
        history.filter(slug__in=possible - now.keys(), id__in=standing.values("pk"))
        .annotate(
            stands=Subquery(holder.values(key=survivor)),
            name_now=Subquery(holder.values(key=name)),
        )
        .order_by("-name_now", "-stands")
        .values_list("slug", "id", "stands")
    )
    itself = {slug: pk for slug, pk, stands in once if pk == stands}
    return {**{slug: stands for slug, _, stands in once}, **itself, **now}


@dataclass(frozen=True)
class ComparisonRow:
    """Show one thing about each of the programs, in their order; a cell is blank where nothing is recorded.

    kind says how its cells are shown: "words" as they are, "prose" and "excerpt" (its first words) in
    Markdown, "date" as a date of the record, "rating" as a RatingCell. address is where the label leads.
    """

    label: str
    kind: str
    cells: Sequence[object]
    address: str = ""

    @property
    def differs(self) -> bool:
        return any(cell != self.cells[0] for cell in self.cells)


@dataclass(frozen=True)
class RatingCell:
    """Show a rating in the table; two that show the same are equal, whichever rows they come from."""

    level: ScientificRating
    reason: str
    rated_on: str

    @classmethod
    def of(cls, rating: Rating | None) -> "RatingCell | None":
        if rating is None:
            return None
        return cls(rating.level, rating.get_not_rated_reason_display(), rating.rated_on)


@dataclass(frozen=True)
class RowGroup:
    """Show the rows that belong together under a heading."""

    heading: str
    rows: list[ComparisonRow]


def studies_in_words(program: Program) -> str:
    """Return how many of a program's studies play each part, in the order of its page."""
    found = by_reference(program.findings.all())
    count = Counter(research_part(found[study.reference_id]) for study in program.studies.all())
    listed = [f"{part.label}: {count[part]}" for part in ResearchPart if count[part]]
    return "; ".join(listed) or "None listed"


def related_in_words(program: Any) -> str:
    """Return to which programs a program is related, and how."""
    groups: list[RelatedGroup] = program.related_groups
    return "; ".join(
        f"{group.heading}: {', '.join(other.name for other in group.programs)}" for group in groups
    )


def elsewhere_in_words(program: Any) -> str:
    """Return what other registries say of a program, in their words, in the order of its page."""
    return "; ".join(
        f"{rating.registry}{f' ({rating.scope})' if rating.scope else ''}: {rating.rating}"
        for rating in program.external_ratings.all()
    )


def cost_in_words(program: Program) -> str:
    """Return what the program costs, after the year whose prices these are."""
    year = program.cost_year
    return f"{year}: {program.cost}" if program.cost and year else program.cost


# Label, kind, value, and the fields of which it may be said that they were not provided.
type FactRow = tuple[str, str, Callable[[Program], object], tuple[str, ...]]


def fact(field: str, kind: str = "words", label: str = "") -> FactRow:
    """Return the row of a field, called as the model calls it: its text, or what its code means; blank if unknown."""

    def value(program: Program) -> object:
        if (held := getattr(program, field)) == NOT_KNOWN:
            return ""
        return held if kind == "excerpt" else getattr(program, f"get_{field}_display")()

    return label or label_in(Program, field), kind, value, (field,)


# Under each heading.
FACTS: dict[str, list[FactRow]] = {
    "The program": [
        ("What it is", "excerpt", lambda p: p.description, ()),
        ("What was reviewed", "excerpt", lambda p: p.scope_note, ()),
        ("Goals", "prose", lambda p: p.goals, ("goals",)),
        ("Child-welfare outcomes", "words", lambda p: ", ".join(p.outcome_labels), ("outcomes",)),
        ("Related programs", "words", related_in_words, ()),
    ],
    "Whom it serves": [
        ("Target population", "prose", lambda p: p.target_population, ("target_population",)),
        ("Ages of the children", "words", lambda p: p.child_ages, (*AGE_RANGES[0],)),
        (
            "Ages of the caregivers' children",
            "words",
            lambda p: p.caregiver_child_ages,
            (*AGE_RANGES[1],),
        ),
        (
            "Child welfare relevance",
            "words",
            lambda p: p.get_relevance_level_display(),
            ("relevance_level",),
        ),
    ],
    "Delivery": [
        (
            "Settings",
            "words",
            lambda p: ", ".join(p.delivery_setting_labels),
            ("delivery_settings",),
        ),
        ("Recommended intensity", "prose", lambda p: p.intensity, ("intensity",)),
        ("Recommended duration", "prose", lambda p: p.duration, ("duration",)),
        ("Languages", "words", lambda p: ", ".join(p.languages), ("languages",)),
        fact("manual_available", label="Manual"),
        fact("training_available", label="Training"),
    ],
    "Services and implementation": [
        fact("adverse_effects", "excerpt"),
        fact("child_services", "excerpt"),
        fact("caregiver_services", "excerpt"),
        fact("group_format", "excerpt"),
        fact("homework", "excerpt"),
        fact("resources_needed", "excerpt"),
        fact("provider_qualifications", "excerpt"),
        fact("logic_model"),
        fact("pre_implementation"),
        fact("formal_support"),
        fact("fidelity_measures"),
        fact("implementation_guides"),
        fact("implementation_research"),
        ("Cost", "excerpt", cost_in_words, ("cost",)),
    ],
    "Research and review": [
        ("Studies listed", "words", studies_in_words, ()),
        ("Rated by other registries", "words", elsewhere_in_words, ()),
        ("Research last reviewed", "date", lambda p: p.research_last_reviewed, ()),
        ("Content last reviewed by the program", "date", lambda p: p.content_last_reviewed, ()),
        ("Source", "words", lambda p: p.source, ()),
        (
            "Nonresponder",
            "words",
            # Nobody records that a representative answered.
            lambda p: "Yes: this entry rests on public information" if p.is_nonresponder else "",
            (),
        ),
    ],
}


def compare(programs: Sequence[Program]) -> list[RowGroup]:
    """Return the rows of what is recorded of one of the programs, which come from ``programs_to_compare()``."""
    groups = [RowGroup("Scientific rating", rating_rows(programs))]
    for heading, facts in FACTS.items():
        rows = [
            ComparisonRow(label, kind, [p.unprovided(fields) or value(p) for p in programs])
            for label, kind, value, fields in facts
        ]
        if recorded := [row for row in rows if any(row.cells)]:
            groups.append(RowGroup(heading, recorded))
    return groups


def only_differences(groups: Iterable[RowGroup]) -> list[RowGroup]:
    """Return the rows in which the programs differ, without the groups that have none."""
    differing = [RowGroup(group.heading, [r for r in group.rows if r.differs]) for group in groups]
    return [group for group in differing if group.rows]


def count_rows(groups: Iterable[RowGroup]) -> int:
    return sum(len(group.rows) for group in groups)


def rating_rows(programs: Sequence[Program]) -> list[ComparisonRow]:
    """Return a row for each public topic area in which one of the programs is rated now.

    Those in which most of them are come first, then by name.
    """
    ratings: dict[TopicArea, dict[int, Rating]] = {}
    for program in programs:
        for rating in program.public_ratings:  # type: ignore[attr-defined]
            ratings.setdefault(rating.topic_area, {})[program.pk] = rating
    rows = [
        ComparisonRow(
            label=area.name,
            kind="rating",
            cells=[RatingCell.of(rated.get(program.pk)) for program in programs],
            address=area.get_absolute_url(),
        )
        for area, rated in sorted(
            ratings.items(), key=lambda item: (-len(item[1]), name_key(item[0].name))
        )
    ]
    return rows or [ComparisonRow("Published topic areas", "rating", [None] * len(programs))]
