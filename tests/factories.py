"""One factory for each model: minimal, valid, and published, so that a test shows what it is about."""

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from catalog.models import (
    Contact,
    Criterion,
    ExternalRating,
    Finding,
    Page,
    PlannedReview,
    Program,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    ScaleEdition,
    SiteSettings,
    Status,
    Study,
    Submission,
    SynonymGroup,
    Term,
    TopicArea,
    TopicExpert,
)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence("user{}".format)


class TopicExpertFactory(DjangoModelFactory):
    class Meta:
        model = TopicExpert

    name = factory.Sequence("Expert {}".format)


class TopicAreaFactory(DjangoModelFactory):
    class Meta:
        model = TopicArea

    name = factory.Sequence("Topic area {}".format)
    status = Status.PUBLISHED


class ProgramFactory(DjangoModelFactory):
    class Meta:
        model = Program

    name = factory.Sequence("Program {}".format)
    status = Status.PUBLISHED


class RatingFactory(DjangoModelFactory):
    class Meta:
        model = Rating

    program = factory.SubFactory(ProgramFactory)
    topic_area = factory.SubFactory(TopicAreaFactory)
    scientific_rating = "3"


class PageFactory(DjangoModelFactory):
    class Meta:
        model = Page

    name = factory.Sequence("Page {}".format)
    text = "Text."
    status = Status.PUBLISHED


class ScaleEditionFactory(DjangoModelFactory):
    class Meta:
        model = ScaleEdition

    name = factory.Sequence("Edition {}".format)


class SynonymGroupFactory(DjangoModelFactory):
    class Meta:
        model = SynonymGroup

    name = factory.Sequence("word {}".format)
    synonyms = ("another",)


class CriterionFactory(DjangoModelFactory):
    class Meta:
        model = Criterion

    edition = factory.SubFactory(ScaleEditionFactory)
    level = "2"
    code = factory.Sequence("criterion-{}".format)
    text = "It was carried out in usual care."
    rule = "usual-care"


class ReferenceFactory(DjangoModelFactory):
    class Meta:
        model = Reference

    authors = "Author, A."
    year = 2020
    title = factory.Sequence("Title {}".format)


class StudyFactory(DjangoModelFactory):
    class Meta:
        model = Study

    program = factory.SubFactory(ProgramFactory)
    reference = factory.SubFactory(ReferenceFactory)


class FindingFactory(DjangoModelFactory):
    """Makes a finding of a study, which is made too where the program does not have it."""

    class Meta:
        model = Finding
        skip_postgeneration_save = True

    program = factory.SubFactory(ProgramFactory)
    reference = factory.SubFactory(ReferenceFactory)
    topic_area = factory.SubFactory(TopicAreaFactory)

    @factory.post_generation
    def study(self, create, extracted, **kwargs):
        if create:
            Study.objects.get_or_create(program=self.program, reference=self.reference)


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    program = factory.SubFactory(ProgramFactory)
    purpose = "training"
    name = factory.Sequence("Contact {}".format)


class RelatedProgramFactory(DjangoModelFactory):
    class Meta:
        model = RelatedProgram

    program = factory.SubFactory(ProgramFactory)
    kind = "version"
    other = factory.SubFactory(ProgramFactory)


class RegistryFactory(DjangoModelFactory):
    class Meta:
        model = Registry

    name = factory.Sequence("Registry {}".format)


class ExternalRatingFactory(DjangoModelFactory):
    class Meta:
        model = ExternalRating

    program = factory.SubFactory(ProgramFactory)
    registry = factory.SubFactory(RegistryFactory)
    rating = "Promising"


class SiteSettingsFactory(DjangoModelFactory):
    class Meta:
        model = SiteSettings
        django_get_or_create = ("id",)

    id = 1


class PlannedReviewFactory(DjangoModelFactory):
    class Meta:
        model = PlannedReview

    name = factory.Sequence("Review {}".format)
    since = "2026-03-01"


class SubmissionFactory(DjangoModelFactory):
    class Meta:
        model = Submission

    kind = "message"
    text = "What somebody writes."


class TermFactory(DjangoModelFactory):
    class Meta:
        model = Term

    name = factory.Sequence("Term {}".format)
    definition = "What it means."


def publishable(model, **fields):
    """Make a program, a topic area or a page that lacks nothing to be published."""
    if model is Page:
        return PageFactory(**fields)
    if model is TopicArea:
        texts = {"definition": "What it is.", "rating_criteria": "What research must examine."}
        return TopicAreaFactory(**{**texts, **fields})
    program = ProgramFactory(**{"description": "What it is.", **fields})
    RatingFactory(program=program)
    return program
