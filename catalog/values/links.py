"""Links and DOIs that cannot be right, recognised by their form alone: nothing is fetched.

Written in SQL that both databases have, without parameters: the indexes that hold the few wrong ones know it again.
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

from .expressions import SQL

# Nobody's (RFC 2606), or this machine's own.
NO_HOSTS = ("example.com", "example.org", "example.net", "127.0.0.1", "0.0.0.0")  # noqa: S104 - not listened on
NEVER_LAST = (".", ",", ";", ":", '"', "''", "<", ">", "(", "[", "{", "}", "“", "”")


def holds(text: str, part: str) -> str:
    """Return the condition that a text, which is SQL, has a part, which is written out."""
    return f"%(find)s({text}, '{part}') > 0"


def any_of(*conditions: str) -> str:
    """Return the condition that one of these is met."""
    return f"({' OR '.join(conditions)})"


def ends_badly(text: str) -> str:
    """Return the condition that a text ends with what was copied along: punctuation, half of a pair of brackets."""
    last = f"SUBSTR({text}, LENGTH({text}))"
    return any_of(
        f"{last} IN ({', '.join(f"'{sign}'" for sign in NEVER_LAST)})",
        f"{last} = ')' AND NOT {holds(text, '(')}",
        f"{last} = ']' AND NOT {holds(text, '[')}",
    )


class WrongForm(Func):
    """Expression for whether a text, where there is one, is wrong in its form."""

    arity = 1
    output_field = BooleanField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str
    ) -> SQL:
        return self.as_sql(compiler, connection, find="INSTR", **context)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: str
    ) -> SQL:
        return self.as_sql(compiler, connection, find="STRPOS", **context)


TEXT = "%(expressions)s"
LINK = f"LOWER({TEXT})"
AFTER_SCHEME = f"SUBSTR({LINK}, %(find)s({LINK}, '://') + 3)"
REST = f"(REPLACE(REPLACE({AFTER_SCHEME}, '?', '/'), '#', '/') || '/')"
HOST = f"SUBSTR({REST}, 1, %(find)s({REST}, '/') - 1)"


class WrongLink(WrongForm):
    """Expression for whether a link cannot be right: no scheme or two, a host that is nobody's, signs copied along."""

    template = (
        f"({TEXT} <> '' AND "
        + any_of(
            holds(TEXT, " "),
            f"NOT {holds(TEXT, '://')}",
            ends_badly(TEXT),
            holds(LINK, "://http://"),
            holds(LINK, "://https://"),
            *(holds(LINK, f"://{www}{host}") for host in NO_HOSTS for www in ("", "www.")),
            f"NOT {holds(HOST, '.')}",  # last: it takes the longest
        )
        + ")"
    )


class WrongDoi(WrongForm):
    """Expression for whether a DOI cannot be right: a resolver or another link within, HTML, signs copied along."""

    template = (
        f"({TEXT} <> '' AND "
        + any_of(
            *(
                holds(TEXT, part)
                for part in (" ", "://", "doi.org", "doi:", "&amp;", "&lt;", "&gt;", "&#")
            ),
            holds(TEXT, "10./"),
            f"SUBSTR({TEXT}, LENGTH({TEXT})) = '/'",
            ends_badly(TEXT),
        )
        + ")"
    )
