"""The import of contacts."""

from ..models import Contact
from ..models.contacts import REACHED_BY
from ..resources import ContactResource
from .program_links import SpelledLinkImporter


class ContactImporter(SpelledLinkImporter[Contact]):
    resource_class = ContactResource

    def check_entry(self, entry: Contact, original: Contact | None, errors: dict[str, str]) -> None:
        """Add what is wrong; where a cell is, not that nothing says whom to ask: the cell may."""
        cells = errors.keys() & set(REACHED_BY)
        super().check_entry(entry, original, errors)
        if cells and "name" not in cells:
            errors.pop("name", None)
