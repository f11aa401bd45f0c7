"""A public catalog, and beside it one entry of each hidden kind, tied to the public ones in every way."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from catalog.models import (
    Assignment,
    Contact,
    ExternalRating,
    Finding,
    Page,
    Program,
    Proposal,
    ProposalState,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    StaffNote,
    Status,
    Study,
    TopicArea,
    TopicExpert,
)
from catalog.values.fields import DoiField, LimitedTextField, ListField
from catalog.values.raters import RatersField

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    RelatedProgramFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)

# Stands in every text that is not public, and in every slug.
MARKER = "zanzibar"
PAST = timezone.now() - timedelta(days=30)
FUTURE = timezone.now() + timedelta(days=30)
# How an entry can be hidden: its status, and since when it was or is to be public.
HIDDEN = {
    "draft": (Status.DRAFT, None),
    "withdrawn": (Status.DRAFT, PAST),
    "in-review": (Status.IN_REVIEW, None),
    "scheduled": (Status.PUBLISHED, FUTURE),
    "retired": (Status.RETIRED, PAST),
    "never-published": (Status.RETIRED, None),
}
# Programs that were merged: since when they had been public, and into which other one.
MERGED = {
    "merged": (PAST, "public-rated"),
    "merged-draft": (None, "public-rated"),
    "merged-into-hidden": (PAST, f"{MARKER}-program-draft"),
    "draft-merged-into-hidden": (None, f"{MARKER}-program-scheduled"),
}


def marked(model):
    """Return a value with the marker in it for every text of the model that editors write."""
    examples = {
        models.CharField: f"{MARKER} {{}}",
        LimitedTextField: f"{MARKER} {{}}",
        models.URLField: f"https://{MARKER}.example/{{}}",
        models.EmailField: f"{{}}@{MARKER}.example",
        DoiField: f"10.1000/{MARKER}.{{}}",
        ListField: f"{MARKER} {{}}",
        RatersField: f"{MARKER} {{}}",
    }
    texts = {}
    for field in model._meta.fields:
        if type(field) in examples and not field.choices and not getattr(field, "codes", None):
            texts[field.name] = examples[type(field)].format(field.name)[: field.max_length]
    return texts


def build_public_catalog():
    umbrella = TopicAreaFactory(name="Umbrella")
    part = TopicAreaFactory(name="Part", parent=umbrella, year_added=2024)
    TopicAreaFactory(name="Part of a draft")
    TopicAreaFactory(name="Empty")
    part.experts.add(TopicExpertFactory(name="Public expert"))
    part.further_reading.add(ReferenceFactory(key="read", title="Read"))
    part.related_areas.add(TopicArea.objects.get(slug="empty"))
    rated = ProgramFactory(
        name="Public rated",
        relevance_level="high",
        outcomes=["safety"],
        delivery_settings=["school"],
        child_age_min=0,
        research_last_reviewed="2024",
    )
    unrated = ProgramFactory(name="Public unrated", research_last_reviewed="2023")
    ContactFactory(program=rated, name="Public contact")
    RelatedProgramFactory(program=rated, other=unrated)
    for level, day in (("NR", "2023"), ("4", "2024")):
        RatingFactory(
            program=rated,
            topic_area=part,
            scientific_rating=level,
            rated_on=day,
            raters=["public-expert", f"{MARKER} rater (not public)"],
        )
    PageFactory(name="Public page", place="menu")
    PageFactory(name="Public news", news_on="2026-03-01")
    study = StudyFactory(program=rated, reference=ReferenceFactory(key="cited", title="Cited"))
    index = RegistryFactory(name="Public index")
    ExternalRatingFactory(program=rated, registry=index, checked_by=f"{MARKER} colleague")
    for entry in (rated, part, study, *rated.ratings.all()):
        # Why something was changed is for staff only.
        entry._change_reason = f"{MARKER} reason"
        entry.save()


def let_days_pass(days, before=None):
    """Make what is on record as much older, but for what was there ``before``: the last version of each model."""
    last = {}
    for model in (
        *(TopicArea, Program, Rating, Study, Finding, Contact, RelatedProgram),
        *(Reference, TopicExpert, Registry, ExternalRating),
    ):
        history = model.history.all()
        last[model] = history.aggregate(last=models.Max("history_id"))["last"] or 0
        since = history.filter(history_id__gt=(before or {}).get(model, 0))
        since.update(history_date=models.F("history_date") - timedelta(days=days))
        if not before and hasattr(model, "published_at"):
            for table in (model.objects, model.history):
                table.update(published_at=models.F("published_at") - timedelta(days=days))
    return last


def build_hidden_catalog():
    """Add one of each hidden kind, tied to public entries in every way that the models allow."""
    for kind, (status, published_at) in HIDDEN.items():
        fields = {"status": status, "published_at": published_at}
        area = build_hidden_area(kind, fields)
        build_hidden_pages(kind, fields)
        program = build_hidden_program(kind, fields)
        build_ratings(program, TopicArea.objects.get(slug="part"), kind)
        build_ratings(program, area, kind)
        build_ratings(Program.objects.get(slug="public-rated"), area, kind)
        build_ratings(Program.objects.get(slug="public-unrated"), area, kind)
        cited = Reference.objects.get(key="cited")
        build_finding(Program.objects.get(slug="public-rated"), cited, area)
    for kind, (published_at, slug) in MERGED.items():
        survivor = Program.objects.get(slug=slug)
        fields = {"status": Status.RETIRED, "published_at": published_at, "merged_into": survivor}
        build_ratings(build_hidden_program(kind, fields), TopicArea.objects.get(slug="part"), kind)
    draft_umbrella = TopicArea.objects.get(slug=f"{MARKER}-area-draft")
    TopicArea.objects.filter(slug=f"{MARKER}-area-draft").update(parent=None)
    part_of_a_draft = TopicArea.objects.get(slug="part-of-a-draft")
    part_of_a_draft.parent = draft_umbrella
    part_of_a_draft.save()
    unused = {"name": f"{MARKER} unused", "slug": f"{MARKER}-unused"}
    TopicExpertFactory(**marked(TopicExpert) | unused)
    build_reference("unused")
    build_team()


def build_team():
    """Let staff note something on public entries, be given something to do there, and propose changes."""
    somebody = UserFactory(first_name=MARKER, is_staff=True)
    for name, entry in {
        "program": Program.objects.get(slug="public-rated"),
        "topic_area": TopicArea.objects.get(slug="part"),
        "reference": Reference.objects.get(key="cited"),
        "expert": TopicExpert.objects.get(slug="public-expert"),
    }.items():
        StaffNote.objects.create(**{name: entry}, author=somebody, text=f"{MARKER} note")
        Assignment.objects.create(**{name: entry}, person=somebody, note=f"{MARKER} task")
        build_proposals(somebody, **{name: entry})


def build_proposals(author, **entry):
    """Propose changes to an entry of which visitors are told nothing: not published yet, never, or minor."""
    public = {"state": ProposalState.PUBLISHED, "published_at": PAST, "is_minor": True}
    for fields in ({"state": ProposalState.SUBMITTED}, {"state": ProposalState.DISCARDED}, public):
        Proposal.objects.create(
            **entry, **fields, author=author, submitted_by=author, change_note=f"{MARKER} note"
        )


def build_hidden_area(kind, fields):
    names = {"name": f"{MARKER} area {kind}", "slug": f"{MARKER}-area-{kind}-once"}
    area = TopicAreaFactory(
        **marked(TopicArea) | names,
        **fields,
        parent=TopicArea.objects.get(slug="umbrella"),
        year_added=2024,
    )
    expert = {"name": f"{MARKER} expert {kind}", "slug": f"{MARKER}-expert-{kind}"}
    area.experts.add(
        TopicExpertFactory(**marked(TopicExpert) | expert),
        TopicExpert.objects.get(slug="public-expert"),
    )
    area.further_reading.add(
        build_reference(f"read-{kind}"),
        Reference.objects.get(key="read"),
        Reference.objects.get(key="cited"),
    )
    # Each leads to the other.
    area.related_areas.add(TopicArea.objects.get(slug="part"))
    TopicArea.objects.get(slug="part").related_areas.add(area)
    return rename(area)


def build_hidden_pages(kind, fields):
    """Add a page that would stand in the menu, and news."""
    for what, place in (("page", {"place": "menu"}), ("news", {"news_on": "2026-04-01"})):
        names = {"name": f"{MARKER} {what} {kind}", "slug": f"{MARKER}-{what}-{kind}-once"}
        texts = marked(Page) | names | {"language": "en"}
        rename(PageFactory(**texts, **fields, **place))


def build_hidden_program(kind, fields):
    names = {"name": f"{MARKER} program {kind}", "slug": f"{MARKER}-program-{kind}-once"}
    program = ProgramFactory(
        **marked(Program) | names,
        **fields,
        logic_model="yes",
        relevance_level="high",
        outcomes=["safety"],
        delivery_settings=["school"],
        child_age_min=0,
        research_last_reviewed="2025",
    )
    for reference in (
        build_reference(f"cited-{kind}"),
        Reference.objects.get(key="read"),
        Reference.objects.get(key="cited"),
    ):
        StudyFactory(**marked(Study), program=program, reference=reference)
        build_finding(program, reference, TopicArea.objects.get(slug="part"))
    ContactFactory(**marked(Contact), program=program)
    public = Program.objects.get(slug="public-rated")
    for relation in ("family", "version", "adaptation"):
        RelatedProgramFactory(program=program, kind=relation, other=public)
        RelatedProgramFactory(program=public, kind=relation, other=program)
    # A registry that rates nothing public is not for visitors either.
    own = {"name": f"{MARKER} registry {kind}", "slug": f"{MARKER}-registry-{kind}"}
    for registry in (
        RegistryFactory(**marked(Registry) | own),
        Registry.objects.get(slug="public-index"),
    ):
        ExternalRatingFactory(**marked(ExternalRating), program=program, registry=registry)
    return rename(program)


def build_finding(program, reference, area):
    FindingFactory(**marked(Finding), program=program, reference=reference, topic_area=area)


def build_reference(name):
    texts = {"key": f"{MARKER}-{name}", "doi": f"10.1000/{MARKER}.{name}"}
    return ReferenceFactory(**marked(Reference) | texts)


def build_ratings(program, area, kind):
    """Rate the program twice: a past rating may betray as much as a current one."""
    for level, year in [("2", "2020"), ("1", "2021")]:
        RatingFactory(
            program=program,
            topic_area=area,
            scientific_rating=level,
            rated_on=year,
            rationale=f"{MARKER} {kind}",
        )


def rename(entry):
    entry.slug = entry.slug.removesuffix("-once")
    entry.save()
    return entry
