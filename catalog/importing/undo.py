"""Undoing an import: what it added goes, what it changed goes back, unless somebody has built on it since.

What was written last is undone first, so that every step meets the names and the umbrella areas that it had then.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import batched, groupby
from typing import Any, NamedTuple

from django.db import DataError, IntegrityError, OperationalError, models, transaction
from django.db.models import Case, F, Min, Q, When

from .. import search
from ..history.bulk_writer import BATCH, BulkWriter, acquire_import_lock
from ..history.diff import person
from ..models import Import, ImportStatus, Program, Rating, Reference, Status, TopicArea
from ..models.base import CatalogModel
from ..resources import KINDS
from ..values.expressions import NameKey, name_key
from ..values.moments import moment_in_words
from . import jobs

logger = logging.getLogger(__name__)

REFUSED = (
    "The import could not be undone: the database refused it, and nothing has changed. "
    "Somebody may have changed the same entries meanwhile; try again."
)
BROKEN = (
    "The import could not be undone, and nothing has changed. "
    "Whoever runs this site finds the reason in its log."
)
MAY_NOT = "The import was not undone: the account that wanted it may not undo imports any more."
UNKNOWN = "Nothing is recorded of what it was before."
# Public: it stands at the entry's address.
RETIREMENT_REASON = "The import that published it was undone."
VERBS = {"+": "added", "~": "changed", "-": "deleted"}

# An entry, and what it was before the import.
Pair = tuple[Any, Any]


def may_undo(user: Any) -> bool:
    """Whether somebody may undo imports, and with that whatever they did: publishing and rating too."""
    return bool(user) and user.has_perm("catalog.undo_import")


def request_undo(record: Import, user: Any) -> None:
    """Undo an import that is done, now or, if it is large, by the worker; only the first call does anything."""
    done = Import.objects.filter(pk=record.pk, status=ImportStatus.DONE)
    # Whatever fails, it is done as before.
    with transaction.atomic():
        if done.update(status=ImportStatus.UNDOING):
            record.refresh_from_db()
            start_or_queue_undo(record, user)


def start_or_queue_undo(record: Import, user: Any) -> None:
    """Undo an import that is to be undone, now or, if it is large, by the worker."""
    from .tasks import undo_import

    if jobs.is_large(record):
        jobs.send(undo_import, record, user.pk)
    else:
        undo(record, user)


def undo(record: Import, user: Any) -> None:
    """Put back what an import changed, in the name of ``user``; what stays, and why, is in ``record.kept``.

    Does nothing unless the import is being undone. Where ``user`` may not undo it, or the database refuses, nothing
    changes: the import is done then as before, with a notice.
    """
    try:
        with transaction.atomic():
            # A second worker waits here, and then finds that it is undone.
            locked = Import.objects.select_for_update().get(pk=record.pk)
            if locked.status == ImportStatus.UNDOING and not may_undo(user):
                refuse(record, MAY_NOT)
            elif locked.status == ImportStatus.UNDOING:
                acquire_import_lock()
                with search.deferred() as index:
                    undoing = Undoing(locked, user, jobs.progress_reporter(locked), index)
                    undoing.go()
                locked.status = ImportStatus.UNDONE
                locked.kept, locked.retired = undoing.kept, undoing.retired
                locked.save(update_fields=["status", "kept", "retired"])
                jobs.log(locked, user, "Undone.")
    except (IntegrityError, DataError, OperationalError):
        logger.exception("The database refused to undo an import")
        refuse(record, REFUSED)
    except Exception:
        refuse(record, BROKEN)
        raise
    record.refresh_from_db()


def refuse(record: Import, why: str) -> None:
    """Let an import that is to be undone be done as before, and say why."""
    Import.objects.filter(pk=record.pk, status=ImportStatus.UNDOING).update(
        status=ImportStatus.DONE, notices=[*record.notices, why]
    )


class Past(NamedTuple):
    """The history of an entry, as an undo asks for it: rows of it, None where there is none.

    ``before`` is the last one before the import, ``edit`` the last one by anybody since, except for imports that were
    undone and have put the entry back; ``left`` is the primary key of the import's own last one.
    """

    before: Any
    left: int
    edit: Any


class Undoing:
    """One import being undone; for use in a transaction."""

    def __init__(
        self, record: Import, user: Any, progress: Callable[[int], None], index: Callable[[], None]
    ) -> None:
        self.record, self.progress, self.index = record, progress, index
        self.writer = BulkWriter(user=user, reason=f"Undone: {record.reason}", record=record)
        self.kept: list[dict[str, str]] = []
        self.done = self.retired = 0

    def go(self) -> None:
        """Undo everything: ratings of programs that were there before, then the entries of the file's kind."""
        new_programs = self.rows(Program).filter(history_type="+").values("id")
        ratings = self.rows(Rating).exclude(program_id__in=new_programs)
        programs = ratings.order_by("program_id").values_list("program_id", flat=True).distinct()
        for batch in batched(list(programs), BATCH, strict=False):
            self.put_back_places(ratings.filter(program_id__in=batch))
            self.report(len(batch))
        model = KINDS[self.record.kind]._meta.model
        if model is Rating:
            return
        # Parts of umbrella areas were written apart from the others.
        kinds = ("history_type", "parent") if model is TopicArea else ("history_type",)
        rows = self.rows(model).order_by("-history_id").values_list("id", *kinds)
        for kind, run in groupby(list(rows), key=lambda row: (row[1], any(row[2:]))):
            for pks in batched((row[0] for row in run), BATCH, strict=False):
                if kind[0] == "+":
                    self.take_back(model, pks)
                else:
                    self.put_back(model, pks)
                self.report(len(pks))

    def report(self, done: int) -> None:
        """Bring search up to date, and say that so many more entries are done."""
        self.index()
        self.done += done
        self.progress(min(self.done, self.record.total))

    def rows(self, model: type[CatalogModel]) -> Any:
        """Return the import's own rows in the history of a model."""
        return model.history.filter(history_import=self.record)  # type: ignore[attr-defined]

    def keep(self, entry: object, why: str) -> None:
        self.kept.append({"entry": str(entry), "why": why})

    # --- Ratings

    def put_back_places(self, rows: Any) -> None:
        """Undo ratings, each place (a program in a topic area) as a whole or not at all."""
        first: dict[int, str] = {}
        places: dict[tuple[int, int], set[int]] = defaultdict(set)
        columns = ("id", "history_type", "program_id", "topic_area_id")
        for pk, history_type, *place in rows.order_by("history_id").values_list(*columns):
            first.setdefault(pk, history_type)
            places[place[0], place[1]].add(pk)
        stored, pasts = locked(Rating, first), self.pasts(Rating, first)
        facts = self.facts({program for program, _ in places})
        away: list[int] = []
        back: list[CatalogModel] = []
        for pks in places.values():
            befores = [pasts[pk].before for pk in sorted(pks) if first[pk] == "~"]
            changed = [before.instance for before in befores if before]
            if edited := [pk for pk in sorted(pks) if pasts[pk].edit or pk not in stored]:
                self.keep_place(edited, stored, pasts)
            elif unknown := [pk for pk in pks if first[pk] == "~" and not pasts[pk].before]:
                self.keep(stored[unknown[0]], UNKNOWN)
            elif same := next((r for r in changed if facts.get(fact(r), r.pk) != r.pk), None):
                why = "This rating, of the same date, has been recorded again since."
                self.keep(stored[same.pk], why)
            else:
                away += [pk for pk in pks if first[pk] == "+"]
                back += changed
        # The place of a current rating must be free before another one takes it.
        self.writer.remove(Rating, away)
        self.writer.change(back, fields_of(Rating))

    def facts(self, programs: Collection[int]) -> dict[tuple[Any, ...], int]:
        ratings = Rating.objects.filter(program__in=programs)
        return {fact(rating): rating.pk for rating in ratings.iterator()}

    def keep_place(
        self, edited: Sequence[int], stored: dict[int, Any], pasts: dict[int, Past]
    ) -> None:
        """Name the rating because of which a place stays as it is."""
        # The one that held the place says most.
        pk = edited[-1]
        edit = pasts[pk].edit
        name = stored.get(pk) or name_of(Rating, pasts[pk])
        if edit and edit.history_type == "~" and not edit.is_current:
            self.keep(name, f"A later rating has taken its place. {edit_in_words(edit)}")
        else:
            self.keep(name, edit_in_words(edit))

    # --- Entries that were changed

    def put_back(self, model: type[CatalogModel], pks: Sequence[int]) -> None:
        """Give changed entries the values and relations that they had before the import; retire drafts it published."""
        stored, pasts = locked(model, pks), self.pasts(model, pks)
        pairs: list[Pair] = []
        published: list[CatalogModel] = []
        for pk in pks:
            past = pasts[pk]
            if past.edit or pk not in stored:
                self.keep(stored.get(pk) or name_of(model, past), edit_in_words(past.edit))
            elif not past.before:
                self.keep(stored[pk], UNKNOWN)
            elif was_public(stored[pk]) and not was_public(past.before.instance):
                published.append(stored[pk])
            else:
                pairs.append((stored[pk], past.before.instance))
        # As drafts again they would be missing where they were public, or show there what never was.
        self.retire(published)
        relations = Relations(model, [pasts[entry.pk] for entry, _ in pairs])
        checks: list[Any] = [UniqueValues(model, pairs), UmbrellaAreas(pairs), relations]
        back: list[CatalogModel] = []
        waiting: list[Pair] = []
        # One may wait for another: for its name, or for it to be an umbrella area again.
        while len(waiting) != len(pairs):
            waiting, pairs = pairs, []
            for entry, before in waiting:
                if any(check.why_not(entry, before) for check in checks):
                    pairs.append((entry, before))
                    continue
                for check in checks:
                    check.goes_back(entry, before)
                back.append(before)
        for entry, before in waiting:
            whys = (check.why_not(entry, before) for check in checks)
            self.keep(entry, next(filter(None, whys)))
        related = [(entry, relations.of(entry)) for entry in back]
        self.writer.change(back, fields_of(model), related)

    # --- Entries that were added

    def take_back(self, model: type[CatalogModel], pks: Sequence[int]) -> None:
        """Delete added entries; retire those that were public."""
        stored, pasts = locked(model, pks), self.pasts(model, pks)
        ratings = self.ratings_of(pks) if model is Program else {}
        reasons = self.edited_ratings(ratings)
        public = {pk for pk, entry in stored.items() if was_public(entry)}
        # What is retired may go on being referred to by what is retired with it, what is deleted may not.
        reasons |= self.referrers(model, public, {Rating, TopicArea})
        reasons |= self.referrers(model, stored.keys() - public, {Rating})
        reasons |= {pk: edit_in_words(past.edit) for pk, past in pasts.items() if past.edit}
        for pk in [pk for pk in pks if pk in stored and pk in reasons]:
            self.keep(stored[pk], reasons[pk])
        going = [pk for pk in pks if pk in stored and pk not in reasons]
        self.retire([stored[pk] for pk in going if pk in public])
        away = [pk for pk in going if pk not in public]
        self.writer.remove(Rating, [rating for pk in away for rating in ratings.get(pk, ())])
        self.writer.remove(model, away)

    def retire(self, entries: Sequence[Any]) -> None:
        for entry in entries:
            entry.status, entry.retired_at = Status.RETIRED, self.writer.when
            entry.retirement_reason = RETIREMENT_REASON
        self.retired += len(entries)
        self.writer.change(entries, ["status", "retired_at", "retirement_reason"])

    def ratings_of(self, programs: Collection[int]) -> dict[int, list[int]]:
        """Return the ratings that the import gave to programs, by program."""
        ratings: dict[int, list[int]] = defaultdict(list)
        given = self.rows(Rating).filter(program_id__in=programs, history_type="+")
        for program, pk in given.values_list("program_id", "id"):
            ratings[program].append(pk)
        return ratings

    def edited_ratings(self, ratings: dict[int, list[int]]) -> dict[int, str]:
        """Return the programs of whose ratings one has been edited since, with the reason to keep them."""
        pasts = self.pasts(Rating, [pk for pks in ratings.values() for pk in pks])
        return {
            program: f"One of its ratings is no longer the imported one. {edit_in_words(pasts[pk].edit)}"
            for program, pks in ratings.items()
            for pk in pks
            if pasts[pk].edit
        }

    def referrers(
        self, model: type[CatalogModel], pks: Collection[int], own: Collection[type[models.Model]]
    ) -> dict[int, str]:
        """Return those of the entries that others refer to, with the reason to keep them.

        What the import has itself added does not count where it is of one of the ``own`` models.
        """
        reasons: dict[int, str] = {}
        for relation in model._meta.related_objects if pks else ():
            others: Any = relation.related_model
            name = relation.field.name
            referring = others.objects.filter(**{f"{name}__in": pks}).order_by()
            if others in own:
                added = self.rows(others).filter(history_type="+")
                referring = referring.exclude(pk__in=added.values("id"))
            first = dict(
                referring.values(name).annotate(first=Min("pk")).values_list(name, "first")
            )
            entries = others.objects.select_related().in_bulk(set(first.values()))
            reasons |= {pk: f"“{entries[by]}” refers to it." for pk, by in first.items()}
        return reasons

    # --- History

    def pasts(self, model: type[CatalogModel], pks: Collection[int]) -> dict[int, Past]:
        """Return what the history says of entries that the import has written.

        Its rows are in the order in which they were written: the import's bear the time when it began, so that those
        of its undo are later than when it was done.
        """
        history: Any = model.history  # type: ignore[attr-defined]
        before: dict[int, int] = {}
        left: dict[int, int] = {}
        edits: dict[int, dict[int | None, int]] = defaultdict(dict)
        rows = history.filter(id__in=pks).order_by("history_id")
        taken_back = Q(
            history_import__status=ImportStatus.UNDONE,
            history_date__gt=F("history_import__finished_at"),
        )
        columns = ("id", "history_id", "history_import_id", "is_back")
        for pk, row, record, is_back in rows.annotate(
            is_back=Case(When(taken_back, then=True), default=False)
        ).values_list(*columns):
            if record == self.record.pk:
                left[pk] = row
            elif pk not in left:
                before[pk] = row
            elif is_back:
                edits[pk].pop(record, None)
            else:
                edits[pk][record] = row
        last = {pk: max(rows.values()) for pk, rows in edits.items() if rows}
        found = history.select_related("history_user").in_bulk({*before.values(), *last.values()})
        return {
            pk: Past(found.get(before.get(pk)), row, found.get(last.get(pk)))
            for pk, row in left.items()
        }


