"""Making, checking and repairing what the database keeps for us: the search documents and the log of changes.

Triggers keep both right. They are made after migrations and not by one, because SQLite makes a table anew to alter it,
and drops its triggers with the old one. What is in order is left as it is, so that a deployment that changes nothing
here holds nobody up. Else the triggers are made in one short transaction; from then on they keep right every document
that there is, and those that are missing or wrong follow, some at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from types import ModuleType

from django.apps import apps
from django.core import checks
from django.db import DatabaseError, InternalError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.transaction import TransactionManagementError

from ..models import TopicArea
from . import change_log, postgresql, sqlite
from .documents import INDEXES, TOPIC_AREAS, Index, Trigger

BATCH = 200
CONNECTIONS = 2
# Rows of the log, which every process reads when it begins.
MOST_CHANGES = 20_000
HINT = "Run “manage.py rebuild_search”."


def engine(connection: BaseDatabaseWrapper) -> ModuleType:
    """Return the module that speaks the connection's language."""
    return {"postgresql": postgresql, "sqlite": sqlite}[connection.vendor]


@contextmanager
def deferred(using: str = "default") -> Iterator[Callable[[], None]]:
    """Defer the documents for many writes; yield the function that brings them up to date so far.

    So the document of an entry that is written in several steps is made once. The end of the block brings up to date
    what is left. An error in the block undoes the transaction around it (or the savepoint), as the documents of what
    was written would be missing. Other connections are not affected. Raise TransactionManagementError outside of a
    transaction.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        raise TransactionManagementError("Search can be deferred only inside a transaction.")
    speaks = engine(connection)

    def write() -> None:
        with connection.cursor() as cursor:
            for index in INDEXES:
                ids = speaks.noted(index)
                for sql in speaks.refresh(index, index.documents(connection), ids):
                    cursor.execute(sql, None)
            cursor.execute(speaks.FORGET)

    with transaction.atomic(using=using, savepoint=False), connection.cursor() as cursor:
        cursor.execute(speaks.IS_DEFERRED)
        (is_inner,) = cursor.fetchone()
        if not is_inner:
            cursor.execute(speaks.DEFER)
            cursor.execute(change_log.touching_all(connection.vendor, sets=True))
        yield write
        if not connection.needs_rollback:
            write()
            if not is_inner:
                cursor.execute(speaks.RESUME)


def triggers(connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """Yield the name, the table and the SQL of every trigger."""
    yield from change_log.triggers(connection.vendor)
    for index in INDEXES:
        for source in index.sources:
            yield from engine(connection).triggers(index, index.documents(connection), source)


def missing_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that are not there in the form they have now."""
    speaks, made = engine(connection), list(triggers(connection))
    with connection.cursor() as cursor:
        cursor.execute(speaks.PRESENT_TRIGGERS)
        present = dict(cursor.fetchall())
    forms = speaks.trigger_forms(made, installation(connection, made))
    return {name for name, form in forms.items() if present.get(name) != form}


def missing_tables(connection: BaseDatabaseWrapper) -> set[str]:
    return {index.table for index in INDEXES} - set(connection.introspection.table_names())


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Drop our triggers on SQLite, which cannot rename a table that a trigger mentions."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(sqlite.PRESENT_TRIGGERS)
            for name, _ in cursor.fetchall():
                if name.startswith(("catalog_search_", "catalog_change_")):
                    cursor.execute(f"DROP TRIGGER {name}")


