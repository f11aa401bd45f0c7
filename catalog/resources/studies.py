"""Files of studies."""

from django.db.models import QuerySet

from ..models import Comparison, Reference, Study, StudyDesign
from .base import CatalogResource
from .cells import entry_field
from .lookups import Lookup, ProgramLookup


class StudyResource(CatalogResource):
    """Declare files of studies: each stands between a program and a reference."""

    kind = "studies"
    keys = (("program", "reference"),)
    former_columns = ("role", "exclusion_reason", "population", "sample_size")
    program = entry_field("program", ProgramLookup())
    reference = entry_field("reference", Lookup(Reference, "key"))
    same_sample_as = entry_field("same_sample_as", Lookup(Reference, "key"))
    examples = {
        "program": "steady-ground",
        "reference": "bride-2007",
        "design": StudyDesign.RCT,
        "comparison": Comparison.USUAL_CARE,
        "same_sample_as": "bride-2005",
        "participants_gender": "82 % women",
        "participants_race_ethnicity": "61 % white, 30 % Black",
        "enrolled": "184",
        "analysed": "170",
        "follow_up_months": "12",
        "summary": "Symptoms fell, and more than in the other group.",
        "limitations": "Many left before the last interview.",
    }

    class Meta:
        model = Study
        fields = [
            "program",
            "reference",
            "design",
            "design_note",
            "comparison",
            "peer_reviewed",
            "usual_care",
            "sound_measures",
            "independent",
            "same_sample_as",
            "participants_age",
            "participants_gender",
            "participants_race_ethnicity",
            "participants_status",
            "enrolled",
            "analysed",
            "location",
            "follow_up_months",
            "summary",
            "limitations",
        ]

    def get_queryset(self) -> QuerySet[Study]:
        return Study.objects.select_related("program", "reference", "same_sample_as")
