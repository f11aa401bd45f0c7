"""Programs that are made up."""

import re

from ..models import (
    NOT_PROVIDED,
    Availability,
    DeliverySetting,
    Outcome,
    Program,
    Provision,
    RelevanceLevel,
)
from ..models.program_details import PROVISIONS as PROVISION_FIELDS
from ..values.names import new_slug, without_marks
from .source import MARK, ExampleSource
from .words import SENTENCES

AVAILABILITIES = {Availability.YES: 60, Availability.NO: 20, Availability.NOT_KNOWN: 20}
PROVISIONS = {Provision.YES: 45, Provision.NO: 20, Provision.NOT_KNOWN: 35}
RELEVANCE_LEVELS: dict[str, int] = {
    RelevanceLevel.HIGH: 35,
    RelevanceLevel.MEDIUM: 45,
    RelevanceLevel.LOW: 15,
    "": 5,
}
WEEKS = (6, 8, 10, 12, 16, 24, 36, 52)
YOUNGEST = (0, 0, 0, 2, 3, 5, 6, 8, 10, 12, 14)
YEARS_SERVED = (2, 3, 5, 7, 12, 18)
OLDEST = 25
COSTS = ("the training of a team", "each provider", "each family", "a license of one year")
# Of a hundred texts that are blank, how many the representative was asked for and did not provide.
NOT_PROVIDED_PERCENT = 15
TRADEMARKS = {"": 84, "®": 8, "™": 8}


def make_program(source: ExampleSource) -> Program:
    """Return a program, not yet saved; its scope note says that it is an example."""
    writer, chance = source.writer, source.chance
    name, slug = make_name(source)
    plain = without_marks(name)
    opening = writer.sentence("opening")
    loaded = chance.day()
    is_nonresponder = chance.happens(7)
    answered = {} if is_nonresponder else make_answers(source, slug)
    return Program(
        name=name,
        slug=slug,
        acronym=acronym(plain) if chance.happens(45) else "",
        description=writer.prose(
            "description",
            chance.randint(60, 150),
            f"{plain} {opening[0].lower()}{opening[1:]}",
        ),
        scope_note=MARK,
        relevance_level=chance.one_of(RELEVANCE_LEVELS),
        is_nonresponder=is_nonresponder,
        research_last_reviewed=reviewed(source, loaded) if chance.happens(94) else "",
        content_last_reviewed=reviewed(source, loaded) if chance.happens(60) else "",
        loaded_on=chance.partial_date(loaded) if chance.happens(95) else "",
        **make_lists(source),
        **make_ages(source),
        **source.status(loaded),
        **answered or {"target_population": NOT_PROVIDED, "goals": NOT_PROVIDED},
    )


def make_answers(source: ExampleSource, slug: str) -> dict[str, object]:
    """Return the fields that only a program's representative can fill in."""
    writer, chance = source.writer, source.chance
    manual, training = chance.one_of(AVAILABILITIES), chance.one_of(AVAILABILITIES)
    first_name, surname = writer.any_word("first_name"), writer.any_word("surname")
    return {
        "target_population": writer.sentence("target"),
        "goals": writer.bullets("goal", chance.randint(2, 5)),
        "essential_components": writer.bullets("component", chance.randint(2, 6)),
        "intensity": writer.sentence("intensity"),
        "duration": f"{chance.choice(WEEKS)} weeks",
        "languages": ("English", writer["language"]) if chance.happens(50) else ("English",),
        "manual_available": manual,
        "manual_notes": "From the developer, on request." if manual == Availability.YES else "",
        "training_available": training,
        "training_notes": writer.sentence("training") if training == Availability.YES else "",
        "website": f"https://example.org/{slug}/",
        "contact_name": f"{first_name} {surname}",
        "contact_organization": f"{writer['place']} Example Institute",
        "contact_email": f"{slug[:40].rstrip('-')}@example.org",
        "contact_phone": f"(555) 555-01{chance.randint(0, 99):02}",
        **make_services(source),
        **make_implementation(source, slug),
    }


def make_services(source: ExampleSource) -> dict[str, object]:
    """Return what the program does for whom, and what it asks of an agency; some of it is not known."""
    sentence, happens = source.writer.sentence, source.chance.happens
    texts = {
        "adverse_effects": 12,
        "child_services": 60,
        "caregiver_services": 50,
        "group_format": 60,
        "homework": 45,
        "resources_needed": 55,
        "provider_qualifications": 60,
    }
    told = {field: sentence(field) for field, percent in texts.items() if happens(percent)}
    blank = [field for field in texts if field not in told]
    return {**told, "not_provided": tuple(f for f in blank if happens(NOT_PROVIDED_PERCENT))}


def make_implementation(source: ExampleSource, slug: str) -> dict[str, object]:
    """Return what helps an agency to introduce the program, and what that costs."""
    chance = source.chance
    fields: dict[str, object] = {field: chance.one_of(PROVISIONS) for field in PROVISION_FIELDS}
    if fields["logic_model"] == Provision.YES and chance.happens(70):
        fields["logic_model_url"] = f"https://example.org/{slug}/logic-model.pdf"
    for field in PROVISION_FIELDS[1:]:
        if fields[field] == Provision.YES and chance.happens(80):
            fields[f"{field}_notes"] = source.writer.sentence(field)
    if chance.happens(35):
        fields["cost"] = f"${chance.randint(8, 90) * 50:,} for {chance.choice(COSTS)}."
        fields["cost_year"] = chance.randint(2016, 2025)
    return fields


def make_lists(source: ExampleSource) -> dict[str, tuple[str, ...]]:
    """Return the fields that hold several values."""
    chance = source.chance
    return {
        "also_known_as": (new_name(source),) if chance.happens(20) else (),
        "delivery_settings": chance.some_of(DeliverySetting, 4),
        "outcomes": chance.some_of(Outcome, 3),
    }


def make_ages(source: ExampleSource) -> dict[str, int]:
    """Return the ages served: of children, of the children of parents and caregivers, both or none."""
    chance, ages = source.chance, {}
    for who, percent in (("child_age", 70), ("caregiver_child_age", 50)):
        if chance.happens(percent):
            youngest = chance.choice(YOUNGEST)
            ages[f"{who}_min"] = youngest
            ages[f"{who}_max"] = min(youngest + chance.choice(YEARS_SERVED), OLDEST)
    return ages


def reviewed(source: ExampleSource, loaded: int) -> str:
    """Return a date of the record, from the day on which a program was loaded."""
    return source.chance.partial_date(source.chance.day(loaded))


def make_name(source: ExampleSource) -> tuple[str, str]:
    """Return a name, perhaps with a trademark sign, and its slug; no two examples share either."""
    taken, slug = source.taken[Program], ""
    while not slug or slug in taken:
        name = new_name(source)
        slug = new_slug(f"Example {name}", ())
    taken.add(slug)
    return name + source.chance.one_of(TRADEMARKS), slug


def new_name(source: ExampleSource) -> str:
    """Return a name in which all words are equally likely: there are some millions."""
    pattern = source.chance.choice(SENTENCES["name"])
    return re.sub(r"\{(\w+)\}", lambda slot: source.writer.any_word(slot[1]), pattern)


def acronym(name: str) -> str:
    """Return the first letters of the words that have a capital."""
    letters = "".join(word[0] for word in re.findall(r"\w+", name) if word[0].isupper())
    return letters if len(letters) > 1 else ""
