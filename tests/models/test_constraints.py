"""What the database refuses, and what validation says of it."""

from typing import NamedTuple

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from catalog.models import (
    Assignment,
    DeliverySetting,
    Export,
    FactCheck,
    FactCheckAnswer,
    FactCheckSend,
    Import,
    ImportedRow,
    MailPreference,
    MergeRecord,
    Notification,
    PreviewLink,
    Proposal,
    ProposalComment,
    StaffNote,
    Submission,
)
from catalog.models.base import MergedKey
from catalog.models.contacts import NOBODY
from catalog.models.program_details import PROVISIONS
from catalog.models.scale import (
    MONTHS_MISSING,
    NUMBER_MISSING,
    TAKES_NO_MONTHS,
    TAKES_NO_NUMBER,
)
from catalog.models.synonyms import NONE

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
)
from .examples import (
    DRAFT,
    FACTORIES,
    MODELS,
    PUBLISHABLE,
    SLUGGED,
    by_name,
    errors_of,
    write_past_validation,
)

pytestmark = pytest.mark.django_db


def test_every_model_is_tested_here():
    models = apps.get_app_config("catalog").get_models()
    entries = {model for model in models if not hasattr(model, "history_id")}
    entries -= {*MergedKey.__subclasses__(), MergeRecord}  # tests/admin/workflow/test_linked_*.py
    fact_checks = {FactCheck, FactCheckAnswer, FactCheckSend}
    beside = {Assignment, Export, Import, ImportedRow, PreviewLink, Proposal, StaffNote}
    told = {MailPreference, Notification, ProposalComment}
    written = {Submission}  # test_submissions.py
    assert entries == {*MODELS, *beside, *told, *fact_checks, *written}


def test_migrations_are_in_step_with_the_models():
    # The tests' database is made by the migrations; this exits where a model says something else.
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# --- Constraints

WRITE_ISO = "Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15."
AGES = "Ages run from 0 to 25."
NO_OUTCOME = "“nonsense” is not one of: safety, permanency, well-being."
NO_SETTING = f"“moon” is not one of: {', '.join(DeliverySetting.values)}."
NO_DOI = "“n/a” is not a DOI. A DOI looks like 10.1093/sw/52.1.63."


class Broken(NamedTuple):
    """How a constraint can be broken, and what validation says to that."""

    constraint: str
    factory: type
    # As the database would hold it.
    values: dict
    message: str
    # What makes a valid entry before.
    known: dict = {}
    # Where the message stands, if not beside the value.
    field: str = ""

    def __str__(self):
        return f"{self.constraint}-{self.values}"


def no_choice(value):
    return f"Value '{value}' is not a valid choice."


def between(word, limit):
    return f"Ensure this value is {word} than or equal to {limit}."


