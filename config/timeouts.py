"""How long the database may take over what the site asks: a request ends in words, and does not wait for ever.

Only what serves requests is limited (``config/wsgi.py``): a migration or an import by the worker takes what it takes.
"""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

MILLISECONDS = 1_000


def limit_requests() -> None:
    """Limit each connection to PostgreSQL that this process makes from now on; SQLite has its own timeout."""
    connection_created.connect(limit, dispatch_uid="timeouts")


def limit(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Set the timeouts of a new connection.

    A pooler that gives each transaction another connection may forget them: docs/deployment.md says how the
    database's role keeps them.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name, seconds in settings.DATABASE_TIMEOUTS.items():
                milliseconds = str(int(seconds * MILLISECONDS))
                cursor.execute("SELECT set_config(%s, %s, false)", [name, milliseconds])
            # To compile a question takes longer than to answer any that a request asks.
            cursor.execute("SET jit = off")
