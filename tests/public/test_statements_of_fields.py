"""Each public field brings to the pages of bare entries just the statements that rest on it; none is forgotten."""

from collections import Counter

import pytest

from catalog.history.diff import fields_of
from catalog.models import (
    Contact,
    ExternalRating,
    Finding,
    Program,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    Study,
    TopicArea,
    TopicExpert,
)

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    RelatedProgramFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import read
from .test_statements import LEVEL_3, RATED_3, RECORDED, statements

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PAGES = {"program": "/programs/steady/", "area": "/topics/calm/", "expert": "/experts/ada/"}
MODELS = {
    "program": Program,
    "rating": Rating,
    "area": TopicArea,
    "expert": TopicExpert,
    "study": Study,
    "finding": Finding,
    "contact": Contact,
    "external rating": ExternalRating,
    "registry": Registry,
    "relation": RelatedProgram,
    "reference": Reference,
}
# What no page states as a fact about its entry: keys, and what tests of status, of merging and of files are about.
LEFT_OUT = {
    "program": {"slug", "status", "published_at", "retired_at", "retirement_reason", "merged_into"}
    | {"logic_model_file"},  # test_logic_models.py
    "rating": {"program", "topic_area", "is_current", "not_rated_reason"},  # test_statements.py: NR
    "area": {"slug", "status", "published_at", "retired_at", "retirement_reason", "parent"}
    | {"summary_document", "experts", "further_reading", "related_areas"},  # test_topic_areas.py
    "expert": {"slug"},
    "study": {"program", "reference", "same_sample_as"},  # below
    "finding": {"program", "reference", "topic_area", "not_counted_reason"},
    "contact": {"program"},
    "external rating": {"program", "registry"},
    "registry": {"slug"},
    "relation": {"program", "other"},
    "reference": {"key", "reference_type", "volume", "issue", "pages"},  # test_citations.py
}

# --- The checklist of a study of which nothing is recorded

TRIAL, CONTROLLED, CARE, BENEFIT, REVIEWED, SOUND, HELD, MANUAL, WEIGHT, NO_HARM = (
    "At least one randomized trial that counts in this topic area is on record.",
    (
        "At least one controlled study that counts in this topic area is on record: a randomized trial, or a "
        "quasi-experiment with a comparison group."
    ),
    "It was carried out where, and by such people as, the program is usually given.",
    "It found a benefit on an outcome of this topic area.",
    "It was published in a peer-reviewed journal.",
    "It used reliable and valid measures, alike for all who took part.",
    "In it a benefit was still found 6 months or more after the program had ended.",
    "The program has a manual or other writings that say how to carry it out.",
    (
        "On the whole the findings speak for it: those of benefit are at least as many as those of no effect, and more "
        "than those of harm."
    ),
    "No finding shows harm to those who took part.",
)
NR, NR_0, NR_AS, NO_0, NO_AS = (
    "Not recorded",
    "Not recorded (0 of 1)",
    "Not recorded (as above)",
    "Not met (0 of 1)",
    "Not met (as above)",
)
BY = "“Title”, n.d."
SUSTAINED = "a benefit that held for six months or more after the end"
SPEAK, NONE_OF_HARM = "findings that on the whole speak for it", "findings without any harm"
NOTHING = "of which nothing is recorded"


def asks(what, level="2", rated="3"):
    """Return the sentence of the checklist: that no level is met, and what the next one asks."""
    return (
        f"The studies that are recorded here meet the criteria of no level; the rating is {rated}. "
        f"It may rest on more than is recorded here. Level {level} asks {what}."
    )


