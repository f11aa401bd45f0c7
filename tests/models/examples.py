"""What tests of the models share: a factory of each kind, and what a form would say."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Value

from catalog.models import (
    Status,
)

from ..factories import (
    ContactFactory,
    CriterionFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    PlannedReviewFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    RelatedProgramFactory,
    ScaleEditionFactory,
    SiteSettingsFactory,
    StudyFactory,
    SynonymGroupFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)

DRAFT, IN_REVIEW, PUBLISHED, RETIRED = Status
FACTORIES = [
    *(TopicAreaFactory, ProgramFactory, RatingFactory, PageFactory),
    *(ReferenceFactory, StudyFactory, FindingFactory, TopicExpertFactory, TermFactory),
    *(ContactFactory, RelatedProgramFactory, ScaleEditionFactory, CriterionFactory),
    *(RegistryFactory, ExternalRatingFactory, SynonymGroupFactory, SiteSettingsFactory),
    PlannedReviewFactory,
]
PUBLISHABLE = [TopicAreaFactory, ProgramFactory, PageFactory]
SLUGGED = [
    TopicAreaFactory,
    ProgramFactory,
    TopicExpertFactory,
    TermFactory,
    RegistryFactory,
    PageFactory,
]
MODELS = [factory._meta.model for factory in FACTORIES]


def by_name(value):
    return value.__name__


def errors_of(obj):
    """What validation says, by field."""
    with pytest.raises(ValidationError) as refusal:
        obj.full_clean()
    return refusal.value.message_dict


def write_past_validation(obj, **values):
    """Write what no form, import or save() would: as raw values, straight into the table."""
    raw = {
        name: Value(value) if isinstance(value, str) else value for name, value in values.items()
    }
    with transaction.atomic():
        type(obj).objects.filter(pk=obj.pk).update(**raw)
