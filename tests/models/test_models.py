"""The models: what the database refuses, what validation says, what is public, and every order."""

import re
from datetime import timedelta
from itertools import product
from typing import NamedTuple

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, Value
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import (
    DeliverySetting,
    Import,
    ImportedRow,
    PreviewLink,
    Program,
    Rating,
    Reference,
    ReferenceType,
    ScientificRating,
    Status,
    Study,
    StudyRole,
    TopicArea,
    TopicExpert,
)
from catalog.models.ages import MAX_AGE, ages_in_words, serves
from catalog.models.ratings import change_since, expert_involvement, explain
from catalog.search import search

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..transactions import rolled_back

DRAFT, IN_REVIEW, PUBLISHED, RETIRED = Status
FACTORIES = [
    *(TopicAreaFactory, ProgramFactory, RatingFactory),
    *(ReferenceFactory, StudyFactory, TopicExpertFactory, TermFactory),
]
PUBLISHABLE = [TopicAreaFactory, ProgramFactory]
SLUGGED = [TopicAreaFactory, ProgramFactory, TopicExpertFactory, TermFactory]
MODELS = [factory._meta.model for factory in FACTORIES]

pytestmark = pytest.mark.django_db


def by_name(value):
    return value.__name__


def errors_of(obj):
    """What validation says, by field."""
    with pytest.raises(ValidationError) as refusal:
        obj.full_clean()
    return refusal.value.message_dict


def test_every_model_is_tested_here():
    models = apps.get_app_config("catalog").get_models()

    entries = {model for model in models if not hasattr(model, "history_id")}
    assert entries == {*MODELS, Import, ImportedRow, PreviewLink}


def test_migrations_are_in_step_with_the_models():
    # The tests' database is made by the migrations; this exits where a model says something else.
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# --- Imports


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("import_kind_is_known", {"kind": "people"}),
        ("import_status_is_known", {"status": "lost"}),
        ("import_finished_has_date", {"status": "done"}),
        ("import_finished_has_date", {"status": "undoing"}),
        ("import_finished_has_date", {"status": "undone"}),
    ],
)
def test_database_refuses_an_import_that_cannot_be(constraint, values, db):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Import.objects.create(**{"kind": "programs", "file_name": "spring.csv", **values})

    assert not Import.objects.exists()


def test_database_refuses_a_row_that_does_what_no_row_does(db):
    record = Import.objects.create(kind="programs", file_name="spring.csv")

    with (
        pytest.raises(IntegrityError, match="importedrow_action_is_known"),
        transaction.atomic(),
    ):
        record.rows.create(number=2, action="lost", entry="A")

    assert not record.rows.exists()


def test_database_refuses_a_second_row_of_the_same_number(db):
    record = Import.objects.create(kind="programs", file_name="spring.csv")
    record.rows.create(number=2, action="new", entry="A")

    with pytest.raises(IntegrityError), transaction.atomic():
        record.rows.create(number=2, action="changed", entry="B")

    assert [row.entry for row in record.rows.all()] == ["A"]


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
    Broken("study_role_is_known", StudyFactory, {"role": "cited"}, no_choice("cited")),
    Broken(
        "study_exclusion_reason_only_if_not_used",
        StudyFactory,
        {"exclusion_reason": "No control group."},
        "Only a study that is not used in the rating takes a reason for that.",
    ),
]
# One test each, further down.
PROVED_APART = {
    "topicarea_published_has_date",
    "topicarea_retired_has_date",
    "topicarea_retirement_reason_only_if_retired",
    "topicarea_name_is_unique",
    "topicarea_is_not_its_own_parent",
    "program_published_has_date",
    "program_retired_has_date",
    "program_retirement_reason_only_if_retired",
    "program_merged_is_retired",
    "rating_one_current",
    "rating_is_a_new_fact",
    "reference_doi_is_unique",
    "study_reference_once_in_program",
    "term_name_is_unique",
}


def write_past_validation(obj, **values):
    """Write what no form, import or save() would: as raw values, straight into the table."""
    raw = {
        name: Value(value) if isinstance(value, str) else value for name, value in values.items()
    }
    with transaction.atomic():
        type(obj).objects.filter(pk=obj.pk).update(**raw)


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


def test_study_links_a_reference_to_a_program_once():
    study = StudyFactory()
    other = StudyFactory(program=study.program)

    with pytest.raises(IntegrityError):
        write_past_validation(other, reference=study.reference)
    other.reference = study.reference
    assert errors_of(other) == {"__all__": ["The program has this reference already."]}


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


# --- Text as it is stored


def test_validation_tidies_text():
    program = ProgramFactory.build(
        name="  Cafe\u0301 Model ", description="One\r\n\r\ntwo\rthree \n", acronym="\tCM"
    )

    program.full_clean()

    assert (program.name, program.description, program.acronym) == (
        "Café Model",
        "One\n\ntwo\nthree",
        "CM",
    )


