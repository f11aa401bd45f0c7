"""Files of references."""

from ..models import Reference
from .base import CatalogResource


class ReferenceResource(CatalogResource):
    """Declare files of references."""

    kind = "references"
    keys = (("key",), ("doi",), ("title",))
    key_column = "key"
    examples = {
        "year": "2007",
        "title": "Prevalence of secondary traumatic stress among social workers",
        "container": "Social Work",
        "volume": "52",
        "issue": "1",
        "url": "https://example.org/report.pdf",
        "source": "Taken from the list of the Example Clearinghouse, read in May 2025.",
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
            "source",
        ]
