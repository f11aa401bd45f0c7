"""What is to be decided before two entries are merged, and what tells them apart."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django import forms

from ...editorial.merging import Disagreement, Merge, ratings_of
from ...editorial.transitions import standing
from ...editorial.twins import Twins
from ...history.diff import Segment, diff_segments
from ...models import Rating
from ...values.fields import check_length


class MergeChoice(NamedTuple):
    """Name a topic area in which both have a current rating, and the field that says which stays current."""

    dispute: Disagreement
    field: forms.BoundField


class MergeForm(forms.Form):
    """Ask what is to be decided before two entries are merged."""

    merged_state = forms.CharField(widget=forms.HiddenInput)
    survivor_state = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why they are merged",
        help_text="Kept in the history of both entries; for staff only.",
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": "Say why these two are the same."},
    )

    def __init__(self, plan: Twins, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blanks = [(part.key, part.label(plan.merged)) for part in plan.blanks]
        self.fields["fill"] = forms.MultipleChoiceField(
            choices=blanks, required=False, widget=forms.CheckboxSelectMultiple
        )

    @staticmethod
    def opened(plan: Any, digest: Callable[[Any], str]) -> dict[str, object]:
        """Return what the form holds when it is first shown; ``digest`` tells how an entry is stored."""
        return {
            "merged_state": digest(plan.merged),
            "survivor_state": digest(plan.survivor),
            "fill": [part.key for part in plan.blanks],
        }


class ProgramMergeForm(MergeForm):
    """Ask, too, which rating stays current where both programs have one in a topic area."""

    def __init__(self, plan: Merge, *args: Any, **kwargs: Any) -> None:
        super().__init__(plan, *args, **kwargs)
        self.plan = plan
        for dispute in plan.disputes:
            self.fields[self.name_of(dispute)] = forms.ChoiceField(
                label=f"Current rating in {dispute.topic_area}",
                choices=[(str(r.pk), r.pk) for r in (dispute.survivor, dispute.merged)],
                widget=forms.RadioSelect,
            )

    @staticmethod
    def opened(plan: Merge, digest: Callable[[Any], str]) -> dict[str, object]:
        """Return what the form holds when it is first shown: the younger ratings stay current."""
        name_of = ProgramMergeForm.name_of
        chosen = {name_of(dispute): str(dispute.younger.pk) for dispute in plan.disputes}
        return {**MergeForm.opened(plan, digest), **chosen}

    @staticmethod
    def name_of(dispute: Disagreement) -> str:
        """Return the name of the field that says which of two ratings stays current."""
        return f"current-{dispute.topic_area.pk}"

    @property
    def choices(self) -> list[MergeChoice]:
        """Return the topic areas in which it has to be chosen which rating stays current."""
        return [MergeChoice(dispute, self[self.name_of(dispute)]) for dispute in self.plan.disputes]

    @property
    def past(self) -> set[int]:
        """Return the primary keys of the ratings in dispute that become past ones."""
        both = {r.pk for d in self.plan.disputes for r in (d.merged, d.survivor)}
        return both - {int(self.cleaned_data[self.name_of(d)]) for d in self.plan.disputes}


class Difference(NamedTuple):
    """Show what two entries say otherwise, with the words marked that only one of them has."""

    label: str
    merged: list[Segment]
    survivor: list[Segment]


def differences(plan: Twins) -> Iterator[Difference]:
    """Yield what both entries say, and not alike."""
    for part in plan.differing:
        theirs, ours = part.words(plan.merged), part.words(plan.survivor)
        both = diff_segments(theirs, ours)
        if ("", " → ") in both:  # too little in common for marks
            yield Difference(part.label(plan.merged), [("", theirs)], [("", ours)])
        else:
            merged = [piece for piece in both if piece[0] != "ins"]
            survivor = [piece for piece in both if piece[0] != "del"]
            yield Difference(part.label(plan.merged), merged, survivor)


def facts(plan: Merge) -> Iterator[tuple[str, ...]]:
    """Yield what tells the two entries apart, whether or not it moves: label, merged entry's, survivor's."""
    both = (plan.merged, plan.survivor)
    yield "Status", *map(standing, both)
    yield "Address", *(program.slug for program in both)
    yield "Other names", *("\n".join(program.also_known_as) for program in both)
    yield "Ratings", *("\n".join(map(rating_in_words, ratings_of(program))) for program in both)
    references = [program.studies.values_list("reference__key", flat=True) for program in both]
    yield "References", *("\n".join(keys) for keys in references)


def rating_in_words(rating: Rating) -> str:
    """Return what a rating says: "3 in Home Visiting, 2024-06 (past)"."""
    past = "" if rating.is_current else " (past)"
    when = rating.rated_on or "without a date"
    return f"{rating.scientific_rating} in {rating.topic_area}, {when}{past}"
