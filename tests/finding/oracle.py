"""A plain reading of the program list's rules, over a catalog as plain data.

It shares no code with the application. Only the stems of words come from the library that has them.
"""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from ..plain_words import STEMMER, holds, neighbours_joined, other_ways, plain_words


@dataclass(frozen=True)
class PlainArea:
    name: str
    abbreviation: str
    definition: str
    status: str
    experts: frozenset[int]
    parts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class PlainProgram:
    name: str
    acronym: str
    also_known_as: tuple[str, ...]
    description: str
    target_population: str
    goals: str
    intensity: str
    status: str
    relevance: str
    outcomes: frozenset[str]
    settings: frozenset[str]
    languages: frozenset[str]
    manual: str
    training: str
    ages: tuple[tuple[int | None, int | None], ...]  # of the child; of the caregiver's child
    reviewed: str
    levels: dict[int, str]  # topic area -> current level
    past_levels: dict[int, str]
    registries: frozenset[int]  # that rate it too


@dataclass(frozen=True)
class PlainCatalog:
    areas: list[PlainArea]
    programs: list[PlainProgram]

    def public_levels(self, program):
        return {
            number: level
            for number, level in program.levels.items()
            if self.areas[number].status == "published"
        }

    @property
    def public_registries(self):
        """The registries that rate a public program; that they rate a draft is nobody's business."""
        public = [program for program in self.programs if program.status == "published"]
        return {f"registry-{r}" for program in public for r in program.registries}


@dataclass
class Asked:
    """What an address asks for; each list may hold values that no filter knows."""

    q: str = ""
    topic: list[str] = field(default_factory=list)
    rating: list[str] = field(default_factory=list)
    expert: list[str] = field(default_factory=list)
    relevance: list[str] = field(default_factory=list)
    outcome: list[str] = field(default_factory=list)
    age: list[str] = field(default_factory=list)
    setting: list[str] = field(default_factory=list)
    language: list[str] = field(default_factory=list)
    manual: list[str] = field(default_factory=list)
    training: list[str] = field(default_factory=list)
    registry: list[str] = field(default_factory=list)
    reviewed_since: str = ""
    sort: str = ""

    @property
    def address(self):
        return f"/programs/?{urlencode(vars(self), doseq=True)}"


LEVELS = ["1", "2", "3", "4", "5", "NR"]
ANSWERS = ["yes", "no", "not-known"]
LANGUAGES = {"english": "English", "élan-sign": "Élan Sign"}
AGE_GROUPS = ["0-2", "3-5", "6-12", "13-17", "18-25"]


# --- Words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlainTerm:
    """What is looked for: a word or a phrase, perhaps unfinished, and what it makes in one word with a neighbour."""

    text: str
    may_go_on: bool
    as_one: tuple[str, ...]

    def stands_in(self, texts, unfinished=True):
        """Whether one of these texts holds it."""
        return any(
            holds(text, self.text, self.may_go_on and unfinished)
            or any(holds(text, one) for one in self.as_one)
            for text in texts
        )

    def is_twice_in(self, text):
        """Whether a text has it twice, as a word of one spelling; phrases are not counted."""
        ways = [plain_words(self.text), *other_ways(plain_words(self.text))]
        ways += map(plain_words, self.as_one)
        stems = [STEMMER.stemWord(word) for word in plain_words(text)]
        return any(len(way) == 1 and stems.count(STEMMER.stemWord(way[0])) > 1 for way in ways)


def terms_of(query):
    """Return what is looked for, and what is to be left out.

    No question here has a word as common as "the", which counts only where there are no others.
    """
    chunks = [
        (sign, phrase or word, bool(word))
        for sign, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|(\S+))', query)
    ]
    last = len(chunks) - 1
    wanted = dict.fromkeys(
        (text if is_word else f'"{text}"', number == last and is_word)
        for number, (sign, text, is_word) in enumerate(chunks)
        if plain_words(text) and not sign
    )
    joined = neighbours_joined([text for text, _ in wanted])
    terms = [PlainTerm(*term, tuple(one)) for term, one in zip(wanted, joined, strict=True)]
    return terms, [text for sign, text, _ in chunks if plain_words(text) and sign]


