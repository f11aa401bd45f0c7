"""Files of contacts."""

from django.db.models import QuerySet

from ..models import Contact, ContactPurpose
from .base import CatalogResource
from .cells import entry_field
from .lookups import ProgramLookup


class ContactResource(CatalogResource):
    """Declare files of contacts: whom to ask about a program, beside its main contact."""

    kind = "contacts"
    keys = (("program", "purpose", "name"),)
    program = entry_field("program", ProgramLookup())
    examples = {
        "program": "steady-ground",
        "purpose": ContactPurpose.TRAINING,
        "name": "Kim Example",
        "organization": "Example County",
        "phone": "555-0101",
    }
    notes = {
        "program": "Its main contact stands in the file of programs.",
        "name": "A row says at least who, where or how: one of this column and those after it.",
    }

    class Meta:
        model = Contact
        fields = [
            "program",
            "purpose",
            "name",
            "title",
            "organization",
            "email",
            "phone",
            "website",
        ]

    def get_queryset(self) -> QuerySet[Contact]:
        return Contact.objects.select_related("program")
