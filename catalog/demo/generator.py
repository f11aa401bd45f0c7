"""Catalogs that are made up: any size, the same for the same size and seed, and marked as examples."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from django.db import models, reset_queries, transaction

from ..models import Reference, Registry, TopicArea, TopicExpert
from ..search import deferred
from .contacts import make_contacts, make_relations
from .evidence import give_manual, give_raters, make_ratings
from .programs import make_program
from .registries import REGISTRIES, make_external_ratings, make_registry
from .source import ExampleSource
from .studies import make_research
from .topic_areas import free_name, make_expert, make_reference, make_topic_area
from .words import AREAS

BATCH = 2_000
PROGRAMS_PER_AREA = 20
FEWEST_AREAS = 3
# How many references an area names for further reading, and how many related areas at most.
MOST_READING = 4
MOST_RELATED = 3


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


class Generator:
    """Makes one catalog and writes it in batches; ``counts`` is how many rows it has written so far."""

    def __init__(self, seed: int, write_documents: Callable[[], None]) -> None:
        self.source = ExampleSource(seed)
        self.write_documents = write_documents
        self.counts: dict[str, int] = {}
        # Of each topic area, by its primary key.
        self.experts: dict[int, list[TopicExpert]] = {}

    def generate(self, size: int, progress: Callable[[int], None]) -> dict[str, int]:
        """Write a catalog with this many programs; report how many of them are written after each batch."""
        references = self.write(make_reference(self.source) for _ in range(max(size // 2, 1)))
        number_of_areas = min(max(size // PROGRAMS_PER_AREA, FEWEST_AREAS), len(AREAS))
        areas = self.write_topic_areas(number_of_areas, references)
        registries = self.write_registries()
        for done in range(0, size, BATCH):
            number = min(BATCH, size - done)
            self.write_programs(number, areas, references, registries)
            progress(done + number)
        return self.counts

    def write_programs(
        self,
        number: int,
        areas: Sequence[TopicArea],
        references: Sequence[Reference],
        registries: Sequence[Registry],
    ) -> None:
        """Write programs with their ratings, here and elsewhere, studies, findings, contacts and relations."""
        programs = [make_program(self.source) for _ in range(number)]
        ratings = [make_ratings(self.source, program, areas) for program in programs]
        for program, its_ratings in zip(programs, ratings, strict=True):
            give_manual(self.source, program, its_ratings)
        self.write(programs)
        research = [
            make_research(self.source, program, its_ratings, references)
            for program, its_ratings in zip(programs, ratings, strict=True)
        ]
        for rating in chain.from_iterable(ratings):
            give_raters(self.source, rating, self.experts[rating.topic_area_id])
        self.write(chain.from_iterable(ratings))
        self.write(study for studies, _ in research for study in studies)
        self.write(finding for _, findings in research for finding in findings)
        self.write(chain.from_iterable(make_contacts(self.source, each) for each in programs))
        self.write(make_relations(self.source, programs))
        self.write(
            rating
            for program in programs
            for rating in make_external_ratings(self.source, program, registries)
        )
        self.write_documents()
        reset_queries()  # with DEBUG, Django keeps the text of every query

    def write_registries(self) -> Sequence[Registry]:
        """Write registries that rate programs too; return them."""
        taken = {name.lower() for name in Registry.objects.values_list("name", flat=True)}
        return self.write(
            make_registry(self.source, free_name(sketch.name, taken), sketch)
            for sketch in REGISTRIES
        )

    def write_topic_areas(
        self, number: int, references: Sequence[Reference]
    ) -> Sequence[TopicArea]:
        """Write topic areas, with their umbrella areas and experts; return those that take ratings."""
        source, chosen = self.source, AREAS[:number]
        # As the constraint compares them: the areas that are there may be real ones.
        taken = {name.lower() for name in TopicArea.objects.values_list("name", flat=True)}
        names = dict.fromkeys(umbrella for _, _, umbrella in chosen if umbrella)
        made = self.write(
            make_topic_area(source, free_name(name, taken), "", None) for name in names
        )
        umbrellas = dict(zip(names, made, strict=True))
        areas = self.write(
            make_topic_area(source, free_name(name, taken), abbreviation, umbrellas.get(umbrella))
            for name, abbreviation, umbrella in chosen
        )
        self.link_topic_areas([*umbrellas.values(), *areas], len(areas), references)
        return areas

    def link_topic_areas(
        self, areas: Sequence[TopicArea], number: int, references: Sequence[Reference]
    ) -> None:
        """Write this many experts, and give every area one or two of them, and references to read."""
        chance = self.source.chance
        experts = self.write(make_expert(self.source) for _ in range(number))
        self.experts = {area.pk: chance.sample(experts, chance.randint(1, 2)) for area in areas}
        TopicArea.experts.through._default_manager.bulk_create(
            TopicArea.experts.through(topicarea_id=area, topicexpert=expert)
            for area, chosen in self.experts.items()
            for expert in chosen
        )
        TopicArea.further_reading.through._default_manager.bulk_create(
            TopicArea.further_reading.through(topicarea=area, reference=reference)
            for area in areas
            for reference in chance.sample(references, min(MOST_READING, len(references)))
        )
        TopicArea.related_areas.through._default_manager.bulk_create(
            TopicArea.related_areas.through(from_topicarea=area, to_topicarea=other)
            for area in areas
            for other in chance.sample(areas, min(MOST_RELATED, len(areas)))
            if other != area
        )

    def write[M: models.Model](self, rows: Iterable[M]) -> list[M]:
        """Write rows of one model and return them, with their primary keys."""
        objects = list(rows)
        if objects:
            model = type(objects[0])
            model._default_manager.bulk_create(objects, batch_size=BATCH)
            kind = str(model._meta.verbose_name_plural)
            self.counts[kind] = self.counts.get(kind, 0) + len(objects)
        return objects
