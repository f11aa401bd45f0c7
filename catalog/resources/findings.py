"""Files of findings."""

from django.db.models import QuerySet

from ..models import Effect, Finding, NotCountedReason, Reference
from .base import CatalogResource
from .cells import entry_field
from .lookups import AreaLookup, Lookup, ProgramLookup


class FindingResource(CatalogResource):
    """Declare files of findings: what each study of a program found, outcome by outcome."""

    kind = "findings"
    keys = (("program", "reference", "topic_area", "outcome"),)
    program = entry_field("program", ProgramLookup())
    reference = entry_field("reference", Lookup(Reference, "key"))
    topic_area = entry_field("topic_area", AreaLookup())
    examples = {
        "program": "steady-ground",
        "reference": "bride-2007",
        "topic_area": "secondary-traumatic-stress",
        "effect": Effect.BENEFIT,
        "sustained_months": "12",
        "counts": "no",
        "not_counted_reason": NotCountedReason.SAME_SAMPLE,
    }
    notes = {
        "reference": "One of the program's studies, which a file of studies adds.",
        "counts": "A blank means yes for a new finding, and leaves one that is recorded as it is.",
    }

    class Meta:
        model = Finding
        fields = [
            "program",
            "reference",
            "topic_area",
            "outcome",
            "effect",
            "sustained_months",
            "counts",
            "not_counted_reason",
            "note",
        ]

    def get_queryset(self) -> QuerySet[Finding]:
        return Finding.objects.select_related("program", "reference", "topic_area")
