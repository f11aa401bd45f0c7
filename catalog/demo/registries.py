"""Registries that are made up, and what they say of made-up programs."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ..models import ExternalRating, Program, Registry, RegistryState
from .chance import LAST_DAY
from .source import ExampleSource

# Of a hundred programs.
RATED_ELSEWHERE = 33
REGISTRIES_OF_A_PROGRAM = {1: 70, 2: 25, 3: 5}
# Of a hundred ratings.
WITH_SCOPE, WITHOUT_CHECK = 25, 5
# What is checked was so within about two years, as a rule.
LONGEST_AGO = 800


class RegistrySketch(NamedTuple):
    """Sketch a registry: its name, its state, and its levels in its own words, the best first."""

    name: str
    state: RegistryState
    levels: tuple[str, ...]


REGISTRIES = (
    RegistrySketch(
        "Example Registry of Prevention Programs",
        RegistryState.ACTIVE,
        ("Model program", "Promising program", "Does not meet criteria"),
    ),
    RegistrySketch(
        "Example Index of Justice Programs",
        RegistryState.ACTIVE,
        ("Effective", "Promising", "No effects"),
    ),
    RegistrySketch(
        "Example Guide to Family Services",
        RegistryState.FROZEN,
        ("Top tier", "Near top tier", "Not enough evidence"),
    ),
    RegistrySketch(
        "Example Inventory of Behavioral Health Practices",
        RegistryState.CLOSED,
        ("Effective", "Promising", "Ineffective", "Inconclusive"),
    ),
)


def make_registry(source: ExampleSource, name: str, sketch: RegistrySketch) -> Registry:
    """Return a registry, not yet saved."""
    slug = source.slug(Registry, name.removeprefix("Example "))
    levels = "\n".join(f"- {level}" for level in sketch.levels)
    return Registry(
        name=name,
        slug=slug,
        url=f"https://example.org/{slug}/",
        scale=f"A generated example, not a real registry. From best to worst:\n\n{levels}",
        state=sketch.state,
    )


def make_external_ratings(
    source: ExampleSource, program: Program, registries: Sequence[Registry]
) -> Iterator[ExternalRating]:
    """Yield what registries say of a program: nothing, of two programs in three."""
    chance = source.chance
    if not chance.happens(RATED_ELSEWHERE):
        return
    number = chance.one_of(REGISTRIES_OF_A_PROGRAM)
    for registry, sketch in chance.sample(list(zip(registries, REGISTRIES, strict=True)), number):
        checked = LAST_DAY - chance.randint(0, LONGEST_AGO)
        yield ExternalRating(
            program=program,
            registry=registry,
            scope=source.writer.any_word("outcome").capitalize()
            if chance.happens(WITH_SCOPE)
            else "",
            rating=chance.choice(sketch.levels),
            url=f"{registry.url}{program.slug}",
            rated_on=chance.partial_date(chance.day(last=checked)),
            checked_on=(
                "" if chance.happens(WITHOUT_CHECK) else date.fromordinal(checked).isoformat()
            ),
            checked_by="Example staff",
        )
