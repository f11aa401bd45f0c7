"""What the database refuses of a program's rows, of registries and of synonyms, and what validation says of it."""

import pytest
from django.db import IntegrityError
from django.db.models import F

from catalog.models import TopicArea

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RegistryFactory,
    RelatedProgramFactory,
    StudyFactory,
    SynonymGroupFactory,
    TopicAreaFactory,
)
from .examples import errors_of, write_past_validation

pytestmark = pytest.mark.django_db


def test_study_links_a_reference_to_a_program_once():
    study = StudyFactory()
    other = StudyFactory(program=study.program)

    with pytest.raises(IntegrityError):
        write_past_validation(other, reference=study.reference)
    other.reference = study.reference
    assert errors_of(other) == {"__all__": ["The program has this reference already."]}


def test_study_has_the_same_sample_as_another_one_only(db):
    study = StudyFactory()

    with pytest.raises(IntegrityError, match="study_same_sample_as_another"):
        write_past_validation(study, same_sample_as=F("reference"))
    study.same_sample_as = study.reference
    assert errors_of(study) == {
        "same_sample_as": ["A study has the same sample as itself. Name the other study."]
    }


def test_outcome_of_a_study_is_recorded_once_in_a_topic_area(db):
    first = FindingFactory(outcome="Sleep")
    FindingFactory(program=first.program, reference=first.reference, outcome="Sleep")
    again = FindingFactory(
        program=first.program, reference=first.reference, topic_area=first.topic_area
    )

    with pytest.raises(IntegrityError):
        write_past_validation(again, outcome="Sleep")
    again.outcome = "Sleep"
    assert errors_of(again) == {
        "__all__": ["This outcome of the study is recorded in the topic area already."]
    }


def test_contact_stands_once_for_a_purpose_of_a_program():
    contact = ContactFactory(name="Kim")
    again = ContactFactory.build(program=contact.program, name="Kim")

    message = "The program has a contact of this name for this purpose already."
    assert errors_of(again) == {"__all__": [message]}
    with pytest.raises(IntegrityError, match=r"catalog_contact|contact_once"):
        again.save()


def test_program_is_related_to_another_one_once_in_a_way():
    relation = RelatedProgramFactory()
    again = RelatedProgramFactory.build(program=relation.program, other=relation.other)

    message = "The program is related to this one in this way already."
    assert errors_of(again) == {"__all__": [message]}
    with pytest.raises(IntegrityError, match="relatedprogram"):
        again.save()


def test_program_is_not_related_to_itself():
    relation = RelatedProgramFactory()

    with pytest.raises(IntegrityError, match="relatedprogram_is_another"):
        write_past_validation(relation, other=relation.program_id)

    relation.other = relation.program
    assert errors_of(relation) == {"other": ["A program is not related to itself."]}


def test_program_is_not_related_to_one_that_was_merged():
    survivor = ProgramFactory(name="Stays")
    merged = ProgramFactory(name="Gone", status="retired", merged_into=survivor)
    relation = RelatedProgramFactory.build(program=ProgramFactory(), other=merged)

    assert errors_of(relation) == {"other": ["“Gone” was merged into “Stays”. Choose that one."]}


def test_registry_says_one_thing_of_a_program_in_a_scope(db):
    first = ExternalRatingFactory(scope="Sleep")
    again = ExternalRatingFactory(program=first.program, registry=first.registry)
    ExternalRatingFactory(program=first.program, registry=first.registry, scope="sleep")

    with pytest.raises(IntegrityError):
        write_past_validation(again, scope="Sleep")
    again.scope = "Sleep"
    assert errors_of(again) == {
        "__all__": ["What the registry says of the program in this scope is recorded already."]
    }


def test_registry_has_a_name_of_its_own(db):
    RegistryFactory(name="Index")
    other = RegistryFactory()

    with pytest.raises(IntegrityError):
        write_past_validation(other, name="INDEX")
    other.name = "INDEX"
    assert errors_of(other) == {"__all__": ["There is a registry with this name already."]}


def test_group_of_synonyms_has_a_name_of_its_own(db):
    SynonymGroupFactory(name="Burnout")
    other = SynonymGroupFactory()

    with pytest.raises(IntegrityError):
        write_past_validation(other, name="BURNOUT")
    other.name = "BURNOUT"
    assert errors_of(other) == {
        "__all__": ["Another group of synonyms begins with this. Add to that one."]
    }


def test_topic_area_is_never_related_to_itself():
    area = TopicAreaFactory()
    links = TopicArea.related_areas.through.objects
    links.create(from_topicarea=area, to_topicarea=TopicAreaFactory())

    with pytest.raises(IntegrityError, match="topicarea_is_not_related_to_itself"):
        links.create(from_topicarea=area, to_topicarea=area)
