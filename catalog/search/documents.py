"""What is searched: for each kind of entry one document, its text in columns by weight."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat

from ..models import Contact, Program, Rating, Study, TopicArea
from ..models.status import is_public

# A document's text ends here: far beyond any real one, and within what an index can hold.
MOST_CHARACTERS = 100_000
# Another number with any change of the search tables or of how words get into them. Tables of a new form are filled
# beside those of the form before, which old processes may search until they are restarted.
FORM = 6

# What is read of a program, by weight: the one list that documents, pages and the log of changes are made from. Beside
# the goals stand its topic areas, each as a word; beside the details, its contacts and the titles of its references.
# How to reach a contact is for whoever reads the page, and not for looking up people by.
NAMES = ("name", "acronym", "also_known_as")
TEXTS = (
    "target_population",
    "description",
    "goals",
    "child_services",
    "caregiver_services",
    "scope_note",
    "essential_components",
    "adverse_effects",
)
DETAILS = (
    "delivery_settings",
    "intensity",
    "duration",
    "group_format",
    "homework",
    "languages",
    "resources_needed",
    "provider_qualifications",
    "manual_notes",
    "training_notes",
    "pre_implementation_notes",
    "formal_support_notes",
    "fidelity_measures_notes",
    "implementation_guides_notes",
    "implementation_research_notes",
    "cost",
    "contact_name",
    "contact_organization",
)
# What is read of each of a program's contacts beside the main one.
CONTACT_TEXTS = ("name", "title", "organization")
# What is read of a topic area besides its name.
AREA_TEXTS = (
    "definition",
    "target_population",
    "services_types",
    "delivered_by",
    "inclusion_criteria",
    "rating_criteria",
)


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
    ``stressed`` is a column that, as far as words are stressed, also holds those that the column behind it has twice.
    """

    name: str
    columns: str
    documents: Callable[[BaseDatabaseWrapper], str]
    sources: tuple[Source, ...]
    long: str = ""
    stressed: str = ""

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


def in_one(columns: Iterable[str]) -> str:
    """Return the SQL for the texts of these columns of a program in one."""
    return " || ' ' || ".join(map(column_text, columns))


def column_text(column: str) -> str:
    """Return the SQL for what pages show of a column: the labels of codes."""
    codes = getattr(Program._meta.get_field(column), "codes", None)
    if codes is None:
        return f"p.{column}"
    labels = (
        f"CASE WHEN p.{column} LIKE '%|{code}|%' THEN '{label} ' ELSE '' END"
        for code, label in codes.choices
    )
    return " || ".join(labels)


def spaced(columns: Iterable[str]) -> Concat:
    """Return the texts of columns of a model in one, as an expression."""
    parts = chain.from_iterable((column, Value(" ")) for column in columns)
    return Concat(*parts, output_field=TextField())


# Before and behind each name: so a phrase may be a whole name. Nobody types it.
NAME_END = "xqname"


def whole_names() -> str:
    """Return the SQL for the names of a program, each of them between two ends."""
    name, acronym, others = (column_text(column) for column in NAMES)
    return (
        f"'{NAME_END} ' || {name} || ' {NAME_END} ' || {acronym} || ' {NAME_END} ' || "
        f"replace({others}, '|', ' {NAME_END} ')"
    )


def area_word(area: object) -> str:
    """Return the word that stands in the documents of all programs of a topic area; nobody types it.

    By it a search finds the programs of the areas whose texts hold what is asked for: an area's texts in the documents
    of all its programs would be most of what is stored.
    """
    return f"xqarea{area}"


def program_documents(connection: BaseDatabaseWrapper) -> str:
    """Return the SQL of programs' documents: names, public areas with goals, other texts, and all else that is read."""
    of_program = {"program_id": RawSQL("p.id", ())}
    ratings = (
        Rating.objects.current()
        .filter(is_public("topic_area__"), **of_program)
        .order_by("topic_area_id")
    )
    number = Cast("topic_area_id", TextField())
    area_words = ratings.values(text=Concat(Value(area_word("")), number, output_field=TextField()))
    contacts = (
        Contact.objects.filter(**of_program).order_by("pk").values(text=spaced(CONTACT_TEXTS))
    )
    titles = (
        Study.objects.filter(**of_program)
        .order_by("reference_id")
        .values(text=F("reference__title"))
    )
    return f"""SELECT p.id,
        substr({whole_names()}, 1, {MOST_CHARACTERS}) AS a,
        substr({all_texts(area_words, connection)} || ' ' || {column_text("goals")}, 1, {MOST_CHARACTERS}) AS b,
        substr({in_one(text for text in TEXTS if text != "goals")}, 1, {MOST_CHARACTERS}) AS c,
        substr({in_one(DETAILS)} || ' ' || {all_texts(contacts, connection)} || ' '
            || {all_texts(titles, connection)}, 1, {MOST_CHARACTERS}) AS d
        FROM catalog_program p"""


def topic_area_documents(connection: BaseDatabaseWrapper) -> str:
    """Return the SQL of areas' documents: names and texts, none where not public, so that they tell what became so."""

    def public(*columns: str) -> Case:
        return Case(
            When(is_public(), then=spaced(columns)), default=Value(""), output_field=TextField()
        )

    areas = TopicArea.objects.order_by()
    documents = areas.values("id", a=public("name", "abbreviation"), b=public(*AREA_TEXTS))
    return literal_sql(documents, connection)


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
        Source("catalog_contact", "program_id"),
        Source(
            "catalog_topicarea",
            documents="SELECT program_id FROM catalog_rating WHERE topic_area_id IN ({changed})",
        ),
        Source(
            "catalog_reference",
            documents="SELECT program_id FROM catalog_study WHERE reference_id IN ({changed})",
        ),
    ),
    long="bcd",
    stressed="b",
)
TOPIC_AREAS = Index("topic_area", "ab", topic_area_documents, (Source("catalog_topicarea"),))
EXPERTS = Index("expert", "a", expert_documents, (Source("catalog_topicexpert"),))
REFERENCES = Index("reference", "a", reference_documents, (Source("catalog_reference"),))
INDEXES = (PROGRAMS, TOPIC_AREAS, EXPERTS, REFERENCES)
