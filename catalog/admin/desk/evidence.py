"""The latest ratings that what is recorded of their studies does not explain."""

from collections import defaultdict
from collections.abc import Iterable

from ...editorial.rating import may_rate
from ...evidence.ratings import Evidence, Scale, read_area
from ...models import Finding, ProgramRow, Rating, ScientificRating, Study
from ...values.site_url import admin_path
from .gaps import rating_page
from .lines import SHOWN, DeskPart, Line, Link, Section, section

# To read the studies of all ratings would take seconds where there are many.
LATEST = 300
NOTE = f"Looked for among the {LATEST} latest ratings."


class UnexplainedRatings(DeskPart):
    """List ratings whose studies meet another level, or are not recorded, with the place where they are rated."""

    def unexplained(self) -> list[Section]:
        """Return the sections, in five queries."""
        if not (self.sees(Rating) and self.sees(Study)):
            return []
        read = read_latest()
        differing = [(rating, evidence) for rating, evidence in read if evidence.doubt]
        unrecorded = [
            (rating, evidence)
            for rating, evidence in read
            if not evidence.has_findings and rating.level != ScientificRating.NOT_RATED
        ]
        return [
            self.section_of("Ratings that their recorded studies do not explain", differing),
            self.section_of("Ratings whose studies are not recorded", unrecorded),
        ]

    def section_of(self, title: str, found: list[tuple[Rating, Evidence]]) -> Section:
        """Return a section of ratings."""
        lines = [self.line(*row) for row in found[:SHOWN]]
        return section(title, found, lines)._replace(note=NOTE)

    def line(self, rating: Rating, evidence: Evidence) -> Line:
        """Return the line of a rating, with the level that its studies meet, and the way to rate it."""
        program, area = rating.program, rating.topic_area
        note = f"{rating.scientific_rating} in {area.abbreviation or area.name}"
        if evidence.checklist:
            note += f"; the studies meet {evidence.met_in_words}"
        links = [Link("Re-rate", f"{rating_page(program.pk)}?area={area.slug}")]
        ways = links if may_rate(self.user, program) else []
        return Line(program.name, admin_path(Rating, "change", rating.pk), note, ways)


def read_latest() -> list[tuple[Rating, Evidence]]:
    """Return the latest current ratings with what their studies say. Five queries."""
    current = Rating.objects.unretired().current().order_by("-pk")
    ratings = list(current.select_related("program", "topic_area")[:LATEST])
    programs = {rating.program_id for rating in ratings}
    studies = by_program(Study.objects.filter(program__in=programs).order_by())
    findings = by_program(Finding.objects.filter(program__in=programs).order_by())
    scale = Scale.stored()
    return [
        (r, read_area(scale, r, r.program, studies[r.program_id], findings[r.program_id]))
        for r in ratings
    ]


def by_program[Row: ProgramRow](rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Return rows by the program that they belong to."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.program_id].append(row)
    return found
