"""Links and DOIs that cannot be right, told by their form alone: nothing is fetched.

Written in SQL that both databases have, without parameters: the indexes that hold the few wrong ones know it again.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

# Nobody's, by RFC 2606 and RFC 6761.
NO_HOSTS = ("example.com", "example.org", "example.net", "example", "invalid", "test", "localhost")
THIS_MACHINE = ("127.0.0.1", "0.0.0.0")  # noqa: S104 - looked for, not listened on
NEVER_LAST = (".", ",", ";", ":", '"', "''", "<", ">", "(", "[", "{", "}", "“", "”")


def holds(text: str, part: str) -> str:
    return f"%(find)s({text}, '{part}') > 0"


def any_of(*conditions: str) -> str:
    return f"({' OR '.join(conditions)})"


def ends_badly(text: str) -> str:
    """Return the condition that what was copied along stands at the end: punctuation, half of a pair of brackets."""
    last = f"SUBSTR({text}, LENGTH({text}))"
    return any_of(
        f"{last} IN ({', '.join(f"'{sign}'" for sign in NEVER_LAST)})",
        f"{last} = ')' AND NOT {holds(text, '(')}",
        f"{last} = ']' AND NOT {holds(text, '[')}",
    )


class WrongForm(Func):
    """Whether a text, where there is one, is wrong in its form."""

    arity = 1
    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        find = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
        return super().as_sql(compiler, connection, find=find, **extra)


TEXT = "%(expressions)s"
LINK = f"LOWER({TEXT})"
AFTER_SCHEME = f"SUBSTR({LINK}, %(find)s({LINK}, '://') + 3)"
REST = f"(REPLACE(REPLACE({AFTER_SCHEME}, '?', '/'), '#', '/') || '/')"
# ".www.example.org/": between two signs, so that its end is found like any other part.
HOST = f"('.' || SUBSTR({REST}, 1, %(find)s({REST}, '/')))"


class WrongLink(WrongForm):
    """Whether a link cannot be right: its scheme twice or not at all, a host that is nobody's, signs copied along."""

    template = (
        f"({TEXT} <> '' AND "
        + any_of(
            holds(TEXT, " "),
            f"NOT {holds(TEXT, '://')}",
            holds(LINK, "://http://"),
            holds(LINK, "://https://"),
            holds(HOST, ".."),
            holds(HOST, "./"),
            *(holds(HOST, f".{host}/") for host in (*NO_HOSTS, *THIS_MACHINE)),
            f"NOT {holds(f'SUBSTR({HOST}, 2)', '.')}",
            ends_badly(TEXT),
        )
        + ")"
    )


class WrongDoi(WrongForm):
    """Whether a DOI cannot be right: a resolver or another link within, HTML, signs copied along."""

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
