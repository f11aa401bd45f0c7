"""Files of references."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from ..models import Reference
from ..models.base import CatalogModel
from ..spreadsheets import Sheet
from ..values.names import match_key, new_slug
from .base import CatalogResource, SheetRow, same_entry
from .problems import first_few

# What spreadsheets make of pages "3-4": 4-Mar, Mar-04, 2026-03-04.
MADE_A_DATE = re.compile(r"\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{2}|\d{4}-\d{2}-\d{2}")


class ReferenceResource(CatalogResource):
    """A row finds its reference by key, else by DOI, else by title and year, or by title in a file without years."""

    kind = "references"
    shares_documents = True
    keys = (("key",), ("doi",), ("title",))
    key_column = "key"
    examples = {
        "year": "2007",
        "title": "Prevalence of secondary traumatic stress among social workers",
        "container": "Social Work",
        "volume": "52",
        "issue": "1",
        "url": "https://example.org/report.pdf",
    }
    notes = {
        "title": "It finds a reference together with the year, or alone in a file without years."
    }

    class Meta:
        model = Reference
        fields = [
            "key",
            "authors",
            "year",
            "title",
            "reference_type",
            "container",
            "volume",
            "issue",
            "pages",
            "doi",
            "url",
        ]

    def prepare(self, sheet: Sheet) -> None:
        self.found: dict[int, int] = {}
        self.keys_of_rows: dict[int, str] = {}
        self.by_doi: dict[str, str] = {}
        pks: dict[str, int] = {}
        by_title: dict[tuple[str, ...], str] = {}
        titles: dict[str, list[str]] = defaultdict(list)
        has_years = "year" in sheet.header
        stored = Reference.objects.order_by("-pk").values_list("key", "pk", "doi", "title", "year")
        for key, pk, doi, title, year in stored.iterator():
            pks[key] = pk
            titles[match_key(title)].append(key)
            by_title[match_key(title), str(year or "")] = key
            if doi:
                self.by_doi[doi] = key
        by_doi = dict(self.by_doi)
        numbers: dict[str, int] = {}
        taken = {*pks, *(row["key"] for row in self.rows(sheet) if row.get("key"))}
        first_rows: dict[str, int] = {}
        for row in self.rows(sheet):
            doi = Reference._meta.get_field("doi").to_python(row.get("doi", ""))
            title, year = match_key(row.get("title", "")), row.get("year", "")
            work = title, year
            alike = titles.get(title, []) if title else []
            key = row.get("key") or by_doi.get(doi) or (by_title.get(work, "") if title else "")
            if not key and not has_years and alike:
                key = self.key_of_title(row, alike)
            if not key:
                first = row.get("authors", "").partition(",")[0] or row.get("title", "")
                key = new_slug(f"{first} {row.get('year') or 'nd'}", taken, numbers)
                taken.add(key)
                by_title[work] = key
            if doi:
                by_doi.setdefault(doi, key)
            number = row["#"]
            self.keys_of_rows[number] = key
            if key in pks:
                self.found[number] = pks[key]
            elif alike:
                self.warn(number, "title", row["title"], f"Possible duplicate of “{alike[0]}”.")
            if key in first_rows:
                column = next(name for name in ("key", "doi", "title") if row.get(name))
                self.note(number, column, row[column], same_entry(first_rows[key]))
            first_rows.setdefault(key, number)

    def key_of_title(self, row: SheetRow, keys: list[str]) -> str:
        """Return the key of the reference that has a row's title; "" where several have it."""
        if len(keys) == 1:
            return keys[0]
        message = f"Several references have this title; write the key: {first_few(sorted(keys))}."
        self.note(row["#"], "title", row["title"], message)
        return ""

    def in_order(self, sheet: Sheet) -> Iterable[SheetRow]:
        """Give every row the key that it has or will have."""
        for row in self.rows(sheet):
            yield {**row, "key": self.keys_of_rows[row["#"]]}

    def clean_entry(self, entry: Any, original: Any) -> None:
        """Ask the DOIs of the catalog and of this file, instead of the database for each row."""
        CatalogModel.clean(entry)
        if not entry.doi:
            return
        if (key := self.by_doi.setdefault(entry.doi, entry.key)) != entry.key:
            raise ValidationError({"doi": f"The reference “{key}” has this DOI already."})

    def check_row(self, entry: Any, original: Any, row: SheetRow, errors: dict[str, str]) -> None:
        for column in ("volume", "issue", "pages"):
            if MADE_A_DATE.fullmatch(row.get(column, "")):
                self.warn(
                    row["#"],
                    column,
                    row[column],
                    "This looks like a date that a spreadsheet has made of numbers such as “3-4”.",
                )
