"""The import of synonyms."""

from ..models import SynonymGroup
from ..resources.synonyms import SynonymResource
from ..values.expressions import name_key
from .importer import Importer
from .problems import same_entry
from .rows import Table

WRITTEN_OTHERWISE = (
    "It is stored as “{}”, which differs in nothing but capitals. Write it like that."
)


class SynonymImporter(Importer[SynonymGroup]):
    """Import synonyms: a row finds its group by the first word or phrase, else it is new."""

    resource_class = SynonymResource

    def prepare(self, sheet: Table) -> None:
        """Find each row's group by its exact letters; note rows that repeat one, or differ only in capitals."""
        groups = SynonymGroup.objects.order_by().values_list("pk", "name")
        stored: dict[str, tuple[int | None, str]] = {
            name_key(name): (pk, name) for pk, name in groups
        }
        first_rows: dict[str, int] = {}
        for row in self.rows(sheet):
            name = row.get("name", "")
            pk, known = stored.get(name_key(name), (None, name))
            first = first_rows.setdefault(name_key(name), row.number)
            if first != row.number:
                self.note(row.number, "name", name, same_entry(first))
            elif known != name:
                self.note(row.number, "name", name, WRITTEN_OTHERWISE.format(known))
            elif pk:
                self.found[row.number] = pk
