"""Files of studies."""

from django.db.models import QuerySet

from ..models import Reference, Study, StudyRole
from .base import CatalogResource
from .cells import entry_field
from .lookups import Lookup, ProgramLookup


class StudyResource(CatalogResource):
    """Declare files of studies: each stands between a program and a reference."""

    kind = "studies"
    keys = (("program", "reference"),)
    program = entry_field("program", ProgramLookup())
    reference = entry_field("reference", Lookup(Reference, "key"))
    examples = {
        "program": "steady-ground",
        "reference": "bride-2007",
        "role": StudyRole.NOT_USED,
        "exclusion_reason": "It has no control group.",
        "sample_size": "184",
        "population": "Caseworkers and supervisors.",
        "location": "Kentucky, USA",
        "follow_up_months": "12",
        "summary": "Symptoms fell; whether the effect lasted was not examined.",
    }

    class Meta:
        model = Study
        fields = [
            "program",
            "reference",
            "role",
            "exclusion_reason",
            "design",
            "sample_size",
            "population",
            "location",
            "follow_up_months",
            "summary",
        ]

    def get_queryset(self) -> QuerySet[Study]:
        return Study.objects.select_related("program", "reference")
