"""Topic areas, topic experts and references that are made up."""

from collections.abc import Container
from datetime import date
from itertools import chain, count

from ..models import Reference, ReferenceType, TopicArea, TopicExpert
from .chance import FIRST_DAY
from .source import ExampleSource

REFERENCE_TYPES = {
    ReferenceType.JOURNAL_ARTICLE: 80,
    ReferenceType.REPORT: 8,
    ReferenceType.BOOK: 6,
    ReferenceType.THESIS: 6,
}
CREDENTIALS = ("PhD", "PsyD", "LCSW", "MSW, PhD", "MD")


def make_topic_area(
    source: ExampleSource, name: str, abbreviation: str, parent: TopicArea | None
) -> TopicArea:
    """Return a topic area of this name, not yet saved."""
    writer = source.writer
    first = f"{name} are defined as {writer['format']}s for {writer['people']}."
    added = source.chance.day(last=FIRST_DAY + 4 * 365)
    return TopicArea(
        name=name,
        slug=source.slug(TopicArea, name),
        abbreviation=abbreviation,
        parent=parent,
        definition=f"*A generated example, not a real topic area.*\n\n{writer.prose('description', 60, first)}",
        target_population=writer.sentence("target"),
        services_types=writer.prose("description", 20),
        delivered_by=writer.sentence("delivered_by"),
        inclusion_criteria=writer.prose("criterion", 30),
        rating_criteria=writer.prose("criterion", 20),
        cautionary_notes=writer.sentence("caution") if source.chance.happens(40) else "",
        why_chosen=writer.sentence("why_chosen") if source.chance.happens(70) else "",
        year_added=date.fromordinal(added).year,
        **source.status(added),
    )


def free_name(name: str, taken: Container[str]) -> str:
    """Return name, or with the first number that makes it another than those taken, which are in lower case."""
    numbered = (f"{name} {number}" for number in count(2))
    return next(free for free in chain([name], numbered) if free.lower() not in taken)


def make_expert(source: ExampleSource) -> TopicExpert:
    """Return a topic expert, not yet saved."""
    writer = source.writer
    name = f"{writer.any_word('first_name')} {writer.any_word('surname')}"
    return TopicExpert(
        name=name,
        slug=source.slug(TopicExpert, name),
        credentials=source.chance.choice(CREDENTIALS),
        position="Professor",
        organization=f"Example University of {writer.any_word('place')}",
        biography=f"A generated example, not a real person. {writer.sentence('biography')}",
    )


def make_reference(source: ExampleSource) -> Reference:
    """Return a reference, not yet saved."""
    writer, chance = source.writer, source.chance
    year = chance.randint(1988, 2025)
    authors = [
        f"{writer['surname']}, {chance.choice('ABCDEGHJKLMNPRST')}."
        for _ in range(chance.randint(1, 5))
    ]
    kind = chance.one_of(REFERENCE_TYPES)
    key = source.slug(Reference, f"{authors[0].partition(',')[0]} {year}")
    is_article = kind == ReferenceType.JOURNAL_ARTICLE
    page = chance.randint(1, 900)
    return Reference(
        key=key,
        authors="; ".join(authors),
        year=year,
        title=writer.sentence("title"),
        reference_type=kind,
        container=f"Example Journal of {writer['journal']}" if is_article else "",
        volume=str(year - 1980) if is_article else "",
        issue=str(chance.randint(1, 6)) if is_article else "",
        pages=f"{page}–{page + chance.randint(4, 24)}" if is_article else "",
        # 10.5555 is the prefix that is set aside for examples: no publication has it.
        doi=f"10.5555/{key}" if is_article else "",
        url="" if is_article else f"https://example.org/library/{key}",
    )