ASKS = asks(
    f"for one randomized trial that counts, {SUSTAINED}, a manual, {SPEAK} and {NONE_OF_HARM}, {NOTHING}"
)
LACKS = f"for one randomized trial that counts, a manual, {SPEAK} and {NONE_OF_HARM}, {NOTHING}"
OF_THE_PROGRAM = [f"{NR} {text}" for text in (MANUAL, WEIGHT, NO_HARM)]
LEVEL_2 = [
    "What level 2 asks",
    f"{NR_0} {TRIAL}",
    *[f"{NR_AS} {text}" for text in (CARE, BENEFIT, REVIEWED, SOUND)],
    f"{NR} {HELD}",
    *OF_THE_PROGRAM,
]
LEVEL_3_ASKS = [
    "What level 3 asks",
    f"{NR_0} {CONTROLLED}",
    *[f"{NR_AS} {text}" for text in (BENEFIT, REVIEWED, SOUND)],
    *OF_THE_PROGRAM,
]
READ = "Read from what is recorded here, by the criteria of the edition {}. It explains a rating; reviewers give it."
BY_PRESENT = READ.format(
    "of the rating scale in use now, 2026: by which one the program was rated is not recorded"
)
CHECKLIST = ["Why 3, and not 2", ASKS, *LEVEL_2, *LEVEL_3_ASKS, BY_PRESENT]
NOT_STATED = "1 study counts in a rating here: not stated in 1."
UNKNOWN = "1 (Design not recorded: 1)"
FOUND, FOLLOWED = "What the studies found", "How long after the end they followed people"
BARS = "bars by level. The table below holds the numbers."
BY_LEVEL = "studies by the level of their program here"
LASTED = ("2 years or more", "1 to 2 years", "Under 1 year", "To the end only", "Not recorded")
EFFECTS = ("Benefit", "Mixed", "No effect", "Harm", "Not stated")
PICTURE = [
    "The evidence behind these ratings",
    *(NOT_STATED, "Design not recorded", "The numbers as tables"),
    *(FOUND, f"{FOUND}: {BARS}", f"{FOUND}: {BY_LEVEL}", f"Level {' '.join(EFFECTS)} All"),
    *(FOLLOWED, f"{FOLLOWED}: {BARS}", f"{FOLLOWED}: {BY_LEVEL}", f"Level {' '.join(LASTED)} All"),
    *(*EFFECTS, *LASTED),
    # Once in each drawing and each table.
    *("3", "1") * 2,
    *[f"3 0 0 0 0 {UNKNOWN} 1"] * 2,
]
CALM, ELSEWHERE = "Calm – effect not recorded.", "Registry Promising {} {} {}"
NO, UNSTATED = "Not recorded", ELSEWHERE.format("Not stated", "Not recorded", "Not recorded")


def told(label, value):
    """Return what a fact brings to the page of its program, and its place among what is not recorded."""
    return value, [f"{label} {value}"], [f"- {label[0].lower()}{label[1:]}"]


def provided(field, label, note):
    """Return what one of the parts of implementation brings, and its note."""
    lack = [f"- {label[0].lower()}{label[1:]}"]
    return {
        field: ("yes", [f"{label} Provided"], lack),
        f"{field}_notes": (note, [f"{label} Not known {note}"], lack),
    }


def headed(heading, text):
    return text, [heading, text], []


def instead(value, now, before):
    return value, [now], [before]


RATED_4 = (
    "In Calm, this program is rated 4: at least two rigorous randomized trials found that it works no better than "
    "usual care."
)

