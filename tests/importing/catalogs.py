"""Catalogs of all shapes, for Hypothesis: made up, stored, and taken back."""

from itertools import combinations

from django.core.exceptions import ValidationError
from hypothesis import strategies as st

from catalog.models import (
    Availability,
    Comparison,
    Contact,
    ContactPurpose,
    DeliverySetting,
    Effect,
    ExternalRating,
    Finding,
    NotCountedReason,
    NotRatedReason,
    Outcome,
    Program,
    Provision,
    Rating,
    Reference,
    ReferenceType,
    Registry,
    RegistryState,
    RelatedProgram,
    RelationKind,
    RelevanceLevel,
    ScaleEdition,
    Status,
    Study,
    StudyDesign,
    TopicArea,
    TopicExpert,
)
from catalog.values.fields import tidy, tidy_line


def keep(entry):
    """Save what the catalog lets in; return it, or None."""
    try:
        entry.full_clean()
    except ValidationError:
        return None
    entry.save()
    return entry


LINES = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30) | (
    st.sampled_from(
        [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "- first of a list",
            "@SUM(A1)",
            "'quoted'",
            "''=twice",
            "'- not a list",
            'He said "so, then"; and left',
            "a\tb | c",
            "Steady Ground® (TM)™",
            "Zoë Cafe\u0301",
            "<script>alert(1)</script>",
            "NULL",
            "007",
            "1e5",
        ]
    )
)
PROSE = st.lists(LINES, max_size=3).map("\n\n".join)
# Few, so that some are alike.
NAMES = st.sampled_from(["Homebuilders", "homebuilders®", "=Sum", "+1", "- dash", "'quote"]) | (
    LINES.filter(str.strip)
)
CODES = st.sampled_from(["", "AB", "Ab", "homebuilders", "entry"])
DATES = st.sampled_from(["", "2019", "2024", "2024-06", "2024-06-15", "2025-01-31"])
VALUES = st.lists(LINES, max_size=3)
NUMBERS = st.none() | st.integers(0, 25)
INDEXES = st.integers(0, 5)
CATALOGS = st.fixed_dictionaries(
    {
        "experts": st.lists(
            st.fixed_dictionaries(
                {"name": NAMES, "credentials": LINES, "position": LINES, "biography": PROSE}
            ),
            max_size=2,
        ),
        "references": st.lists(
            st.fixed_dictionaries(
                {
                    "authors": LINES,
                    "year": st.none() | st.integers(1990, 1992),
                    "title": NAMES,
                    "reference_type": st.sampled_from(ReferenceType.values),
                    "pages": LINES,
                    "doi": st.sampled_from(["", "10.1234/a", "10.1234/(B)"]),
                    "url": st.sampled_from(["", "https://example.org/?a=b&c=d"]),
                }
            ),
            max_size=2,
        ),
        "areas": st.lists(
            st.fixed_dictionaries(
                {
                    "name": NAMES,
                    "abbreviation": CODES,
                    "definition": PROSE,
                    "rating_criteria": PROSE,
                    "year_added": st.none() | st.integers(2000, 2030),
                    "cautionary_notes": PROSE,
                    "source": LINES,
                    "status": st.sampled_from(Status.values),
                }
            ),
            max_size=3,
        ),
        "parents": st.lists(st.tuples(INDEXES, INDEXES), max_size=2),
        "programs": st.lists(
            st.fixed_dictionaries(
                {
                    "name": NAMES,
                    "acronym": CODES,
                    "also_known_as": VALUES,
                    "description": PROSE,
                    "child_age_min": NUMBERS,
                    "caregiver_child_age_max": NUMBERS,
                    "relevance_level": st.sampled_from(["", *RelevanceLevel.values]),
                    "delivery_settings": st.lists(
                        st.sampled_from(DeliverySetting.values), max_size=3
                    ),
                    "languages": VALUES,
                    "manual_available": st.sampled_from(Availability.values),
                    "manual_notes": PROSE,
                    "outcomes": st.lists(st.sampled_from(Outcome.values), max_size=3),
                    "contact_phone": LINES,
                    "fidelity_measures": st.sampled_from(Provision.values),
                    "fidelity_measures_notes": PROSE,
                    "cost": PROSE,
                    "cost_year": st.none() | st.integers(2000, 2030),
                    "source": LINES,
                    "is_nonresponder": st.booleans(),
                    "loaded_on": DATES,
                    "status": st.sampled_from(Status.values),
                }
            ),
            max_size=3,
        ),
        "ratings": st.lists(
            st.fixed_dictionaries(
                {
                    "program": INDEXES,
                    "topic_area": INDEXES,
                    "scientific_rating": st.sampled_from(["1", "3", "NR", "NR"]),
                    "not_rated_reason": st.sampled_from(["", *NotRatedReason.values]),
                    "rationale": PROSE,
                    "rated_on": DATES,
                    "scale_edition": st.booleans(),
                }
            ),
            max_size=6,
        ),
        "studies": st.lists(
            st.fixed_dictionaries(
                {
                    "program": INDEXES,
                    "reference": INDEXES,
                    "design": st.sampled_from(["", *StudyDesign.values]),
                    "design_note": PROSE,
                    "comparison": st.sampled_from(["", *Comparison.values]),
                    "independent": st.sampled_from(Availability.values),
                    "same_sample_as": INDEXES,
                    "participants_status": LINES,
                    "enrolled": NUMBERS,
                    "analysed": NUMBERS,
                    "follow_up_months": NUMBERS,
                    "summary": PROSE,
                }
            ),
            max_size=3,
        ),
        "findings": st.lists(
            st.fixed_dictionaries(
                {
                    "study": INDEXES,
                    "topic_area": INDEXES,
                    "outcome": LINES,
                    "effect": st.sampled_from(["", *Effect.values]),
                    "sustained_months": NUMBERS,
                    "counts": st.booleans(),
                    "not_counted_reason": st.sampled_from(["", *NotCountedReason.values]),
                    "note": PROSE,
                }
            ),
            max_size=3,
        ),
        "contacts": st.lists(
            st.fixed_dictionaries(
                {
                    "program": INDEXES,
                    "purpose": st.sampled_from(ContactPurpose.values),
                    "name": LINES,
                    "title": LINES,
                    "phone": LINES,
                }
            ),
            max_size=3,
        ),
        "registries": st.lists(
            st.fixed_dictionaries(
                {
                    "name": NAMES,
                    "scale": PROSE,
                    "state": st.sampled_from(RegistryState.values),
                }
            ),
            max_size=2,
        ),
        "external_ratings": st.lists(
            st.fixed_dictionaries(
                {
                    "program": INDEXES,
                    "registry": INDEXES,
                    "scope": LINES,
                    "rating": LINES,
                    "rated_on": DATES,
                    "checked_on": DATES,
                    "checked_by": LINES,
                }
            ),
            max_size=3,
        ),
        "relations": st.lists(
            st.tuples(INDEXES, st.sampled_from(RelationKind.values), INDEXES), max_size=4
        ),
    }
)
AREA_NEEDS = ("definition", "rating_criteria")


