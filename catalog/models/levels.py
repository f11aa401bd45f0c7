"""The levels of the rating scale, and what they say."""

from django.db import models


class ScientificRating(models.TextChoices):
    """List the levels of the rating scale: lower is more support, NR stands apart; they sort in clearinghouse order."""

    WELL_SUPPORTED = "1", "Well-Supported by Research Evidence"
    SUPPORTED = "2", "Supported by Research Evidence"
    PROMISING = "3", "Promising Research Evidence"
    FAILS_TO_DEMONSTRATE_EFFECT = "4", "Evidence Fails to Demonstrate Effect"
    CONCERNING = "5", "Concerning Practice"
    NOT_RATED = "NR", "Not able to be Rated"

    @property
    def meaning(self) -> str:
        """Return what the level says, in one sentence."""
        return MEANINGS[self]

    @property
    def in_short(self) -> str:
        """Return the level's label without the words that all of them share, for where little room is."""
        return self.label.removesuffix(" by Research Evidence").removesuffix(" Research Evidence")


MEANINGS = {
    ScientificRating.WELL_SUPPORTED: "At least two rigorous randomized trials in usual care, of samples that do not "
    "overlap, found that it works better than a suitable comparison; in at least one of them the effect lasted a year "
    "or more after the end of the program.",
    ScientificRating.SUPPORTED: "At least one rigorous randomized trial in usual care found that it works better than "
    "a suitable comparison, and that the effect lasted six months or more after the end of the program.",
    ScientificRating.PROMISING: "At least one controlled study found a benefit, or results as good as those of a "
    "suitable comparison.",
    ScientificRating.FAILS_TO_DEMONSTRATE_EFFECT: "At least two rigorous randomized trials found that it works no "
    "better than usual care.",
    ScientificRating.CONCERNING: "The evidence points to harm, or to more risk than benefit.",
    ScientificRating.NOT_RATED: "When it was rated, the published, peer-reviewed research that a level needs had not "
    "been found. That says nothing against the program: it is not a low rating.",
}


def explain(level: ScientificRating, criteria: str) -> str:
    """Say what a rating means, to follow "In <topic area>, "; criteria is what its research must examine there."""
    rated = "not able to be rated (NR)" if level == level.NOT_RATED else f"rated {level}"
    words = f"this program is {rated}: {level.meaning[0].lower()}{level.meaning[1:]}"
    if criteria:
        stop = "" if criteria.endswith((".", "!", "?")) else "."
        words += f" What this area asks of research: “{criteria}{stop}”"
    return words


def change_since(level: ScientificRating, before: ScientificRating) -> str:
    """Say what a new rating changed. NR is no step of the scale, so nothing rises from it or falls to it."""
    if level == before:
        return f"Reviewed again: still {level}."
    if before == level.NOT_RATED:
        return f"Able to be rated now: {level}. It was NR before."
    if level == level.NOT_RATED:
        return f"No longer able to be rated: NR. It was {before} before."
    return f"Changed from {before} to {level}."