def installation(connection: BaseDatabaseWrapper, made: Iterable[Trigger]) -> list[str]:
    """Return the SQL that makes the tables that are missing, and these triggers, which write them."""
    speaks = engine(connection)
    statements = [*speaks.setup(), *change_log.tables(connection.vendor)]
    for index in INDEXES:
        statements += speaks.tables(index, index.documents(connection))
    return [*statements, *(sql for _, _, sql in made)]


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the tables that are missing, and all triggers in the form they have now; the log of changes begins anew.

    In one short transaction, which begins when nobody else is writing: whoever writes later has the new triggers.
    """
    speaks, made = engine(connection), list(triggers(connection))
    statements = installation(connection, made)
    forms = speaks.trigger_forms(made, statements)
    marks = [mark for name, table, _ in made for mark in speaks.with_form(name, table, forms[name])]
    with transaction.atomic(using=connection.alias):
        drop_triggers(connection)
        tables = {table for _, table, _ in made}
        anew = change_log.begun_anew(connection.vendor)
        speaks.in_turn(connection, [*speaks.alone(tables), *statements, *marks, *anew])


def mend(connection: BaseDatabaseWrapper) -> int:
    """Bring every document up to date that is not, some at a time; return how many were not.

    On PostgreSQL by two connections, outside of a transaction: to read words takes nearly all of the time.
    """
    if connection.vendor == "sqlite" or connection.in_atomic_block:
        return mend_share(connection, 0, 1)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(partial(mend_apart, connection.alias), range(CONNECTIONS)))


def mend_apart(using: str, share: int) -> int:
    """Mend a share of the documents by a connection of one's own."""
    connection = connections[using]
    try:
        return mend_share(connection, share, CONNECTIONS)
    finally:
        connection.close()


def mend_share(connection: BaseDatabaseWrapper, share: int, shares: int) -> int:
    """Bring the documents of one of so many shares up to date; return how many were not."""
    speaks, count = engine(connection), 0
    for index in INDEXES:
        documents = index.documents(connection)
        for ids in batches(index, connection):
            mine = [pk for pk in ids if pk // BATCH % shares == share]
            if mine and (due := stale(index, connection, mine)):
                listed = speaks.listed(sorted(due))
                speaks.in_turn(connection, speaks.refresh(index, documents, listed))
                count += len(due)
    if count:
        tell_pages(connection)
    return count


def batches(index: Index, connection: BaseDatabaseWrapper) -> Iterator[list[int]]:
    """Yield the ids of an index's documents and entries, each list so short that it is written in half a second."""
    last, limit = 0, f"ORDER BY 1 LIMIT {BATCH}"
    key = engine(connection).KEY
    while True:
        documents = f"SELECT {key} AS id FROM {index.table} WHERE {key} > {last} {limit}"
        entries = f"SELECT id FROM {index.entries} WHERE id > {last} {limit}"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM ({documents}) d UNION SELECT id FROM ({entries}) e {limit}"
            )
            ids = [pk for (pk,) in cursor.fetchall()]
        if not ids:
            return
        yield ids
        last = ids[-1]


def stale(
    index: Index, connection: BaseDatabaseWrapper, ids: Sequence[int] | None = None
) -> set[int]:
    """Return which of these ids, or of all, have a document that is not what it should be."""
    speaks = engine(connection)
    asked = "" if ids is None else speaks.listed(ids)
    with connection.cursor() as cursor:
        cursor.execute(speaks.stale(index, index.documents(connection), asked), None)
        return {pk for (pk,) in cursor.fetchall()}


def stale_documents(connection: BaseDatabaseWrapper) -> int:
    """Return the number of documents that are not what they should be."""
    missing, count = missing_tables(connection), 0
    for index in INDEXES:
        if index.table in missing:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {index.entries}")
                count += cursor.fetchone()[0]
        else:
            count += sum(len(stale(index, connection, ids)) for ids in batches(index, connection))
    return count


