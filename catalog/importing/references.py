"""The import of references."""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.core.exceptions import ValidationError

from ..models import Reference
from ..models.base import LOST_SLUG, CatalogModel, first_free
from ..resources import ReferenceResource
from ..resources.lookups import moved
from ..values.names import match_key, new_slug, slug_of
from .importer import Importer
from .problems import first_few, same_entry
from .rows import SheetRow, Table

# What spreadsheets make of pages "3-4": 4-Mar, Mar-04, 2026-03-04.
MADE_A_DATE = re.compile(r"\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{2}|\d{4}-\d{2}-\d{2}")


class ReferenceImporter(Importer[Reference]):
    """Import references: a row finds its own by key, else by DOI, else by title and year.

    In a file without years the title alone finds it.
    """

    resource_class = ReferenceResource
    shares_documents = True

    def prepare(self, sheet: Table) -> None:
        self.keys_of_rows: dict[int, str] = {}
        self.has_years = "year" in sheet.header
        self.numbers: dict[str, int] = {}
        self.taken = {row["key"] for row in self.rows(sheet) if row.get("key")}
        self.read_stored()
        # Rows find one another by their DOIs, too; whether two may have one is asked of the catalog's alone.
        self.dois_of_rows = dict(self.by_doi)
        self.claim_works(sheet)
        first_rows: dict[str, int] = {}
        for row in self.rows(sheet):
            alike = self.by_title.get(match_key(row.get("title", "")), [])
            key = self.keys_of_rows[row.number] = self.key_of_row(row, alike)
            if key in self.former:
                self.note(row.number, "key", key, moved(key, self.former[key], "key"))
            elif key in self.lost and key not in self.pks:
                free = first_free(key, self.taken.intersection)
                self.note(row.number, "key", key, LOST_SLUG.format("key", free))
            if key in self.pks:
                self.found[row.number] = self.pks[key]
            elif alike:
                message = f"Possible duplicate of “{alike[0]}”."
                self.warn(row.number, "title", row["title"], message)
            if key in first_rows:
                column = next(name for name in ("key", "doi", "title") if row.get(name))
                self.note(row.number, column, row[column], same_entry(first_rows[key]))
            first_rows.setdefault(key, row.number)

    def read_stored(self) -> None:
        """Read the references that there are, by what a row may name them."""
        self.pks: dict[str, int] = {}
        self.by_doi: dict[str, str] = {}
        self.by_title: dict[str, list[str]] = defaultdict(list)
        self.by_work: dict[tuple[str, str], str] = {}
        self.years: dict[str, str] = {}
        stored = Reference.objects.order_by("-pk").values_list("key", "pk", "doi", "title", "year")
        for key, pk, doi, title, year in stored.iterator():
            self.pks[key] = pk
            self.years[key] = str(year or "")
            # A title of signs alone finds nothing.
            if name := match_key(title):
                self.by_title[name].append(key)
                self.by_work[name, self.years[key]] = key
            if doi:
                self.by_doi[doi] = key
        # Of those that were merged into others.
        self.former = Reference.objects.former_keys()
        # Of those that were public and are deleted.
        self.lost = Reference.objects.lost_addresses()
        self.taken |= {*self.pks, *self.former, *self.lost}

    def claim_works(self, sheet: Table) -> None:
        """Read what title and year the rows found by key or DOI give their references.

        Another row with that title and year then finds the reference that it would find the next time: of
        several the oldest, as in ``read_stored``.
        """
        newest = max(self.pks.values(), default=0) + 1
        for row in self.rows(sheet):
            key = row.get("key") or self.by_doi.get(doi_of_row(row))
            title = match_key(row.get("title", ""))
            if not key or not title:
                continue
            work = title, row.get("year", self.years.get(key, ""))
            other = self.by_work.get(work, key)
            self.by_work[work] = min(other, key, key=lambda one: self.pks.get(one, newest))

    def key_of_row(self, row: SheetRow, alike: list[str]) -> str:
        """Return the key of a row's reference, old or new; ``alike`` are the keys of those that have its title."""
        doi = doi_of_row(row)
        title = match_key(row.get("title", ""))
        work = title, row.get("year", "")
        key = (
            row.get("key")
            or self.dois_of_rows.get(doi)
            or (self.by_work.get(work) if title else "")
        )
        if not key and not self.has_years and alike:
            key = self.key_of_title(row, alike)
        if not key:
            first = row.get("authors", "").partition(",")[0] or row.get("title", "")
            # What is no year is told as a mistake; a row has a key all the same.
            year = slug_of(row.get("year", "")) or "nd"
            key = new_slug(f"{first} {year}", self.taken, self.numbers)
            self.taken.add(key)
            self.by_work[work] = key
        if doi:
            self.dois_of_rows.setdefault(doi, key)
        return key

    def key_of_title(self, row: SheetRow, keys: list[str]) -> str:
        """Return the key of the reference that has a row's title; "" where several have it."""
        if len(keys) == 1:
            return keys[0]
        message = f"Several references have this title; write the key: {first_few(sorted(keys))}."
        self.note(row.number, "title", row["title"], message)
        return ""

    def in_order(self, sheet: Table) -> Iterable[SheetRow]:
        """Return the rows, each with the key that it has or will have."""
        for row in self.rows(sheet):
            row["key"] = self.keys_of_rows[row.number]
            yield row

    def clean_entry(self, entry: Reference, original: Reference | None) -> None:
        """Apply the model's rules, with the DOIs that were read before instead of a query for each row."""
        CatalogModel.clean(entry)
        if not entry.doi:
            return
        if (key := self.by_doi.setdefault(entry.doi, entry.key)) != entry.key:
            raise ValidationError({"doi": f"The reference “{key}” has this DOI already."})

    def check_row(
        self,
        entry: Reference,
        original: Reference | None,
        row: SheetRow,
        errors: dict[str, str],
    ) -> None:
        """Warn of numbers that a spreadsheet has made a date."""
        for column in ("volume", "issue", "pages"):
            if MADE_A_DATE.fullmatch(row.get(column, "")):
                self.warn(
                    row.number,
                    column,
                    row[column],
                    "This looks like a date that a spreadsheet has made of numbers such as “3-4”.",
                )


def doi_of_row(row: SheetRow) -> str:
    """Return the DOI of a row as the field keeps it; "" without one."""
    doi: str = Reference._meta.get_field("doi").to_python(row.get("doi", ""))
    return doi
