"""Files of ratings."""

from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field

from ..models import Rating, ScaleEdition, ScientificRating, TopicExpert
from ..models.raters import UNKNOWN_SLUG, is_meant_as_slug
from ..values.fields import joined
from ..values.names import match_key
from ..values.raters import NOT_PUBLIC, raters_of
from .base import CatalogResource
from .cells import FieldWidget, entry_field
from .lookups import AreaLookup, Lookup, ProgramLookup

# The columns that place a program in a topic area, in files of programs too.
RATING_COLUMNS = ("topic_area", "scientific_rating", "rated_on", "not_rated_reason")


class RatersWidget(FieldWidget):
    """Widget that parses those who gave a rating: topic experts by slug or name, others by name."""

    def __init__(self) -> None:
        super().__init__(Rating._meta.get_field("raters"))
        self.lookup = Lookup(TopicExpert, "slug", "name")

    def clean_list(self, text: str) -> Any:
        """Return those whom a cell names, experts by the slugs that they have now. Raises ValueError."""
        found, problems = [], []
        for rater in raters_of(text):
            try:
                found.append(str(rater._replace(who=self.find(rater.who))))
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise ValueError(" ".join(problems))
        return self.validated(found)

    def find(self, who: str) -> str:
        """Return the slug of the expert who is called so, else the name as it is. Raises ValueError."""
        people = self.people(who)
        if slug := self.slug_now(who):
            return slug
        if len(people) > 1:
            slugs = ", ".join(sorted(people))
            raise ValueError(
                f"More than one topic expert is called “{who}”; write the slug: {slugs}."
            )
        if not people and is_meant_as_slug(who):
            raise ValueError(UNKNOWN_SLUG.format(who))
        return next(iter(people), who)

    def slug_now(self, who: str) -> str:
        """Return the slug that an expert of this slug or former slug has now, else ""."""
        self.lookup.read()
        if expert := self.lookup.by_key.get(match_key(who)):
            return str(expert.slug)  # type: ignore[attr-defined]
        return self.lookup.former_keys.get(who, "") if is_meant_as_slug(who) else ""

    def people(self, name: str) -> list[str]:
        """Return the slugs of the experts of a name."""
        self.lookup.read()
        experts = self.lookup.by_name.get(match_key(name), {}).values()
        return [str(expert.slug) for expert in experts]  # type: ignore[attr-defined]

    def render(self, value: Any, obj: object = None, **kwargs: object) -> str:
        raters = raters_of(value)
        return joined(str(r._replace(who=self.slug_now(r.who) or r.who)) for r in raters)

    def describe(self) -> str:
        return (
            f"Slugs or names of topic experts, and other names, separated by |; {NOT_PUBLIC} behind whoever visitors "
            "do not see"
        )


class RatingResource(CatalogResource):
    """Declare files of ratings, the whole history: a row adds a fact or repeats one."""

    kind = "ratings"
    keys = (("program", "topic_area", "scientific_rating"),)
    program = entry_field("program", ProgramLookup())
    topic_area = entry_field("topic_area", AreaLookup())
    scale_edition = entry_field("scale_edition", Lookup(ScaleEdition, "name"))
    raters = Field(attribute="raters", column_name="raters", widget=RatersWidget())
    examples = {
        "program": "steady-ground",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
        "rationale": "There is no published study of it.",
        "scale_edition": "2012",
        "raters": "ginny-sprang|Jane Doe (not public)",
        "conflict_statement": "None declared.",
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
            "raters",
            "conflict_statement",
            "is_current",
        ]

    def get_queryset(self) -> QuerySet[Rating]:
        return Rating.objects.select_related("program", "topic_area", "scale_edition")