@dataclass(frozen=True)
class Document:
    """What search reads of a program; the areas are the public ones in which it is rated, each with its level."""

    names: tuple[str, ...]
    areas: tuple[tuple[str, str], ...]
    goals: str
    texts: str
    details: str
    definitions: tuple[str, ...]

    @property
    def own(self):
        return *self.names, *(name for name, _ in self.areas), self.goals, self.texts, self.details


def document_of(catalog, program):
    levels = catalog.public_levels(program)
    areas = {n: catalog.areas[n] for n in sorted(levels)}
    return Document(
        names=(program.name, program.acronym, *program.also_known_as),
        areas=tuple((f"{area.name} {area.abbreviation}", levels[n]) for n, area in areas.items()),
        goals=program.goals,
        texts=f"{program.target_population} {program.description}",
        details=" ".join((program.intensity, *program.languages)),
        definitions=tuple(area.definition for area in areas.values()),
    )


def match(document, query):
    """Return how well a program that holds all terms matches, 0 is best, and the levels that count there, if any."""
    terms, _ = terms_of(query)
    if plain_words(query) in map(plain_words, document.names):
        return 0, None
    for tier, unfinished in [(1, False), (2, True)]:
        if all(term.stands_in(document.names, unfinished) for term in terms):
            return tier, None
    for tier, unfinished in [(3, False), (4, True)]:
        levels = [
            level
            for area, level in document.areas
            if all(term.stands_in((*document.names, area), unfinished) for term in terms)
        ]
        if levels:
            return tier, levels
    told = (*document.names, *(area for area, _ in document.areas), document.goals)
    if all(t.stands_in(told, unfinished=False) or t.is_twice_in(document.texts) for t in terms):
        return 5, None
    for tier, unfinished in [(6, False), (7, True)]:
        if all(term.stands_in((*told, document.texts), unfinished) for term in terms):
            return tier, None
    return 8, None


# --- Filters and order -----------------------------------------------------------------------------------------------


def known_part(catalog, asked):
    """Return what is asked for without what no filter knows, and the values that none knows."""
    public = [n for n, area in enumerate(catalog.areas) if area.status == "published"]
    written = {
        language for p in catalog.programs if p.status == "published" for language in p.languages
    }
    known = {
        "topic": {f"area-{n}" for n in public},
        "rating": set(LEVELS),
        "expert": {f"expert-{e}" for n in public for e in catalog.areas[n].experts},
        "relevance": {"high", "medium", "low"},
        "outcome": {"safety", "permanency", "well-being"},
        "age": {*(str(age) for age in range(26)), *AGE_GROUPS},
        "setting": {"school", "hospital", "virtual"},
        "language": {code for code, language in LANGUAGES.items() if language in written},
        "manual": {*ANSWERS},
        "training": {*ANSWERS},
        "registry": catalog.public_registries,
        "reviewed_since": {str(year) for year in range(1900, 2101)},
        "sort": {"match", "rating", "name", "reviewed"},
    }
    has_words = bool(plain_words(asked.q))
    kept, dropped = Asked(q=asked.q if has_words else ""), [] if has_words else [asked.q.strip()]
    for name, values in known.items():
        given_values = getattr(asked, name)
        if isinstance(given_values, str):
            setattr(kept, name, given_values if given_values in values else "")
            dropped += [given_values] * (given_values not in values)
        else:
            setattr(kept, name, [value for value in given_values if value in values])
            dropped += [value for value in given_values if value not in values]
    return kept, sorted(value for value in dropped if value)


def serves(age, low, high):
    if low is None and high is None:
        return False
    return (low is None or low <= age) and (high is None or age <= high)


def expected(catalog, asked):
    """Return the slugs of the programs that are asked for, in their order."""
    terms, _ = terms_of(asked.q)
    found = [
        (rows, held, number)
        for rows, held, number in passing(catalog, asked)
        if held == len(terms) or not asked.q
    ]

    def rating(entry):
        rows, _, number = entry
        return best_of(rows), *by_name(catalog, number)

    def best_match(entry):
        rows, _, number = entry
        tier, levels = match(document_of(catalog, catalog.programs[number]), asked.q)
        # What filters ask for counts more.
        asks = asked.topic or asked.rating or asked.expert
        return tier, best_of(rows if asks or levels is None else levels)

    found.sort(key=(lambda entry: by_name(catalog, entry[2])) if asked.sort == "name" else rating)
    sort = asked.sort or "match"
    if sort == "reviewed":
        found.sort(key=lambda entry: catalog.programs[entry[2]].reviewed, reverse=True)
    elif sort == "match" and terms:
        found.sort(key=best_match)
    return [f"/programs/program-{number}/" for *_, number in found]


