"""A program as it publicly stood at the end of a day, read from the histories.

Within a day the last thing written counts, in the order of writing. What came in without a history (a fixture) has
stood since it came in until its first recorded change; of a program itself, whose days are cited, that is not taken
for granted: its records begin with its history.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Self

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from ..evidence.ratings import Scale
from ..models import (
    Criterion,
    ExternalRating,
    Finding,
    Program,
    Proposal,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    ScaleEdition,
    Study,
    TopicArea,
)
from ..models.base import CatalogModel
from ..models.levels import change_since
from ..models.raters import named_raters
from ..models.related_programs import related_groups
from ..models.status import is_public_at
from ..values.expressions import name_key
from ..values.fields import partial_date_in_words
from ..values.moments import day_in_words
from ..values.raters import raters_of

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NoState(Exception):
    """Says in a sentence why there is no public state to show, with the status of the answer."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why
        super().__init__(why)


def day_asked_for(values: list[str]) -> date:
    """Return the day that an address asks for, today at the latest. Raises NoState."""
    try:
        (value,) = values
        if not DAY.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        why = "The date in this address is not a date. Write one whole day: year, month, day, as in 2026-03-01."
        raise NoState(400, why) from None
    if day > timezone.localdate():
        raise NoState(404, f"{day_in_words(day)} lies ahead: nobody knows yet how it will stand.")
    return day


def last_moment(day: date) -> datetime:
    """Return the last moment of a day on the site's clock; of today, this one."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, timezone.get_default_timezone())
    return min(midnight - timedelta(microseconds=1), timezone.now())


class Records:
    """Read from the history when a program was public. One query."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rows: list[Any] = list(
            Program.history.filter(id=program.pk)
            .order_by("history_id")
            .only("history_id", "history_date", "history_type", "status", "published_at")
        )

    def at(self, moment: datetime) -> Any:
        """Return the row that says how the program publicly stood at a moment, or None."""
        rows = [row for row in self.rows if row.history_date <= moment]
        is_public = rows and rows[-1].history_type != "-" and is_public_at(rows[-1], moment)
        return rows[-1] if is_public else None

    @property
    def first_day(self) -> date | None:
        """Return the first day at whose end the program was public, as far as the records tell."""
        today = timezone.localdate()
        if not self.rows:
            return today if self.program.is_published else None
        moments = [max(row.history_date, row.published_at) for row in self.rows if row.published_at]
        days = sorted({timezone.localdate(moment) for moment in moments})
        return next((day for day in days if day <= today and self.at(last_moment(day))), None)

    def why_not(self, day: date) -> str:
        """Say why there is no public state of a day."""
        if not self.rows:
            return "No earlier state of this entry is on record."
        first, begin = self.rows[0], timezone.localdate(self.rows[0].history_date)
        is_older = first.published_at and timezone.localdate(first.published_at) < begin
        if day < begin and is_older and is_public_at(first, first.history_date):
            return f"The records of this entry begin on {day_in_words(begin)}."
        return f"This entry was not public at the end of {day_in_words(day)}."


class ProgramState(NamedTuple):
    """A program as it stood, with its ratings in public topic areas, past ones too, its studies and their findings.

    ``relations`` are those to programs that were public, ``external_ratings`` those of other registries;
    ``change_notes`` are the proposals that had told visitors what was new. Contacts are left out, the main one on the
    page: whom to ask is a question of today, and people who are named no more are not named for ever.
    """

    program: Program
    ratings: list[Rating]
    studies: list[Study]
    findings: list[Finding]
    relations: list[RelatedProgram]
    external_ratings: list[ExternalRating]
    scale: Scale
    change_notes: list[Proposal]

    @classmethod
    def at_end_of(cls, day: date, records: Records) -> Self:
        """Return the public state at the end of a day, in twenty-eight queries at most. Raises NoState."""
        moment, pk = last_moment(day), records.program.pk
        row = records.at(moment)
        if row:
            program = Program.history.get(history_id=row.history_id).instance
        elif not records.rows and day == timezone.localdate() and records.program.is_published:
            program = records.program
        else:
            raise NoState(404, records.why_not(day))
        published = Proposal.objects.of(program).filter(published_at__lte=moment)
        notes = list(published.notes_for_visitors())
        had = rows_at(Rating, pk, moment), rows_at(Finding, pk, moment)
        ratings, findings = in_public_areas(moment, *had)
        ratings.sort(key=lambda r: (r.scientific_rating, name_key(r.topic_area.name), r.pk))
        scale = scale_at(moment)
        for rating in ratings:
            rating.scale_edition = scale.named_by(rating)
        withhold_raters(ratings)
        return cls(
            program=program,
            ratings=ratings,
            studies=studies_at(moment, pk),
            findings=findings,
            relations=relations_at(moment, pk),
            external_ratings=external_ratings_at(moment, pk),
            scale=scale,
            change_notes=notes,
        )

    @property
    def current_ratings(self) -> list[Rating]:
        return [rating for rating in self.ratings if rating.is_current]


