"""Files of rows to import, and what to look at afterwards."""

import csv
import io
import tempfile
from pathlib import Path

from django.apps import apps

from catalog.importing import IMPORTERS
from catalog.models import (
    Rating,
)
from catalog.resources import CSV, KINDS, read

from ..factories import (
    ProgramFactory,
)

# The order in which files build on one another.
LOADING_ORDER = [
    *("experts", "references", "topic-areas", "programs", "ratings"),
    *("studies", "findings", "contacts", "registries", "external-ratings"),
]
# For each kind a row that adds an entry, where the entries of `neighbours` exist.
NEW_ROWS = {
    "experts": {"name": "Robin Example"},
    "references": {"title": "A trial", "authors": "Bride, B. E.", "year": "2007"},
    "topic-areas": {"name": "Parent training"},
    "programs": {"name": "Steady Ground"},
    "ratings": {"program": "old-program", "topic_area": "old-area", "scientific_rating": "2"},
    "studies": {"program": "old-program", "reference": "old-2020"},
    "findings": {
        "program": "old-program",
        "reference": "old-2020",
        "topic_area": "old-area",
        "outcome": "Sleep",
    },
    "contacts": {"program": "old-program", "purpose": "training", "name": "Kim Example"},
    "registries": {"name": "Example Registry"},
    "external-ratings": {
        "program": "old-program",
        "registry": "old-registry",
        "scope": "Sleep",
        "rating": "Promising",
    },
}
NOTHING = {"new": 0, "changed": 0, "re-rated": 0, "unchanged": 0}


def as_csv(rows):
    """Return rows, dictionaries by column, as the text of a CSV file."""
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def load(kind, content, *, user=None, reason="", record=None, **kwargs):
    """Import a file, given as text, as bytes or as rows."""
    if isinstance(content, list):
        content = as_csv(content)
    data = content.encode() if isinstance(content, str) else content
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        importer = IMPORTERS[kind](user=user, reason=reason, record=record)
        return importer.run(read(kind, Path(file.name)), **kwargs)


def problems(result):
    return [tuple(problem) for problem in result.problems]


def places(result):
    """Where the problems are, whatever they say."""
    return [(problem.row, problem.column) for problem in result.problems]


def counts(new=0, changed=0, re_rated=0, unchanged=0):
    return {"new": new, "changed": changed, "re-rated": re_rated, "unchanged": unchanged}


def stored():
    """Return every row of every table of the catalog, the tables of its history too."""
    tables = apps.get_app_config("catalog").get_models(include_auto_created=True)
    return {
        table._meta.label: sorted(map(repr, table._base_manager.values_list())) for table in tables
    }


def exported(kind, form=CSV):
    """Return the bytes of the file that the export writes."""
    return form().export_data(KINDS[kind]().export())


def exported_rows(kind):
    return list(csv.DictReader(io.StringIO(exported(kind).decode("utf-8-sig"), newline="")))


def full_program(**kwargs):
    return ProgramFactory(
        **{
            "name": "Full",
            "acronym": "F",
            "also_known_as": ("Filled",),
            "description": "Words.",
            "child_age_min": 3,
            "child_age_max": 12,
            "relevance_level": "high",
            "outcomes": ("safety",),
            "languages": ("English",),
            "manual_available": "yes",
            "is_nonresponder": True,
            "loaded_on": "2020-05",
            "website": "https://example.org/",
            **kwargs,
        }
    )


def values(entry):
    """Return what an entry's columns hold."""
    return {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}


def ratings():
    """Return the ratings of all programs, past ones first."""
    columns = ("scientific_rating", "rated_on", "not_rated_reason", "is_current")
    return list(Rating.objects.order_by("is_current", "pk").values_list(*columns))


def rate(level, rated_on="", reason=""):
    """Import a row of programs.csv that rates the old program in the old area."""
    return load(
        "programs",
        "slug,topic_area,scientific_rating,rated_on,not_rated_reason\n"
        f"old-program,OA,{level},{rated_on},{reason}\n",
        reason="Imported from programs.csv",
    )


def history_file(*rows):
    header = "program,topic_area,scientific_rating,not_rated_reason,rationale,rated_on,is_current"
    return "\n".join([header, *(f"old-program,OA,{row}" for row in rows), ""])
