"""Catalogs that several files of tests look at."""

import pytest
from django.utils import timezone

from catalog.models import Program, Proposal, ProposalState, Status

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    RelatedProgramFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)


@pytest.fixture(params=[1, 3])
def catalog_of(request, db):
    """One or three of everything, and of everything that belongs to it; two topic areas at least.

    The word "program" is in all of it.
    """
    size = request.param
    umbrella = TopicAreaFactory(slug="umbrella")
    experts = [
        TopicExpertFactory(name=f"Expert for program {n}", slug=f"expert-{n}") for n in range(size)
    ]
    references = [ReferenceFactory(title=f"On program {n}") for n in range(size)]
    areas = []
    for n in range(size + 1):
        areas.append(
            TopicAreaFactory(
                name=f"Program area {n}", slug=f"area-{n}", parent=umbrella, year_added=2024
            )
        )
        areas[-1].experts.set(experts)
        areas[-1].further_reading.set(references)
    areas[0].related_areas.set(areas[1:])
    registries = [RegistryFactory(slug="index"), RegistryFactory()]
    for n in range(size):
        program = ProgramFactory(
            name=f"Program {n}",
            slug=f"program-{n}",
            relevance_level="high",
            outcomes=["safety"],
            delivery_settings=["school"],
            child_age_min=0,
            research_last_reviewed="2024",
        )
        for area in areas:
            RatingFactory(program=program, topic_area=area, rated_on="2020", scientific_rating="NR")
            raters = [expert.slug for expert in experts]
            RatingFactory(program=program, topic_area=area, rated_on="2024", raters=raters)
        for reference in references:
            for area in areas:
                FindingFactory(program=program, reference=reference, topic_area=area)
        ContactFactory.create_batch(size, program=program)
        for registry in registries[: size + 1]:
            ExternalRatingFactory(program=program, registry=registry)
    programs = list(Program.objects.all())
    # What is retired has an address, and is in no list.
    now = timezone.now()
    retired = {"status": Status.RETIRED, "published_at": now, "retired_at": now}
    for program in programs:
        for other in [*programs, ProgramFactory(**retired)]:
            if other != program:
                RelatedProgramFactory(program=program, other=other)
    for entry in ({"program": program}, {"topic_area": areas[0]}, {"expert": experts[0]}):
        Proposal.objects.bulk_create(
            Proposal(
                **entry,
                state=ProposalState.PUBLISHED,
                published_at=timezone.now(),
                change_note="New",
            )
            for _ in range(size)
        )
    return size