# By entry and field: what is recorded, and what pages then say and no longer say; "- manual" is one of those that a
# section names as not recorded. Where there are two pages, each has its own.
TOLD = {
    "program": {
        "name": instead("Steadier", "Steadier", "Steady"),
        "acronym": instead("ST", "Steady (ST)", "Steady"),
        "also_known_as": (("Calmly",), ["Also known as Calmly"], []),
        "description": ("It calms.", ["It calms."], []),
        "target_population": headed("Target population", "Nurses."),
        "goals": headed("Goals", "Rest."),
        "essential_components": headed("Essential components", "Sleep."),
        "adverse_effects": headed("Adverse effects", "Tiredness."),
        "child_age_min": (3, ["Children/adolescents, ages 3 and older"], []),
        "child_age_max": (9, ["Children/adolescents, ages Up to 9"], []),
        "caregiver_child_age_min": (2, ["Parents/caregivers of children, ages 2 and older"], []),
        "caregiver_child_age_max": (8, ["Parents/caregivers of children, ages Up to 8"], []),
        "outcomes": (("safety",), ["Child-welfare outcomes Safety"], ["- child-welfare outcomes"]),
        "delivery_settings": (("school",), ["Settings School"], ["- settings"]),
        "child_services": told("Services to children and adolescents", "Play."),
        "caregiver_services": told("Services to parents and caregivers", "Talk."),
        "intensity": told("Recommended intensity", "Weekly."),
        "duration": told("Recommended duration", "A year."),
        "group_format": told("Group format and size", "Six."),
        "homework": told("Homework", "A diary."),
        "resources_needed": told("Resources needed", "A room."),
        "provider_qualifications": told("Provider qualifications", "A degree."),
        "manual_notes": ("In print.", ["Manual Not known In print."], ["- manual"]),
        "training_available": ("yes", ["Training Yes"], ["- training"]),
        "training_notes": ("By video.", ["Training Not known By video."], ["- training"]),
        "logic_model": ("yes", ["Logic model Provided"], ["- logic model"]),
        **provided("pre_implementation", "Pre-implementation materials", "A form."),
        **provided("formal_support", "Formal support", "A coach."),
        **provided("fidelity_measures", "Fidelity measures", "A list."),
        **provided("implementation_guides", "Implementation guides or manuals", "A book."),
        **provided("implementation_research", "Research on how to implement it", "A study."),
        "cost": told("Cost", "$5."),
        # Of no cost, there is none.
        "cost_year": (2024, [], []),
        "website": headed("Main contact", "https://example.org/"),
        "contact_organization": headed("Main contact", "Calm Inc."),
        "contact_email": headed("Main contact", "robin@example.org"),
        "contact_phone": headed("Main contact", "555"),
        # It follows the title in the citation of the page too.
        "source": ("Retold from a page.", ["Source: Retold from a page."], []),
    },
    "rating": {
        "rationale": ("One trial.", ["One trial."], []),
        "scientific_rating": (
            "4",
            [
                "4 Scientific rating 4: Evidence Fails to Demonstrate Effect in Calm",
                RATED_4,
                "Why 4, and not 3",
                asks(
                    f"for one controlled study that counts, a manual, {SPEAK} and {NONE_OF_HARM}, {NOTHING}",
                    level="3",
                    rated="4",
                ),
                "What level 4 asks",
                "Not met (0 of 2) At least two randomized trials that count in this topic area are on record.",
                f"{NR} None of these trials found a benefit on an outcome of this topic area.",
            ],
            [f"3 {LEVEL_3} in Calm", RATED_3, "Why 3, and not 2", ASKS, *LEVEL_2],
        ),
    },
    "area": {
        # For search, files and the lists of programs.
        "abbreviation": ("CM", [], []),
        "name": (
            "Rest",
            [
                f"3 {LEVEL_3} in Rest",
                RATED_3.replace("Calm", "Rest"),
                "What the rating says, and what it rests on in Rest",
                "Rest – effect not recorded.",
            ],
            [
                f"3 {LEVEL_3} in Calm",
                RATED_3,
                "What the rating says, and what it rests on in Calm",
                CALM,
            ],
            ["Rest"],
            ["Calm"],
        ),
        "definition": ("Being calm.", [], [], ["Being calm."], []),
        **{
            field: ("Talks.", [], [], [f"{label} Talks."], [f"{label} Not stated"])
            for field, label in (
                ("target_population", "Target population"),
                ("services_types", "Services/types that fit"),
                ("delivered_by", "Delivered by"),
                ("inclusion_criteria", "In order to be included"),
            )
        },
        "cautionary_notes": ("Mind.", [], [], ["Cautionary notes", "Mind."], []),
        "why_chosen": ("Need.", [], [], ["Why this topic area was chosen", "Need."], []),
        "source": ("Retold.", [], [], ["Source: Retold."], []),
    },
    "expert": {
        "name": instead("Ida", "Ida", "Ada"),
        "credentials": instead("PhD", "Ada, PhD", "Ada"),
        "organization": ("Calm Inc.", ["Calm Inc."], []),
        "biography": ("She rests.", ["She rests."], []),
        "website": ("https://example.org/", ["https://example.org/"], []),
        "source": ("Retold.", ["Source: Retold."], []),
    },
    "study": {
        "design": (
            "rct",
            [
                "Type of study Randomized controlled trial",
                asks(
                    f"for research in usual care, {SUSTAINED}, a manual, {SPEAK} and {NONE_OF_HARM}, {NOTHING}"
                ),
                *(f"Met {TRIAL} {BY}", f"{NR_0} {CARE}", f"Met {CONTROLLED} {BY}"),
                f"{NR_0} {BENEFIT}",
            ],
            [
                *(ASKS, f"{NR_0} {TRIAL}", f"{NR_AS} {CARE}", f"{NR_0} {CONTROLLED}"),
                f"{NR_AS} {BENEFIT}",
            ],
        ),
        "comparison": ("usual-care", ["Compared with Usual care"], []),
        "peer_reviewed": (
            "no",
            [
                "Published and peer-reviewed No",
                asks(
                    f"for published, peer-reviewed research, which the record does not show, and {LACKS}"
                ),
                # Of levels 2 and 3.
                *[f"{NO_0} {REVIEWED}", f"{NO_AS} {SOUND}"] * 2,
                f"{NO_AS} {HELD}",
            ],
            [ASKS, *[f"{NR_AS} {REVIEWED}", f"{NR_AS} {SOUND}"] * 2, f"{NR} {HELD}"],
        ),
        "usual_care": (
            "no",
            [
                "In usual care No",
                asks(f"for research in usual care, which the record does not show, and {LACKS}"),
                f"{NO_0} {CARE}",
                *[f"{NO_AS} {text}" for text in (BENEFIT, REVIEWED, SOUND, HELD)],
            ],
            [
                *(ASKS, f"{NR} {HELD}"),
                *[f"{NR_AS} {text}" for text in (CARE, BENEFIT, REVIEWED, SOUND)],
            ],
        ),
        "sound_measures": ("yes", ["Reliable and valid measures Yes"], []),
        "independent": ("yes", ["Independent of the developer Yes"], []),
        "design_note": ("By school.", ["By school."], []),
        "participants_age": ("34", ["Age 34"], []),
        "participants_gender": ("Women", ["Gender Women"], []),
        "participants_race_ethnicity": ("Any", ["Race and ethnicity Any"], []),
        "participants_status": ("Nurses", ["Who took part Nurses"], []),
        "enrolled": (12, ["Participants 12 enrolled"], []),
        "analysed": (10, ["Participants 10 analysed"], []),
        "location": ("Ohio", ["Location Ohio"], []),
        "follow_up_months": (6, ["Last compared 6 months after the end"], []),
        "summary": ("It asked.", ["It asked."], []),
        "limitations": headed("Limitations", "Few."),
    },
    "finding": {
        "outcome": instead("Sleep", "Calm: Sleep – effect not recorded.", CALM),
        "effect": (
            "benefit",
            [
                "Calm – benefit.",
                asks(f"for one randomized trial that counts, {SUSTAINED} and a manual, {NOTHING}"),
                *[f"Met {WEIGHT} {BY}", f"Met {NO_HARM}"] * 2,
            ],
            [CALM, ASKS, *[f"{NR} {WEIGHT}", f"{NR} {NO_HARM}"] * 2],
            ["1 study counts in a rating here: benefit in 1.", f"3 {UNKNOWN} 0 0 0 0 1"],
            [NOT_STATED, f"3 0 0 0 0 {UNKNOWN} 1"],
        ),
        # Of an effect that is not recorded.
        "sustained_months": (6, [], []),
        "counts": (
            False,
            [
                "No finding that is recorded in this topic area counts in its rating.",
                "Research that does not count in a rating",
                f"{CALM} Does not count in the rating there.",
            ],
            [
                *(*CHECKLIST, "Research that counts in a rating", CALM),
                "Those with a comparison group, and above all each randomized controlled trial, tell most.",
            ],
            [],
            PICTURE,
        ),
        "note": instead("Girls.", f"{CALM} Girls.", CALM),
    },
    "contact": {
        "purpose": instead("program", "Program", "Training"),
        "name": instead("Kim", "Kim", "Robin"),
        "title": ("Chair", ["Chair"], []),
        "organization": ("Calm Inc.", ["Calm Inc."], []),
        "email": ("kim@example.org", ["kim@example.org"], []),
        "phone": ("555", ["555"], []),
        "website": ("https://example.org/", ["https://example.org/"], []),
    },
    "external rating": {
        "scope": instead("Sleep", ELSEWHERE.format("Sleep", NO, NO), UNSTATED),
        "rating": instead("Good", UNSTATED.replace("Promising", "Good"), UNSTATED),
        "rated_on": instead("2024", ELSEWHERE.format("Not stated", "2024", NO), UNSTATED),
        "checked_on": instead("2025", ELSEWHERE.format("Not stated", NO, "2025"), UNSTATED),
        # The address of a link; who looked is told to editors.
        "url": ("https://example.org/", [], []),
        "checked_by": ("Ann", [], []),
    },
    "registry": {
        "name": instead("List", UNSTATED.replace("Registry", "List"), UNSTATED),
        "state": instead("frozen", f"Registry (no longer updated) {UNSTATED[9:]}", UNSTATED),
        "scale": ("A to C.", ["How these registries rate", "Registry A to C."], []),
        "url": ("https://example.org/", [], []),
    },
    "relation": {
        "kind": instead("adaptation", "Adapted from Other", "A version of Other"),
    },
    "reference": {
        "authors": instead("Ann, A.", "Ann, A. (n.d.). Title.", "Title. (n.d.)."),
        "year": instead(2001, "Title. (2001).", "Title. (n.d.)."),
        "title": instead("Rest", "Rest. (n.d.).", "Title. (n.d.)."),
        "container": instead("Review", "Title. (n.d.). Review.", "Title. (n.d.)."),
        "doi": instead("10.1/5", "Title. (n.d.). https://doi.org/10.1/5", "Title. (n.d.)."),
        "url": instead("https://a.org/", "Title. (n.d.). https://a.org/", "Title. (n.d.)."),
        # In the list of references.
        "source": ("A list.", [], []),
    },
}
# With another value, without which there is none of it.
WITH = {"logic_model_url"}