def expected_to_follow(catalog, asked):
    """Return the slugs of those that hold at least half of the words, where fewer than five hold all."""
    terms, _ = terms_of(asked.q)
    listed = expected(catalog, asked)
    if len(terms) < 2 or len(listed) >= 5:
        return []
    following = sorted(
        (-held, best_of(rows), *by_name(catalog, number))
        for rows, held, number in passing(catalog, asked)
        if len(terms) / 2 <= held < len(terms)
    )
    return [f"/programs/program-{number}/" for *_, number in following[:20]]


def by_name(catalog, number):
    name = catalog.programs[number].name
    return "".join(c.lower() if c.isascii() else c for c in name), number


def best_of(levels):
    return min(map(LEVELS.index, levels), default=len(LEVELS))


def passing(catalog, asked):
    """Yield the public programs that pass all filters: the levels asked for, how many terms they hold, the number."""
    terms, unwanted = terms_of(asked.q)
    for number, program in enumerate(catalog.programs):
        rows = [
            level
            for n, level in catalog.public_levels(program).items()
            if (not asked.topic or {f"area-{n}", *umbrellas(catalog, n)}.intersection(asked.topic))
            and (not asked.rating or level in asked.rating)
            and (
                not asked.expert
                or any(f"expert-{e}" in asked.expert for e in catalog.areas[n].experts)
            )
        ]
        document = document_of(catalog, program)
        if (
            program.status == "published"
            and not any(holds(text, each) for each in unwanted for text in document.own)
            and (rows or not (asked.topic or asked.rating or asked.expert))
            and (not asked.relevance or program.relevance in asked.relevance)
            and (not asked.outcome or program.outcomes.intersection(asked.outcome))
            and (not asked.setting or program.settings.intersection(asked.setting))
            and (not asked.language or {LANGUAGES[c] for c in asked.language} & program.languages)
            and (not asked.manual or program.manual in asked.manual)
            and (not asked.training or program.training in asked.training)
            and (
                not asked.registry
                or any(f"registry-{r}" in asked.registry for r in program.registries)
            )
            and (not asked.age or any(serves_one_of(program.ages, age) for age in asked.age))
            and (not asked.reviewed_since or program.reviewed[:4] >= asked.reviewed_since)
        ):
            texts = (*document.own, *document.definitions)
            yield rows, sum(term.stands_in(texts) for term in terms), number


def umbrellas(catalog, number):
    """Return the slugs of the public areas that this one is a part of."""
    return {
        f"area-{n}"
        for n, area in enumerate(catalog.areas)
        if area.status == "published" and number in area.parts
    }


def serves_one_of(ranges, asked):
    """Whether a program for these ages serves a child of an age in years, or of one of a group such as 6-12."""
    first, _, last = asked.partition("-")
    return any(
        serves(age, *ages) for ages in ranges for age in range(int(first), int(last or first) + 1)
    )


def expected_counts(catalog, asked):
    """Return how many programs each value of each filter would give in the place of the values chosen for it."""
    public = [f"area-{n}" for n, area in enumerate(catalog.areas) if area.status == "published"]
    typed = [
        age
        for age in sorted(asked.age, key=lambda age: int(age.partition("-")[0]))
        if age not in AGE_GROUPS
    ]
    values = {
        "topic": public,
        "rating": LEVELS,
        "relevance": ["high", "medium", "low"],
        "outcome": ["safety", "permanency", "well-being"],
        # The first age stands in the box for a number.
        "age": [*AGE_GROUPS, *typed[1:]],
        "setting": ["school", "hospital", "virtual"],
        "language": known_part(catalog, Asked(language=[*LANGUAGES]))[0].language,
        "manual": ANSWERS,
        "training": ANSWERS,
        "registry": sorted(catalog.public_registries),
    }
    counts = {
        (name, value): len(expected(catalog, replace(asked, **{name: [value]})))
        for name, all_values in values.items()
        for value in all_values
    }
    years = {p.reviewed[:4] for p in catalog.programs if p.status == "published" and p.reviewed}
    for year in years | {asked.reviewed_since} - {""}:
        counts["reviewed_since", year] = len(expected(catalog, replace(asked, reviewed_since=year)))
    return counts