def fit(values, *needed):
    """Return values of an entry that may have its status: what is published has its texts."""
    if values["status"] != Status.PUBLISHED:
        return values
    return {**values, **{name: tidy(values[name]) or "Something." for name in needed}}


def kept(entries):
    return [entry for entry in map(keep, entries) if entry]


def at(entries, index):
    return entries[index % len(entries)] if entries else None


def linked(rows, **ends):
    return [
        {**row, **{name: at(entries, row[name]) for name, entries in ends.items()}}
        for row in rows
        if all(ends.values())
    ]


def store(catalog):
    """Store a catalog; leave out what the models refuse."""
    experts = kept(TopicExpert(**values) for values in catalog["experts"])
    references = kept(Reference(**values) for values in catalog["references"])
    areas = kept(TopicArea(**fit(values, *AREA_NEEDS)) for values in catalog["areas"])
    for number, area in enumerate(areas):
        area.experts.set(experts[number:])
        area.further_reading.set(references[: number + 1])
    for area, other in combinations(areas, 2):
        area.related_areas.add(other.pk)
    for part, umbrella in catalog["parents"]:
        if areas:
            # Read anew: what an area is the umbrella of shows in the database only.
            area = TopicArea.objects.get(pk=at(areas, part).pk)
            area.parent = TopicArea.objects.get(pk=at(areas, umbrella).pk)
            keep(area)
    areas = list(TopicArea.objects.filter(children__isnull=True).order_by("pk"))
    programs = kept(
        # Without an area to be rated in, none is published.
        Program(**fit(values if areas else {**values, "status": "draft"}, "description"))
        for values in catalog["programs"]
    )
    rows = linked(catalog["ratings"], program=programs, topic_area=areas)
    kept(
        Rating(
            **{
                **row,
                "scale_edition": ScaleEdition.objects.in_use() if row["scale_edition"] else None,
                "not_rated_reason": row["not_rated_reason"]
                if row["scientific_rating"] == "NR"
                else "",
            }
        )
        for row in rows
    )
    for program in programs:
        if program.status == Status.PUBLISHED and not program.ratings.exists():
            Rating.objects.create(program=program, topic_area=areas[0], scientific_rating="NR")
    ends = {"program": programs, "reference": references, "same_sample_as": [*references, None]}
    studies = kept(Study(**row) for row in linked(catalog["studies"], **ends))
    outcomes = {}
    for row in linked(catalog["findings"], study=studies, topic_area=areas):
        study, outcome = row.pop("study"), tidy_line(row["outcome"])
        row["not_counted_reason"] = "" if row["counts"] else row["not_counted_reason"]
        finding = Finding(program=study.program, reference=study.reference, **row)
        # What differs from another one in case alone is refused by the import.
        place = (study, row["topic_area"], outcome.casefold())
        if outcomes.setdefault(place, outcome) == outcome:
            keep(finding)
    store_contacts_and_ratings_elsewhere(catalog, programs)


