"""Files of topic experts."""

from ..models import TopicExpert
from .base import SluggedResource


class TopicExpertResource(SluggedResource):
    kind = "experts"
    examples = {
        "slug": "ginny-sprang",
        "position": "Professor",
        "organization": "University of Kentucky",
        "biography": "She studies the stress of those who help.",
    }

    class Meta:
        model = TopicExpert
        fields = ["slug", "name", "credentials", "position", "organization", "biography", "website"]
