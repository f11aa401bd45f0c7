"""What the database would refuse is said of its row before the database is asked."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import CharField, CheckConstraint

from catalog.models import TopicArea
from catalog.resources import KINDS

from ..factories import (
    TopicAreaFactory,
)
from .loading import load, places, stored

pytestmark = [pytest.mark.once, pytest.mark.django_db]


RATING = {"program": "steady-ground", "topic_area": "burnout", "scientific_rating": "2"}
STUDY = {"program": "calm-corners", "reference": "bride-2007"}
FINDING = {
    "program": "steady-ground",
    "reference": "bride-2007",
    "topic_area": "burnout",
    "outcome": "Sleep",
}
CONTACT = {"program": "calm-corners", "purpose": "training", "name": "Kim Example"}
ELSEWHERE = {"program": "steady-ground", "registry": "index", "scope": "", "rating": "Promising"}
# For each constraint the rows that would violate it, the last of them, and the column in which that is said.
VIOLATIONS = {
    "topicarea_status_is_known": ("topic-areas", [{"name": "New", "status": "live"}], "status"),
    "topicarea_name_is_unique": ("topic-areas", [{"slug": "new", "name": "BURNOUT"}], "name"),
    "topicarea_is_not_its_own_parent": (
        "topic-areas",
        [{"slug": "burnout", "parent": "burnout"}],
        "parent",
    ),
    "topicarea_year_added_is_plausible": (
        "topic-areas",
        [{"name": "New", "year_added": "1066"}],
        "year_added",
    ),
    "program_status_is_known": ("programs", [{"name": "New", "status": "live"}], "status"),
    "program_child_ages_are_possible": (
        "programs",
        [{"name": "New", "child_age_min": "12", "child_age_max": "5"}],
        "child_age_min",
    ),
    "program_caregiver_child_ages_are_possible": (
        "programs",
        [{"name": "New", "caregiver_child_age_max": "26"}],
        "caregiver_child_age_max",
    ),
    "program_delivery_settings_are_known": (
        "programs",
        [{"name": "New", "delivery_settings": "school|moon"}],
        "delivery_settings",
    ),
    "program_outcomes_are_known": ("programs", [{"name": "New", "outcomes": "joy"}], "outcomes"),
    "program_not_provided_are_known": (
        "programs",
        [{"name": "New", "not_provided": "name"}],
        "not_provided",
    ),
    "program_not_provided_is_blank": (
        "programs",
        [{"name": "New", "goals": "Rest.", "not_provided": "goals"}],
        "not_provided",
    ),
    "program_relevance_level_is_known": (
        "programs",
        [{"name": "New", "relevance_level": "lower"}],
        "relevance_level",
    ),
    "program_availability_is_known": (
        "programs",
        [{"name": "New", "manual_available": "perhaps"}],
        "manual_available",
    ),
    "program_provision_is_known": (
        "programs",
        [{"name": "New", "fidelity_measures": "perhaps"}],
        "fidelity_measures",
    ),
    "program_logic_model_url_is_of_one": (
        "programs",
        [{"name": "New", "logic_model": "no", "logic_model_url": "https://example.org/logic"}],
        "logic_model_url",
    ),
    "program_cost_year_is_plausible": (
        "programs",
        [{"name": "New", "cost_year": "24"}],
        "cost_year",
    ),
    **{
        f"program_{column}_is_partial_date": (
            "programs",
            [{"name": "New", column: "May 24"}],
            column,
        )
        for column in ("research_last_reviewed", "content_last_reviewed", "loaded_on")
    },
    "rating_one_current": (
        "ratings",
        [
            {**RATING, "is_current": "yes"},
            {**RATING, "scientific_rating": "3", "is_current": "yes"},
        ],
        "is_current",
    ),
    "rating_is_a_new_fact": (
        "ratings",
        [
            {**RATING, "rated_on": "2020", "is_current": "yes"},
            {**RATING, "rated_on": "2020", "is_current": "no"},
        ],
        "scientific_rating",
    ),
    "rating_level_is_known": (
        "ratings",
        [{**RATING, "scientific_rating": "6"}],
        "scientific_rating",
    ),
    "rating_reason_is_known": (
        "ratings",
        [{**RATING, "scientific_rating": "NR", "not_rated_reason": "none"}],
        "not_rated_reason",
    ),
    "rating_reason_only_with_nr": (
        "ratings",
        [{**RATING, "not_rated_reason": "measures"}],
        "not_rated_reason",
    ),
    "rating_raters_have_names": (
        "ratings",
        [{**RATING, "rated_on": "2025", "raters": "(not public)"}],
        "raters",
    ),
    "rating_rated_on_is_partial_date": ("ratings", [{**RATING, "rated_on": "2024-6"}], "rated_on"),
    "reference_doi_is_unique": (
        "references",
        [{"key": "new", "title": "New", "doi": "10.1093/sw/52.1.63"}],
        "doi",
    ),
    "reference_doi_is_normalised": ("references", [{"title": "New", "doi": "11.1/a"}], "doi"),
    "reference_type_is_known": (
        "references",
        [{"title": "New", "reference_type": "scroll"}],
        "reference_type",
    ),
    "reference_year_is_plausible": ("references", [{"title": "New", "year": "1066"}], "year"),
    "study_reference_once_in_program": ("studies", [STUDY, STUDY], "reference"),
    "study_comparison_is_known": ("studies", [{**STUDY, "comparison": "no"}], "comparison"),
    "study_answers_are_known": ("studies", [{**STUDY, "usual_care": "maybe"}], "usual_care"),
    "study_same_sample_as_another": (
        "studies",
        [{**STUDY, "same_sample_as": "bride-2007"}],
        "same_sample_as",
    ),
    "study_analysed_were_enrolled": (
        "studies",
        [{**STUDY, "enrolled": "5", "analysed": "7"}],
        "analysed",
    ),
    "finding_once_in_program": ("findings", [FINDING, FINDING], "outcome"),
    "finding_effect_is_known": ("findings", [{**FINDING, "effect": "good"}], "effect"),
    "finding_reason_is_known": (
        "findings",
        [{**FINDING, "counts": "no", "not_counted_reason": "old"}],
        "not_counted_reason",
    ),
    "finding_reason_only_if_not_counted": (
        "findings",
        [{**FINDING, "counts": "yes", "not_counted_reason": "measures"}],
        "not_counted_reason",
    ),
    "contact_once_in_program": ("contacts", [CONTACT, CONTACT], "name"),
    "contact_purpose_is_known": ("contacts", [{**CONTACT, "purpose": "sales"}], "purpose"),
    "contact_says_whom_to_ask": ("contacts", [{**CONTACT, "name": ""}], "name"),
    "registry_name_is_unique": ("registries", [{"slug": "new", "name": "INDEX"}], "name"),
    "registry_state_is_known": ("registries", [{"name": "New", "state": "asleep"}], "state"),
    "externalrating_once_in_program": ("external-ratings", [ELSEWHERE, ELSEWHERE], "scope"),
    **{
        f"externalrating_{column}_is_partial_date": (
            "external-ratings",
            [{**ELSEWHERE, column: "May 24"}],
            column,
        )
        for column in ("rated_on", "checked_on")
    },
}
# What no cell can violate: the import itself dates a status, merged programs are asked about (test_workflow.py),
# a design that is no code is kept as a note, and no file has files.
KEPT_BY_ITSELF = {
    f"{model}_{rule}"
    for model in ("program", "topicarea")
    for rule in ("published_has_date", "retired_has_date", "retirement_reason_only_if_retired")
} | {
    "program_merged_is_retired",
    "study_design_is_known",
    "program_logic_model_file_is_of_one",
}


def models():
    return [resource._meta.model for resource in KINDS.values()]


def test_every_constraint_has_a_case():
    names = {constraint.name for model in models() for constraint in model._meta.constraints}

    assert {*VIOLATIONS, *KEPT_BY_ITSELF} == names


@pytest.mark.parametrize("name", VIOLATIONS)
def test_violation_of_a_constraint_is_said_of_its_row(name, importer):
    kind, rows, column = VIOLATIONS[name]
    before = stored()

    result = load(kind, rows)

    assert (len(rows) + 1, column) in places(result)
    assert {place[0] for place in places(result)} <= set(range(2, len(rows) + 2))
    assert stored() == before


def check_constraints():
    return [
        (model, constraint)
        for model in models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint) and constraint.name not in KEPT_BY_ITSELF
    ]


@pytest.mark.parametrize(("model", "constraint"), check_constraints())
def test_cases_would_violate_their_constraints(model, constraint, importer):
    """Else the test above would prove nothing."""
    _, [row], _ = VIOLATIONS[constraint.name]
    entry = TopicArea.objects.get(slug="burnout") if "parent" in row else model()
    for column, cell in row.items():
        if column == "parent":
            entry.parent = entry
        elif column == "same_sample_as":
            entry.same_sample_as_id = entry.reference_id = 1
        elif not model._meta.get_field(column).is_relation:
            value = cell == "yes" if column == "counts" else cell
            setattr(entry, column, int(cell) if cell.isdigit() else value)

    with pytest.raises(ValidationError):
        constraint.validate(model, entry)


@pytest.mark.parametrize("kind", ["programs", "topic-areas"])
@pytest.mark.parametrize("status", ["published", "retired"])
def test_status_from_a_file_has_its_date(kind, status, importer):
    TopicAreaFactory(name="Area")
    needs = (
        {"description": "What it is.", "topic_area": "Area", "scientific_rating": "3"}
        if kind == "programs"
        else {"definition": "What it is.", "rating_criteria": "What counts."}
    )
    load(kind, [{"name": "New", "status": status, **needs}])

    entry = KINDS[kind]._meta.model.objects.get(name="New")
    assert getattr(entry, f"{status}_at") is not None


@pytest.mark.parametrize("kind", ["programs", "topic-areas", "experts", "references"])
def test_repeated_keys_are_said_of_their_rows(kind, importer):
    key = KINDS[kind].key_column
    name = "title" if kind == "references" else "name"
    areas = {"topic_area": "", "scientific_rating": ""} if kind == "programs" else {}

    result = load(kind, [{key: "new", name: text, **areas} for text in ("One", "Other")])

    assert {row for row, _ in places(result)} == {3}


def columns_of(kind):
    """Return the columns of a kind with the model's fields that they fill."""
    return [(column, KINDS[kind].model_field(column)) for column in KINDS[kind].columns()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_longer_than_its_column_is_said_of_its_cell(kind, importer):
    for column, field in columns_of(kind):
        if isinstance(field, CharField) and (kind, column) != ("studies", "design"):
            result = load(kind, [{**LEAST[kind], column: "x" * (field.max_length + 1)}])
            assert (2, column) in places(result), column


LEAST = {
    "topic-areas": {"slug": "new", "name": "New"},
    "experts": {"slug": "new", "name": "New"},
    "references": {"key": "new", "title": "New"},
    "programs": {"slug": "new", "name": "New", "topic_area": "burnout", "scientific_rating": "NR"},
    "ratings": {**RATING, "scientific_rating": "NR"},
    "studies": STUDY,
    "findings": {**FINDING, "counts": "no"},
    "contacts": CONTACT,
    "registries": {"slug": "new", "name": "New"},
    "external-ratings": ELSEWHERE,
}


@pytest.mark.parametrize("kind", KINDS)
def test_blank_cell_is_a_value_or_said_to_be_missing(kind, importer):
    """Nothing reaches a column that cannot be null without a value."""
    for column, field in columns_of(kind):
        result = load(kind, [{**LEAST[kind], column: ""}], dry_run=True)
        if result.problems:
            assert (2, column) in places(result) or column == "topic_area", column
            assert not field.null, column
