"""Files of topic experts."""

from ..models import TopicExpert
from .base import CatalogResource


class TopicExpertResource(CatalogResource):
    """Declare files of topic experts."""

    kind = "experts"
    keys = (("slug",), ("name",))
    key_column = "slug"
    examples = {
        "slug": "ginny-sprang",
        "position": "Professor",
        "organization": "University of Kentucky",
        "biography": "She studies the stress of those who help.",
        "source": "Retold from the university's page, read in May 2025.",
    }

    class Meta:
        model = TopicExpert
        fields = [
            "slug",
            "name",
            "credentials",
            "position",
            "organization",
            "biography",
            "website",
            "source",
        ]
