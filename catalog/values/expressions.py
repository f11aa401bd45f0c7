"""Database expressions that both engines answer alike."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, TextField, Value
from django.db.models.sql.compiler import SQLCompiler

# SQL and its parameters.
type SQL = tuple[str, tuple[str | int, ...]]


def name_key(name: str) -> str:
    """Return the sort key of a name as ``NameKey`` computes it in the database."""
    return name.encode().lower().decode()


class NameKey(Func):
    """Expression for the sort key of a name: A–Z ignoring case, then by code point.

    PostgreSQL's own order depends on the collation of the installation ("CE-CERT" after "Cedar" in one,
    before it in another). "C" gives the order that SQLite has, and lowers the same letters: A to Z.
    """

    function = "LOWER"
    arity = 1
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str
    ) -> SQL:
        return self.as_sql(
            compiler, connection, template='%(function)s(%(expressions)s COLLATE "C")', **context
        )


class Constant(Value):
    """Expression for a text, number or truth value that is written into the SQL, and not sent as its parameter.

    SQLite knows the expression of an index again only where the query has it to the letter.
    """

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> SQL:
        if isinstance(self.value, int):
            return str(self.value).upper(), ()
        return "'{}'".format(self.value.replace("'", "''").replace("%", "%%")), ()


class HoldsValue(Func):
    """Test whether a column of a joined row holds a value, for rows that are found by another column.

    Without statistics both databases take a value for a rare one, and would begin with all rows that hold it. No index
    answers a CASE, and PostgreSQL takes it for true of every second row.
    """

    template = "CASE %(expressions)s THEN TRUE ELSE FALSE END"
    arg_joiner = " WHEN "
    arity = 2
    output_field = BooleanField()


class Lists(Func):
    """Test whether a ListField's text holds a value, which stands between two ``|``."""

    template = "INSTR(%(expressions)s) > 0"
    arity = 2
    output_field = BooleanField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str
    ) -> SQL:
        return self.as_sql(compiler, connection, template="STRPOS(%(expressions)s) > 0", **context)


class SortableDate(Func):
    """Expression for a date of the record as text that always sorts by time: a year alone counts as its last day.

    A month stands before its days: it counts as the calendar does (``reviews.months_passed``). "" stays "".
    """

    template = "CASE LENGTH(%(expressions)s) WHEN 4 THEN %(expressions)s || '-12-31' ELSE %(expressions)s END"
    arity = 1
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str
    ) -> SQL:
        return self.as_sql(
            compiler, connection, template=f'({self.template}) COLLATE "C"', **context
        )