BROKEN = [
    Broken(
        "topicarea_status_is_known", TopicAreaFactory, {"status": "public"}, no_choice("public")
    ),
    Broken(
        "topicarea_year_added_is_plausible",
        TopicAreaFactory,
        {"year_added": 1899},
        between("greater", 1900),
    ),
    Broken(
        "topicarea_year_added_is_plausible",
        TopicAreaFactory,
        {"year_added": 2101},
        between("less", 2100),
    ),
    Broken("page_status_is_known", PageFactory, {"status": "public"}, no_choice("public")),
    Broken("page_place_is_known", PageFactory, {"place": "top"}, no_choice("top")),
    Broken("page_has_language", PageFactory, {"language": ""}, "This field cannot be blank."),
    Broken(
        "program_status_is_known", ProgramFactory, {"status": ""}, "This field cannot be blank."
    ),
    Broken("program_child_ages_are_possible", ProgramFactory, {"child_age_min": 26}, AGES),
    Broken("program_child_ages_are_possible", ProgramFactory, {"child_age_max": 26}, AGES),
    Broken(
        "program_child_ages_are_possible",
        ProgramFactory,
        {"child_age_min": 5},
        "5 is above the greatest age, 3.",
        known={"child_age_max": 3},
    ),
    Broken(
        "program_caregiver_child_ages_are_possible",
        ProgramFactory,
        {"caregiver_child_age_max": 99},
        AGES,
    ),
    Broken(
        "program_caregiver_child_ages_are_possible",
        ProgramFactory,
        {"caregiver_child_age_max": 0},
        "1 is above the greatest age, 0.",
        known={"caregiver_child_age_min": 1},
        field="caregiver_child_age_min",
    ),
    Broken("program_outcomes_are_known", ProgramFactory, {"outcomes": "|nonsense|"}, NO_OUTCOME),
    Broken(
        "program_outcomes_are_known", ProgramFactory, {"outcomes": "|safety|nonsense|"}, NO_OUTCOME
    ),
    Broken(
        "program_delivery_settings_are_known",
        ProgramFactory,
        {"delivery_settings": "|moon|"},
        NO_SETTING,
    ),
    Broken(
        "program_relevance_level_is_known",
        ProgramFactory,
        {"relevance_level": "none"},
        no_choice("none"),
    ),
    Broken(
        "program_availability_is_known",
        ProgramFactory,
        {"manual_available": "maybe"},
        no_choice("maybe"),
    ),
    Broken(
        "program_availability_is_known",
        ProgramFactory,
        {"training_available": ""},
        "This field cannot be blank.",
    ),
    *(
        Broken("program_provision_is_known", ProgramFactory, {field: "maybe"}, no_choice("maybe"))
        for field in PROVISIONS
    ),
    Broken(
        "program_logic_model_url_is_of_one",
        ProgramFactory,
        {"logic_model_url": "https://example.org/"},
        "Only a logic model that is provided has an address. Say “Provided” above, or clear it.",
    ),
    Broken(
        "program_cost_year_is_plausible",
        ProgramFactory,
        {"cost_year": 1899},
        between("greater", 1900),
    ),
    Broken(
        "program_cost_year_is_plausible",
        ProgramFactory,
        {"cost_year": 2101},
        between("less", 2100),
    ),
    Broken(
        "program_research_last_reviewed_is_partial_date",
        ProgramFactory,
        {"research_last_reviewed": "03/04/2026"},
        f"“03/04/2026” can be read as two different days. {WRITE_ISO}",
    ),
    Broken(
        "program_content_last_reviewed_is_partial_date",
        ProgramFactory,
        {"content_last_reviewed": "2024-13"},
        f"“2024-13” is not a date. {WRITE_ISO}",
    ),
    Broken(
        "program_loaded_on_is_partial_date",
        ProgramFactory,
        {"loaded_on": "1899"},
        "“1899” is not a date of the record: years run from 1900 to 2099.",
    ),
    Broken("rating_level_is_known", RatingFactory, {"scientific_rating": "6"}, no_choice("6")),
    Broken("rating_level_is_known", RatingFactory, {"scientific_rating": "nr"}, no_choice("nr")),
    Broken(
        "rating_reason_is_known",
        RatingFactory,
        {"not_rated_reason": "because"},
        no_choice("because"),
        known={"scientific_rating": "NR"},
    ),
    Broken(
        "rating_raters_have_names",
        RatingFactory,
        {"raters": "|Jane Doe|(not public)|"},
        "“(not public)” stands behind a name; here is none.",
    ),
    Broken(
        "rating_reason_only_with_nr",
        RatingFactory,
        {"not_rated_reason": "measures"},
        "Only NR takes a reason for not being rated.",
        known={"scientific_rating": "5"},
    ),
    Broken(
        "rating_rated_on_is_partial_date",
        RatingFactory,
        {"rated_on": "soon"},
        f"“soon” is not a date. {WRITE_ISO}",
    ),
    Broken("reference_doi_is_normalised", ReferenceFactory, {"doi": "n/a"}, NO_DOI),
    Broken(
        "reference_type_is_known", ReferenceFactory, {"reference_type": "blog"}, no_choice("blog")
    ),
    Broken(
        "reference_year_is_plausible", ReferenceFactory, {"year": 1499}, between("greater", 1500)
    ),
    Broken("reference_year_is_plausible", ReferenceFactory, {"year": 2101}, between("less", 2100)),
    Broken("study_design_is_known", StudyFactory, {"design": "trial"}, no_choice("trial")),
    Broken("study_comparison_is_known", StudyFactory, {"comparison": "no"}, no_choice("no")),
    Broken("study_answers_are_known", StudyFactory, {"usual_care": "maybe"}, no_choice("maybe")),
    Broken(
        "study_analysed_were_enrolled",
        StudyFactory,
        {"analysed": 1201},
        "1,201 analysed are more than 1,200 enrolled.",
        known={"enrolled": 1200},
    ),
    Broken("finding_effect_is_known", FindingFactory, {"effect": "good"}, no_choice("good")),
    Broken(
        "finding_reason_is_known",
        FindingFactory,
        {"not_counted_reason": "old"},
        no_choice("old"),
        known={"counts": False},
    ),
    Broken(
        "finding_reason_only_if_not_counted",
        FindingFactory,
        {"not_counted_reason": "measures"},
        "Only a finding that does not count takes a reason for that.",
    ),
    Broken("contact_purpose_is_known", ContactFactory, {"purpose": "sale"}, no_choice("sale")),
    Broken("contact_says_whom_to_ask", ContactFactory, {"name": ""}, NOBODY),
    Broken("relatedprogram_kind_is_known", RelatedProgramFactory, {"kind": "x"}, no_choice("x")),
    Broken(
        "program_logic_model_file_is_of_one",
        ProgramFactory,
        {"logic_model": "no"},
        "Only a logic model that is provided has a file. Say “Provided”, or clear the file.",
        known={"logic_model": "yes", "logic_model_file": "logic-models/a.pdf"},
    ),
    Broken(
        "sitesettings_has_headline",
        SiteSettingsFactory,
        {"headline": ""},
        "This field cannot be blank.",
    ),
    Broken(
        "sitesettings_keeps_submissions_for_a_time",
        SiteSettingsFactory,
        {"submissions_kept_months": 0},
        between("greater", 1),
    ),
    Broken(
        "sitesettings_nominations_end_after_they_begin",
        SiteSettingsFactory,
        {"nominations_from": "2026-03-02", "nominations_until": "2026-03-01"},
        "Nominations end before they begin.",
        field="__all__",
    ),
    Broken(
        "plannedreview_state_is_known",
        PlannedReviewFactory,
        {"state": "asleep"},
        no_choice("asleep"),
    ),
    Broken("synonymgroup_has_synonyms", SynonymGroupFactory, {"synonyms": ()}, NONE),
    Broken("registry_state_is_known", RegistryFactory, {"state": "asleep"}, no_choice("asleep")),
    *(
        Broken(
            f"externalrating_{name}_is_partial_date",
            ExternalRatingFactory,
            {name: "soon"},
            f"“soon” is not a date. {WRITE_ISO}",
        )
        for name in ("rated_on", "checked_on")
    ),
    Broken(
        "scaleedition_in_use_since_is_partial_date",
        ScaleEditionFactory,
        {"in_use_since": "soon"},
        f"“soon” is not a date. {WRITE_ISO}",
    ),
    Broken("criterion_level_is_known", CriterionFactory, {"level": "6"}, no_choice("6")),
    Broken("criterion_rule_is_known", CriterionFactory, {"rule": "luck"}, no_choice("luck")),
    Broken("criterion_number_with_its_rules", CriterionFactory, {"number": 2}, TAKES_NO_NUMBER),
    Broken(
        "criterion_number_with_its_rules",
        CriterionFactory,
        {"number": None},
        NUMBER_MISSING,
        known={"rule": "controlled", "number": 1},
    ),
    Broken("criterion_months_with_their_rule", CriterionFactory, {"months": 6}, TAKES_NO_MONTHS),
    Broken(
        "criterion_months_with_their_rule",
        CriterionFactory,
        {"months": None},
        MONTHS_MISSING,
        known={"rule": "sustained", "months": 6},
    ),
]
# One test each, further down.
PROVED_APART = {
    *("program_not_provided_are_known", "program_not_provided_is_blank"),
    "topicarea_published_has_date",
    "topicarea_retired_has_date",
    "topicarea_retirement_reason_only_if_retired",
    "topicarea_name_is_unique",
    "topicarea_is_not_its_own_parent",
    *("page_published_has_date", "page_retired_has_date"),
    "page_retirement_reason_only_if_retired",
    "program_published_has_date",
    "program_retired_has_date",
    "program_retirement_reason_only_if_retired",
    "program_merged_is_retired",
    "rating_one_current",
    "rating_is_a_new_fact",
    "reference_doi_is_unique",
    "study_reference_once_in_program",
    "study_same_sample_as_another",
    *("finding_once_in_program", "contact_once_in_program"),
    *("relatedprogram_once_in_program", "relatedprogram_is_another"),
    *(
        "registry_name_is_unique",
        "plannedreview_name_is_unique",
        "externalrating_once_in_program",
        "synonymgroup_name_is_unique",
    ),
    "sitesettings_is_one_row",  # test_site_settings.py
    "term_name_is_unique",
    *("scale_one_edition_in_use", "criterion_code_once_in_level"),  # test_scale.py
}


