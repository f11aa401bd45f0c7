"""Files of external ratings."""

from django.db.models import QuerySet

from ..models import ExternalRating, Registry
from .base import CatalogResource
from .cells import entry_field
from .lookups import Lookup, ProgramLookup


class ExternalRatingResource(CatalogResource):
    """Declare files of external ratings: what other registries say of a program."""

    kind = "external ratings"
    keys = (("program", "registry", "scope"),)
    program = entry_field("program", ProgramLookup())
    registry = entry_field("registry", Lookup(Registry, "slug", "name"))
    examples = {
        "program": "steady-ground",
        "registry": "crimesolutions",
        "url": "https://example.org/registry/steady-ground",
        "rated_on": "2021",
        "checked_on": "2025-05-12",
        "checked_by": "Robin Example",
    }
    notes = {"registry": "A file of registries adds it."}

    class Meta:
        model = ExternalRating
        fields = [
            "program",
            "registry",
            "scope",
            "rating",
            "url",
            "rated_on",
            "checked_on",
            "checked_by",
        ]

    def get_queryset(self) -> QuerySet[ExternalRating]:
        return ExternalRating.objects.select_related("program", "registry")