# --- Status and its dates


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_publishing_dates_an_entry_once(factory):
    entry = factory(status=DRAFT)
    undated = entry.published_at
    entry.status = PUBLISHED
    before = timezone.now().replace(microsecond=0)

    entry.save()

    first = entry.published_at
    for status in (IN_REVIEW, PUBLISHED, RETIRED, PUBLISHED, DRAFT):
        entry.status = status
        entry.save()
    entry.refresh_from_db()
    assert undated is None
    assert before <= first <= timezone.now()
    assert entry.published_at == first


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_retiring_dates_an_entry_until_it_returns(factory):
    entry = factory()
    before = timezone.now()

    dates = []
    for status in (PUBLISHED, RETIRED, RETIRED, DRAFT, RETIRED):
        entry.status = status
        entry.save()
        entry.refresh_from_db()
        dates.append(entry.retired_at)

    never, first, kept, cleared, again = dates
    assert (never, cleared) == (None, None)
    assert before <= first == kept < again <= timezone.now()


def test_database_refuses_a_program_that_was_merged_and_is_not_retired(db):
    program, other = ProgramFactory(status=RETIRED), ProgramFactory()

    for values in ({"status": DRAFT, "retired_at": None}, {"merged_into_id": program.pk}):
        with pytest.raises(IntegrityError, match="program_merged_is_retired"):
            write_past_validation(program, **{"merged_into_id": other.pk, **values})


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_what_leaves_the_schedule_before_its_moment_was_never_public(factory):
    moment = timezone.now() + timedelta(days=1)
    for status in (DRAFT, IN_REVIEW, RETIRED):
        entry = factory(published_at=moment)
        stored = type(entry).objects.get(pk=entry.pk)
        was = (stored.is_published, stored.is_scheduled, stored.was_public, stored.published_at)

        stored.status = status
        stored.save()

        stored.refresh_from_db()
        assert was == (False, True, False, moment)
        assert stored.published_at is None


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_saving_the_status_alone_saves_its_dates(factory):
    entry = factory(status=DRAFT)

    for status in (PUBLISHED, RETIRED):
        entry.status = status
        entry.save(update_fields=["status"])

    entry.refresh_from_db()
    assert entry.status == RETIRED
    assert None not in {entry.published_at, entry.retired_at}


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_validation_dates_what_is_published_or_retired(factory):
    published, retired = factory(status=DRAFT), factory()
    published.status, retired.status = PUBLISHED, RETIRED

    published.full_clean()
    retired.full_clean()

    assert None not in {published.published_at, retired.retired_at}


# --- Slugs


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_is_made_from_the_name_without_marks(factory):
    slugs = [factory(name=name).slug for name in ("Steady Ground®", "Steady (TM) Ground™", "Café")]

    assert slugs == ["steady-ground", "steady-ground-2", "cafe"]


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_is_kept_when_the_name_changes(factory):
    entry = factory(name="Steady Ground")
    entry.name = "Firm Ground"

    entry.full_clean()
    entry.save()

    entry.refresh_from_db()
    assert entry.slug == "steady-ground"


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_is_kept_when_it_is_given(factory):
    entry = factory(name="Steady Ground", slug="sg")

    assert entry.slug == "sg"
    assert re.search(r"\W(\w+)/?$", entry.get_absolute_url())[1] == "sg"


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_left_blank_is_there_after_validation(factory):
    entry = factory.build(name="Steady Ground", slug="")

    entry.full_clean()

    assert entry.slug == "steady-ground"


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_once_at_finds_an_entry_at_every_address_that_it_had(factory):
    entry, other = factory(slug="one"), factory(slug="other")
    for slug in ("two", "three"):
        entry.slug = slug
        entry.save()
    objects = type(entry).objects

    found = {
        slug: list(objects.with_former_slug(slug))
        for slug in ("one", "two", "three", "other", "four")
    }

    assert found == {"one": [entry], "two": [entry], "three": [], "other": [], "four": []}
    assert other.slug == "other"


def test_once_at_leaves_out_an_entry_that_has_its_old_slug_again():
    program = ProgramFactory(slug="one")
    for slug in ("two", "one"):
        program.slug = slug
        program.save()

    found = [list(Program.objects.with_former_slug(slug)) for slug in ("one", "two")]

    assert found == [[], [program]]


def test_once_at_finds_an_entry_that_came_with_a_fixture(seed):
    program = Program.objects.get(slug="ce-cert")
    program.slug = "components-for-enhancing-career-experience"

    program.save()

    assert list(Program.objects.with_former_slug("ce-cert")) == [program]


def test_reference_key_is_made_from_the_first_author_and_the_year():
    authors = ["Bride, B. E.; Sprang, G.", "Bride, B.", "World Health Organization", ""]

    keys = [ReferenceFactory(authors=a, year=2007, title="A Title", key="").key for a in authors]

    assert keys == ["bride-2007", "bride-2007-2", "world-health-organization-2007", "a-title-2007"]


def test_reference_key_without_a_year_says_so_and_is_kept():
    reference = ReferenceFactory(authors="Ogińska-Bulik, N.", year=None)
    made = reference.key
    reference.year = 2021

    reference.save()

    assert (made, reference.key) == ("oginska-bulik-nd", "oginska-bulik-nd")


