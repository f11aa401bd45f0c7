"""Files of programs, and of where they are rated now."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.db.models import Field as ModelField
from import_export.fields import Field

from ..models import Program, Rating, ScientificRating
from .base import STATUS_NOTE, CatalogResource
from .cells import EntryWidget, FieldWidget
from .lookups import AreaLookup
from .ratings import RATING_COLUMNS


class ExportedRating(NamedTuple):
    """Hold the cells of a current rating; blank for a program that has none."""

    topic_area: str = ""
    scientific_rating: str = ""
    rated_on: str = ""
    not_rated_reason: str = ""


class ProgramResource(CatalogResource):
    """Declare files of programs and, with the last four columns, of their place in a topic area.

    A program in several topic areas takes several rows; after the first, a blank program cell means "as above".
    """

    kind = "programs"
    keys = (("slug",), ("name",))
    key_column = "slug"
    topic_area = Field(column_name="topic_area", widget=EntryWidget(AreaLookup()))
    scientific_rating = Field(
        column_name="scientific_rating",
        widget=FieldWidget(Rating._meta.get_field("scientific_rating")),
    )
    rated_on = Field(column_name="rated_on", widget=FieldWidget(Rating._meta.get_field("rated_on")))
    not_rated_reason = Field(
        column_name="not_rated_reason",
        widget=FieldWidget(Rating._meta.get_field("not_rated_reason")),
    )
    examples = {
        "slug": "steady-ground",
        "name": "Steady Ground®",
        "also_known_as": "Steady Ground for Teams|Firm Ground",
        "description": "A team meets once a week to talk through what its cases do to it.",
        "scope_note": "Only the form for groups was reviewed.",
        "target_population": "Casework teams and their supervisors.",
        "child_age_min": "0",
        "child_age_max": "17",
        "caregiver_child_age_min": "3",
        "caregiver_child_age_max": "12",
        "goals": "To lower stress, and to strengthen support within the team.",
        "essential_components": "Closed groups of 6 to 12 colleagues.",
        "languages": "English|Spanish",
        "manual_notes": "From the program's website.",
        "training_available": "not-known",
        "training_notes": "Two letters about it were not answered.",
        "contact_name": "Robin Example",
        "contact_organization": "Example County",
        "contact_phone": "555-0100",
        "logic_model": "yes",
        "logic_model_url": "https://example.org/steady-ground/logic-model.pdf",
        "pre_implementation_notes": "A checklist of readiness.",
        "formal_support_notes": "Monthly calls for a year.",
        "fidelity_measures_notes": "The Steady Ground Checklist, filled in by facilitators.",
        "implementation_guides_notes": "A guide for supervisors, from the website.",
        "implementation_research_notes": "A survey of the first agencies that took it up.",
        "child_services": "Sleep of children whose caregivers take part.",
        "caregiver_services": "Stress that comes from caring for children who have been through trauma.",
        "adverse_effects": "One study looked for harm and found none.",
        "cost": "$2,000 for the training of a team.",
        "cost_year": "2024",
        "source": "Retold from the program's page at the Example Clearinghouse, read in May 2025.",
        "not_provided": "training_available",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
    }
    notes = {
        "not_provided": "The names of columns that are blank.",
        "status": STATUS_NOTE,
        "topic_area": "Where the program is rated. One that is rated in several areas takes a row for each.",
        "rated_on": "A blank cell leaves the date as recorded; one that only says more of it completes it; "
        "another date is another rating.",
        "not_rated_reason": "A blank cell leaves the reason as recorded.",
    }

    class Meta:
        model = Program
        fields = [
            "slug",
            "name",
            "acronym",
            "also_known_as",
            "description",
            "scope_note",
            "target_population",
            "child_age_min",
            "child_age_max",
            "caregiver_child_age_min",
            "caregiver_child_age_max",
            "relevance_level",
            "goals",
            "essential_components",
            "delivery_settings",
            "intensity",
            "duration",
            "languages",
            "manual_available",
            "manual_notes",
            "training_available",
            "training_notes",
            "outcomes",
            "website",
            "contact_name",
            "contact_organization",
            "contact_email",
            "contact_phone",
            "logic_model",
            "logic_model_url",
            "pre_implementation",
            "pre_implementation_notes",
            "formal_support",
            "formal_support_notes",
            "fidelity_measures",
            "fidelity_measures_notes",
            "implementation_guides",
            "implementation_guides_notes",
            "implementation_research",
            "implementation_research_notes",
            "child_services",
            "caregiver_services",
            "group_format",
            "homework",
            "resources_needed",
            "provider_qualifications",
            "adverse_effects",
            "cost",
            "cost_year",
            "source",
            "not_provided",
            "is_nonresponder",
            "research_last_reviewed",
            "content_last_reviewed",
            "loaded_on",
            "status",
            "topic_area",
            "scientific_rating",
            "rated_on",
            "not_rated_reason",
        ]

    @classmethod
    def model_field(cls, column: str) -> ModelField:
        model = Rating if column in RATING_COLUMNS else Program
        fields: dict[str, ModelField] = {f.name: f for f in model._meta.concrete_fields}
        return fields[column]

    # --- Export: a row for each current rating, one row for a program with none

    exported: ExportedRating

    def iter_batch(self, keys: Sequence[int]) -> Iterator[Program]:
        ratings = Rating.objects.current().filter(program__in=keys).in_topic_area_order()
        columns = ("program", "topic_area__slug", *RATING_COLUMNS[1:])
        by_program: dict[int, list[ExportedRating]] = defaultdict(list)
        for program, *cells in ratings.values_list(*columns):
            by_program[program].append(ExportedRating(*cells))
        for entry in super().iter_batch(keys):
            for rating in by_program.get(entry.pk, [ExportedRating()]):
                self.exported = rating
                yield entry

    def dehydrate_topic_area(self, program: Program) -> str:
        return self.exported.topic_area

    def dehydrate_scientific_rating(self, program: Program) -> str:
        return self.exported.scientific_rating

    def dehydrate_rated_on(self, program: Program) -> str:
        return self.exported.rated_on

    def dehydrate_not_rated_reason(self, program: Program) -> str:
        return self.exported.not_rated_reason
