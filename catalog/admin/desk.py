"""What waits for somebody and for the team, each line with the place where it is mended.

The number of queries is fixed, and each is bounded: an index finds what is asked for, and nothing is counted beyond
MOST. What somebody may not read is left out, and what somebody may not do is no link.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_permission_codename
from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from ..editorial.rating import may_rate
from ..history.diff import person
from ..importing.permissions import may_import
from ..models import (
    Import,
    ImportKind,
    ImportStatus,
    Program,
    Rating,
    Reference,
    Status,
    TopicArea,
    TopicExpert,
)
from ..models.completeness import RATING, REFERENCE, Need, needs_lacked, number_missing
from ..models.ratings import NO_RATIONALE, NO_REASON
from ..models.references import WRONG_LINK
from ..models.reviews import review_age
from ..values.links import WrongLink

MOST, SHOWN = 1_000, 6
MONTHS_AHEAD = 3
DAYS_OF_IMPORTS = 7
# How far back in somebody's own changes their drafts are looked for.
LAST_CHANGES = 500
# What the line of a rating shows, and tells who may rate.
IN_LINE = (
    "scientific_rating",
    *(f"program__{name}" for name in ("name", "status", "published_at", "merged_into")),
    *(f"topic_area__{name}" for name in ("slug", "abbreviation", "name")),
)

PUBLISHABLE: tuple[type[Program] | type[TopicArea], ...] = (Program, TopicArea)


class Link(NamedTuple):
    """Where something can be done; without an address, what somebody else has to do."""

    label: str
    address: str


class Line(NamedTuple):
    """Something that waits: what it is, why, and what can be done about it."""

    label: str
    address: str
    note: str = ""
    links: Sequence[Link] = ()


class Section(NamedTuple):
    """The first of what waits, how many there are ("1,000+" where there are more), and where all of them are."""

    title: str
    number: str
    lines: Sequence[Line]
    all_of_them: Sequence[Link]


class DeskGroup(NamedTuple):
    title: str
    sections: Sequence[Section]


class Waiting(NamedTuple):
    """A program or topic area on its way: since when it stands where it stands, and by whom, as far as known."""

    kind: int  # its place in PUBLISHABLE
    pk: int
    name: str
    since: datetime | None
    by: str | None


class Desk:
    """The desk of one person."""

    def __init__(self, user: Any) -> None:
        self.user = user

    def groups(self) -> list[DeskGroup]:
        """Return what waits, without what this person may not read."""
        in_review = self.in_review()
        groups = [
            DeskGroup(
                "For me",
                [*(in_review if self.publishes else ()), *self.my_drafts(), *self.my_imports()],
            ),
            DeskGroup(
                "On the way",
                [
                    *(() if self.publishes else in_review),
                    *self.drafts(),
                    *self.scheduled(),
                    *self.recent_imports(),
                ],
            ),
            DeskGroup("Reviews of the research", self.reviews()),
            DeskGroup("Ratings", self.ratings()),
            DeskGroup("What visitors need", [*self.missing(), *self.wrong_links()]),
        ]
        return [group for group in groups if group.sections]

    # --- Who may do what

    def may(self, action: str, model: type[Model]) -> bool:
        codename = get_permission_codename(action, model._meta)
        return bool(self.user.has_perm(f"{model._meta.app_label}.{codename}"))

    def sees(self, model: type[Model]) -> bool:
        return self.may("view", model) or self.may("change", model)

    @cached_property
    def publishes(self) -> bool:
        return any(self.sees(model) and self.may("publish", model) for model in PUBLISHABLE)

    def mending(self, model: type[Model], pk: int, place: str) -> str:
        """Return the address of an entry, at the place in the form for those who may change it."""
        return address(model, "change", pk) + (f"#{place}" if self.may("change", model) else "")

    # --- On the way to the public

    def waiting(
        self,
        title: str,
        found: Sequence[QuerySet],
        words: str,
        status: str,
        *,
        is_newest_first: bool = False,
    ) -> list[Section]:
        """Return the section of entries that were found, of both kinds in one order. One query.

        Each queryset annotates ``since`` and ``by``. What is older than the history comes first.
        """
        if not found:
            return []
        rows = [
            entries.annotate(kind=Value(PUBLISHABLE.index(entries.model)))
            .order_by()
            .values_list(*Waiting._fields)
            for entries in found
        ]
        since = F("since").desc() if is_newest_first else F("since").asc(nulls_first=True)
        both = rows[0].union(*rows[1:], all=True).order_by(since, "kind", "pk")[: MOST + 1]
        entries = [Waiting(*row) for row in both]
        lines = [self.waiting_line(entry, words, status) for entry in entries[:SHOWN]]
        lists = [
            all_of(PUBLISHABLE[kind], f"status={status}")
            for kind in sorted({entry.kind for entry in entries})
            if status
        ]
        return [section(title, entries, lines, *lists)]

    def waiting_line(self, entry: Waiting, words: str, status: str) -> Line:
        model = PUBLISHABLE[entry.kind]
        note = f"{words} {day(entry.since)}" if entry.since else ""
        note += f", by {entry.by}" if entry.by else ""
        steps = []
        if status == Status.IN_REVIEW and self.may("publish", model):
            page = address(model, "status", entry.pk, Status.PUBLISHED)
            steps = [Link("Publish …", page)]
        return Line(entry.name, address(model, "change", entry.pk), note, steps)

    def first_with(self, status: Status) -> list[QuerySet]:
        """Return the entries of each kind with a status: the first ones in the catalog, no more than are counted."""
        return [
            model.objects.filter(
                pk__in=model.objects.filter(status=status).order_by("pk").values("pk")[: MOST + 1]
            )
            for model in self.readable
        ]

    @cached_property
    def readable(self) -> list[Any]:
        return [model for model in PUBLISHABLE if self.sees(model)]

    def in_review(self) -> list[Section]:
        """Return what is in review, the longest waiting first."""
        title = "In review: waits for you" if self.publishes else "In review"
        found = [with_arrival(entries) for entries in self.first_with(Status.IN_REVIEW)]
        return self.waiting(title, found, "since", Status.IN_REVIEW)

    def drafts(self) -> list[Section]:
        """Return the drafts, the longest untouched first."""
        found = [with_last_change(entries) for entries in self.first_with(Status.DRAFT)]
        return self.waiting("Drafts", found, "last changed", Status.DRAFT)

    def my_drafts(self) -> list[Section]:
        """Return the drafts among what this person changed last by hand, the latest first."""
        found = []
        for model in self.readable:
            mine = model.history.filter(history_user=self.user, history_import=None)
            last = mine.order_by("-history_id").values("id")[:LAST_CHANGES]
            drafts = with_last_change(model.objects.filter(status=Status.DRAFT, pk__in=last))
            found.append(drafts)
        return self.waiting("My drafts", found, "last changed", "", is_newest_first=True)

    def scheduled(self) -> list[Section]:
        """Return what becomes public by itself, the next first."""
        found = [
            model.objects.scheduled().annotate(since=F("published_at"), by=Value(""))
            for model in self.readable
        ]
        return self.waiting("Scheduled", found, "public from", "scheduled")

    # --- Imports

    @cached_property
    def imports(self) -> list[Import]:
        """The imports of the last days, newest first, of the kinds of file that this person may import."""
        kinds = [kind for kind in ImportKind.values if may_import(self.user, kind)]
        if not kinds:
            return []
        since = timezone.now() - timedelta(days=DAYS_OF_IMPORTS)
        recent = Import.objects.filter(kind__in=kinds, created_at__gte=since).select_related("user")
        return list(recent.defer("problems", "warnings", "notices", "kept")[: MOST + 1])

    @cached_property
    def imports_anything(self) -> bool:
        return any(may_import(self.user, kind) for kind in ImportKind.values)

    def my_imports(self) -> list[Section]:
        """Return this person's imports that have mistakes or wait to be confirmed."""
        if not self.imports_anything:
            return []
        waiting = [
            record
            for record in self.imports
            if record.user_id == self.user.pk
            and record.status in {ImportStatus.FAILED, ImportStatus.READY}
        ]
        return [section("My imports that wait", waiting, map(import_line, waiting[:SHOWN]))]

    def recent_imports(self) -> list[Section]:
        if not self.imports_anything:
            return []
        lines = map(import_line, self.imports[:SHOWN])
        title = f"Imports of the last {DAYS_OF_IMPORTS} days"
        return [section(title, self.imports, lines, all_of(Import, ""))]

    # --- Reviews of the research

    def reviews(self) -> list[Section]:
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
                self.mending(Program, pk, "id_research_last_reviewed"),
                review_age(reviewed, today, interval).in_short if reviewed else "",
            )
            for pk, name, reviewed in found[:SHOWN]
        ]
        return section(title, found, lines, all_of(Program, f"review={age}"))

    # --- Ratings

    def ratings(self) -> list[Section]:
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
        program, area = rating.program, rating.topic_area
        page, ways = address(Rating, "change", rating.pk), []
        if may_rate(self.user, program, "change"):
            page += f"#{place}"
        if may_rate(self.user, program):
            ways = [Link("Re-rate", f"{rating_page(program.pk)}?area={area.slug}")]
        note = f"{rating.scientific_rating} in {area.abbreviation or area.name}"
        return Line(program.name, page, note, ways)

    # --- What visitors need

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
        links = [self.need_link(program, need) for need in needs_lacked(program)]
        page = address(Program, "change", program.pk)
        return Line(program.name, page, f"lacks {len(links)}:", links)

    def need_link(self, program: Program, need: Need) -> Link:
        """Return what a program lacks, with the place where it is mended for those who may."""
        if need == RATING:
            may, page = may_rate(self.user, program), rating_page(program.pk)
        else:
            place = "studies-group" if need == REFERENCE else f"id_{need.fields[0]}"
            may, page = self.may("change", Program), self.mending(Program, program.pk, place)
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
        return Line(label, self.mending(model, pk, place), link or url)


