"""Files of synonyms."""

from ..models import SynonymGroup
from .base import CatalogResource


class SynonymResource(CatalogResource):
    """Declare files of synonyms, which are no kind of the import: their list in the admin takes them in."""

    kind = "synonyms"
    keys = (("name",),)
    key_column = "name"
    examples = {"name": "burnout", "synonyms": "compassion fatigue|vicarious trauma"}

    class Meta:
        model = SynonymGroup
        fields = ["name", "synonyms"]
