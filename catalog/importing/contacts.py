"""The import of contacts."""

from ..models import Contact
from ..resources import ContactResource
from .program_links import SpelledLinkImporter


class ContactImporter(SpelledLinkImporter[Contact]):
    resource_class = ContactResource
