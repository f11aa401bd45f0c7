"""The import of topic experts."""

from ..models import TopicExpert
from ..resources import TopicExpertResource
from .slugged import SluggedImporter


class TopicExpertImporter(SluggedImporter[TopicExpert]):
    resource_class = TopicExpertResource