def lacks_documents(connection: BaseDatabaseWrapper) -> bool:
    """Return whether there are entries without any document: filling the tables was interrupted."""
    key = engine(connection).KEY
    lacking = " UNION ALL ".join(
        f"SELECT 1 FROM {index.entries} WHERE id NOT IN (SELECT {key} FROM {index.table})"
        for index in INDEXES
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({lacking})")
        return bool(cursor.fetchone()[0])


def catch_up(using: str = "default") -> bool:
    """Bring the documents up to date of topic areas that became public by themselves, and of their programs.

    One query; a write too, once after each such moment. Return whether they are up to date: while somebody else is
    writing they may have to wait, and readers do not; nor can they be on a database that is a copy of another.
    """
    connection = connections[using]
    due = stale(TOPIC_AREAS, connection)
    if not due:
        return True
    try:
        with engine(connection).impatient(connection), transaction.atomic(using=using):
            # Their triggers do the rest.
            TopicArea.objects.using(using).filter(pk__in=due).update(name=F("name"))
            tell_pages(connection)
    except (OperationalError, InternalError):
        return False
    return True


def tell_pages(connection: BaseDatabaseWrapper) -> None:
    """Tell every process that words find something else: it keeps no page of before."""
    with connection.cursor() as cursor:
        cursor.execute(change_log.touching_all(connection.vendor, sets=False))


def prune_log(using: str = "default") -> None:
    """Empty the log of changes where it has grown long: every process reads the catalog once more."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {change_log.TABLE}")
        if cursor.fetchone()[0] > MOST_CHANGES:
            for sql in change_log.begun_anew(connection.vendor):
                cursor.execute(sql)


def restore(using: str = "default") -> int:
    """Put in order what is missing or wrong, while others search and save; return how many documents were wrong.

    Raise OperationalError if others keep writing for many minutes.
    """
    connection = connections[using]
    refresh_statistics(using)
    if missing_tables(connection) or missing_triggers(connection):
        install(connection)
    count = mend(connection)
    refresh_statistics(using)
    return count


def drop_former_tables(connection: BaseDatabaseWrapper) -> None:
    """Drop the tables of earlier forms, unless somebody uses them just now."""
    speaks = engine(connection)
    with suppress(OperationalError), speaks.impatient(connection), connection.cursor() as cursor:
        for index in INDEXES:
            cursor.execute(speaks.former_tables(index))
            for (table,) in cursor.fetchall():
                cursor.execute(f"DROP TABLE {table}")


def refresh_statistics(using: str = "default") -> None:
    """Count anew what the database plans its queries by, of a sample of each table of the catalog.

    For after many writes: until then it plans for tables as they were before. It only makes things quicker, so it
    neither waits for other writers nor raises what goes wrong.
    """
    connection = connections[using]
    models = apps.get_app_config("catalog").get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models} | {index.table for index in INDEXES}
    speaks = engine(connection)
    with (
        suppress(DatabaseError),
        speaks.impatient(connection),
        transaction.atomic(using=using),
        connection.cursor() as cursor,
    ):
        present = tables.intersection(connection.introspection.table_names(cursor))
        for sql in speaks.analysis(sorted(present)):
            cursor.execute(sql)


def before_migrations(using: str, plan: list[object], **kwargs: object) -> None:
    """Clear the way for migrations that alter tables."""
    if plan:
        drop_triggers(connections[using])


def after_migrations(using: str, plan: list[object] | None = None, **kwargs: object) -> None:
    """Restore what migrations took away or a new version makes otherwise; mend what was written meanwhile."""
    connection = connections[using]
    if not has_tables(connection):
        return
    if missing_tables(connection) or missing_triggers(connection):
        restore(using)
    elif plan is not None:  # Emptying a database (flush) says so too, without a plan.
        # By now every process searches the tables of this form.
        drop_former_tables(connection)
        if lacks_documents(connection):
            restore(using)
        refresh_statistics(using)


def has_tables(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the catalog is migrated far enough to be searched."""
    names = set(connection.introspection.table_names())
    return names >= {source.table for index in INDEXES for source in index.sources}


@checks.register(checks.Tags.database)
def check_search(databases: Sequence[str] | None, **kwargs: object) -> list[checks.CheckMessage]:
    """Report triggers that are missing, and documents that are stale (``manage.py check --database default``)."""
    messages: list[checks.CheckMessage] = []
    for using in databases or []:
        connection = connections[using]
        if (
            not has_tables(connection)
            or change_log.TABLE not in connection.introspection.table_names()
        ):
            continue
        if missing := missing_triggers(connection):
            messages.append(
                checks.Warning(
                    f"Search and caches miss changes: {len(missing)} triggers are missing or of an earlier version.",
                    hint=HINT,
                    id="catalog.W001",
                )
            )
        if stale := stale_documents(connection):
            messages.append(
                checks.Warning(f"Search is stale: {stale} entries.", hint=HINT, id="catalog.W002")
            )
    return messages
