"""The filter states to measure: what a visitor may ask of the program list."""

from dataclasses import dataclass
from urllib.parse import urlencode

from catalog.demo.words import PLACES, WORDS
from catalog.models import Program, ScientificRating, TopicArea

KINDS = ("problem", "skill", "outcome", "method", "people")
COMMON = [word for kind in KINDS for word in WORDS[kind][:12] if word.isalpha()]
PHRASES = [word for kind in KINDS for word in WORDS[kind][:20] if " " in word]
# A few in every ten thousand programs name one of these.
RARE = PLACES[400::17]
# Two letters exchanged: no program holds these.
MISTYPED = [f"{w[:2]}{w[3]}{w[2]}{w[4:]}" for w in COMMON + RARE if len(w) > 5 and w[2] != w[3]]
LEVELS = ScientificRating.values
RELEVANCE = ["high", "medium", "low"]
OUTCOMES = ["safety", "permanency", "well-being"]
PAGE = 20


@dataclass
class Asked:
    """The values of one run. Each run asks for others, so that no page can answer from the run before."""

    run: int
    topics: list[str]
    pages: int

    def pick(self, values, step=0):
        return values[(self.run + step) % len(values)]

    def several(self, values, number):
        """Pick so many, in their own order: any other answers with a redirect to that one."""
        chosen = {self.pick(values, step) for step in range(number)}
        return [value for value in values if value in chosen]


STATES = {
    "no filter": lambda asked: [],
    "one topic area": lambda asked: [("topic", asked.pick(asked.topics))],
    "topic area, rating": lambda asked: [
        ("topic", asked.pick(asked.topics)),
        ("rating", asked.pick(LEVELS)),
    ],
    "three topic areas, two ratings": lambda asked: [
        *(("topic", topic) for topic in asked.several(asked.topics, 3)),
        *(("rating", level) for level in asked.several(LEVELS, 2)),
    ],
    "relevance, outcome": lambda asked: [
        ("relevance", asked.pick(RELEVANCE)),
        ("outcome", asked.pick(OUTCOMES, asked.run // 3)),
    ],
    "age": lambda asked: [("age", asked.run % 19)],
    "reviewed since": lambda asked: [("reviewed_since", 2008 + asked.run % 17)],
    "a rare word": lambda asked: [("q", asked.pick(RARE))],
    "a common word": lambda asked: [("q", asked.pick(COMMON))],
    "two words, topic area, rating": lambda asked: [
        ("q", f"{asked.pick(COMMON)} {asked.pick(COMMON, 7)}"),
        ("topic", asked.pick(asked.topics)),
        ("rating", asked.pick(LEVELS)),
    ],
    "a phrase in quotes": lambda asked: [("q", f'"{asked.pick(PHRASES)}"')],
    "a page far back": lambda asked: [("page", max(asked.pages - asked.run, 2))],
    "a typing mistake, nothing found": lambda asked: [("q", asked.pick(MISTYPED))],
}


def addresses():
    """Return a function that gives the query string of a state in a run, for the catalog at hand."""
    areas = TopicArea.objects.published().filter(children__isnull=True)
    topics = list(areas.values_list("slug", flat=True))
    pages = Program.objects.published().count() // PAGE

    def address(state, run):
        return urlencode(STATES[state](Asked(run, topics, pages)))

    return address