# --- Umbrella areas


def test_umbrella_area_may_have_parts():
    part = TopicAreaFactory(parent=TopicAreaFactory())

    part.full_clean()

    assert list(part.parent.children.all()) == [part]


def test_umbrella_area_cannot_be_a_part_of_another():
    part = TopicAreaFactory(name="Part", parent=TopicAreaFactory(name="Umbrella"))
    wider, smaller = TopicAreaFactory(), TopicAreaFactory()
    part.parent.parent = wider
    smaller.parent = part

    assert errors_of(part.parent) == {
        "parent": ["This area is an umbrella area itself; areas have two levels."]
    }
    assert errors_of(smaller) == {
        "parent": ["“Part” has an umbrella area itself; areas have two levels."]
    }


@pytest.mark.parametrize("is_current", [True, False])
def test_area_with_ratings_cannot_become_an_umbrella(is_current):
    rated = RatingFactory(topic_area__name="Rated", is_current=is_current).topic_area
    area = TopicAreaFactory()
    area.parent = rated

    assert errors_of(area) == {
        "parent": ["“Rated” holds ratings, so it cannot be an umbrella area."]
    }


def test_rating_in_an_umbrella_area_is_refused():
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicAreaFactory(parent=umbrella, status=DRAFT)
    rating = Rating(program=ProgramFactory(), topic_area=umbrella, scientific_rating="3")

    assert errors_of(rating) == {
        "topic_area": ["“Umbrella” is an umbrella area; rate the program in one of its parts."]
    }


# --- Ratings: facts with a date


def history_of(obj):
    """The history of an entry, oldest first: what happened, and why."""
    entries = type(obj).history.filter(id=obj.pk).order_by("history_id")
    return list(entries.values_list("history_type", "history_change_reason"))


def test_rerating_adds_a_rating_and_retires_the_one_before_it():
    old = RatingFactory(scientific_rating="3", rated_on="2020", rationale="One study.")
    elsewhere = RatingFactory(program=old.program)
    same_area = RatingFactory(topic_area=old.topic_area)
    new = Rating(
        program=old.program, topic_area=old.topic_area, scientific_rating="2", rated_on="2024-06"
    )

    new.full_clean()
    new.save()

    ratings = Rating.objects.filter(program=old.program, topic_area=old.topic_area)
    facts = ratings.order_by("pk").values_list(
        "scientific_rating", "rated_on", "rationale", "is_current"
    )
    assert list(facts) == [("3", "2020", "One study.", False), ("2", "2024-06", "", True)]
    assert set(Rating.objects.current()) == {new, elsewhere, same_area}
    assert history_of(old) == [("+", None), ("~", "Re-rated")]
    assert history_of(new) == [("+", None)]
    assert old.history.first().is_current is False


def test_rerating_gives_both_histories_its_reason_and_its_author():
    editor = UserFactory()
    old = RatingFactory()
    new = Rating(program=old.program, topic_area=old.topic_area, scientific_rating="1")
    new._change_reason, new._history_user = "Imported from a.csv", editor

    new.save()

    entries = [rating.history.latest() for rating in (old, new)]
    assert [(e.history_change_reason, e.history_user) for e in entries] == [
        ("Imported from a.csv", editor)
    ] * 2


def test_rerating_that_fails_leaves_the_current_rating_as_it_was():
    old = RatingFactory()
    new = Rating(program=old.program, topic_area=old.topic_area, scientific_rating="7")

    # No transaction around this: save() has to undo its own first step.
    with pytest.raises(IntegrityError):
        new.save()

    assert list(Rating.objects.current()) == [old]
    assert history_of(old) == [("+", None)]


def test_adding_a_past_rating_leaves_the_current_one():
    current = RatingFactory(rated_on="2024")

    past = RatingFactory(
        program=current.program, topic_area=current.topic_area, rated_on="2019", is_current=False
    )

    assert list(Rating.objects.current()) == [current]
    assert history_of(current) == [("+", None)]
    assert past.is_current is False


def test_two_current_ratings_in_one_area_are_refused_by_the_database():
    current = RatingFactory(rated_on="2020")
    past = RatingFactory(
        program=current.program, topic_area=current.topic_area, rated_on="2019", is_current=False
    )
    second = Rating(
        program=current.program,
        topic_area=current.topic_area,
        scientific_rating="1",
        rated_on="2024",
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.bulk_create([second])
    with pytest.raises(IntegrityError):
        write_past_validation(past, is_current=True)


def test_moving_a_rating_to_where_there_is_a_current_one_is_refused():
    current = RatingFactory()
    other = RatingFactory(program=current.program)
    other.topic_area = current.topic_area

    assert errors_of(other) == {
        "__all__": [
            "The program has a current rating in this topic area already.",
            "This rating of the program, of the same date, is recorded already.",
        ]
    }


def test_same_rating_of_the_same_date_is_recorded_once():
    current = RatingFactory(scientific_rating="3", rated_on="2020")
    again = {
        "program": current.program,
        "topic_area": current.topic_area,
        "scientific_rating": "3",
        "rated_on": "2020",
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.bulk_create([Rating(**again, is_current=False)])
    assert errors_of(Rating(**again)) == {
        "__all__": ["This rating of the program, of the same date, is recorded already."]
    }


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"scientific_rating": "1"}, "scientific rating"),
        ({"rationale": "Better."}, "rationale"),
        ({"rated_on": "2021", "scale_edition": "2"}, "rated on, scale edition"),
        ({"is_current": True}, "current"),
    ],
)
def test_past_rating_cannot_change(change, names):
    past = RatingFactory(is_current=False, rated_on="2020")

    for name, value in change.items():
        setattr(past, name, value)

    assert errors_of(past) == {
        "__all__": [f"A past rating is kept as it was; {names} cannot change."]
    }


