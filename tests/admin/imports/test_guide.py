"""The guide to the columns of each kind of file, and the templates: what they say is what an import takes."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from django.urls import reverse

from catalog.models import Program, Reference
from catalog.resources import KINDS, column_guide, read
from catalog.resources.cells import EntriesWidget, EntryWidget
from catalog.resources.related_programs import RELATED_COLUMN

from ...factories import (
    ProgramFactory,
    ReferenceFactory,
    RegistryFactory,
    ScaleEditionFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ...importing.loading import counts, load, problems

pytestmark = [pytest.mark.once, pytest.mark.django_db]

PAGES = ["import_guide", "import_guide_csv", "import_template_csv", "import_template_xlsx"]

FACTORIES = {
    "topicexpert": TopicExpertFactory,
    "topicarea": TopicAreaFactory,
    "program": ProgramFactory,
    "reference": ReferenceFactory,
    "registry": RegistryFactory,
    "scaleedition": ScaleEditionFactory,
}

RATING_COLUMNS = {"topic_area", "scientific_rating", "rated_on", "not_rated_reason"}

# A cell that only goes with another one's value.
GOES_WITH = {
    "not_rated_reason": ("scientific_rating", "NR"),
    "not_counted_reason": ("counts", "no"),
    "not_provided": ("training_available", "not-known"),
    "logic_model_url": ("logic_model", "yes"),
}


def example_row(kind):
    return {column.name: column.example for column in column_guide(KINDS[kind])}


def store_entries_named(kind):
    """Store every entry that the example row names."""
    for column in column_guide(KINDS[kind]):
        widget = KINDS[kind].fields[column.name].widget
        if isinstance(widget, EntryWidget | EntriesWidget):
            for key in column.example.split("|"):
                factory = FACTORIES[widget.lookup.model._meta.model_name]
                factory(**{widget.lookup.key: key})
        elif column.name == "raters":
            TopicExpertFactory(slug=column.example.partition("|")[0])
        elif column.name == RELATED_COLUMN:
            for text in column.example.split("|"):
                ProgramFactory(slug=text.partition(":")[2])
    if kind == "findings":
        StudyFactory(program=Program.objects.get(), reference=Reference.objects.get())


def coded_columns():
    return [
        (kind, column.name, column.allowed)
        for kind in KINDS
        for column in column_guide(KINDS[kind])
        if column.allowed
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_explained(kind):
    columns = column_guide(KINDS[kind])

    assert [column.name for column in columns] == KINDS[kind].columns()
    for column in columns:
        assert column.meaning.endswith((".", "?", "!")), column
        assert column.type, column
        assert column.example, column
        names_codes = "these codes" in column.type
        assert bool(column.allowed) is names_codes, column


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_said_of_columns_that_do_not_exist(kind):
    resource = KINDS[kind]

    assert {*resource.examples, *resource.notes} - set(resource.columns()) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_examples_are_a_row_that_is_imported(kind):
    store_entries_named(kind)

    result = load(kind, [example_row(kind)])

    assert (problems(result), result.warnings) == ([], [])
    assert result.counts == counts(new=1)


@pytest.mark.alike(12)
@pytest.mark.parametrize(("kind", "column", "allowed"), coded_columns())
def test_listed_codes_and_labels_are_accepted_and_no_other(kind, column, allowed):
    store_entries_named(kind)

    def outcome(cell):
        row = {**example_row(kind), column: cell}
        if column == "not_provided":
            # What may be named is blank.
            row = {"name": row["name"], column: cell}
        for name, (other, value) in GOES_WITH.items():
            if other == column and cell.casefold() != value.casefold():
                row.pop(name, None)
        result = load(kind, [row], dry_run=True)
        return [problem.column for problem in result.problems]

    codes, labels = zip(*allowed, strict=True)
    assert {code: outcome(code) for code in codes} == {code: [] for code in codes}
    # A design in words is kept as a note.
    assert outcome(f"{codes[0]}x") == ([] if column == "design" else [column])
    for label in labels:
        if label != "Not able to be Rated":
            assert outcome(label) == [], label


@pytest.mark.parametrize("kind", KINDS)
def test_required_columns_are_those_that_a_new_row_cannot_leave_blank(kind):
    store_entries_named(kind)

    def is_refused(column):
        row = {**example_row(kind), column: ""}
        # What goes only with the cell that is blank now, and the other half of a program's rating.
        left = {name for name, (other, _) in GOES_WITH.items() if other == column}
        left |= RATING_COLUMNS if column in RATING_COLUMNS and kind == "programs" else set()
        row |= dict.fromkeys(left, "")
        return bool(load(kind, [row], dry_run=True).problems)

    columns = column_guide(KINDS[kind])
    required = [
        c.name for c in columns if c.required.startswith(("In every row", "Needed for a new"))
    ]
    assert [column.name for column in columns if is_refused(column.name)] == required


def test_guide_says_what_a_blank_cell_of_a_rating_means():
    meanings = {column.name: column.meaning for column in column_guide(KINDS["programs"])}

    assert [meanings[name].partition("A blank cell")[2] for name in sorted(RATING_COLUMNS)] == [
        " leaves the reason as recorded.",
        " leaves the date as recorded; one that only says more of it completes it; another date is another rating.",
        "",
        "",
    ]


def test_types_are_told_in_words():
    types = {column.name: column.type for column in column_guide(KINDS["programs"])}

    assert {name: types[name] for name in ("name", "child_age_min", "loaded_on", "slug")} == {
        "name": "Text, up to 300 characters",
        "child_age_min": "Whole number, 0 to 25",
        "loaded_on": "Date: 2024, 2024-06 or 2024-06-15",
        "slug": "Letters a to z, digits, hyphens and underscores, up to 100 characters",
    }
    assert [types[name] for name in ("is_nonresponder", "status", "outcomes", "languages")] == [
        "Yes or no",
        "One of these codes",
        "Several of these codes, separated by |",
        "Several texts, separated by |",
    ]
    assert types["topic_area"] == "The slug, name or abbreviation of a topic area"


# --- In the admin


def page(kind, name):
    model = KINDS[kind]._meta.model._meta.model_name
    return reverse(f"admin:catalog_{model}_{name}")


@pytest.mark.parametrize("kind", KINDS)
def test_guide_page_shows_every_column(kind, editor_client):
    html = editor_client.get(page(kind, "import_guide")).content.decode()

    for column in column_guide(KINDS[kind]):
        assert f'<th scope="row"><code>{column.name}</code></th>' in html
    assert [name for name in PAGES[1:] if f'href="{page(kind, name)}"' in html] == PAGES[1:]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["import_template_csv", "import_template_xlsx"])
def test_template_is_an_empty_file_with_all_columns(kind, name, editor_client):
    response = editor_client.get(page(kind, name))

    extension = name.rpartition("_")[2]
    file_name = f"{KINDS[kind].kind.replace(' ', '-')}-template.{extension}"
    assert response["Content-Disposition"] == f'attachment; filename="{file_name}"'
    with tempfile.NamedTemporaryFile() as file:
        file.write(response.content)
        file.flush()
        sheet = read(kind, Path(file.name))
    assert (sheet.header, sheet.total) == (KINDS[kind].columns(), 0)


def test_guide_is_a_file_too(editor_client):
    content = editor_client.get(page("ratings", "import_guide_csv")).content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["column"] for row in rows] == KINDS["ratings"].columns()
    assert rows[2] == {
        "column": "scientific_rating",
        "meaning": "Scientific rating. For this topic area alone. 1 is the most support by research. NR: the research "
        "which a level needs was not found. Rigorous trials in which it works no better than usual care are 4.",
        "required": "In every row. Together with program and topic_area it tells the rows apart.",
        "type": "One of these codes",
        "allowed values": (
            "1 – Well-Supported by Research Evidence; 2 – Supported by Research Evidence; "
            "3 – Promising Research Evidence; 4 – Evidence Fails to Demonstrate Effect; "
            "5 – Concerning Practice; NR – Not able to be Rated"
        ),
        "example": "NR",
    }


@pytest.mark.parametrize("name", PAGES)
def test_guide_is_for_those_who_may_import(name, client, writer):
    client.force_login(writer)

    assert client.get(page("programs", name)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_guide_asks_to_sign_in(name, client):
    client.force_login(UserFactory())

    assert client.get(page("programs", name)).status_code == 302
