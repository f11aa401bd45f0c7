"""What is searched: for each kind of entry one document, its text in columns by weight."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat

from ..models import Rating, Study, TopicArea
from ..models.status import is_public

# A document's text ends here: far beyond any real one, and within what an index can hold.
MOST_CHARACTERS = 100_000
# Another number with any change of the search tables or of how words get into them. Tables of a new form are filled
# beside those of the form before, which old processes may search until they are restarted.
FORM = 4


# The name of a trigger, its table, and the SQL that makes it.
type Trigger = tuple[str, str, str]


@dataclass(frozen=True)
class Source:
    """A table that documents draw from, and which of them a change of its rows touches.

    ``key`` is the column of the changed rows that tells; ``documents`` the SQL for the documents' ids, in which
    ``{changed}`` stands for the values of that column.
    """

    table: str
    key: str = "id"
    documents: str = "{changed}"


@dataclass(frozen=True)
class Index:
    """Declare the searchable documents of one kind.

    ``columns`` has one letter for each, the weightiest first; ``documents`` returns the SELECT of them all: ``id``,
    and a text for each column. ``long`` names the columns whose texts are long. The first source holds the entries.
    """

    name: str
    columns: str
    documents: Callable[[BaseDatabaseWrapper], str]
    sources: tuple[Source, ...]
    long: str = ""

    @property
    def label(self) -> str:
        """Return the prefix of the names of the index's tables, functions and triggers, whatever their form."""
        return f"catalog_search_{self.name}"

    @property
    def table(self) -> str:
        return f"{self.label}_{FORM}"

    @property
    def entries(self) -> str:
        """Return the table whose rows have a document each."""
        return self.sources[0].table


def literal_sql(queryset: QuerySet, connection: BaseDatabaseWrapper) -> str:
    """Return the SQL of queryset with its values in place, as a trigger needs it."""
    sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    editor = connection.SchemaEditorClass(connection, collect_sql=True)
    return sql % tuple(editor.quote_value(value) for value in params)


def all_texts(rows: QuerySet, connection: BaseDatabaseWrapper) -> str:
    """Return the SQL for the ``text`` of all rows in one."""
    aggregate = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    return (
        f"coalesce((SELECT {aggregate}(t.text, ' ') FROM ({literal_sql(rows, connection)}) t), '')"
    )


def program_documents(connection: BaseDatabaseWrapper) -> str:
    """Return the SQL of programs' documents: names, names of their public areas, texts, titles of their references."""
    of_program = {"program_id": RawSQL("p.id", ())}
    names = Concat("topic_area__name", Value(" "), "topic_area__abbreviation")
    areas = (
        Rating.objects.current()
        .filter(is_public("topic_area__"), **of_program)
        .order_by("topic_area_id")
        .values(text=names)
    )
    titles = (
        Study.objects.filter(**of_program)
        .order_by("reference_id")
        .values(text=F("reference__title"))
    )
    return f"""SELECT p.id,
        substr(p.name || ' ' || p.acronym || ' ' || p.also_known_as, 1, {MOST_CHARACTERS}) AS a,
        {all_texts(areas, connection)} AS b,
        substr(p.target_population || ' ' || p.description || ' ' || p.goals || ' ' || p.child_services || ' '
            || p.caregiver_services, 1, {MOST_CHARACTERS}) AS c,
        substr({all_texts(titles, connection)}, 1, {MOST_CHARACTERS}) AS d
        FROM catalog_program p"""


def topic_area_documents(connection: BaseDatabaseWrapper) -> str:
    """Return the SQL of areas' documents: names, none where not public, so that they tell what became so since."""
    names = Concat("name", Value(" "), "abbreviation")
    text = Case(When(is_public(), then=names), default=Value(""), output_field=TextField())
    return literal_sql(TopicArea.objects.order_by().values("id", a=text), connection)


def expert_documents(connection: BaseDatabaseWrapper) -> str:
    return "SELECT id, name || ' ' || organization AS a FROM catalog_topicexpert"


def reference_documents(connection: BaseDatabaseWrapper) -> str:
    return "SELECT id, authors || ' ' || title || ' ' || coalesce(CAST(year AS text), '') AS a FROM catalog_reference"


PROGRAMS = Index(
    "program",
    "abcd",
    program_documents,
    (
        Source("catalog_program"),
        Source("catalog_rating", "program_id"),
        Source("catalog_study", "program_id"),
        Source(
            "catalog_topicarea",
            documents="SELECT program_id FROM catalog_rating WHERE topic_area_id IN ({changed})",
        ),
        Source(
            "catalog_reference",
            documents="SELECT program_id FROM catalog_study WHERE reference_id IN ({changed})",
        ),
    ),
    long="c",
)
TOPIC_AREAS = Index("topic_area", "a", topic_area_documents, (Source("catalog_topicarea"),))
EXPERTS = Index("expert", "a", expert_documents, (Source("catalog_topicexpert"),))
REFERENCES = Index("reference", "a", reference_documents, (Source("catalog_reference"),))
INDEXES = (PROGRAMS, TOPIC_AREAS, EXPERTS, REFERENCES)