def test_past_rating_cannot_move_to_another_program_or_area():
    past = RatingFactory(is_current=False)
    past.program, past.topic_area = ProgramFactory(), TopicAreaFactory()

    assert errors_of(past) == {
        "__all__": ["A past rating is kept as it was; program, topic area cannot change."]
    }


def test_past_rating_is_valid_as_it_is():
    past = RatingFactory(is_current=False, rated_on="2020", rationale="One study.")

    past.full_clean()

    assert Rating.objects.get().is_current is False


# --- What cannot be deleted


@pytest.mark.parametrize("is_current", [True, False])
def test_deleting_what_has_ratings_is_refused(is_current):
    rating = RatingFactory(is_current=is_current)

    for entry in (rating.program, rating.topic_area):
        with pytest.raises(ProtectedError):
            entry.delete()

    assert Rating.objects.count() == 1


def test_deleting_an_umbrella_area_or_a_cited_reference_is_refused():
    part, study = TopicAreaFactory(parent=TopicAreaFactory()), StudyFactory()

    for entry in (part.parent, study.reference):
        with pytest.raises(ProtectedError):
            entry.delete()

    assert (TopicArea.objects.count(), Reference.objects.count()) == (2, 1)


def test_deleting_a_program_deletes_its_studies_and_keeps_their_history():
    study = StudyFactory()
    pk = study.pk

    study.program.delete()

    assert Study.objects.count() == 0
    assert list(Study.history.filter(id=pk).values_list("history_type", flat=True)) == ["-", "+"]


# --- History


@pytest.mark.parametrize("factory", FACTORIES, ids=by_name)
def test_each_save_leaves_one_history_entry_with_its_reason(factory):
    obj = factory()
    obj._change_reason = "Corrected"

    obj.save()

    assert history_of(obj) == [("+", None), ("~", "Corrected")]


@pytest.mark.parametrize("factory", FACTORIES, ids=by_name)
def test_history_outlives_its_entry(factory):
    obj = factory()
    pk = obj.pk

    obj.delete()

    assert list(type(obj).history.filter(id=pk).values_list("history_type", flat=True)) == [
        *("-", "+")
    ]


def test_history_keeps_the_experts_and_the_further_reading_of_an_area():
    area, expert, reference = TopicAreaFactory(), TopicExpertFactory(), ReferenceFactory()

    area.experts.add(expert)
    area.further_reading.add(reference)

    newest, *_, oldest = area.history.all()
    assert [row.topicexpert for row in newest.experts.all()] == [expert]
    assert [row.reference for row in newest.further_reading.all()] == [reference]
    assert (oldest.experts.count(), oldest.further_reading.count()) == (0, 0)


# --- What is public


def retired(factory, **kwargs):
    """An entry that was public and is retired."""
    entry = factory(**kwargs)
    entry.status = RETIRED
    entry.save()
    return entry


def in_every_state(factory):
    """One entry in each state that a status and its past can put it in."""
    return {
        "draft": factory(status=DRAFT),
        "in review": factory(status=IN_REVIEW),
        "published": factory(status=PUBLISHED),
        "retired": retired(factory),
        "retired, never published": factory(status=RETIRED),
    }


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_published_and_addressable_for_every_status(factory):
    entries = in_every_state(factory)
    objects = factory._meta.model.objects

    assert set(objects.published()) == {entries["published"]}
    assert set(objects.addressable()) == {entries["published"], entries["retired"]}


def test_rating_is_public_where_both_its_ends_are():
    programs, areas = in_every_state(ProgramFactory), in_every_state(TopicAreaFactory)
    for program, area in product(programs.values(), areas.values()):
        RatingFactory(program=program, topic_area=area)
        RatingFactory(program=program, topic_area=area, rated_on="2019", is_current=False)

    public = Rating.objects.published()

    ends = (programs["published"].pk, areas["published"].pk)
    assert sorted(public.values_list("program", "topic_area", "is_current")) == [
        (*ends, False),
        (*ends, True),
    ]
    assert [rating.is_current for rating in public.current()] == [True]


def test_study_is_public_where_its_program_is():
    programs = in_every_state(ProgramFactory)
    studies = {state: StudyFactory(program=program) for state, program in programs.items()}

    assert list(Study.objects.published()) == [studies["published"]]


