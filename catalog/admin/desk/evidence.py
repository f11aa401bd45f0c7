"""Ratings that what is recorded of their studies does not explain."""

from ...editorial.rating import may_rate
from ...evidence.ratings import Evidence, read_ratings
from ...models import Rating, Study
from ...values.site_url import admin_path
from .gaps import rating_page
from .lines import MOST, SHOWN, DeskPart, Line, Link, Section, all_of, section

# To read the studies of all ratings would take seconds where there are many; a list reads more.
LATEST = 300
NOTE = f"Looked for among the {LATEST} latest ratings; the list looks further."


class UnexplainedRatings(DeskPart):
    """List ratings whose studies meet another level, or are not recorded, with the place where they are rated."""

    def unexplained(self) -> list[Section]:
        """Return the sections, in six queries."""
        if not (self.sees(Rating) and self.sees(Study)):
            return []
        latest = Rating.objects.unretired().current().order_by("-pk")
        latest = latest.select_related("program", "topic_area")
        ratings = list(latest[: LATEST + 1])
        read = read_ratings(ratings[:LATEST])
        differing = [self.line(rating, evidence) for rating, evidence in read if evidence.doubt]
        unrecorded = list(latest.without_findings()[: MOST + 1])
        every = all_of(Rating, "studies=differ")
        differ = section(
            "Ratings that their recorded studies do not explain",
            differing,
            differing[:SHOWN],
            every,
        )
        if len(ratings) > LATEST:
            number = f"{len(differing)}+"
            differ = differ._replace(number=number, note=NOTE, all_of_them=[every])
        return [
            differ,
            section(
                "Ratings whose studies are not recorded",
                unrecorded,
                [self.line(rating) for rating in unrecorded[:SHOWN]],
                all_of(Rating, "studies=none"),
            ),
        ]

    def line(self, rating: Rating, evidence: Evidence | None = None) -> Line:
        """Return the line of a rating, with the level that its studies meet, and the way to rate it."""
        program, area = rating.program, rating.topic_area
        note = f"{rating.scientific_rating} in {area.abbreviation or area.name}"
        if evidence:
            note += f"; the studies meet {evidence.met_in_words}"
        links = [Link("Re-rate", f"{rating_page(program.pk)}?area={area.slug}")]
        ways = links if may_rate(self.user, program) else []
        return Line(program.name, admin_path(Rating, "change", rating.pk), note, ways)