def store_contacts_and_ratings_elsewhere(catalog, programs):
    """Store whom to ask about the programs, how they are related, and what other registries say of them."""
    names = {}
    for row in linked(catalog["contacts"], program=programs):
        name = tidy_line(row["name"])
        place = (row["program"], row["purpose"], name.casefold())
        if names.setdefault(place, name) == name:
            keep(Contact(**row))
    for one, kind, other in catalog["relations"] if programs else ():
        keep(RelatedProgram(program=at(programs, one), kind=kind, other=at(programs, other)))
    registries = kept(Registry(**values) for values in catalog["registries"])
    scopes = {}
    for row in linked(catalog["external_ratings"], program=programs, registry=registries):
        scope = tidy_line(row["scope"])
        if scopes.setdefault((row["program"], row["registry"], scope.casefold()), scope) == scope:
            keep(ExternalRating(**row))


def empty():
    """Delete every entry of the catalog, and its history, which would keep slugs from coming back."""
    Rating.objects.all().delete()
    RelatedProgram.objects.all().delete()
    Finding.objects.all().delete()
    Study.objects.all().delete()
    ExternalRating.objects.all().delete()
    Registry.objects.all().delete()
    Program.objects.all().delete()
    TopicArea.objects.filter(parent__isnull=False).delete()
    TopicArea.objects.all().delete()
    TopicExpert.objects.all().delete()
    Reference.objects.all().delete()
    for model in (Registry, Program, TopicArea, TopicExpert, Reference):
        model.history.all().delete()


def as_set(rows):
    """Return rows without their order, which an export does not promise."""
    return {tuple(row.items()) for row in rows}
