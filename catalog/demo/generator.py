"""Catalogs that are made up: any size, the same for the same size and seed, and marked as examples."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, count, islice
from random import Random
from typing import Any

from django.db import models, reset_queries, transaction

from ..models import (
    NOT_PROVIDED,
    Availability,
    DeliverySetting,
    NotRatedReason,
    Outcome,
    Program,
    Rating,
    Reference,
    ReferenceType,
    RelevanceLevel,
    ScientificRating,
    Status,
    Study,
    StudyRole,
    TopicArea,
    TopicExpert,
)
from ..search import deferred
from ..values.names import new_slug, without_marks
from .words import AREAS, SENTENCES, WORDS

MARK = "A generated example, not a real program."
BATCH = 2_000
PROGRAMS_PER_AREA = 20
FEWEST_AREAS = 3

# Nothing in an example is younger: a catalog must not change with the day on which it is made.
FIRST_DAY, LAST_DAY = date(2006, 1, 1).toordinal(), date(2025, 12, 31).toordinal()
# Two ratings further apart than this have different dates, even where only the year is known.
LONGER_THAN_A_YEAR = 400

BEFORE_A_VOWEL = re.compile(r"\b([Aa]) (?=[aeiou])")

STATUSES = {Status.PUBLISHED: 92, Status.DRAFT: 4, Status.IN_REVIEW: 2, Status.RETIRED: 2}
LEVELS = {
    ScientificRating.NOT_RATED: 45,
    ScientificRating.PROMISING: 30,
    ScientificRating.SUPPORTED: 12,
    ScientificRating.WELL_SUPPORTED: 6,
    ScientificRating.FAILS_TO_DEMONSTRATE_EFFECT: 5,
    ScientificRating.CONCERNING: 2,
}
REASONS = {
    NotRatedReason.NO_ELIGIBLE_STUDY: 40,
    NotRatedReason.NO_CONTROL_GROUP: 25,
    NotRatedReason.NOT_PEER_REVIEWED: 15,
    NotRatedReason.MEASURES: 5,
    NotRatedReason.OUTSIDE_OUTCOMES: 5,
    NotRatedReason.NOT_STATED: 10,
}
AREAS_OF_A_PROGRAM = {1: 35, 2: 36, 3: 18, 4: 11}
AVAILABILITIES = {Availability.YES: 60, Availability.NO: 20, Availability.NOT_KNOWN: 20}
RELEVANCE_LEVELS = {
    RelevanceLevel.HIGH: 35,
    RelevanceLevel.MEDIUM: 45,
    RelevanceLevel.LOW: 15,
    "": 5,
}
REFERENCE_TYPES = {
    ReferenceType.JOURNAL_ARTICLE: 80,
    ReferenceType.REPORT: 8,
    ReferenceType.BOOK: 6,
    ReferenceType.THESIS: 6,
}
ROLES = {StudyRole.RELEVANT: 65, StudyRole.NOT_USED: 15, StudyRole.ADDITIONAL: 20}


@transaction.atomic
def generate(
    size: int, seed: int, progress: Callable[[int], None] = lambda done: None
) -> dict[str, int]:
    """Add a catalog with this many programs; return how many rows of each kind were written.

    On an empty catalog, size and seed decide everything but the primary keys. Every slug and key begins
    with ``example-``, and every program says in its scope note that it is an example. Written in bulk, so
    without history: nobody has edited these entries yet. All of it or, after an error, none.
    """
    with deferred() as write_documents:
        return Generator(seed, write_documents).generate(size, progress)


class BatchWriter:
    """Makes sentences; as a mapping, it fills "{people}" with a word of that kind, and never twice the same."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.used: set[str] = set()

    def __getitem__(self, kind: str) -> str:
        """Return a word whose frequency is, as in real text, in inverse proportion to its rank (Zipf)."""
        words = WORDS[kind]
        while (word := words[int((len(words) + 1) ** self.random.random()) - 1]) in self.used:
            pass
        self.used.add(word)
        return word

    def any_word(self, kind: str) -> str:
        """Return a word of this kind, each as likely as any other."""
        return self.random.choice(WORDS[kind])

    def sentences(self, kind: str) -> Iterator[str]:
        """Return sentences of this kind, without end; all patterns in turn before one comes again."""
        patterns = SENTENCES[kind]
        while True:
            for pattern in self.random.sample(patterns, len(patterns)):
                self.used.clear()
                text = BEFORE_A_VOWEL.sub(r"\1n ", pattern.format_map(self))
                yield text[0].upper() + text[1:]

    def sentence(self, kind: str) -> str:
        return next(self.sentences(kind))

    def prose(self, kind: str, words: int, first: str = "") -> str:
        """Return sentences of at least this many words together, in paragraphs of four."""
        sentences, length = [first] * bool(first), len(first.split())
        more = self.sentences(kind)
        while length < words:
            sentences.append(next(more))
            length += len(sentences[-1].split())
        paragraphs = (sentences[i : i + 4] for i in range(0, len(sentences), 4))
        return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)

    def bullets(self, kind: str, number: int) -> str:
        return "\n".join(f"- {text}" for text in islice(self.sentences(kind), number))


