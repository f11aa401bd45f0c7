"""Undoing an import: what it added goes, what it changed goes back, unless somebody has built on it since.

What was written last is undone first, so that every step meets the names and the umbrella areas that it had then.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import batched, groupby
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, models, transaction
from django.db.models import Min

from .. import search
from ..history.bulk_writer import BATCH, BulkWriter, acquire_import_lock
from ..history.records import edit_in_words
from ..models import (
    Import,
    ImportStatus,
    Program,
    Rating,
    RelatedProgram,
    Status,
    Study,
    TopicArea,
    TopicExpert,
)
from ..models.base import CatalogModel
from ..models.status import Publishable
from ..resources import KINDS
from .applying import log
from .importer import refresh_statistics_after
from .past import Past, fields_of, history_of, locked, name_of, pasts
from .permissions import Person, may_undo
from .progress import progress_reporter
from .rating_notifications import take_back_notifications
from .undo_conflicts import (
    Check,
    KnownRaters,
    Pair,
    Relations,
    SameSamples,
    UmbrellaAreas,
    UniqueValues,
)
from .undo_rows import WRITTEN_BESIDES, why_not_back, with_findings

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
RATED = "A rating names this expert among those who gave it."
# Public: it stands at the entry's address.
RETIREMENT_REASON = "The import that published it was undone."

# Of a rating: program, topic area, date and level.
RatingKey = tuple[int, int, str, str]


def undo(record: Import, user: Person | None) -> None:
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
                    undoing = Undoing(locked, user, progress_reporter(locked), index)
                    undoing.go()
                refresh_statistics_after(undoing.done)
                locked.status = ImportStatus.UNDONE
                locked.kept, locked.retired = undoing.kept, undoing.retired
                locked.save(update_fields=["status", "kept", "retired"])
                log(locked, user, "Undone.")
                if not locked.kept:
                    take_back_notifications(locked)
    except (IntegrityError, DataError, OperationalError):
        logger.exception("The database refused to undo an import")
        refuse(record, REFUSED)
    except Exception:
        refuse(record, BROKEN)
        raise
    record.refresh_from_db()


def refuse(record: Import, why: str) -> None:
    """Put an import that was to be undone back to done, and say why."""
    Import.objects.filter(pk=record.pk, status=ImportStatus.UNDOING).update(
        status=ImportStatus.DONE, notices=[*record.notices, why]
    )


class Undoing:
    """Undoes one import; for use in a transaction."""

    def __init__(
        self,
        record: Import,
        user: Person | None,
        progress: Callable[[int], None],
        index: Callable[[], None],
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
        for written in (*WRITTEN_BESIDES.get(model, ()), model):
            self.undo_entries(written)

    def undo_entries(self, model: type[CatalogModel]) -> None:
        """Undo what was done to the entries of a model."""
        # Parts of umbrella areas were written apart from the others.
        kinds = ("history_type", "parent") if model is TopicArea else ("history_type",)
        # What was added and then related to what was added later has two rows.
        added = self.rows(model).filter(history_type="+").values("id")
        written = self.rows(model).exclude(history_type="~", id__in=added)
        # So has what was changed and then related so: it is undone once.
        rows: dict[tuple[object, ...], tuple[Any, ...]] = {}
        for row in written.order_by("-history_id").values_list("id", *kinds):
            rows.setdefault(row[:2], row)
        for kind, run in groupby(rows.values(), key=lambda row: (row[1], any(row[2:]))):
            for pks in batched((row[0] for row in run), BATCH, strict=False):
                if kind[0] == "+":
                    self.take_back(model, pks)
                elif kind[0] == "-":
                    self.bring_back(pks)
                else:
                    self.put_back(model, pks)
                self.report(len(pks))

    def report(self, done: int) -> None:
        """Bring search up to date, and say that so many more entries are done."""
        self.index()
        self.done += done
        self.progress(min(self.done, self.record.total))

    def rows(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """Return the import's own rows in the history of a model."""
        return history_of(model).filter(history_import=self.record)

    def pasts(self, model: type[CatalogModel], pks: Collection[int]) -> dict[int, Past]:
        """Return the past of the entries that the import has written, by their primary keys."""
        return pasts(model, pks, self.record)

    def keep(self, entry: object, why: str) -> None:
        """Leave an entry as it is, and say why in the record."""
        self.kept.append({"entry": str(entry), "why": why})

    # --- Ratings

    def put_back_places(self, rows: models.QuerySet[Any]) -> None:
        """Undo ratings, each place (a program in a topic area) as a whole or not at all."""
        first: dict[int, str] = {}
        places: dict[tuple[int, int], set[int]] = defaultdict(set)
        columns = ("id", "history_type", "program_id", "topic_area_id")
        for pk, history_type, *place in rows.order_by("history_id").values_list(*columns):
            first.setdefault(pk, history_type)
            places[place[0], place[1]].add(pk)
        stored, pasts = locked(Rating, first), self.pasts(Rating, first)
        facts = self.facts({program for program, _ in places})
        raters = KnownRaters([past.before.instance for past in pasts.values() if past.before])
        away: list[int] = []
        back: list[CatalogModel] = []
        for pks in places.values():
            befores = [pasts[pk].before for pk in sorted(pks) if first[pk] == "~"]
            changed = [before.instance for before in befores if before]
            if edited := [pk for pk in sorted(pks) if pasts[pk].edit or pk not in stored]:
                self.keep_place(edited, stored, pasts)
            elif unknown := [pk for pk in pks if first[pk] == "~" and not pasts[pk].before]:
                self.keep(stored[unknown[0]], UNKNOWN)
            elif why := raters.why_not(changed):
                self.keep(stored[changed[0].pk], why)
            elif same := next((r for r in changed if facts.get(rating_key(r), r.pk) != r.pk), None):
                why = "This rating, of the same date, has been recorded again since."
                self.keep(stored[same.pk], why)
            else:
                away += [pk for pk in pks if first[pk] == "+"]
                back += changed
        # The place of a current rating must be free before another one takes it.
        self.writer.remove(Rating, away)
        self.writer.change(back, fields_of(Rating))

    def facts(self, programs: Collection[int]) -> dict[RatingKey, int]:
        """Return the ratings that programs have now, past ones too, by what tells them apart."""
        ratings = Rating.objects.filter(program__in=programs)
        return {rating_key(rating): rating.pk for rating in ratings.iterator()}

    def keep_place(
        self, edited: Sequence[int], stored: dict[int, Rating], pasts: dict[int, Past]
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
        published: list[Publishable] = []
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
        back = self.going_back(
            pairs, [UniqueValues(model, pairs), UmbrellaAreas(pairs), SameSamples(pairs), relations]
        )
        related = [(entry, relations.of(entry)) for entry in back]
        self.writer.change(back, fields_of(model), related)

    def going_back(self, pairs: list[Pair], checks: Sequence[Check]) -> list[CatalogModel]:
        """Return those entries, as they were before the import, that can go back; keep the others, and say why."""
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
        return back

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
        if model is Study:
            reasons |= with_findings(stored.values())
        if model is TopicExpert:
            reasons |= dict.fromkeys(Rating.objects.experts_named(stored), RATED)
        reasons |= {pk: edit_in_words(past.edit) for pk, past in pasts.items() if past.edit}
        reasons |= self.related_from_kept(model, stored.keys() - public, reasons.keys())
        for pk in [pk for pk in pks if pk in stored and pk in reasons]:
            self.keep(stored[pk], reasons[pk])
        going = [pk for pk in pks if pk in stored and pk not in reasons]
        self.retire([stored[pk] for pk in going if pk in public])
        away = [pk for pk in going if pk not in public]
        self.writer.remove(Rating, [rating for pk in away for rating in ratings.get(pk, ())])
        self.writer.remove(model, away)

    def bring_back(self, pks: Sequence[int]) -> None:
        """Put back relations between programs that the import took out."""
        pasts = self.pasts(RelatedProgram, pks)
        reasons = why_not_back(pasts)
        for pk, why in reasons.items():
            self.keep(name_of(RelatedProgram, pasts[pk]), why)
        back = [past.before.instance for pk, past in pasts.items() if pk not in reasons]
        self.writer.add(back)

    def retire(self, entries: Sequence[Publishable]) -> None:
        """Retire entries that are public, and say publicly why."""
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
            others = relation.related_model
            if relation.many_to_many and others is model:
                continue  # of the entries of an import some may go, and some stay
            name = relation.field.name
            referring = others._default_manager.filter(**{f"{name}__in": pks}).order_by()
            if others in own:
                added = self.rows(others).filter(history_type="+")
                referring = referring.exclude(pk__in=added.values("id"))
            first = dict(
                referring.values(name).annotate(first=Min("pk")).values_list(name, "first")
            )
            entries = others._default_manager.select_related().in_bulk(set(first.values()))
            reasons |= {pk: f"“{entries[by]}” refers to it." for pk, by in first.items()}
        return reasons

    def related_from_kept(
        self, model: type[CatalogModel], pks: Collection[int], kept: Collection[int]
    ) -> dict[int, str]:
        """Return those of the entries that one of their kind names that stays, with the reason to keep them."""
        reasons: dict[int, str] = {}
        for relation in model._meta.related_objects if pks else ():
            if not relation.many_to_many or relation.related_model is not model:
                continue
            name = relation.field.name
            naming = model._default_manager.filter(**{f"{name}__in": pks}).order_by("pk")
            links = list(naming.values_list("pk", name))
            added = set(self.rows(model).filter(history_type="+").values_list("id", flat=True))
            # What was public is retired, and so stays too.
            public = {entry.pk for entry in naming if was_public(entry)}
            found: dict[int, int] | None = None
            while found != {}:
                staying = {*kept, *reasons, *public}
                found = {
                    to: by
                    for by, to in links
                    if to in pks and to not in staying and (by in staying or by not in added)
                }
                entries = model._default_manager.in_bulk(set(found.values()))
                reasons |= {to: f"“{entries[by]}” refers to it." for to, by in found.items()}
        return reasons


def was_public(entry: CatalogModel) -> bool:
    """Return whether an entry is or ever was public, so that others may know its address."""
    return bool(getattr(entry, "was_public", False))


def rating_key(rating: Rating) -> RatingKey:
    """Return the key that tells a rating apart from the others: where it holds, when it was given, and its level."""
    return (
        rating.program_id,
        rating.topic_area_id,
        rating.rated_on,
        rating.scientific_rating,
    )
