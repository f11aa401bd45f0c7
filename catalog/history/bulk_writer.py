"""Writing many entries at once: a few statements for a thousand of them, and the history of each all the same."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from django.db import connection, models
from django.utils import timezone

from ..models import Import, Program, ProgramRow, Rating
from ..models.base import AS_IT_WAS, CatalogModel, Person
from ..models.history import current_save

# So many entries are planned and written at a time.
BATCH = 1_000
# Two imports at once would read each other's unfinished work; on PostgreSQL this lock keeps them in turn.
LOCK = 7_201_604

# An entry with the primary keys of those that it is to be related to, by the name of the relation.
Related = tuple[CatalogModel, Mapping[str, Collection[int]]]


def acquire_import_lock() -> None:
    """Wait until no other import is writing. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


class Meanwhile:
    """Calls a function in a second thread: while the database works for it, this thread plans what comes next.

    The function uses this thread's connection, on which both drivers let one statement wait for the other; it opens
    no transaction or savepoint, and its SQL calls no function in Python, for which SQLite would wait for this thread,
    and this thread for SQLite. Until ``wait`` this thread may read, and write what the function does not touch.
    Leaving the block waits too; what the function has raised then is raised, as the cause of whatever else went wrong.
    """

    def __init__(self, function: Callable[[], None]) -> None:
        self.function = function
        self.call: Future[None] | None = None

    def __enter__(self) -> Self:
        self.executor = ThreadPoolExecutor(1)
        connection.inc_thread_sharing()
        return self

    def __exit__(self, *args: object) -> None:
        try:
            self.executor.shutdown()
        finally:
            connection.dec_thread_sharing()
        self.wait()

    def start(self) -> None:
        self.call = self.executor.submit(self.function)

    def wait(self) -> None:
        """Wait until the function has returned. Raises what it has raised."""
        if self.call:
            self.call.result()


class BulkWriter:
    """Writes entries that have been checked; for use in a transaction.

    All that it writes is one save in the history, with one time, person, reason and import. It calls neither ``save``
    nor ``full_clean`` of the models: whoever made the entries has seen to what these promise.
    """

    def __init__(self, *, user: Person | None, reason: str, record: Import | None) -> None:
        self.when, self.save = timezone.now(), current_save()
        self.user, self.reason, self.record = user, reason, record

    def add(self, entries: Sequence[CatalogModel], related: Iterable[Related] = ()) -> None:
        """Insert new entries of one model; they have their primary keys afterwards."""
        if entries:
            model: Any = type(entries[0])
            model._default_manager.bulk_create(entries)
            self.relate(related)
            self.record_history(model, [entry.pk for entry in entries], "+")

    def change(
        self,
        entries: Sequence[CatalogModel],
        fields: Collection[str],
        related: Iterable[Related] = (),
    ) -> None:
        """Update these fields of stored entries of one model."""
        if entries:
            model: Any = type(entries[0])
            self.record_unrecorded(model, [entry.pk for entry in entries])
            if fields:
                # An upsert: bulk_update would send a condition for every field of every entry.
                model._default_manager.bulk_create(
                    entries, update_conflicts=True, unique_fields=["pk"], update_fields=fields
                )
            self.relate(related)
            self.record_history(model, [entry.pk for entry in entries], "~")

    def retire(self, ratings: Collection[int]) -> None:
        """Make current ratings past ones, by primary key."""
        if ratings:
            self.record_unrecorded(Rating, ratings)
            Rating.objects.filter(pk__in=ratings).update(is_current=False)
            self.record_history(Rating, ratings, "~")

    def move(
        self,
        model: type[Rating | ProgramRow],
        pks: Collection[int],
        program: Program,
        **values: object,
    ) -> None:
        """Move ratings or rows, past ratings too, to another program, and give them these values besides."""
        if pks:
            self.record_unrecorded(model, pks)
            rows: Any = model._default_manager
            rows.filter(pk__in=pks).update(program=program, **values)
            self.record_history(model, pks, "~")

    def remove(self, model: type[CatalogModel], pks: Collection[int]) -> None:
        """Delete entries that nothing refers to; their history stays. The database refuses others."""
        if pks:
            self.record_unrecorded(model, pks)
            self.record_history(model, pks, "-")
            for field in model._meta.local_many_to_many:
                links = field.remote_field.through._base_manager  # type: ignore[union-attr]
                ends = [field.m2m_field_name()]
                if field.related_model is model:
                    ends.append(field.m2m_reverse_field_name())
                for end in ends:
                    links.filter(**{f"{end}__in": pks}).delete()
            # Neither a cascade, nor signals that would write the history once more, row by row.
            model._default_manager.filter(pk__in=pks)._raw_delete(using=connection.alias)

    def relate(self, related: Iterable[Related]) -> None:
        """Relate each entry to the others that are given, and to no more."""
        given: dict[str, dict[int, Collection[int]]] = defaultdict(dict)
        model: Any = None
        for entry, relations in related:
            model = type(entry)
            for name, others in relations.items():
                given[name][entry.pk] = others
        for name, links in given.items():
            field = model._meta.get_field(name)
            through = field.remote_field.through
            source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            through.objects.filter(**{f"{source}__in": list(links)}).delete()
            through.objects.bulk_create(
                through(**{source: pk, target: other})
                for pk, others in links.items()
                for other in others
            )

    def record_unrecorded(self, model: type[CatalogModel], pks: Collection[int]) -> None:
        """Enter entries into the history as they were before, where a fixture or a bulk write left them out."""
        history = model.history
        known = set(history.filter(id__in=pks).values_list("id", flat=True))
        if unknown := set(pks) - known:
            before = BulkWriter(user=None, reason=AS_IT_WAS, record=None)
            before.when = self.when
            before.record_history(model, unknown, "~")

    def record_history(
        self, model: type[CatalogModel], pks: Iterable[int], history_type: str
    ) -> None:
        """Copy entries as they are stored now into their history."""
        history = model.history.model
        names = [field.attname for field in history.tracked_fields]
        rows = model._default_manager.filter(pk__in=list(pks)).order_by("pk").values(*names)
        ours = {
            "history_date": self.when,
            "history_save": self.save,
            "history_change_reason": self.reason,
            "history_type": history_type,
            "history_user_id": self.user.pk if self.user else None,
            "history_import_id": self.record.pk if self.record else None,
        }
        insert(history, [f.column for f in history.tracked_fields], rows, ours)
        for field in history._history_m2m_fields:
            source, through = f"{field.m2m_field_name()}_id", field.remote_field.through
            links = through.objects.filter(**{f"{source}__in": list(pks)})
            ends = [column.attname for column in through._meta.concrete_fields]
            latest = history.objects.filter(
                id=models.OuterRef(source), history_save=self.save
            ).order_by("-pk")
            made = links.annotate(made=models.Subquery(latest.values("pk")[:1]))
            insert(
                getattr(history, field.name).model,
                [*ends, "history_id"],
                made.values(*ends, "made"),
                {},
            )


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: models.QuerySet,
    others: Mapping[str, object],
) -> None:
    """Insert the rows of a queryset into another table: into these columns, and the same others into each row."""
    sql, params = rows.query.sql_with_params()
    quote = connection.ops.quote_name
    fields = {field.attname: field for field in model._meta.concrete_fields}
    given = {
        name: fields[name].get_db_prep_save(value, connection) for name, value in others.items()
    }
    names = ", ".join(map(quote, [*columns, *given]))
    values = ", ".join(["given.*", *["%s"] * len(given)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT {values} FROM ({sql}) given",
            [*given.values(), *params],
        )