def test_every_constraint_is_proved():
    constraints = {constraint.name for model in MODELS for constraint in model._meta.constraints}

    assert constraints == {case.constraint for case in BROKEN} | PROVED_APART


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_constraint_holds_in_the_database(case):
    obj = case.factory(**case.known)

    with pytest.raises(IntegrityError) as refusal:
        write_past_validation(obj, **case.values)

    assert case.constraint in str(refusal.value)


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_constraint_is_explained_by_validation(case):
    obj = case.factory(**case.known)

    for name, value in case.values.items():
        setattr(obj, name, value)

    assert errors_of(obj) == {case.field or next(iter(case.values)): [case.message]}


@pytest.mark.parametrize("doi", ["10.1093/SW", "https://doi.org/10.1093/sw", "10.1093", "sw/10.1"])
def test_doi_that_is_not_normalised_is_refused_by_the_database(doi):
    reference = ReferenceFactory()

    with pytest.raises(IntegrityError, match="reference_doi_is_normalised"):
        write_past_validation(reference, doi=doi)


@pytest.mark.parametrize(
    "date", ["2024-6", "2024-00", "2024-06-32", "2024-06-1T", "n.d.", "2024\n"]
)
def test_date_of_the_record_in_another_form_is_refused_by_the_database(date):
    program = ProgramFactory()

    with pytest.raises(IntegrityError, match="program_loaded_on_is_partial_date"):
        write_past_validation(program, loaded_on=date)