def test_reference_is_public_where_a_public_entry_uses_it():
    cited, read = {}, {}
    for state, program in in_every_state(ProgramFactory).items():
        cited[state] = StudyFactory(program=program).reference
    for state, area in in_every_state(TopicAreaFactory).items():
        read[state] = ReferenceFactory()
        area.further_reading.add(read[state])
    ReferenceFactory(title="Used nowhere")
    # Used twice, and still one reference.
    StudyFactory(reference=read["published"])

    public = Reference.objects.published()

    assert sorted(public.values_list("pk", flat=True)) == sorted(
        [cited["published"].pk, read["published"].pk]
    )


def test_topic_expert_is_public_where_one_of_the_areas_is():
    experts = {}
    for state, area in in_every_state(TopicAreaFactory).items():
        experts[state] = TopicExpertFactory()
        area.experts.add(experts[state])
    TopicExpertFactory()
    for _ in range(2):
        TopicAreaFactory().experts.add(experts["published"], experts["retired"])

    public = TopicExpert.objects.published()

    assert sorted(public.values_list("pk", flat=True)) == sorted(
        [experts["published"].pk, experts["retired"].pk]
    )


def test_with_uses_names_public_users_only():
    reference = ReferenceFactory()
    areas, programs = in_every_state(TopicAreaFactory), in_every_state(ProgramFactory)
    for area in areas.values():
        area.further_reading.add(reference)
    for program in programs.values():
        StudyFactory(program=program, reference=reference)

    found = Reference.objects.with_uses(TopicArea.objects.published()).get()

    assert found.reading_areas == [areas["published"]]
    assert [study.program for study in found.cited_by] == [programs["published"]]


def test_with_program_counts_counts_public_current_programs():
    rated, empty = TopicAreaFactory(name="Rated"), TopicAreaFactory(name="Empty")
    for program in in_every_state(ProgramFactory).values():
        RatingFactory(program=program, topic_area=rated)
    twice = ProgramFactory()
    RatingFactory(program=twice, topic_area=rated, rated_on="2019")
    RatingFactory(program=twice, topic_area=rated, rated_on="2024")
    RatingFactory(topic_area=rated, is_current=False)
    # Two experts and two references must not multiply anything.
    rated.experts.add(TopicExpertFactory(), TopicExpertFactory())
    rated.further_reading.add(ReferenceFactory(), ReferenceFactory())

    counts = {area: area.program_count for area in TopicArea.objects.with_program_counts()}

    assert counts == {rated: 2, empty: 0}


def test_with_public_ratings_fetches_the_public_current_ones_best_first():
    program, areas = ProgramFactory(), in_every_state(TopicAreaFactory)
    for area in areas.values():
        RatingFactory(program=program, topic_area=area, scientific_rating="NR")
    for name, level in [("Beta", "3"), ("alpha", "3"), ("Zeta", "2")]:
        RatingFactory(program=program, topic_area__name=name, scientific_rating=level)
    RatingFactory(program=program, is_current=False, scientific_rating="1")

    found = Program.objects.with_public_ratings().get()

    shown = [(rating.scientific_rating, rating.topic_area.name) for rating in found.public_ratings]
    public = areas["published"].name
    assert shown == [("2", "Zeta"), ("3", "alpha"), ("3", "Beta"), ("NR", public)]


def test_without_rating_finds_programs_with_no_current_rating():
    RatingFactory()
    past = RatingFactory(is_current=False).program
    never = ProgramFactory()

    assert set(Program.objects.without_rating()) == {past, never}


def test_rated_finds_each_program_once():
    rating = RatingFactory()
    RatingFactory(program=rating.program)
    RatingFactory()

    found = Program.objects.rated(Rating.objects.filter(program=rating.program))

    assert list(found) == [rating.program]


# --- Orders

# The order among these differs between collations: case, digits, punctuation, marks, other letters.
NAMES = st.text("aAbBzZ019 -&.'(_[éÉßñ®™日", min_size=1, max_size=4)
LEVELS = st.sampled_from(ScientificRating.values)
DATES = st.sampled_from(["", "2019", "2019-11", "2020", "2020-05", "2020-05-01", "2021"])
CLEARINGHOUSE_ORDER = ["1", "2", "3", "4", "5", "NR"]


def a_to_z(name):
    """A name without regard to case, and then by code point."""
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), name)


def keys(objects):
    """The primary keys: what is left to compare when an example has been rolled back."""
    return [obj.pk for obj in objects]


def make_programs(names):
    return Program.objects.bulk_create(
        Program(name=name, slug=f"program-{number}") for number, name in enumerate(names)
    )


@given(st.lists(NAMES, max_size=8))
def test_programs_are_ordered_by_name_ignoring_case_and_then_by_primary_key(names):
    with rolled_back():
        programs = make_programs(names)
        found = keys(Program.objects.all())

    assert found == keys(sorted(programs, key=lambda p: (a_to_z(p.name), p.pk)))


