"""Database expressions that both engines answer alike."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, TextField
from django.db.models.sql.compiler import SQLCompiler


def name_key(name: str) -> str:
    """Return what ``NameKey`` makes of a name in the database."""
    return name.encode().lower().decode()


class NameKey(Func):
    """The sort key of a name: A–Z ignoring case, then by code point.

    PostgreSQL's own order depends on the collation of the installation ("CE-CERT" after "Cedar" in one,
    before it in another). "C" gives the order that SQLite has, and lowers the same letters: A to Z.
    """

    function = "LOWER"
    arity = 1
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        return self.as_sql(
            compiler, connection, template='%(function)s(%(expressions)s COLLATE "C")', **context
        )
