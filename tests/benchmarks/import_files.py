"""Write the files to import: generated programs, one row for each; the same with changes; their topic areas.

Run by imports.py, on a database of its own that is empty. Everything is written as it is read, row by row.
"""

import csv
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the settings

from catalog.resources import ProgramResource, TopicAreaResource  # noqa: E402

AREAS, NEW, CHANGED = "topic-areas.csv", "programs.csv", "changed.csv"
# What would need further files.
RELATIONS = {"experts", "further_reading"}


def main():
    parser = ArgumentParser()
    parser.add_argument("size", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    # Some programs are rated nowhere, and are left out.
    call_command("generate_catalog", str(options.size + options.size // 10 + 20), verbosity=0)
    columns = ProgramResource.columns()
    write(options.folder / NEW, columns, islice(rated_once(), options.size))
    write(options.folder / CHANGED, columns, map(changed, islice(rated_once(), options.size)))
    areas = TopicAreaResource()
    kept = [column for column in areas.columns() if column not in RELATIONS]
    write(options.folder / AREAS, kept, rows_of(areas))


def rows_of(resource):
    """Yield each row of an export by column. A cell is not made safe for spreadsheets: not every reader restores it."""
    for entry in resource.iter_queryset(resource.get_queryset().order_by("pk")):
        yield dict(zip(resource.columns(), resource.export_resource(entry), strict=True))


def rated_once():
    """Yield the first row of each program that is rated."""
    last = None
    for row in rows_of(ProgramResource()):
        if row["slug"] != last and row["topic_area"]:
            yield row
        last = row["slug"]


def changed(row):
    """Return the row with another text, another list and another date."""
    return {
        **row,
        "description": f"{row['description']} Revised.",
        "languages": f"{row['languages']}|Esperanto" if row["languages"] else "Esperanto",
        "content_last_reviewed": "2026-01-15",
    }


def write(path, columns, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