@given(
    names=st.tuples(*[NAMES | st.sampled_from(["A", "a"])] * 3),
    area_names=st.lists(NAMES, min_size=3, max_size=3, unique_by=str.casefold),
    ratings=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), LEVELS, DATES, st.booleans()),
        max_size=12,
        # A fact is recorded once, and one rating in a place is current.
        unique_by=(lambda r: r[:4], lambda r: (*r[:2], r[4] or r[2:4])),
    ),
)
def test_ratings_are_ordered_by_level_and_name_or_by_date(names, area_names, ratings):
    with rolled_back():
        programs = make_programs(names)
        areas = TopicArea.objects.bulk_create(
            TopicArea(name=name, slug=f"area-{number}") for number, name in enumerate(area_names)
        )
        made = Rating.objects.bulk_create(
            Rating(
                program=programs[program],
                topic_area=areas[area],
                scientific_rating=level,
                rated_on=date,
                is_current=is_current,
            )
            for program, area, level, date, is_current in ratings
        )
        found = {
            "program": keys(Rating.objects.in_program_order()),
            "area": keys(Rating.objects.in_topic_area_order()),
            "newest": keys(Rating.objects.newest_first()),
            "model": keys(Rating.objects.all()),
        }

    def level(rating):
        return CLEARINGHOUSE_ORDER.index(rating.scientific_rating)

    def by_program(rating):
        return (level(rating), a_to_z(rating.program.name), rating.program_id, rating.pk)

    def by_area(rating):
        return (level(rating), a_to_z(rating.topic_area.name), rating.pk)

    def by_date(rating):
        return (rating.is_current, rating.rated_on, rating.pk)

    assert found == {
        "program": keys(sorted(made, key=by_program)),
        "area": keys(sorted(made, key=by_area)),
        "newest": keys(sorted(made, key=by_date, reverse=True)),
        "model": keys(sorted(made, key=level)),
    }


@given(
    references=st.lists(
        st.tuples(NAMES, st.sampled_from([None, 2007, 2010]), NAMES, st.sampled_from(StudyRole)),
        max_size=8,
    )
)
def test_references_are_ordered_by_author_then_year(references):
    with rolled_back():
        made = Reference.objects.bulk_create(
            Reference(key=f"reference-{number}", authors=authors, year=year, title=title)
            for number, (authors, year, title, _) in enumerate(references)
        )
        (program,) = make_programs(["Program"])
        roles = [role for *_, role in references]
        studies = Study.objects.bulk_create(
            Study(program=program, reference=reference, role=role)
            for reference, role in zip(made, roles, strict=True)
        )
        found = keys(Reference.objects.all())
        found_studies = {role: keys(Study.objects.filter(role=role)) for role in StudyRole}

    def by_author(reference):
        return (a_to_z(reference.authors), reference.year or 9999)

    assert found == keys(sorted(made, key=lambda r: (*by_author(r), a_to_z(r.title), r.pk)))
    studies.sort(key=lambda study: (*by_author(study.reference), study.pk))
    assert found_studies == {
        role: keys(study for study in studies if study.role == role) for role in StudyRole
    }


def test_studies_come_by_role_and_those_that_the_rating_rests_on_first():
    program = ProgramFactory()
    for role in ("additional", "relevant", "not-used"):
        StudyFactory(program=program, role=role)

    roles = [study.role for study in Study.objects.all()]

    assert roles == ["relevant", "not-used", "additional"]


@pytest.mark.parametrize(
    "factory", [TopicAreaFactory, TopicExpertFactory, TermFactory], ids=by_name
)
def test_areas_experts_and_terms_are_ordered_by_name_ignoring_case(factory):
    names = ["zeta", "Alpha", "beta", "Beta 2", "CE-CERT", "Cedar", "Épsilon"]
    for name in names:
        factory(name=name)

    found = [entry.name for entry in factory._meta.model.objects.all()]

    assert found == ["Alpha", "beta", "Beta 2", "CE-CERT", "Cedar", "zeta", "Épsilon"]


@pytest.mark.parametrize(
    "queryset",
    [
        *(model.objects.all for model in MODELS),
        TopicArea.objects.addressable,
        TopicExpert.objects.published,
        Study.objects.published,
        Program.history.all,
        Rating.objects.in_program_order,
        Rating.objects.in_topic_area_order,
        Rating.objects.newest_first,
        lambda: Rating.objects.published().current().with_first_rated(),
        lambda: TopicArea.objects.published().with_program_counts(),
        lambda: Reference.objects.published().with_uses(TopicArea.objects.published()),
        lambda: Program.objects.published().with_public_ratings(),
        Program.objects.without_rating,
        lambda: search(Program.objects.published(), "x"),
    ],
)
def test_every_order_is_total(queryset):
    assert queryset().totally_ordered is True


# --- Finding programs


AGES = st.none() | st.integers(0, MAX_AGE)
AGE_RANGES = st.tuples(AGES, AGES).filter(lambda ends: None in ends or ends[0] <= ends[1])


