"""The form by which a program is rated in a topic area."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.forms.boundfield import BoundWidget
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property

from ...editorial.rating import RatingStep, compare_ratings, rating_steps
from ...evidence.ratings import Evidence, Scale, read_area
from ...history.diff import person
from ...importing.publishable import RETIRED
from ...models import Program, Rating, ScaleEdition, ScientificRating, TopicArea
from ...resources.cells import FieldWidget
from ...values.moments import moment_in_words

REASON_MISSING = "Say why it is NR; “Reason not stated” is one of the reasons."


class ProgramInTopicArea:
    """Hold a program in a topic area, and all its ratings there."""

    def __init__(self, program: Program, area: TopicArea) -> None:
        self.program, self.area = program, area
        ratings = Rating.objects.filter(program=program, topic_area=area)
        ratings = ratings.select_related("scale_edition")
        # As on the public page once there is a new current one.
        self.recorded = list(ratings.order_by("-rated_on", "-pk"))
        self.current = next((rating for rating in self.recorded if rating.is_current), None)

    def __str__(self) -> str:
        return f"“{self.program}” in {self.area}"

    @cached_property
    def evidence(self) -> Evidence:
        """Return the evidence of the recorded studies by the rating scale in use."""
        return self.evidence_for(Rating(topic_area=self.area))

    def evidence_for(self, rating: Rating) -> Evidence:
        """Return the evidence of the recorded studies for a rating. Four queries."""
        studies = self.program.studies.select_related("reference")
        findings = self.program.findings.filter(topic_area=self.area)
        return read_area(Scale.stored(), rating, self.program, studies, findings)

    @property
    def seen(self) -> str:
        """Return what tells the current rating from any other, and from itself before it was corrected."""
        if not self.current:
            return ""
        version = self.current.history.values_list("pk", flat=True).first()
        return f"{self.current.pk}-{version or ''}"

    @property
    def steps(self) -> list[RatingStep]:
        """Return the ratings as the public page tells them: the current one first, each with what it changed."""
        return rating_steps(sorted(self.recorded, key=lambda rating: not rating.is_current))

    def change(self, level: ScientificRating) -> str:
        """Return what the public page will say that a new rating of this level changed; "" where it says nothing."""
        if not self.recorded:
            return ""
        return rating_steps([Rating(scientific_rating=level), *self.recorded])[0].change

    def holds(self, new: Rating) -> bool:
        """Return whether a rating of the same level and date is recorded already."""
        facts = {(rating.scientific_rating, rating.rated_on) for rating in self.recorded}
        return (new.scientific_rating, new.rated_on) in facts

    @property
    def meanwhile(self) -> str:
        """Say who has rated the program here, or corrected its rating, and when."""
        change = self.current and self.current.history.first()
        if not change:
            return "The rating that you saw is no longer the current one."
        who = person(change.history_user)
        what = "rated the program" if change.history_type == "+" else "corrected its rating"
        when = moment_in_words(change.history_date)
        why = f" The reason given: “{change.history_change_reason}”." * bool(
            change.history_change_reason
        )
        return f"{who} has {what} here on {when}: it is {change.scientific_rating} now.{why}"

    def doubts(self, new: Rating) -> list[str]:
        """Return the doubts, in sentences, that are worth a second look before a new rating is recorded."""
        doubts = []
        if self.program.is_retired:
            doubts.append(RETIRED.replace("entry", "program"))
        if self.area.is_retired:
            doubts.append(RETIRED.replace("entry", "topic area"))
        if self.current:
            doubts += [message for _, message in compare_ratings(new, self.current)]
        doubts.append(self.evidence_for(new).doubt)
        dated = FieldWidget(Rating._meta.get_field("rated_on"))
        return [doubt for doubt in [*doubts, dated.doubt(new.rated_on)] if doubt]


class LevelSelect(forms.RadioSelect):
    """Offer the levels, each described by what it means."""

    def create_option(self, name: str, value: object, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return a level's radio button, described by what the level means."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["aria-describedby"] = f"meaning-{value}"
        return option


class RateForm(forms.ModelForm):
    """Take a new rating of a program in a topic area."""

    change_reason = forms.CharField(
        label="Why this change",
        required=False,
        max_length=500,
        widget=AdminTextInputWidget,
        help_text="For the history; the public does not see it.",
    )

    class Meta:
        model = Rating
        fields = [
            "scientific_rating",
            "not_rated_reason",
            "rationale",
            "rated_on",
            "scale_edition",
        ]
        labels = {"not_rated_reason": "Why it is NR", "scale_edition": "Edition of the scale"}
        help_texts = {"not_rated_reason": ""}
        widgets = {
            "scientific_rating": LevelSelect,
            "rationale": AdminTextareaWidget(
                attrs={"rows": 10, "data-preview": reverse_lazy("markdown_preview")}
            ),
        }

    def __init__(self, *args: Any, place: ProgramInTopicArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        self.instance.program, self.instance.topic_area = place.program, place.area
        self.fields["scientific_rating"].choices = ScientificRating.choices  # type: ignore[attr-defined]
        self.fields["rated_on"].help_text = (
            f"2024, 2024-06 or 2024-06-15; today is {timezone.localdate()}. "
            "Left blank, the page says “Date not recorded”."
        )
        if not self.is_bound:
            self.initial["scale_edition"] = ScaleEdition.objects.in_use()

    @property
    def levels(self) -> list[tuple[ScientificRating, BoundWidget, str]]:
        """Return each level with its radio button and what the public page will say of the change."""
        buttons = zip(ScientificRating, self["scientific_rating"], strict=True)
        return [(level, button, self.place.change(level)) for level, button in buttons]

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, and ask for the reason of an NR."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scientific_rating") != ScientificRating.NOT_RATED:
            # Its box is hidden then, with whatever was chosen in it before.
            cleaned["not_rated_reason"] = ""
        elif not cleaned.get("not_rated_reason"):
            self.add_error("not_rated_reason", REASON_MISSING)
        return cleaned