def was_public(entry: Any) -> bool:
    """Whether an entry is or ever was public, so that others may know its address."""
    return bool(getattr(entry, "was_public", False))


def locked(model: type[CatalogModel], pks: Iterable[int]) -> dict[int, Any]:
    """Return entries, with what their names are made of, by primary key; nobody else changes them meanwhile."""
    entries = model._default_manager.select_related().select_for_update(of=("self",))
    return {entry.pk: entry for entry in entries.filter(pk__in=list(pks)).order_by("pk")}


def fields_of(model: type[CatalogModel]) -> list[str]:
    """Return the fields that an undo puts back: no files, which no import changes."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and not isinstance(field, models.FileField)
    ]


def fact(rating: Any) -> tuple[Any, ...]:
    return (
        rating.program_id,
        rating.topic_area_id,
        rating.rated_on,
        rating.scientific_rating,
    )


def edit_in_words(edit: Any) -> str:
    """Say who has done what to an entry since the import, by a row of its history or None."""
    if edit is None:
        return "It has been deleted."
    who = person(edit.history_user)
    when = moment_in_words(edit.history_date)
    reason = f" ({edit.history_change_reason})" if edit.history_change_reason else ""
    return f"{who} {VERBS[edit.history_type]} it on {when}{reason}."


def name_of(model: Any, past: Past) -> str:
    """Return the name of an entry that is deleted, by its history; its owners may be deleted too."""
    row = past.edit or past.before or model.history.get(pk=past.left)
    entry = row.instance
    for field in entry._meta.concrete_fields:
        if field.many_to_one and (pk := getattr(entry, field.attname)):
            history = field.related_model.history.filter(id=pk).order_by("-history_id")
            if (owner := history.first()) and not owner.instance_type.objects.filter(pk=pk):
                setattr(entry, field.name, owner.instance)
    return str(entry)


# --- What may stand in the way of going back


class UniqueValues:
    """Names of topic areas and DOIs of references, which another entry may have taken."""

    keys: dict[type, tuple[str, Any, Callable[[str], str]]] = {
        TopicArea: ("name", NameKey("name"), name_key),
        Reference: ("doi", F("doi"), str),
    }

    def __init__(self, model: type[CatalogModel], pairs: Sequence[Pair]) -> None:
        self.field, expression, self.key = self.keys.get(model, ("", None, str))
        self.holders: dict[str, Any] = {}
        if self.field:
            wanted = {self.value(before) for _, before in pairs}
            found = model._default_manager.annotate(unique_key=expression)
            for entry in found.filter(unique_key__in=wanted - {""}):
                self.holders[self.value(entry)] = entry

    def value(self, entry: Any) -> str:
        return self.key(getattr(entry, self.field)) if self.field else ""

    def why_not(self, entry: Any, before: Any) -> str:
        holder = self.holders.get(self.value(before), entry)
        if holder.pk == entry.pk:
            return ""
        name = entry._meta.get_field(self.field).verbose_name
        return f"“{holder}” has its former {name} now."

    def goes_back(self, entry: Any, before: Any) -> None:
        if self.value(entry) != self.value(before):
            self.holders.pop(self.value(entry), None)
            if self.value(before):
                self.holders[self.value(before)] = before


class UmbrellaAreas:
    """Umbrella areas, which may have become something else; the rules are those of ``TopicArea.clean``."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        moved = [(area, before) for area, before in pairs if self.is_moved(area, before)]
        parents = {before.parent_id for _, before in moved}
        self.parents = TopicArea.objects.in_bulk(parents)
        rated = Rating.objects.filter(topic_area__in=parents).order_by()
        self.rated = set(rated.values_list("topic_area_id", flat=True).distinct())
        self.children: dict[int, set[int]] = defaultdict(set)
        children = TopicArea.objects.filter(parent__in=[area.pk for area, _ in moved])
        for parent, pk in children.values_list("parent_id", "pk"):
            self.children[parent].add(pk)

    def is_moved(self, area: Any, before: Any) -> bool:
        """Whether the area is to go back under another umbrella area."""
        if not isinstance(area, TopicArea):
            return False
        return bool(before.parent_id) and before.parent_id != area.parent_id

    def why_not(self, area: Any, before: Any) -> str:
        if not self.is_moved(area, before):
            return ""
        parent = self.parents.get(before.parent_id)
        if parent is None:
            return "The umbrella area that it was a part of has been deleted."
        if parent.parent_id:
            return f"“{parent}”, which it was a part of, has an umbrella area itself now."
        if self.children[area.pk]:
            return "It is an umbrella area itself now, and areas have two levels."
        if parent.pk in self.rated:
            return f"“{parent}”, which it was a part of, holds ratings now."
        return ""

    def goes_back(self, area: Any, before: Any) -> None:
        if isinstance(area, TopicArea):
            if area.pk in self.parents:
                self.parents[area.pk] = before
            self.children[area.parent_id or 0].discard(area.pk)