@given(st.lists(AGE_RANGES, max_size=2))
def test_program_serves_the_ages_of_the_ranges_that_are_stated(ranges):
    stated = [(low, high) for low, high in ranges if (low, high) != (None, None)]
    served = set()
    for low, high in stated:
        oldest = MAX_AGE if high is None else high
        served |= set(range(low or 0, oldest + 1))

    assert {age for age in range(MAX_AGE + 1) if serves(age, *ranges)} == served


# --- The topic-expert rule

RATED_2024 = "First rated here in 2024; the topic area was added in 2024."
RATED_2023 = "First rated here in 2023; the topic area was added in 2024."
RATED_2025 = "First rated here in 2025, after the topic area was added in 2024."
LOADED_2024 = "Loaded in 2024, the year in which the topic area was added."
LOADED_2025 = "Loaded in 2025, after the topic area was added in 2024."
LOADED_2020 = (
    "Loaded in 2020, before the topic area was added in 2024; whether it was placed here at the "
    "launch is not recorded."
)
NEITHER = "Neither the date of the first rating here nor the program's load date is recorded."


@pytest.mark.parametrize(
    ("first_rated", "has_undated", "loaded_on", "answer", "reason"),
    [
        # The first rating's date decides, whatever the load date.
        ("2024", False, "", "Yes", RATED_2024),
        ("2024-12-31", False, "2025", "Yes", RATED_2024),
        ("2023-06", False, "", "Yes", RATED_2023),
        ("2025", False, "", "No", RATED_2025),
        ("2025-01-01", False, "2024", "No", RATED_2025),
        # An undated rating can only be earlier still.
        ("2024", True, "2025", "Yes", RATED_2024),
        # An undated rating may be the first one: the load date decides.
        ("2025", True, "2024-03", "Yes", LOADED_2024),
        ("2025", True, "2025", "No", LOADED_2025),
        ("2025", True, "2020", "Not recorded", LOADED_2020),
        ("2025", True, "", "Not recorded", NEITHER),
        ("", True, "2024", "Yes", LOADED_2024),
        ("", True, "2025-01", "No", LOADED_2025),
        ("", True, "2020", "Not recorded", LOADED_2020),
        ("", True, "", "Not recorded", NEITHER),
    ],
)
def test_expert_involvement_in_every_case(first_rated, has_undated, loaded_on, answer, reason):
    involvement = expert_involvement(2024, first_rated, has_undated, loaded_on)

    assert involvement == (answer, reason)


@pytest.mark.parametrize("loaded_on", ["", "2024"])
def test_expert_involvement_is_not_recorded_without_the_year_of_the_area(loaded_on):
    involvement = expert_involvement(None, "2024", False, loaded_on)

    assert involvement == (
        "Not recorded",
        "The year in which the topic area was added is not recorded.",
    )


def test_with_first_rated_looks_at_all_ratings_of_the_program_in_the_area():
    area = TopicAreaFactory(year_added=2024)
    dated = RatingFactory(topic_area=area, rated_on="2025-03")
    for date in ("2024-11", "2024-12-05"):
        RatingFactory(program=dated.program, topic_area=area, rated_on=date, is_current=False)
    RatingFactory(program=dated.program, rated_on="2010")
    RatingFactory(topic_area=area, rated_on="2011")
    mixed = RatingFactory(topic_area=area, rated_on="2025")
    RatingFactory(program=mixed.program, topic_area=area, rated_on="", is_current=False)
    undated = RatingFactory(topic_area=area, rated_on="", program__loaded_on="2024")

    ratings = Rating.objects.with_first_rated().in_bulk()

    found = [ratings[r.pk] for r in (dated, mixed, undated)]
    assert [(rating.first_rated_on, rating.has_undated) for rating in found] == [
        ("2024-11", False),
        ("2025", True),
        (None, True),
    ]
    assert [rating.expert_involvement.answer for rating in found] == ["Yes", "Not recorded", "Yes"]


# --- What entries say of themselves


@pytest.mark.parametrize(
    ("youngest", "oldest", "words"),
    [
        (3, 12, "3–12"),
        (0, 5, "0–5"),
        (3, None, "3 and older"),
        (0, None, "0 and older"),
        (None, 12, "Up to 12"),
        (None, 0, "Up to 0"),
        (7, 7, "7"),
        (None, None, ""),
    ],
)
def test_ages_in_words(youngest, oldest, words):
    program = Program(
        child_age_min=youngest,
        child_age_max=oldest,
        caregiver_child_age_min=youngest,
        caregiver_child_age_max=oldest,
    )

    assert ages_in_words(youngest, oldest) == words
    assert (program.child_ages, program.caregiver_child_ages) == (words, words)


def test_scientific_rating_scale_is_the_seeds():
    assert ScientificRating.choices == [
        ("1", "Well-Supported by Research Evidence"),
        ("2", "Supported by Research Evidence"),
        ("3", "Promising Research Evidence"),
        ("4", "Evidence Fails to Demonstrate Effect"),
        ("5", "Concerning Practice"),
        ("NR", "Not able to be Rated"),
    ]
    assert len({level.meaning for level in ScientificRating}) == 6
    assert "it is not a low rating" in ScientificRating.NOT_RATED.meaning