@pytest.mark.parametrize("outcomes", ["safety", "|safety", "||", "|", "|SAFETY|", "|safety|\n"])
def test_list_in_another_form_is_refused_by_the_database(outcomes):
    program = ProgramFactory()

    with pytest.raises(IntegrityError, match="program_outcomes_are_known"):
        write_past_validation(program, outcomes=outcomes)


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
@pytest.mark.parametrize(
    ("constraint", "dates"),
    [
        ("published_has_date", {"status": "published", "published_at": None}),
        ("retired_has_date", {"status": "retired", "retired_at": None}),
        ("retired_has_date", {"status": "draft", "retired_at": timezone.now()}),
        ("retirement_reason_only_if_retired", {"retirement_reason": "Outdated."}),
    ],
)
def test_status_without_its_date_is_refused_by_the_database(factory, constraint, dates):
    obj = factory(status=DRAFT)
    name = f"{type(obj)._meta.model_name}_{constraint}"

    with pytest.raises(IntegrityError, match=name):
        write_past_validation(obj, **dates)


def test_topic_area_name_is_unique_ignoring_case():
    TopicAreaFactory(name="Home Visiting")
    other = TopicAreaFactory(name="Home visits")

    with pytest.raises(IntegrityError, match="topicarea_name_is_unique"):
        write_past_validation(other, name="HOME visiting")
    other.name = "HOME visiting"
    assert errors_of(other) == {"__all__": ["There is a topic area with this name already."]}


def test_term_name_is_unique_ignoring_case():
    TermFactory(name="Usual care")
    other = TermFactory(name="Care as usual")

    with pytest.raises(IntegrityError, match="term_name_is_unique"):
        write_past_validation(other, name="USUAL care")
    other.name = "USUAL care"
    assert errors_of(other) == {"__all__": ["The glossary has this term already."]}


def test_topic_area_is_never_its_own_umbrella():
    area = TopicAreaFactory()

    with pytest.raises(IntegrityError, match="topicarea_is_not_its_own_parent"):
        write_past_validation(area, parent=F("pk"))
    area.parent = area
    assert errors_of(area) == {"parent": ["A topic area cannot be its own umbrella area."]}


def test_doi_is_unique_unless_blank():
    ReferenceFactory(doi="10.1093/sw/52.1.63")
    other = ReferenceFactory()
    ReferenceFactory()

    with pytest.raises(IntegrityError):
        write_past_validation(other, doi="10.1093/sw/52.1.63")
    other.doi = "https://doi.org/10.1093/SW/52.1.63"
    assert errors_of(other) == {"doi": ["There is a reference with this DOI already."]}


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_is_unique(factory):
    first, other = factory(), factory()

    with pytest.raises(IntegrityError):
        write_past_validation(other, slug=first.slug)
    other.slug = first.slug
    assert list(errors_of(other)) == ["slug"]


def test_reference_key_is_unique():
    first, other = ReferenceFactory(key="bride-2007"), ReferenceFactory()

    with pytest.raises(IntegrityError):
        write_past_validation(other, key=first.key)
    other.key = first.key
    assert errors_of(other) == {"key": ["Reference with this Key already exists."]}


@pytest.mark.parametrize("factory", FACTORIES, ids=by_name)
def test_a_minimal_entry_is_valid_and_found_by_its_natural_key(factory):
    obj = factory()

    obj.full_clean()

    assert type(obj).objects.get_by_natural_key(*obj.natural_key()) == obj
