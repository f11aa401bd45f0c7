"""What the catalog lacks: reviews that are due, reasons of ratings, and what visitors need."""

from django.conf import settings
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from ...editorial.rating import may_rate
from ...models import Program, Rating, Reference, TopicExpert
from ...models.completeness import RATING, REFERENCE, Need, needs_lacked, number_missing
from ...models.ratings import NO_RATIONALE, NO_REASON
from ...models.references import WRONG_LINK
from ...models.reviews import review_age
from ...values.links import WrongLink
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, DeskPart, Line, Link, Section, all_of, section

MONTHS_AHEAD = 3
# What the line of a rating shows, and tells who may rate.
IN_LINE = (
    "scientific_rating",
    *(f"program__{name}" for name in ("name", "status", "published_at", "merged_into")),
    *(f"topic_area__{name}" for name in ("slug", "abbreviation", "name")),
)


class Gaps(DeskPart):
    """List what is missing, with the place where it is filled in for those who may."""

    def reviews(self) -> list[Section]:
        """Return the programs whose research is to be reviewed."""
        if not self.sees(Program):
            return []
        programs = Program.objects.unretired()
        return [
            self.review_section("Overdue", programs.review_overdue(), "overdue"),
            self.review_section(
                f"Due within {MONTHS_AHEAD} months", programs.review_due_within(MONTHS_AHEAD), "due"
            ),
            self.review_section("Date not recorded", programs.review_unknown(), "unknown"),
        ]

    def review_section(self, title: str, programs: QuerySet, age: str) -> Section:
        """Return a section of programs, those first whose last review is the longest ago."""
        rows = programs.order_by("reviewed_on", "pk").values_list(
            "pk", "name", "research_last_reviewed"
        )
        found = list(rows[: MOST + 1])
        today, interval = timezone.localdate(), settings.REVIEW_INTERVAL_MONTHS
        lines = [
            Line(
                name,
                self.page_to_fix(Program, pk, "id_research_last_reviewed"),
                review_age(reviewed, today, interval).in_short if reviewed else "",
            )
            for pk, name, reviewed in found[:SHOWN]
        ]
        return section(title, found, lines, all_of(Program, f"review={age}"))

    def ratings(self) -> list[Section]:
        """Return the current ratings that say too little."""
        if not self.sees(Rating):
            return []
        return [
            self.rating_section(
                "Current ratings without rationale",
                NO_RATIONALE,
                "id_rationale",
                "rationale",
            ),
            self.rating_section("NR without a reason", NO_REASON, "id_not_rated_reason", "reason"),
        ]

    def rating_section(self, title: str, condition: Q, place: str, lack: str) -> Section:
        """Return a section of ratings, the newest first."""
        ratings = Rating.objects.unretired().filter(condition).order_by("-pk")
        found = list(ratings.select_related("program", "topic_area").only(*IN_LINE)[: MOST + 1])
        lines = [self.rating_line(rating, place) for rating in found[:SHOWN]]
        return section(title, found, lines, all_of(Rating, f"lacks={lack}"))

    def rating_line(self, rating: Rating, place: str) -> Line:
        """Return the line of a rating, with what this person may do about it."""
        program, area = rating.program, rating.topic_area
        page, ways = admin_path(Rating, "change", rating.pk), []
        if may_rate(self.user, program, "change"):
            page += f"#{place}"
        if may_rate(self.user, program):
            ways = [Link("Re-rate", f"{rating_page(program.pk)}?area={area.slug}")]
        note = f"{rating.scientific_rating} in {area.abbreviation or area.name}"
        return Line(program.name, page, note, ways)

    def missing(self) -> list[Section]:
        """Return the programs that lack something, the worst first.

        Where more lack something than are counted, those are looked at whose own fields lack the most.
        """
        if not self.sees(Program):
            return []
        numbers = Program.objects.unretired().incomplete().annotate(number=number_missing())
        rows = numbers.order_by(F("lacked").desc(), "-pk").values_list("number", "pk")
        found = list(rows[: MOST + 1])
        worst = [pk for _, pk in sorted(found, key=lambda row: (-row[0], row[1]))[:SHOWN]]
        by_key = Program.objects.with_needs().in_bulk(worst)
        lines = [self.missing_line(by_key[pk]) for pk in worst]
        title = "Programs missing what visitors need"
        return [section(title, found, lines, all_of(Program, "complete=no"))]

    def missing_line(self, program: Program) -> Line:
        """Return the line of a program, with all that it lacks."""
        links = [self.need_link(program, need) for need in needs_lacked(program)]
        page = admin_path(Program, "change", program.pk)
        return Line(program.name, page, f"lacks {len(links)}:", links)

    def need_link(self, program: Program, need: Need) -> Link:
        """Return what a program lacks, with the place where it is fixed for those who may."""
        if need == RATING:
            may, page = may_rate(self.user, program), rating_page(program.pk)
        else:
            place = "studies-group" if need == REFERENCE else f"id_{need.fields[0]}"
            may, page = self.may("change", Program), self.page_to_fix(Program, program.pk, place)
        return Link(need.label, page if may else "")

    def wrong_links(self) -> list[Section]:
        """Return the links and DOIs that cannot be right, of programs, references and experts."""
        wrong = WrongLink("website")
        found = [
            (model, *row)
            for model, entries, columns in (
                (Program, Program.objects.unretired().filter(wrong), ("name", "website")),
                (Reference, Reference.objects.filter(WRONG_LINK), ("key", "doi", "url")),
                (TopicExpert, TopicExpert.objects.filter(wrong), ("name", "website")),
            )
            if self.sees(model)
            for row in entries.order_by("pk").values_list("pk", *columns)[: MOST + 1]
        ]
        if not any(map(self.sees, (Program, Reference, TopicExpert))):
            return []
        lines = [self.wrong_link(*row) for row in found[:SHOWN]]
        return [section("Links and DOIs that cannot be right", found, lines)]

    def wrong_link(self, model: type[Model], pk: int, label: str, link: str, url: str = "") -> Line:
        """Return the line about an entry's link; a reference has a DOI or, only where there is none, a URL."""
        place = "id_website" if model is not Reference else "id_doi" if link else "id_url"
        return Line(label, self.page_to_fix(model, pk, place), link or url)


def rating_page(program: int) -> str:
    """Return the address at which a program is rated."""
    return admin_path(Program, "rate", program)