def section(title: str, found: Sequence[Any], lines: Iterable[Line], *lists: Link) -> Section:
    """Return a section about what was found, of which no more than MOST + 1 were looked for."""
    number = f"{MOST:,}+" if len(found) > MOST else f"{len(found):,}"
    return Section(title, number, list(lines), lists if len(found) > SHOWN else ())


def address(model: type[Model], page: str, *args: Any) -> str:
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def all_of(model: type[Model], query: str) -> Link:
    return Link(
        f"All of these {model._meta.verbose_name_plural}", f"{address(model, 'changelist')}?{query}"
    )


def rating_page(program: int) -> str:
    """Return where a program is rated."""
    return address(Program, "rate", program)


def day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def import_line(record: Import) -> Line:
    who = f", by {person(record.user)}" if record.user else ""
    note = f"{record.get_status_display().lower()}, {day(record.created_at)}{who}"
    return Line(str(record), record.get_absolute_url(), note)


def with_last_change(entries: QuerySet) -> QuerySet:
    """Annotate when an entry was last changed, and by whom, as its history knows."""
    history = entries.model.history.filter(id=OuterRef("pk")).order_by("-history_id")
    return with_moment(entries, history)


def with_arrival(entries: QuerySet) -> QuerySet:
    """Annotate since when an entry has had its status, and who gave it that."""
    history = entries.model.history.filter(id=OuterRef("pk"))
    other = history.exclude(status=OuterRef("status")).order_by("-history_id")
    before = Coalesce(Subquery(other.values("history_id")[:1]), 0)
    since = history.filter(history_id__gt=OuterRef("before")).order_by("history_id")
    return with_moment(entries.annotate(before=before), since)


def with_moment(entries: QuerySet, history: QuerySet) -> QuerySet:
    since = Subquery(history.values("history_date")[:1])
    full_name = Trim(Concat("history_user__first_name", Value(" "), "history_user__last_name"))
    name = Coalesce(NullIf(full_name, Value("")), "history_user__username")
    by = Subquery(history.values(who=name)[:1])
    return entries.annotate(since=since, by=by)