def test_every_public_field_has_its_line():
    told_before = {(what, field) for what, field, *_ in RECORDED} | {("program", f) for f in WITH}
    told_here = {(what, field) for what, fields in TOLD.items() for field in fields}
    left_out = {(what, field) for what, fields in LEFT_OUT.items() for field in fields}

    kept = {(what, field.name) for what, model in MODELS.items() for field in fields_of(model)}
    assert told_before | told_here | left_out | {("rating", "scale_edition")} == kept
    assert not told_here & left_out


def lines(client, page):
    """Return what a page says, each thing that is not recorded for itself, and without how to cite it."""
    said = Counter()
    for line, number in statements(read(client.get(PAGES[page])).main).items():
        names = line.removeprefix("Not recorded: ")
        if names != line:
            said.update(f"- {name}" for name in names.removesuffix(".").split("; "))
        elif "[Entry as of" not in line:
            said[line] += number
    return said


def changed(now, before):
    return sorted((now - before).elements()), sorted((before - now).elements())


@pytest.fixture
def entries():
    """A program with one of everything, of which nothing more is recorded than must be."""
    area = TopicAreaFactory(name="Calm", slug="calm")
    expert = TopicExpertFactory(name="Ada", slug="ada")
    area.experts.add(expert)
    program = ProgramFactory(name="Steady", slug="steady")
    reference = ReferenceFactory(authors="", year=None, title="Title")
    other = ProgramFactory(name="Other", slug="other")
    registry = RegistryFactory(name="Registry")
    return {
        "program": program,
        "area": area,
        "reference": reference,
        "registry": registry,
        "expert": expert,
        "rating": RatingFactory(program=program, topic_area=area),
        "study": StudyFactory(program=program, reference=reference),
        "finding": FindingFactory(program=program, reference=reference, topic_area=area),
        "contact": ContactFactory(program=program, name="Robin"),
        "external rating": ExternalRatingFactory(program=program, registry=registry),
        "relation": RelatedProgramFactory(program=program, kind="version", other=other),
    }


