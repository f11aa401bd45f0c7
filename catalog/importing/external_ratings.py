"""The import of external ratings."""

from ..models import ExternalRating
from ..resources import ExternalRatingResource
from .program_links import SpelledLinkImporter


class ExternalRatingImporter(SpelledLinkImporter[ExternalRating]):
    resource_class = ExternalRatingResource
