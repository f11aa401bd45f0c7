"""Files of registries."""

from ..models import Registry
from .base import CatalogResource


class RegistryResource(CatalogResource):
    """Declare files of registries: who else rates programs, and how."""

    kind = "registries"
    keys = (("slug",), ("name",))
    key_column = "slug"
    examples = {
        "slug": "crimesolutions",
        "url": "https://crimesolutions.ojp.gov/",
        "scale": "Effective, promising or no effects.",
    }
    notes = {"state": "A blank cell keeps it; a new registry is active."}

    class Meta:
        model = Registry
        fields = ["slug", "name", "url", "scale", "state"]