class Relations:
    """The relations that the import has changed; what they led to may be deleted."""

    def __init__(self, model: Any, pasts: Sequence[Past]) -> None:
        self.then: dict[int, dict[str, set[int]]] = defaultdict(dict)
        self.there: dict[str, set[int]] = {}
        history = model.history.model
        for field in history._history_m2m_fields:
            rows = [row for past in pasts for row in (past.before.pk, past.left)]
            target = f"{field.m2m_reverse_field_name()}_id"
            links: dict[int, set[int]] = defaultdict(set)
            found = getattr(history, field.name).model.objects.filter(history_id__in=rows)
            for row, other in found.values_list("history_id", target):
                links[row].add(other)
            for past in pasts:
                if links[past.before.pk] != links[past.left]:
                    self.then[past.before.id][field.name] = links[past.before.pk]
            others = {pk for then in self.then.values() for pk in then.get(field.name, ())}
            there = field.related_model._default_manager.filter(pk__in=others)
            self.there[field.name] = set(there.values_list("pk", flat=True))

    def of(self, entry: Any) -> dict[str, set[int]]:
        """Return what an entry was related to, by relation, where the import has changed that."""
        return self.then.get(entry.pk, {})

    def why_not(self, entry: Any, before: Any) -> str:
        for name, others in self.of(entry).items():
            if others - self.there[name]:
                field = entry._meta.get_field(name)
                return f"Some of its {field.verbose_name} have been deleted."
        return ""

    def goes_back(self, entry: Any, before: Any) -> None:
        """One entry's relations do not stand in another's way."""
