"""Making, checking and repairing what the database keeps for us: the search documents and the log of changes.

Triggers keep both right. They are made after every migration and not by one, because SQLite makes a table anew to
alter it, and drops its triggers with the old one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.transaction import TransactionManagementError

from ..models import TopicArea
from . import change_log, postgresql, sqlite
from .documents import INDEXES, TOPIC_AREAS, Index

HINT = "Run “manage.py rebuild_search”."


def engine(connection: BaseDatabaseWrapper) -> ModuleType:
    """Return the module that speaks the connection's language."""
    return {"postgresql": postgresql, "sqlite": sqlite}[connection.vendor]


@contextmanager
def deferred(using: str = "default") -> Iterator[Callable[[], None]]:
    """Let the documents wait for many writes; give the function that brings them up to date so far.

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
            cursor.execute(change_log.everything_touched(connection.vendor))
        yield write
        if not connection.needs_rollback:
            write()
            if not is_inner:
                cursor.execute(speaks.RESUME)


def triggers(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the table and the SQL of every trigger."""
    yield from change_log.triggers(connection.vendor)
    for index in INDEXES:
        for source in index.sources:
            yield from engine(connection).triggers(index, index.documents(connection), source)


def present_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    """Return the names of the triggers that the database has."""
    sql = {
        "postgresql": "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "WHERE tgenabled <> 'D' AND pg_table_is_visible(tgrelid)",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def missing_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    return {name for name, _, _ in triggers(connection)} - present_triggers(connection)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Drop our triggers on SQLite, which cannot rename a table that a trigger mentions."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name in present_triggers(connection):
                if name.startswith(("catalog_search_", "catalog_change_")):
                    cursor.execute(f"DROP TRIGGER {name}")


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the tables that are missing, and all triggers in the form they have now; the log of changes begins anew."""
    drop_triggers(connection)
    statements = [*engine(connection).setup(), *change_log.tables(connection.vendor)]
    for index in INDEXES:
        statements += engine(connection).tables(index, index.documents(connection))
    statements += [sql for _, _, sql in triggers(connection)]
    statements += change_log.begun_anew(connection.vendor)
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql, None)


def stale(index: Index, connection: BaseDatabaseWrapper) -> set[int]:
    """Return the ids of an index's documents that are not what they should be."""
    with connection.cursor() as cursor:
        cursor.execute(engine(connection).stale(index, index.documents(connection)), None)
        return {pk for (pk,) in cursor.fetchall()}


def stale_documents(connection: BaseDatabaseWrapper) -> int:
    """Return how many documents are not what they should be."""
    return sum(len(stale(index, connection)) for index in INDEXES)


def catch_up(using: str = "default") -> bool:
    """Bring the documents up to date of topic areas that became public by themselves, and of their programs.

    One query; a write too, once after each such moment. Return whether they are up to date: while somebody else is
    writing they may have to wait, and readers do not.
    """
    connection = connections[using]
    due = stale(TOPIC_AREAS, connection)
    if not due:
        return True
    try:
        with engine(connection).impatient(connection), transaction.atomic(using=using):
            # Their triggers do the rest.
            TopicArea.objects.using(using).filter(pk__in=due).update(name=F("name"))
    except OperationalError:
        return False
    return True


def rebuild(connection: BaseDatabaseWrapper) -> None:
    """Make everything anew: tables, triggers and documents."""
    with connection.cursor() as cursor:
        for sql in engine(connection).removal(INDEXES):
            cursor.execute(sql, None)
    install(connection)
    with connection.cursor() as cursor:
        for index in INDEXES:
            for sql in engine(connection).refresh(index, index.documents(connection)):
                cursor.execute(sql, None)


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


def before_migrations(using: str, plan: list[object], **kwargs: Any) -> None:
    """Clear the way for migrations that alter tables."""
    if plan:
        drop_triggers(connections[using])


def after_migrations(using: str, plan: list[object] | None = None, **kwargs: Any) -> None:
    """Restore what migrations took away; mend what was written meanwhile."""
    connection = connections[using]
    if not has_tables(connection):
        return
    # Emptying a database (flush) says so too, without a plan.
    if plan is not None or missing_triggers(connection):
        with transaction.atomic(using=using):
            install(connection)
            refresh_statistics(using)
            if stale_documents(connection):
                rebuild(connection)


def has_tables(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the catalog is migrated far enough to be searched."""
    names = set(connection.introspection.table_names())
    return names >= {source.table for index in INDEXES for source in index.sources}


@checks.register(checks.Tags.database)
def check_search(databases: Sequence[str] | None, **kwargs: Any) -> list[checks.CheckMessage]:
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
                    f"Search and caches miss changes: {len(missing)} triggers are missing.",
                    hint=HINT,
                    id="catalog.W001",
                )
            )
        if stale := stale_documents(connection):
            messages.append(
                checks.Warning(f"Search is stale: {stale} entries.", hint=HINT, id="catalog.W002")
            )
    return messages
