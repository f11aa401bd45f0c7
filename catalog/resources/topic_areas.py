"""Files of topic areas."""

from django.db.models import QuerySet

from ..models import Reference, TopicArea, TopicExpert
from .base import STATUS_NOTE, CatalogResource
from .cells import entry_field
from .lookups import AreaLookup, Lookup


class TopicAreaResource(CatalogResource):
    """Declare files of topic areas."""

    kind = "topic areas"
    keys = (("slug",), ("name",))
    key_column = "slug"
    parent = entry_field("parent", AreaLookup())
    experts = entry_field("experts", Lookup(TopicExpert, "slug", "name"), several=True)
    further_reading = entry_field("further_reading", Lookup(Reference, "key"), several=True)
    related_areas = entry_field("related_areas", AreaLookup(), several=True)
    examples = {
        "slug": "secondary-traumatic-stress",
        "name": "Secondary Traumatic Stress",
        "parent": "workforce-well-being",
        "definition": "The stress that comes from helping people who have been through trauma.",
        "target_population": "Child welfare workers.",
        "services_types": "Training, groups and supervision.",
        "delivered_by": "Trained facilitators.",
        "inclusion_criteria": "The program must aim to lower secondary traumatic stress.",
        "rating_criteria": "Research must examine the stress of those who take part.",
        "year_added": "2021",
        "experts": "ginny-sprang",
        "further_reading": "bride-2007|sprang-2007",
        "cautionary_notes": "Groups that retell events in detail may raise stress.",
        "related_areas": "casework-practice|supervision",
        "why_chosen": "Half of those who leave child welfare work name stress as the reason.",
        "source": "Retold from the area's page at the Example Clearinghouse, read in May 2025.",
    }
    notes = {
        "experts": "Those who helped to define the area.",
        "further_reading": "References about the area as a whole.",
        "related_areas": "Areas of the catalog or of the same file; never the area itself.",
        "status": STATUS_NOTE,
    }

    class Meta:
        model = TopicArea
        fields = [
            "slug",
            "name",
            "abbreviation",
            "parent",
            "definition",
            "target_population",
            "services_types",
            "delivered_by",
            "inclusion_criteria",
            "rating_criteria",
            "year_added",
            "experts",
            "further_reading",
            "cautionary_notes",
            "related_areas",
            "why_chosen",
            "source",
            "status",
        ]

    def get_queryset(self) -> QuerySet[TopicArea]:
        return TopicArea.objects.select_related("parent").prefetch_related(
            "experts", "further_reading", "related_areas"
        )
