"""The import of registries."""

from ..models import Registry
from ..resources import RegistryResource
from ..values.expressions import name_key
from .importer import CellValues
from .rows import SheetRow, Table
from .slugged import SluggedImporter

NAME_IS_TAKEN = "The registry “{}” has this name."


class RegistryImporter(SluggedImporter[Registry]):
    resource_class = RegistryResource

    def prepare(self, sheet: Table) -> None:
        super().prepare(sheet)
        # The names that registries have or, in rows before, get.
        self.holders = {
            name_key(name): slug for slug, name in Registry.objects.values_list("slug", "name")
        }

    def read_cells(
        self, row: SheetRow, original: Registry | None, errors: dict[str, str]
    ) -> CellValues:
        """Return what the cells give the registry. A blank state is as none: every registry has one."""
        if not row.get("state"):
            row.pop("state", None)
        return super().read_cells(row, original, errors)

    def check_row(
        self, entry: Registry, original: Registry | None, row: SheetRow, errors: dict[str, str]
    ) -> None:
        """Refuse a name that another registry has, or gets by the file."""
        super().check_row(entry, original, row, errors)
        holder = self.holders.setdefault(name_key(entry.name), entry.slug) if entry.name else ""
        if holder and holder != entry.slug:
            errors.setdefault("name", NAME_IS_TAKEN.format(holder))