def withhold_raters(ratings: list[Rating]) -> None:
    """Let ratings of the past name in public only whom they name in public today: nobody is named for ever."""
    pks = [rating.pk for rating in ratings if rating.raters]
    stored = Rating.objects.filter(pk__in=pks) if pks else Rating.objects.none()
    today = {rating.pk: rating.raters for rating in stored.only("raters")}
    # By any slug of theirs an expert is the same person.
    named = named_raters({*today.values(), *(rating.raters for rating in ratings), ()})
    for rating in ratings:
        public = {r.expert or r.name for r in named[today.get(rating.pk, ())] if r.is_public}
        rating.raters = tuple(
            str(
                rater._replace(is_public=rater.is_public and (known.expert or known.name) in public)
            )
            for rater, known in zip(raters_of(rating.raters), named[rating.raters], strict=True)
        )


def scale_at(moment: datetime) -> Scale:
    """Return the rating scale as it stood; what sites began with has stood from the beginning."""
    editions = as_they_stood(ScaleEdition, Q(), moment)
    return Scale.of(editions, as_they_stood(Criterion, Q(), moment))


def rows_at[M: (Rating, Study, Finding, ExternalRating)](
    model: type[M], program: int, moment: datetime
) -> list[M]:
    """Return the rows of a model that a program had."""
    rows = as_they_stood(model, Q(program=program), moment)
    return [row for row in rows if row.program_id == program]


def in_public_areas(
    moment: datetime, ratings: list[Rating], findings: list[Finding]
) -> tuple[list[Rating], list[Finding]]:
    """Return the ratings and findings in topic areas that were public, with these as they stood."""
    rows: list[Rating | Finding] = [*ratings, *findings]
    stood = {a.pk: a for a in owners(TopicArea, [row.topic_area_id for row in rows], moment)}
    areas = {pk: area for pk, area in stood.items() if is_public_at(area, moment)}
    for row in rows:
        if row.topic_area_id in areas:
            row.topic_area = areas[row.topic_area_id]
    return (
        [rating for rating in ratings if rating.topic_area_id in areas],
        [finding for finding in findings if finding.topic_area_id in areas],
    )


def studies_at(moment: datetime, program: int) -> list[Study]:
    """Return the studies that a program had, with their references, in the order of its page."""
    had = rows_at(Study, program, moment)
    references = {r.pk: r for r in owners(Reference, [s.reference_id for s in had], moment)}
    studies = []
    for study in had:
        if study.reference_id in references:
            study.reference = references[study.reference_id]
            studies.append(study)
    return sorted(studies, key=Study.place_on_page)


def relations_at(moment: datetime, program: int) -> list[RelatedProgram]:
    """Return the relations of a program, in both directions, to programs that were public, with these as they stood.

    They have their address of today; one that has none any more has no past for anyone.
    """
    rows = as_they_stood(RelatedProgram, Q(program=program) | Q(other=program), moment)
    had = [row for row in rows if program in {row.program_id, row.other_id}]
    ends = {row.other_id if row.program_id == program else row.program_id for row in had}
    there = Program.objects.addressable().filter(pk__in=ends).values_list("pk", "slug")
    addresses = dict(there) if ends else {}
    stood = {p.pk: p for p in owners(Program, addresses, moment) if is_public_at(p, moment)}
    for pk, other in stood.items():
        other.slug = addresses[pk]
    relations = []
    for row in had:
        if row.program_id == program and row.other_id in stood:
            row.other = stood[row.other_id]
            relations.append(row)
        elif row.other_id == program and row.program_id in stood:
            row.program = stood[row.program_id]
            relations.append(row)
    return relations


def external_ratings_at(moment: datetime, program: int) -> list[ExternalRating]:
    """Return what other registries said of a program, with these as they stood, in the order of its page."""
    had = rows_at(ExternalRating, program, moment)
    registries = {r.pk: r for r in owners(Registry, [r.registry_id for r in had], moment)}
    ratings = [rating for rating in had if rating.registry_id in registries]
    for rating in ratings:
        rating.registry = registries[rating.registry_id]
    return sorted(ratings, key=ExternalRating.place_on_page)


def owners[M: CatalogModel](model: type[M], pks: Iterable[int], moment: datetime) -> list[M]:
    return as_they_stood(model, Q(id__in=set(pks)), moment) if pks else []