@pytest.mark.parametrize("what", TOLD)
def test_each_field_brings_just_what_rests_on_it(client, entries, what):
    rows = MODELS[what]._default_manager.filter(pk=entries[what].pk)
    pages = ["expert"] if what == "expert" else ["program", "area"]
    before = {page: lines(client, page) for page in pages}
    for field, (value, *expected) in TOLD[what].items():
        blank = getattr(entries[what], field)
        used = pages[: len(expected) // 2]
        rows.update(**{field: value})

        found = [side for page in used for side in changed(lines(client, page), before[page])]

        assert (field, found) == (field, [sorted(side) for side in expected])
        rows.update(**{field: blank})
    assert {page: lines(client, page) for page in pages} == before
    if what == "finding":
        # The whole checklist and the whole picture are told of.
        assert not Counter(CHECKLIST) - before["program"]
        assert not Counter(PICTURE) - before["area"]


def test_logic_model_and_edition_are_told_with_what_they_belong_to(client, entries):
    before = lines(client, "program")
    Program.objects.filter(pk=entries["program"].pk).update(
        logic_model="yes", logic_model_url="https://example.org/model"
    )
    edition = Rating._meta.get_field("scale_edition").related_model.objects.in_use()
    Rating.objects.update(scale_edition=edition)

    assert changed(lines(client, "program"), before) == (
        sorted(
            [
                "Logic model Provided https://example.org/model",
                "Edition of the scale 2026",
                READ.format("2026"),
            ]
        ),
        sorted(["- logic model", BY_PRESENT]),
    )


def test_study_of_the_same_people_is_named_by_the_study_alone_that_says_so(client, entries):
    other = StudyFactory(program=entries["program"], reference__title="Other")
    before = lines(client, "program")

    Study.objects.filter(pk=other.pk).update(same_sample_as=entries["reference"])

    told = ["Same participants as “Title”, n.d."]
    assert changed(lines(client, "program"), before) == (told, [])


def test_citation_names_the_source_of_what_is_retold(client, entries):
    entries["program"].source = "Retold from a page."
    entries["program"].save()

    said = read(client.get(PAGES["program"])).section("Cite this page")

    assert "]. Source: Retold from a page. http://" in said.one("p", class_="citation").text