CRITERIA = "Research must examine sleep."
JUDGED = "judged by what this area asks research to examine: “Research must examine sleep.”"
EXPLAINED = {
    "1": "this program is rated 1: at least two rigorous randomized trials found that it works better "
    "than a suitable comparison, and in one of them the effect lasted a year or more",
    "2": "this program is rated 2: at least one rigorous randomized trial found that it works better "
    "than a suitable comparison, and that the effect lasted",
    "3": "this program is rated 3: at least one controlled study found a benefit, or results as good "
    "as those of a suitable comparison",
    "4": "this program is rated 4: rigorous trials found that it works no better than usual care",
    "5": "this program is rated 5: the evidence points to harm, or to more risk than benefit",
    "NR": "this program is not able to be rated (NR): the published, peer-reviewed research that a "
    "level needs does not exist yet",
}
NOT_LOW = " That says nothing against the program: it is not a low rating."


@pytest.mark.parametrize("level", ScientificRating)
# The sentence ends once, with the full stop of the criteria or without.
@pytest.mark.parametrize("criteria", [CRITERIA, CRITERIA.rstrip(".")])
def test_rating_is_explained_with_the_criteria_of_its_area(level, criteria):
    caution = NOT_LOW if level == "NR" else ""

    assert explain(level, criteria) == f"{EXPLAINED[level]}, {JUDGED}{caution}"
    assert explain(level, "") == f"{EXPLAINED[level]}.{caution}"


def test_rating_is_explained_in_plain_text():
    rating = Rating(
        scientific_rating="4",
        topic_area=TopicArea(rating_criteria="Research *must*\nexamine sleep."),
    )

    assert rating.explanation == f"{EXPLAINED['4']}, {JUDGED}"


@pytest.mark.parametrize(
    ("level", "before", "change"),
    [
        ("2", "3", "Changed from 3 to 2."),
        ("4", "2", "Changed from 2 to 4."),
        ("3", "3", "Reviewed again: still 3."),
        ("NR", "NR", "Reviewed again: still NR."),
        ("5", "NR", "Able to be rated now: 5. It was NR before."),
        ("NR", "1", "No longer able to be rated: NR. It was 1 before."),
    ],
)
def test_change_of_a_rating_treats_nr_as_no_step_of_the_scale(level, before, change):
    assert change_since(ScientificRating(level), ScientificRating(before)) == change


def test_program_labels_its_outcomes_and_settings():
    program = Program(outcomes=("safety", "well-being"), delivery_settings=("school",))

    assert program.outcome_labels == ["Safety", "Child/family well-being"]
    assert program.delivery_setting_labels == ["School"]


@pytest.mark.parametrize(
    "field",
    ["website", "contact_name", "contact_organization", "contact_email", "contact_phone"],
)
def test_program_has_a_contact_where_any_part_of_it_is_known(field):
    assert Program(**{field: "x"}).has_contact is True
    assert Program().has_contact is False


def test_study_tells_what_is_known_of_it():
    study = Study(design="RCT", sample_size=0, location="Utah", follow_up_months=0)

    assert study.facts == [
        ("Type of study", "RCT"),
        ("Participants", 0),
        ("Location", "Utah"),
        ("Controlled follow-up", "0 months"),
    ]
    assert Study(follow_up_months=1).facts == [("Controlled follow-up", "1 month")]
    assert Study().facts == []


def test_entries_name_themselves():
    program, area = Program(name="Steady Ground®"), TopicArea(name="Home Visiting")
    reference = Reference(authors="Bride, B. E.", year=2007, title="Title", doi="10.1000/x")

    named = [
        program,
        area,
        Rating(program=program, topic_area=area, scientific_rating="NR"),
        reference,
        Study(program=program, reference=reference),
        TopicExpert(name="Ginny Sprang", credentials="PhD"),
        TopicExpert(name="Ginny Sprang"),
    ]

    assert [str(obj) for obj in named] == [
        "Steady Ground®",
        "Home Visiting",
        "Steady Ground®: NR in Home Visiting",
        "Bride, B. E. (2007). Title. https://doi.org/10.1000/x",
        "Steady Ground®: Bride, B. E. (2007). Title. https://doi.org/10.1000/x",
        "Ginny Sprang, PhD",
        "Ginny Sprang",
    ]


def test_topic_area_has_five_criteria_in_the_order_of_the_page():
    area = TopicArea(
        target_population="a",
        services_types="b",
        delivered_by="c",
        inclusion_criteria="d",
        rating_criteria="e",
    )

    assert area.criteria == [
        ("Target population", "a"),
        ("Services/types that fit", "b"),
        ("Delivered by", "c"),
        ("In order to be included", "d"),
        ("In order to be rated", "e"),
    ]


def test_new_entries_are_drafts_that_claim_nothing():
    program = Program(name="New")

    assert (program.status, TopicArea().status) == (DRAFT, DRAFT)
    assert (program.manual_available, program.training_available) == ("not-known", "not-known")
    assert Rating().is_current is True
    assert Reference().reference_type == ReferenceType.JOURNAL_ARTICLE
