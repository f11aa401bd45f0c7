"""Merging two entries of one program: what would happen, and doing it.

One entry stays, the survivor. The other one is retired, and its address leads to the survivor. Nothing is lost: what
does not move stays with the merged entry, and the history of both says who has merged them, and why.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from ..history.bulk_writer import BulkWriter
from ..history.records import parts_of
from ..models import (
    PROGRAM_ROWS,
    Finding,
    NotificationKind,
    Program,
    ProgramRow,
    Rating,
    Status,
    Study,
    TopicArea,
)
from ..models.base import CatalogModel, Person
from ..models.history import one_save
from ..values.names import match_key
from .notifications import tell_writers
from .transitions import may
from .twins import MergeRefused, Twins

# Public, as the other entry may not be: its name stands in a link that asks for that.
REASON = "Merged into another entry of this catalog."
CHANGED = "has changed since you opened this page. Nothing is merged yet: look once more at what would happen."


class Disagreement(NamedTuple):
    """A topic area in which both have a current rating, of which one becomes a past one."""

    topic_area: TopicArea
    merged: Rating
    survivor: Rating

    @property
    def younger(self) -> Rating:
        """Return the one that stays current unless somebody decides otherwise; of two of one day, the survivor's."""
        return self.merged if self.merged.rated_on > self.survivor.rated_on else self.survivor


@dataclass(frozen=True)
class Merge(Twins[Program]):
    """Plan the merge of two programs.

    ``rows`` are its studies and whatever else belongs to it. ``known_ratings`` and ``known_rows`` are those that the
    survivor has already: they stay with the merged entry.
    ``revived`` are the survivor's past ratings that are its current ones from then on, as they are the merged entry's.
    ``names`` join the survivor's other names. ``followers`` were merged into the merged entry before.
    """

    ratings: list[Rating]
    known_ratings: list[Rating]
    revived: list[Rating]
    disputes: list[Disagreement]
    rows: list[ProgramRow]
    known_rows: list[ProgramRow]
    followers: list[Program]

    @classmethod
    def of(cls, merged: Program, survivor: Program) -> "Merge":
        """Return the plan of a merge of two entries, as they are stored now."""
        theirs, ours = ratings_of(merged), ratings_of(survivor)
        facts = {rating_key(rating): rating for rating in ours}
        moving = [rating for rating in theirs if rating_key(rating) not in facts]
        current = {rating.topic_area_id: rating for rating in ours if rating.is_current}
        rows = rows_of(merged)
        known = {(type(row), row.key_in_program) for row in rows_of(survivor)}
        return cls(
            merged=merged,
            survivor=survivor,
            ratings=moving,
            known_ratings=[rating for rating in theirs if rating_key(rating) in facts],
            revived=[
                facts[rating_key(rating)]
                for rating in theirs
                if rating.is_current
                and rating_key(rating) in facts
                and rating.topic_area_id not in current
            ],
            disputes=[
                Disagreement(rating.topic_area, rating, current[rating.topic_area_id])
                for rating in moving
                if rating.is_current and rating.topic_area_id in current
            ],
            rows=[row for row in rows if (type(row), row.key_in_program) not in known],
            known_rows=[row for row in rows if (type(row), row.key_in_program) in known],
            followers=list(merged.merged.all()),
        )

    @property
    def studies(self) -> list[Study]:
        """Return the studies that move."""
        return [row for row in self.rows if isinstance(row, Study)]

    @property
    def findings(self) -> list[Finding]:
        """Return the findings that move."""
        return [row for row in self.rows if isinstance(row, Finding)]

    def names(self, fill: Collection[str] = ()) -> list[str]:
        """Return the names that the survivor is also to be known by, if these parts are filled in."""
        merged, survivor = self.merged, self.survivor
        acronym = merged.acronym if "acronym" in fill else survivor.acronym
        known = {match_key(name) for name in (survivor.name, acronym, *survivor.also_known_as, "")}
        names: dict[str, str] = {}
        for name in (merged.name, merged.acronym, *merged.also_known_as):
            # | stands between the values of a list.
            names.setdefault(match_key(name), name.replace("|", "/"))
        return [name for key, name in names.items() if key not in known]

    def too_many_names(self, fill: Collection[str]) -> str:
        """Return why the survivor cannot take the names, in a sentence, or ""."""
        field: Any = Program._meta.get_field("also_known_as")
        try:
            field.clean((*self.survivor.also_known_as, *self.names(fill)), self.survivor)
        except ValidationError as error:
            return f"The other names of “{self.survivor}” would be too long. {error.messages[0]}"
        return ""

    def carry_out(
        self, user: Person, reason: str, past: Collection[int] = (), fill: Collection[str] = ()
    ) -> None:
        """Merge the two entries; for use in a transaction that holds both entries' locks.

        ``past`` are the ratings, of those in dispute, that become past ones; where neither is given, the older one.
        ``fill`` are the keys of the ``blanks`` that are to be filled in.
        """
        merged: Any = self.merged
        survivor: Any = self.survivor
        losers = {loser.pk for dispute in self.disputes for loser in [loser_of(dispute, past)]}
        writer = BulkWriter(
            user=user, reason=f"Merged “{merged}” into “{survivor}”: {reason}", record=None
        )
        writer.retire([d.survivor.pk for d in self.disputes if d.survivor.pk in losers])
        moving = {rating.pk for rating in self.ratings}
        writer.move(Rating, moving & losers, survivor, is_current=False)
        writer.move(Rating, moving - losers, survivor)
        writer.move(Rating, {rating.pk for rating in self.revived}, survivor, is_current=True)
        for model in PROGRAM_ROWS.values():
            writer.move(model, [row.pk for row in self.rows if isinstance(row, model)], survivor)
        survivor.also_known_as = (*survivor.also_known_as, *self.names(fill))
        self.fill_in(fill)
        survivor.keep_unprovided()
        for entry in (merged, *self.followers):
            entry.status, entry.merged_into = Status.RETIRED, survivor
            entry.retirement_reason = REASON
        for entry in (survivor, merged, *self.followers):
            entry._change_reason, entry._history_user = writer.reason, user
            entry.save()


