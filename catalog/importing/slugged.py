"""What the imports of topic areas, experts and programs have in common: entries with a slug and a name."""

from collections.abc import Iterator

from django.utils.functional import cached_property
from rapidfuzz import fuzz, process

from ..models.base import LOST_SLUG, NO_SLUG, Slugged, first_free
from ..resources.lookups import MOST_SUGGESTIONS, moved
from ..values.names import NearNames, match_key, new_slug, slug_of
from .importer import Importer
from .problems import Problem, first_few, same_entry
from .rows import SheetRow, Table

# How many of a hundred letters a slug shares with one that may be meant.
ALIKE = 75


class SluggedImporter[Entry: Slugged](Importer[Entry]):
    """Import entries with a slug and a name: a row finds its own by slug, else by name, else it is new."""

    def prepare(self, sheet: Table) -> None:
        self.slugs: dict[int, str] = {}
        self.numbers: dict[str, int] = {}
        self.suggestions = MOST_SUGGESTIONS
        self.read_stored()
        names = [(row.number, row.get("slug", ""), row.get("name", "")) for row in self.rows(sheet)]
        self.in_file = {slug for _, slug, _ in names if slug}
        self.nameless = set() if "name" in sheet.header else self.in_file - self.pks.keys()
        for _, slug, name in names:
            if slug and name:
                self.add_name(match_key(name), slug)
        first_rows: dict[str, int] = {}
        for number, given, name in names:
            slug = self.slugs[number] = given or self.slug_of_row(number, name)
            if slug in self.pks:
                self.found[number] = self.pks[slug]
            elif slug in self.former or slug not in first_rows:
                self.check_new(number, slug, name)
            if slug in first_rows:
                column, value = ("slug", given) if given else ("name", name)
                self.repeat(slug, first_rows[slug], Problem(number, column, value, ""))
            first_rows.setdefault(slug, number)

    def read_stored(self) -> None:
        """Read the entries that there are, by what a row may name them."""
        self.pks: dict[str, int] = {}
        # Of each name's slugs only the keys count: they keep their order.
        self.slugs_by_name: dict[str, dict[str, None]] = {}
        entries = self.model._default_manager.values_list("slug", "pk", "name")
        for slug, pk, name in entries.iterator():
            self.pks[slug] = pk
            self.add_name(match_key(name), slug)
        self.near_names = NearNames(self.slugs_by_name)

    @cached_property
    def former(self) -> dict[str, str]:
        """Return the former slugs, each with the present one: read once, and only for what is new."""
        return self.model._default_manager.former_slugs()  # type: ignore[attr-defined]

    @cached_property
    def lost(self) -> set[str]:
        """Return the slugs of what was public and is deleted: read once, and only for what is new."""
        return self.model._default_manager.lost_addresses()  # type: ignore[attr-defined]

    @cached_property
    def taken(self) -> set[str]:
        """Return the slugs that a new entry cannot get by itself: what others have or had, and what the file gives."""
        return {*self.pks, *self.former, *self.lost, *self.in_file}

    def check_new(self, number: int, slug: str, name: str) -> None:
        """Note a slug that is another entry's former one; warn of a name very like that of another, now or then."""
        if slug in self.former:
            self.note(number, "slug", slug, moved(slug, self.former[slug]))
        elif slug in self.lost:
            free = first_free(slug, self.taken.intersection)
            self.note(number, "slug", slug, LOST_SLUG.format("slug", free))
        elif name and not self.problems.has(number, "name"):
            key = match_key(name)
            near = self.near_names.find(key)
            like = next(iter(self.slugs_by_name[near])) if near else self.former.get(slug_of(name))
            if like:
                self.warn(number, "name", name, f"Possible duplicate of “{like}”.")
            self.near_names.add(key)

    def check_entry(self, entry: Entry, original: Entry | None, errors: dict[str, str]) -> None:
        """Say of an unknown slug in a file without names that nothing has it: it is mistyped, as a rule."""
        super().check_entry(entry, original, errors)
        if "name" in errors and entry.slug in self.nameless:
            del errors["name"]
            errors.setdefault("slug", self.explain_slug(entry.slug))

    def explain_slug(self, slug: str) -> str:
        """Return that no entry has a slug; the first few times with the one that may be meant."""
        near = None
        if self.suggestions:
            self.suggestions -= 1
            near = process.extractOne(slug, list(self.pks), scorer=fuzz.ratio, score_cutoff=ALIKE)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        kind = self.model._meta.verbose_name
        return f"There is no {kind} “{slug}”.{hint} A new one needs a name."

    def rows(self, sheet: Table) -> Iterator[SheetRow]:
        """Yield the rows; each has a slug as soon as it is known."""
        for row in super().rows(sheet):
            if row.number in self.slugs:
                row["slug"] = self.slugs[row.number]
            yield row

    def add_name(self, name: str, slug: str) -> None:
        """Add an entry's name, by which rows without a slug find it."""
        self.slugs_by_name.setdefault(name, {})[slug] = None

    def slugs_named(self, name: str) -> dict[str, None]:
        """Return the slugs of the entries that a row may mean by a name."""
        return self.slugs_by_name.get(name, {})

    def slug_of_row(self, number: int, name: str) -> str:
        """Return the slug of the entry of a row that gives none, old or new.

        A row whose entry cannot be told is taken for a new one, so that its other cells are checked all the same.
        """
        if not name:
            self.note(number, "name", "", "Without a slug the row needs a name.")
        key = match_key(name)
        slugs = self.slugs_named(key)
        if len(slugs) > 1:
            message = f"Several entries have this name; write the slug: {first_few(slugs)}."
            self.note(number, "name", name, message)
        elif slugs:
            return next(iter(slugs))
        slug = new_slug(name, self.taken, self.numbers)
        if not slug:
            self.note(number, "name", name, NO_SLUG.format(name))
            slug = new_slug(f"row {number}", self.taken, self.numbers)
        self.taken.add(slug)
        if name:
            self.add_name(key, slug)
        return slug

    def repeat(self, slug: str, first: int, problem: Problem) -> None:
        """Note that a row is about the same entry as an earlier one; only programs may take more than one."""
        self.note(*problem[:3], same_entry(first))
