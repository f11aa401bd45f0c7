"""The catalog's models as the admin has them: to run a test for each."""

import pytest
from django.contrib import admin

from catalog.admin import ImportExportAdmin
from catalog.models import SiteSettings
from catalog.models.base import CatalogModel

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    PlannedReviewFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    ScaleEditionFactory,
    SiteSettingsFactory,
    StudyFactory,
    SynonymGroupFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)

# The entries; records of what was done, such as an import, have no form.
CATALOG = {
    model: model_admin
    for model, model_admin in admin.site._registry.items()
    if issubclass(model, CatalogModel)
}

each_model = pytest.mark.parametrize("model", CATALOG, ids=lambda model: model._meta.model_name)

# All but the settings of the site, which are one row.
LISTED = [model for model in CATALOG if model is not SiteSettings]

each_listed_model = pytest.mark.parametrize(
    "model", LISTED, ids=lambda model: model._meta.model_name
)

FACTORIES = {
    factory._meta.model: factory
    for factory in (
        ProgramFactory,
        RatingFactory,
        ReferenceFactory,
        StudyFactory,
        FindingFactory,
        ContactFactory,
        ExternalRatingFactory,
        RegistryFactory,
        ScaleEditionFactory,
        SiteSettingsFactory,
        SynonymGroupFactory,
        TermFactory,
        PageFactory,
        PlannedReviewFactory,
        TopicAreaFactory,
        TopicExpertFactory,
    )
}

# Those with a kind of file; the glossary and pages have none.
IMPORTED = {m for m, options in CATALOG.items() if isinstance(options, ImportExportAdmin)}

each_imported_model = pytest.mark.parametrize(
    "model",
    [model for model in CATALOG if model in IMPORTED],
    ids=lambda model: model._meta.model_name,
)

each_publishable = pytest.mark.parametrize(
    "factory",
    [ProgramFactory, TopicAreaFactory, PageFactory],
    ids=["program", "topicarea", "page"],
)