class Generator:
    """Makes one catalog; ``counts`` is what it has written so far."""

    def __init__(self, seed: int, write_documents: Callable[[], None]) -> None:
        self.write_documents = write_documents
        self.random = Random(seed)  # noqa: S311 - not a secret: the same seed must give the same catalog
        self.writer = BatchWriter(self.random)
        self.taken: dict[type[models.Model], set[str]] = {
            model: set(model._default_manager.values_list(field, flat=True))
            for model, field in (
                (TopicExpert, "slug"),
                (TopicArea, "slug"),
                (Program, "slug"),
                (Reference, "key"),
            )
        }
        # As the constraint compares them: the areas that are there may be real ones.
        self.area_names = {
            name.lower() for name in TopicArea.objects.values_list("name", flat=True)
        }
        self.counts: dict[str, int] = {}

    def generate(self, size: int, progress: Callable[[int], None]) -> dict[str, int]:
        self.references = self.write(self.reference() for _ in range(max(size // 2, 1)))
        areas = self.write_areas(min(max(size // PROGRAMS_PER_AREA, FEWEST_AREAS), len(AREAS)))
        for done in range(0, size, BATCH):
            number = min(BATCH, size - done)
            programs = self.write(self.program() for _ in range(number))
            ratings = [self.ratings(program, areas) for program in programs]
            self.write(chain.from_iterable(ratings))
            self.write(chain.from_iterable(map(self.studies, programs, ratings)))
            self.write_documents()
            reset_queries()  # with DEBUG, Django keeps the text of every query
            progress(done + number)
        return self.counts

    def write(self, rows: Iterator[Any]) -> list[Any]:
        """Write rows of one model and return them, with their primary keys."""
        objects = list(rows)
        if objects:
            model: type[models.Model] = type(objects[0])
            model._default_manager.bulk_create(objects, batch_size=BATCH)
            kind = str(model._meta.verbose_name_plural)
            self.counts[kind] = self.counts.get(kind, 0) + len(objects)
        return objects

    # --- Chance ------------------------------------------------------------------------------------------------------

    def one_of(self, weights: dict[Any, int]) -> Any:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def happens(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def some_of(self, codes: type[models.TextChoices], most: int) -> tuple[str, ...]:
        """Return up to this many codes, in the order of their vocabulary."""
        chosen = set(self.random.sample(codes.values, self.random.randint(0, most)))
        return tuple(code for code in codes.values if code in chosen)

    def day(self, first: int = FIRST_DAY, last: int = LAST_DAY) -> int:
        return self.random.randint(first, last)

    def written(self, day: int) -> str:
        """Return the day as a date of the record: to the day, to the month, or only the year."""
        return date.fromordinal(day).isoformat()[: self.one_of({10: 50, 7: 30, 4: 20})]

    def slug(self, model: type[models.Model], name: str) -> str:
        slug = new_slug(f"Example {name}", self.taken[model])
        self.taken[model].add(slug)
        return slug

    def status(self, loaded: int) -> dict[str, Any]:
        """Return a status with the dates that it asks for, of an entry that was loaded on this day."""
        status = self.one_of(STATUSES)
        fields: dict[str, Any] = {"status": status}
        if status in (Status.PUBLISHED, Status.RETIRED):
            fields["published_at"] = noon(loaded)
        if status == Status.RETIRED:
            fields["retired_at"] = noon(self.day(loaded))
        return fields

    # --- Rows --------------------------------------------------------------------------------------------------------

    def reference(self) -> Reference:
        writer, random = self.writer, self.random
        year = random.randint(1988, 2025)
        authors = [
            f"{writer['surname']}, {random.choice('ABCDEGHJKLMNPRST')}."
            for _ in range(random.randint(1, 5))
        ]
        kind = self.one_of(REFERENCE_TYPES)
        key = self.slug(Reference, f"{authors[0].partition(',')[0]} {year}")
        is_article = kind == ReferenceType.JOURNAL_ARTICLE
        page = random.randint(1, 900)
        return Reference(
            key=key,
            authors="; ".join(authors),
            year=year,
            title=writer.sentence("title"),
            reference_type=kind,
            container=f"Example Journal of {writer['journal']}" if is_article else "",
            volume=str(year - 1980) if is_article else "",
            issue=str(random.randint(1, 6)) if is_article else "",
            pages=f"{page}–{page + random.randint(4, 24)}" if is_article else "",
            # 10.5555 is the prefix that is set aside for examples: no publication has it.
            doi=f"10.5555/{key}" if is_article else "",
            url="" if is_article else f"https://example.org/library/{key}",
        )

    def write_areas(self, number: int) -> list[TopicArea]:
        """Write topic areas, with their umbrella areas and experts; return those that take ratings."""
        chosen = AREAS[:number]
        names = dict.fromkeys(umbrella for _, _, umbrella in chosen if umbrella)
        umbrellas = dict(
            zip(names, self.write(self.area(name, "", None) for name in names), strict=True)
        )
        areas = self.write(
            self.area(name, abbreviation, umbrellas.get(umbrella))
            for name, abbreviation, umbrella in chosen
        )
        experts = self.write(self.expert() for _ in areas)
        everyone = [*umbrellas.values(), *areas]
        TopicArea.experts.through._default_manager.bulk_create(
            TopicArea.experts.through(topicarea=area, topicexpert=expert)
            for area in everyone
            for expert in self.random.sample(experts, self.random.randint(1, 2))
        )
        TopicArea.further_reading.through._default_manager.bulk_create(
            TopicArea.further_reading.through(topicarea=area, reference=reference)
            for area in everyone
            for reference in self.random.sample(self.references, min(4, len(self.references)))
        )
        return areas

    def area(self, name: str, abbreviation: str, parent: TopicArea | None) -> TopicArea:
        writer = self.writer
        numbered = (f"{name} {number}" for number in count(2))
        name = next(free for free in chain([name], numbered) if free.lower() not in self.area_names)
        first = f"{name} are defined as {writer['format']}s for {writer['people']}."
        added = self.day(last=FIRST_DAY + 4 * 365)
        return TopicArea(
            name=name,
            slug=self.slug(TopicArea, name),
            abbreviation=abbreviation,
            parent=parent,
            definition=f"*A generated example, not a real topic area.*\n\n{writer.prose('description', 60, first)}",
            target_population=writer.sentence("target"),
            services_types=writer.prose("description", 20),
            delivered_by=writer.sentence("delivered_by"),
            inclusion_criteria=writer.prose("criterion", 30),
            rating_criteria=writer.prose("criterion", 20),
            year_added=date.fromordinal(added).year,
            **self.status(added),
        )

    def expert(self) -> TopicExpert:
        name = f"{self.writer.any_word('first_name')} {self.writer.any_word('surname')}"
        return TopicExpert(
            name=name,
            slug=self.slug(TopicExpert, name),
            credentials=self.random.choice(["PhD", "PsyD", "LCSW", "MSW, PhD", "MD"]),
            position="Professor",
            organization=f"Example University of {self.writer.any_word('place')}",
            biography=f"A generated example, not a real person. {self.writer.sentence('biography')}",
        )

    def program(self) -> Program:
        writer, random = self.writer, self.random
        name, slug = self.program_name()
        plain = without_marks(name)
        opening = writer.sentence("opening")
        loaded = self.day()
        is_nonresponder = self.happens(7)
        answered = {} if is_nonresponder else self.answers(slug)
        return Program(
            name=name,
            slug=slug,
            acronym=acronym(plain) if self.happens(45) else "",
            description=writer.prose(
                "description",
                random.randint(60, 150),
                f"{plain} {opening[0].lower()}{opening[1:]}",
            ),
            scope_note=MARK,
            relevance_level=self.one_of(RELEVANCE_LEVELS),
            is_nonresponder=is_nonresponder,
            research_last_reviewed=self.written(self.day(loaded)) if self.happens(94) else "",
            content_last_reviewed=self.written(self.day(loaded)) if self.happens(60) else "",
            loaded_on=self.written(loaded) if self.happens(95) else "",
            **self.lists(),
            **self.ages(),
            **self.status(loaded),
            **answered or {"target_population": NOT_PROVIDED, "goals": NOT_PROVIDED},
        )

    def answers(self, slug: str) -> dict[str, Any]:
        """Return what only a program's representative can tell."""
        writer, random = self.writer, self.random
        manual, training = self.one_of(AVAILABILITIES), self.one_of(AVAILABILITIES)
        first_name, surname = writer.any_word("first_name"), writer.any_word("surname")
        return {
            "target_population": writer.sentence("target"),
            "goals": writer.bullets("goal", random.randint(2, 5)),
            "essential_components": writer.bullets("component", random.randint(2, 6)),
            "intensity": writer.sentence("intensity"),
            "duration": f"{random.choice([6, 8, 10, 12, 16, 24, 36, 52])} weeks",
            "languages": ("English", writer["language"]) if self.happens(50) else ("English",),
            "manual_available": manual,
            "manual_notes": "From the developer, on request." if manual == Availability.YES else "",
            "training_available": training,
            "training_notes": writer.sentence("training") if training == Availability.YES else "",
            "website": f"https://example.org/{slug}/",
            "contact_name": f"{first_name} {surname}",
            "contact_organization": f"{writer['place']} Example Institute",
            "contact_email": f"{slug[:40].rstrip('-')}@example.org",
            "contact_phone": f"(555) 555-01{random.randint(0, 99):02}",
        }

    def lists(self) -> dict[str, tuple[str, ...]]:
        return {
            "also_known_as": (self.new_name(),) if self.happens(20) else (),
            "delivery_settings": self.some_of(DeliverySetting, 4),
            "outcomes": self.some_of(Outcome, 3),
        }

    def ages(self) -> dict[str, int]:
        """Return the ages served: of children, of the children of parents and caregivers, both or none."""
        ages = {}
        for who, percent in (("child_age", 70), ("caregiver_child_age", 50)):
            if self.happens(percent):
                youngest = self.random.choice([0, 0, 0, 2, 3, 5, 6, 8, 10, 12, 14])
                ages[f"{who}_min"] = youngest
                ages[f"{who}_max"] = min(youngest + self.random.choice([2, 3, 5, 7, 12, 18]), 25)
        return ages

    def program_name(self) -> tuple[str, str]:
        """Return a name, perhaps with its mark, and its slug; no two examples share either."""
        slug = ""
        while not slug or slug in self.taken[Program]:
            name = self.new_name()
            slug = new_slug(f"Example {name}", ())
        self.taken[Program].add(slug)
        return name + self.one_of({"": 84, "®": 8, "™": 8}), slug

    def new_name(self) -> str:
        """Return a name that all words are equally likely in: there are some millions."""
        pattern = self.random.choice(SENTENCES["name"])
        return re.sub(r"\{(\w+)\}", lambda slot: self.writer.any_word(slot[1]), pattern)

    def ratings(self, program: Program, areas: Sequence[TopicArea]) -> list[Rating]:
        """Return a program's ratings in one to four areas, some with the rating that stood there before."""
        number = min(self.one_of(AREAS_OF_A_PROGRAM), len(areas))
        if self.happens(2):  # written down, and not rated anywhere yet
            return []
        return [
            rating
            for area in self.random.sample(areas, number)
            for rating in self.ratings_in(program, area)
        ]

    def ratings_in(self, program: Program, area: TopicArea) -> Iterator[Rating]:
        loaded = (
            FIRST_DAY
            if not program.loaded_on
            else date(int(program.loaded_on[:4]), 1, 1).toordinal()
        )
        rated = self.day(loaded)
        if rated - loaded > LONGER_THAN_A_YEAR and self.happens(15):
            yield self.rating(program, area, self.day(loaded, rated - LONGER_THAN_A_YEAR), False)
        yield self.rating(program, area, rated, True)

    def rating(self, program: Program, area: TopicArea, day: int, is_current: bool) -> Rating:
        level = self.one_of(LEVELS)
        reason = ""
        if level == ScientificRating.NOT_RATED:
            reason = (
                NotRatedReason.NONRESPONDER if program.is_nonresponder else self.one_of(REASONS)
            )
        return Rating(
            program=program,
            topic_area=area,
            scientific_rating=level,
            not_rated_reason=reason,
            rationale=self.writer.sentence("rationale") if self.happens(30) else "",
            rated_on=self.written(day) if self.happens(90) or not is_current else "",
            is_current=is_current,
        )

    def studies(self, program: Program, ratings: Sequence[Rating]) -> list[Study]:
        """Return links to up to four references: a level rests on one at least, NR on none of them."""
        is_rated = any(rating.scientific_rating != ScientificRating.NOT_RATED for rating in ratings)
        number = self.random.randint(int(is_rated), min(4, len(self.references)))
        roles = [StudyRole.ADDITIONAL] * number
        if is_rated:
            roles = [StudyRole.RELEVANT, *(self.one_of(ROLES) for _ in range(number - 1))]
        references = self.random.sample(self.references, number)
        return [
            self.study(program, reference, role)
            for reference, role in zip(references, roles, strict=True)
        ]

    def study(self, program: Program, reference: Reference, role: str) -> Study:
        writer, random = self.writer, self.random
        if role == StudyRole.ADDITIONAL:
            return Study(program=program, reference=reference, role=role)
        return Study(
            program=program,
            reference=reference,
            role=role,
            exclusion_reason=writer.sentence("exclusion") if role == StudyRole.NOT_USED else "",
            design=writer["design"],
            sample_size=random.randint(18, 900),
            population=writer.sentence("target"),
            location=f"{writer['place']} County",
            follow_up_months=random.choice([None, 0, 3, 6, 12, 24]),
            summary=writer.prose("finding", 30),
        )


def noon(day: int) -> datetime:
    return datetime.fromordinal(day).replace(hour=12, tzinfo=UTC)


def acronym(name: str) -> str:
    """Return the first letters of the words that have a capital."""
    letters = "".join(word[0] for word in re.findall(r"\w+", name) if word[0].isupper())
    return letters if len(letters) > 1 else ""