def as_they_stood[M: CatalogModel](model: type[M], where: Q, moment: datetime) -> list[M]:
    """Return the entries of a model that stood at a moment, of those that ever met a condition. Two queries.

    An entry whose first row tells of a change, or of its end, had come in without a history: it stood as that row says.
    """
    history = model.history
    last = Max("history_id", filter=Q(history_date__lte=moment))
    rows = history.filter(id__in=history.filter(where).values("id")).order_by().values("id")
    chosen = rows.annotate(chosen=Coalesce(last, Min("history_id"))).values("chosen")
    stood = [
        row.instance
        for row in history.filter(history_id__in=chosen)
        if row.history_type != ("-" if row.history_date <= moment else "+")
    ]
    is_recorded = Exists(history.filter(id=OuterRef("pk")))
    return [*stood, *model._default_manager.filter(where).exclude(is_recorded)]


# --- What has changed since ------------------------------------------------------------------------------------------

# Not text: what a page tells apart, or does not show.
NO_TEXT = {"id", "slug", "name", "status", "published_at", "retired_at", "retirement_reason"}
NO_TEXT |= {"merged_into", "website", "contact_name", "contact_organization"}
NO_TEXT |= {"contact_email", "contact_phone", "logic_model_file"}
# Of rows: whose they are, and what no page shows.
UNTOLD = {"id", "program", "checked_by"}


def changes_since(then: ProgramState, program: Program) -> list[str]:
    """Say what is public of a program now and was not so then: a sentence for each kind of change. Four queries."""
    if not program.is_published:
        return []
    ratings = Rating.objects.published().current().filter(program=program)
    now = list(ratings.select_related("topic_area").in_topic_area_order())
    studies = list(program.studies.all())
    changes = [] if program.name == then.program.name else [f"Its name is {program.name} now."]
    changes += rating_changes(then.current_ratings, now)
    before = {rating.pk: rating for rating in then.current_ratings}
    kept = [(before[r.pk], r) for r in now if r.pk in before and r.level == before[r.pk].level]
    if differ([(then.program, program)], NO_TEXT) or differ(kept, {"topic_area", "program"}):
        changes.append("Its text has been edited.")
    cited = [
        [study.reference_id for study in sorted_by_reference(s)] for s in (then.studies, studies)
    ]
    if cited[0] != cited[1]:
        changes.append("Its list of research has changed.")
    elif differ(
        zip(*map(sorted_by_reference, (then.studies, studies)), strict=True), {"program"}
    ) or told(then.findings) != told(program.findings.published()):
        changes.append("What it says of the research has been edited.")
    related = RelatedProgram.objects.shown_with(program.pk).with_names()
    if related_pairs(then.program, then.relations) != related_pairs(program, related):
        changes.append("Its related programs are other ones.")
    if told(then.external_ratings) != told(ExternalRating.objects.filter(program=program)):
        changes.append("What it says of other registries’ ratings has been edited.")
    return changes


def related_pairs(program: Program, relations: Iterable[RelatedProgram]) -> set[tuple[str, int]]:
    """Return what relations say: in which way a program is related to which others."""
    groups = related_groups(program.pk, relations)
    return {(group.heading, other.pk) for group in groups for other in group.programs}


def rating_changes(then: list[Rating], now: list[Rating]) -> list[str]:
    """Say which ratings have taken others' place, been corrected, been added or gone."""
    before = {rating.topic_area_id: rating for rating in then}
    changes = []
    for rating in now:
        area, old = rating.topic_area.name, before.pop(rating.topic_area_id, None)
        when = f", {partial_date_in_words(rating.rated_on)}" if rating.rated_on else ""
        if old is None:
            changes.append(f"{area}{when}: rated {rating.level}.")
        elif old.pk != rating.pk:
            changes.append(f"{area}{when}: {change_since(rating.level, old.level)}")
        elif old.level != rating.level:
            changes.append(
                f"{area}: the rating has been corrected from {old.level} to {rating.level}."
            )
    gone = [f"{rating.topic_area.name}: not rated there any more." for rating in before.values()]
    return changes + gone


def sorted_by_reference(studies: list[Study]) -> list[Study]:
    return sorted(studies, key=lambda study: study.reference_id)


def told(rows: Iterable[Finding | ExternalRating]) -> set[tuple[object, ...]]:
    """Return what rows of a program say to visitors."""
    return {
        tuple(getattr(row, f.attname) for f in row._meta.concrete_fields if f.name not in UNTOLD)
        for row in rows
    }


def differ(pairs: Iterable[tuple[CatalogModel, CatalogModel]], leaving_out: set[str]) -> bool:
    """Return whether an entry of one of the pairs says something else than the other."""
    return any(
        getattr(one, field.attname) != getattr(other, field.attname)
        for one, other in pairs
        for field in one._meta.concrete_fields
        if field.name not in leaving_out
    )
