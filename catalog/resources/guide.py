"""The column guide of each kind of file: what may stand in which column, told by what checks the cells."""

from typing import NamedTuple

import tablib
from django.utils.text import capfirst, get_text_list

from .base import CatalogResource

HEADERS = ("column", "meaning", "required", "type", "allowed values", "example")


class Column(NamedTuple):
    """Describe a column; ``allowed`` holds codes with their official labels."""

    name: str
    meaning: str
    required: str
    type: str
    allowed: list[tuple[str, str]]
    example: str


def column_guide(resource: type[CatalogResource]) -> list[Column]:
    """Return what there is to know of every column of a kind of file, in the order of the export.

    The examples together are a row that can be imported where the entries that it names exist.
    """
    return [describe(resource, name) for name in resource.columns()]


def describe(resource: type[CatalogResource], name: str) -> Column:
    """Return what there is to know of a column."""
    field, widget = resource.model_field(name), resource.fields[name].widget
    sentences = [capfirst(field.verbose_name), field.help_text, resource.notes.get(name, "")]
    return Column(
        name,
        " ".join(sentence(str(text)) for text in sentences if text),
        required(resource, name),
        widget.describe(),
        widget.allowed(),
        str(resource.examples.get(name) or widget.example()),
    )


def sentence(text: str) -> str:
    """Return text with a stop at its end."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def required(resource: type[CatalogResource], name: str) -> str:
    """Say whether a row must fill the column, and whether that tells rows apart."""
    if len(resource.keys) == 1 and name in resource.keys[0]:
        is_filled = name in resource.required()
        start = "In every row." if is_filled else "In every file; a cell may be blank."
        others = [key for key in resource.keys[0] if key != name]
        return f"{start} Together with {get_text_list(others, 'and')} it tells the rows apart."
    texts = ["Needed for a new entry."] if name in resource.required() else []
    keys = [key for [key] in resource.keys] if len(resource.keys) > 1 else []
    if name in keys:
        others = [key for key in keys if key != name]
        texts.append(f"Tells the rows apart, unless {' or '.join(others)} does.")
    return " ".join(texts)


def guide_table(resource: type[CatalogResource]) -> tablib.Dataset:
    """Return the column guide as a table to download."""
    rows = [
        (*column[:4], "; ".join(f"{code} – {label}" for code, label in column.allowed), column[5])
        for column in column_guide(resource)
    ]
    return tablib.Dataset(*rows, headers=HEADERS, title="guide")


def empty_table(resource: type[CatalogResource]) -> tablib.Dataset:
    """Return the template of a file: its header row."""
    return tablib.Dataset(headers=resource.columns(), title=resource.kind)