def loser_of(dispute: Disagreement, past: Collection[int]) -> Rating:
    if dispute.merged.pk in past:
        return dispute.merged
    if dispute.survivor.pk in past or dispute.younger == dispute.merged:
        return dispute.survivor
    return dispute.merged


def ratings_of(program: Program) -> list[Rating]:
    ratings = program.ratings.select_related("topic_area", "program")
    return list(ratings.order_by("topic_area__name", "topic_area_id", "-is_current", "-rated_on"))


def rows_of(program: Program) -> list[ProgramRow]:
    """Return the rows of a program with what they name, relation by relation."""
    return [
        row
        for relation, model in PROGRAM_ROWS.items()
        for row in getattr(program, relation).select_related(*model.related_keys())
    ]


def rating_key(rating: Rating) -> tuple[int, str, str]:
    return rating.topic_area_id, rating.rated_on, rating.scientific_rating


def why_not(merged: Program, survivor: Program) -> str:
    """Return why two entries cannot be merged, in a sentence, or ""."""
    if merged.pk == survivor.pk:
        return "An entry cannot be merged into itself. Choose the other entry of the same program."
    if merged.merged_into:
        return f"“{merged}” was merged into “{merged.merged_into}” already."
    if survivor.merged_into:
        return f"“{survivor}” was itself merged into “{survivor.merged_into}”. Choose that one."
    if survivor.is_retired:
        return (
            f"“{survivor}” is retired. The entry that stays must be one that is in use, or can be."
        )
    return ""


def may_merge(user: Person, *programs: Program) -> bool:
    """Return whether somebody may merge these: what is, was or is to be public takes the permission to publish.

    So does an entry into which such a one was merged before, as its address is a public one's by that.
    """
    kinds: list[type[CatalogModel]] = [Program, *parts_of(Program)]
    if not all(may(user, kind, "change") for kind in kinds):
        return False
    if may_publish(user):
        return True
    pks = [program.pk for program in programs]
    concerned = Program.objects.filter(Q(pk__in=pks) | Q(merged_into__in=pks))
    return not concerned.filter(published_at__isnull=False).exists()


def may_publish(user: Person) -> bool:
    """Return whether somebody may merge what visitors read, with its ratings."""
    return user.has_perms(["catalog.publish_program", "catalog.publish_rating"])


def digest(program: Program) -> str:
    """Return a digest of an entry, its ratings and its rows: another one after any change."""
    rows: list[Any] = [Program.objects.filter(pk=program.pk).values_list()]
    owned = (getattr(program, relation) for relation in ("ratings", *PROGRAM_ROWS))
    rows += [manager.order_by("pk").values_list() for manager in owned]
    return hashlib.sha256(repr([list(row) for row in rows]).encode()).hexdigest()[:16]


def merge(
    merged: Program,
    survivor: Program,
    *,
    user: Person,
    reason: str,
    seen: Mapping[int, str],
    past: Collection[int] = (),
    fill: Collection[str] = (),
) -> Merge:
    """Merge one entry into the other, whole or not at all, and return what was done.

    ``seen`` holds the ``digest`` of both when somebody decided on it, by primary key; ``past`` and ``fill`` as in
    ``Merge.carry_out``. Raises Refused where it cannot be, or an entry has changed since.
    """
    with transaction.atomic(), one_save():
        wanted = Q(pk__in=[merged.pk, survivor.pk]) | Q(merged_into=merged.pk)
        locked = Program.objects.select_for_update(of=("self",)).filter(wanted).order_by("pk")
        stored = {program.pk: program for program in locked}
        if not {merged.pk, survivor.pk} <= stored.keys():
            raise MergeRefused(
                "One of the two entries has been deleted meanwhile. Nothing is merged."
            )
        merged, survivor = stored[merged.pk], stored[survivor.pk]
        ratings = Rating.objects.select_for_update(of=("self",)).filter(program__in=stored)
        list(ratings.order_by("pk").values_list("pk"))
        if why := why_not(merged, survivor):
            raise MergeRefused(why)
        if not may_merge(user, merged, survivor):
            raise MergeRefused(
                f"To merge what is or was public takes the permission to publish: “{merged}” or “{survivor}” is such "
                "an entry, or stands for one."
            )
        for program in (merged, survivor):
            if digest(program) != seen.get(program.pk):
                raise MergeRefused(f"“{program}” {CHANGED}")
        plan = Merge.of(merged, survivor)
        if why := plan.too_many_names(fill):
            raise MergeRefused(why)
        plan.carry_out(user, reason, past, fill)
        tell_writers([merged, survivor], NotificationKind.MERGED, words=reason, by=user)
    return plan


def standing_for(slug: str, programs: QuerySet[Program]) -> Program | None:
    """Return which of these programs stands for a slug that is not its own.

    One that was merged into it has the slug, else it had it once itself, else one that was merged into it did.
    """
    merged: Any = Program.objects.filter(merged_into__isnull=False)
    was: Any = programs
    for found in (
        programs.filter(merged__slug=slug),
        was.with_former_slug(slug),
        programs.filter(merged__in=merged.with_former_slug(slug)),
    ):
        if program := found.first():
            return program
    return None
