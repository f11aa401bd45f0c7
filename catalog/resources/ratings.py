"""Files of ratings."""

from django.db.models import QuerySet

from ..models import Rating, ScaleEdition, ScientificRating
from .base import CatalogResource
from .cells import entry_field
from .lookups import AreaLookup, Lookup, ProgramLookup

# The columns that place a program in a topic area, in files of programs too.
RATING_COLUMNS = ("topic_area", "scientific_rating", "rated_on", "not_rated_reason")


class RatingResource(CatalogResource):
    """Declare files of ratings, the whole history: a row adds a fact or repeats one."""

    kind = "ratings"
    keys = (("program", "topic_area", "scientific_rating"),)
    program = entry_field("program", ProgramLookup())
    topic_area = entry_field("topic_area", AreaLookup())
    scale_edition = entry_field("scale_edition", Lookup(ScaleEdition, "name"))
    examples = {
        "program": "steady-ground",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
        "rationale": "There is no published study of it.",
        "scale_edition": "2012",
    }
    notes = {
        "rated_on": "A date that only says more of the current rating's completes it; another date is another rating.",
        "is_current": "Yes for the rating that holds now, no for one that held before.",
    }

    class Meta:
        model = Rating
        fields = [
            "program",
            "topic_area",
            "scientific_rating",
            "not_rated_reason",
            "rationale",
            "rated_on",
            "scale_edition",
            "is_current",
        ]

    def get_queryset(self) -> QuerySet[Rating]:
        return Rating.objects.select_related("program", "topic_area", "scale_edition")
