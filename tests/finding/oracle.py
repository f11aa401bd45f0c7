"""A plain reading of the program list's rules, over a catalog as plain data.

It shares no code with the application. Only the stems of words come from the library that has them.
"""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from ..plain_words import holds, neighbours_joined, plain_words


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


def holding(documents, definitions, query):
    """Return, for each weight, the numbers of the documents in which the columns so far hold the query.

    In the last weight the definitions of its areas do as well, but nothing is left out for them.
    No question here has a word as common as "the", which counts only where there are no others.
    """
    chunks = [
        (sign, phrase or word, bool(word))
        for sign, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|(\S+))', query)
    ]
    last = len(chunks) - 1
    wanted = [
        (text if is_word else f'"{text}"', number == last and is_word)
        for number, (sign, text, is_word) in enumerate(chunks)
        if plain_words(text) and not sign
    ]
    joined = neighbours_joined([text for text, _ in wanted])
    unwanted = [text for sign, text, _ in chunks if plain_words(text) and sign]

    def fits(document, defined, columns):
        texts = document[:columns]
        if columns == len(document):
            texts += defined
        return all(
            any(
                holds(each, text, may_go_on) or any(holds(each, one) for one in as_one)
                for each in texts
            )
            for (text, may_go_on), as_one in zip(wanted, joined, strict=True)
        ) and not any(holds(column, text) for text in unwanted for column in document)

    both = list(zip(documents, definitions, strict=True))
    return [
        [number for number, (document, defined) in enumerate(both) if fits(document, defined, n)]
        for n in range(1, len(documents[0]) + 1)
    ]


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
    documents = [
        (
            " ".join((program.name, program.acronym, *program.also_known_as)),
            " ".join(
                f"{catalog.areas[n].name} {catalog.areas[n].abbreviation}"
                for n in sorted(catalog.public_levels(program))
            ),
            f"{program.target_population} {program.description}",
            " ".join((program.intensity, *program.languages)),
        )
        for program in catalog.programs
    ]
    definitions = [
        tuple(catalog.areas[n].definition for n in catalog.public_levels(program))
        for program in catalog.programs
    ]
    by_weight = holding(documents, definitions, asked.q) if asked.q else []
    found = []
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
        if (
            program.status == "published"
            and (not asked.q or number in by_weight[-1])
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
            weight = next((w for w, numbers in enumerate(by_weight) if number in numbers), 0)
            found.append((program, rows, weight, number))

    def name(entry):
        program, _, _, number = entry
        return "".join(c.lower() if c.isascii() else c for c in program.name), number

    def rating(entry):
        _, rows, _, _ = entry
        return min((LEVELS.index(level) for level in rows), default=len(LEVELS)), *name(entry)

    found.sort(key=name if asked.sort == "name" else rating)
    sort = asked.sort or "match"
    if sort == "reviewed":
        found.sort(key=lambda entry: entry[0].reviewed, reverse=True)
    elif sort == "match":
        found.sort(key=lambda entry: entry[2])
    return [f"/programs/program-{number}/" for *_, number in found]


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
