"""Random catalogs, random questions, and how a catalog is kept in the database for a while."""

from contextlib import contextmanager
from dataclasses import replace

from django.utils import timezone
from hypothesis import strategies as st

from catalog.models import (
    ExternalRating,
    Program,
    Rating,
    Registry,
    Status,
    TopicArea,
    TopicExpert,
)

from ..transactions import rolled_back
from .oracle import ANSWERS, LANGUAGES, LEVELS, Asked, PlainArea, PlainCatalog, PlainProgram

EXPERTS = range(2)
REGISTRIES = range(2)
# Words of one stem; letters that are not ASCII; both cases; words of two parts.
WORDS = ["stress", "Stressed", "Élan", "elan", "ÑANDÚ", "trauma-informed", "trauma", "O'Neil"]
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=3).map(" ".join)
statuses = st.sampled_from([*(7 * ["published"]), "draft", "in-review", "retired"])
ages = st.one_of(st.none(), st.integers(0, 25))
age_ranges = st.tuples(ages, ages).map(
    lambda pair: pair if None in pair else (min(pair), max(pair))
)
levels = st.sampled_from(LEVELS)

areas = st.builds(
    PlainArea,
    name=texts,
    abbreviation=st.sampled_from(["", "STS"]),
    definition=texts,
    status=statuses,
    experts=st.frozensets(st.sampled_from(EXPERTS)),
)
programs = st.builds(
    PlainProgram,
    name=texts.map(lambda text: text or "Élan"),
    acronym=st.sampled_from(["", "STS"]),
    also_known_as=st.lists(words, max_size=2, unique=True).map(tuple),
    description=texts,
    target_population=texts,
    goals=texts,
    intensity=texts,
    status=statuses,
    relevance=st.sampled_from(["", "high", "medium", "low"]),
    outcomes=st.frozensets(st.sampled_from(["safety", "permanency", "well-being"])),
    settings=st.frozensets(st.sampled_from(["school", "hospital", "virtual"])),
    languages=st.frozensets(st.sampled_from([*LANGUAGES.values()])),
    manual=st.sampled_from(ANSWERS),
    training=st.sampled_from(ANSWERS),
    ages=st.tuples(age_ranges, age_ranges),
    reviewed=st.sampled_from(["", "2019", "2023-12", "2023-12-31", "2024", "2024-01-01"]),
    levels=st.dictionaries(st.integers(0, 2), levels),
    past_levels=st.dictionaries(st.integers(0, 2), levels),
    registries=st.frozensets(st.sampled_from(REGISTRIES)),
)
catalogs = st.builds(
    PlainCatalog,
    areas=st.builds(
        lambda areas, umbrella, parts: [
            *areas,
            replace(umbrella, experts=frozenset(), parts=parts),
        ],
        st.lists(areas, min_size=3, max_size=3),
        areas,
        st.frozensets(st.integers(0, 2)),
    ),
    # Seven times the same are more than one page, in an order that only the primary key decides.
    programs=st.builds(
        lambda several, times: several * times,
        st.lists(programs, min_size=1, max_size=8),
        st.sampled_from([1, 1, 7]),
    ),
)

queries = st.lists(
    st.one_of(
        words, words.map(lambda word: word[:4]), words.map("-{}".format), texts.map('"{}"'.format)
    ),
    min_size=1,
    max_size=3,
).map(" ".join)


def some(*values):
    asked = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    return st.one_of(st.just([]), st.just([]), st.just([]), asked)


questions = st.builds(
    Asked,
    q=st.one_of(st.just(""), st.just(""), queries),
    topic=some("area-0", "area-1", "area-2", "area-3", ""),
    rating=some(*LEVELS, "6", "nr", ""),
    expert=some("expert-0", "expert-1", "expert-2"),
    relevance=some("high", "medium", "low", "High"),
    outcome=some("safety", "permanency", "well-being", "safe"),
    age=some("0", "7", "25", "6-12", "18-25", "26", "-1", "seven", "7.5", "1e400"),
    setting=some("school", "hospital", "virtual", "School"),
    language=some(*LANGUAGES, "English", "latin"),
    manual=some(*ANSWERS, "maybe"),
    training=some(*ANSWERS, "Yes"),
    registry=some("registry-0", "registry-1", "registry-2"),
    reviewed_since=st.sampled_from(7 * [""] + ["2019", "2023", "2024", "2099", "1899", "24", "x"]),
    sort=st.sampled_from(["", "match", "rating", "name", "reviewed", "worst"]),
)


@contextmanager
def stored(catalog):
    """Keep a plain catalog in the database for a while."""
    now = timezone.now()

    def status(of):
        return {
            "status": of.status,
            "published_at": now,
            "retired_at": now if of.status == Status.RETIRED else None,
        }

    with rolled_back():
        experts = TopicExpert.objects.bulk_create(
            TopicExpert(name=f"Expert {n}", slug=f"expert-{n}") for n in EXPERTS
        )
        areas = TopicArea.objects.bulk_create(
            TopicArea(
                # Names are unique; the words of a number are in no question.
                name=f"{area.name} №{n}",
                slug=f"area-{n}",
                abbreviation=area.abbreviation,
                definition=area.definition,
                **status(area),
            )
            for n, area in enumerate(catalog.areas)
        )
        for n, area in enumerate(catalog.areas):
            TopicArea.objects.filter(pk__in=[areas[part].pk for part in area.parts]).update(
                parent=areas[n]
            )
        TopicArea.experts.through.objects.bulk_create(
            TopicArea.experts.through(topicarea=areas[n], topicexpert=experts[e])
            for n, area in enumerate(catalog.areas)
            for e in area.experts
        )
        programs = Program.objects.bulk_create(
            Program(
                slug=f"program-{n}",
                name=program.name,
                acronym=program.acronym,
                also_known_as=program.also_known_as,
                description=program.description,
                target_population=program.target_population,
                goals=program.goals,
                intensity=program.intensity,
                relevance_level=program.relevance,
                outcomes=program.outcomes,
                delivery_settings=program.settings,
                languages=program.languages,
                manual_available=program.manual,
                training_available=program.training,
                child_age_min=program.ages[0][0],
                child_age_max=program.ages[0][1],
                caregiver_child_age_min=program.ages[1][0],
                caregiver_child_age_max=program.ages[1][1],
                research_last_reviewed=program.reviewed,
                **status(program),
            )
            for n, program in enumerate(catalog.programs)
        )
        Rating.objects.bulk_create(
            Rating(
                program=programs[p],
                topic_area=areas[a],
                scientific_rating=level,
                rated_on="2020" if is_current else "2010",
                is_current=is_current,
            )
            for p, program in enumerate(catalog.programs)
            for is_current, ratings in [(True, program.levels), (False, program.past_levels)]
            for a, level in ratings.items()
        )
        registries = Registry.objects.bulk_create(
            Registry(name=f"Registry {n}", slug=f"registry-{n}") for n in REGISTRIES
        )
        # Two ratings by one registry are for two scopes.
        ExternalRating.objects.bulk_create(
            ExternalRating(program=programs[p], registry=registries[r], scope=scope, rating="Good")
            for p, program in enumerate(catalog.programs)
            for r in program.registries
            for scope in ("", "Sleep")
        )
        yield
