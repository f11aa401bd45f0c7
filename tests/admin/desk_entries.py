"""Entries that the desk speaks of, and people of the roles that it speaks to."""

from datetime import UTC, datetime

from django.contrib.auth.models import Permission

from catalog.models import (
    Program,
    Proposal,
    Reference,
    TopicArea,
)

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)

COMPLETE = {
    "description": "What it does.",
    "target_population": "Families.",
    "child_age_min": 0,
    "goals": "- One",
    "essential_components": "- One",
    "delivery_settings": ("school",),
    "intensity": "Weekly.",
    "duration": "10 weeks",
    "relevance_level": "high",
    "outcomes": ("safety",),
    "manual_available": "no",
    "training_available": "yes",
    "group_format": "Groups of 6.",
    "provider_qualifications": "None.",
    "formal_support": "no",
    "cost": "Nothing.",
    "adverse_effects": "None found.",
    "website": "https://program.gov/",
    "research_last_reviewed": "2026-11-01",
}


def staff(role):
    user = UserFactory(username=role.lower(), is_staff=True)
    user.user_permissions.set(Permission.objects.filter(group__name=role))
    return user


def complete_program(**fields):
    """A program that lacks nothing, with a rating and a reference."""
    program = ProgramFactory(**COMPLETE | fields)
    RatingFactory(program=program, topic_area=area(), rationale="Because.")
    StudyFactory(program=program, reference=reference())
    return program


def area():
    found = TopicArea.objects.filter(slug="stress").first()
    return found or TopicAreaFactory(name="Stress", slug="stress", abbreviation="STS")


def reference():
    return Reference.objects.filter(key="good").first() or ReferenceFactory(key="good")


def moved(entry, status, user, day, **fields):
    """Give an entry a status on a day of November 2026."""
    entry.status, entry._history_user = status, user
    entry._history_date = datetime(2026, 11, day, 12, tzinfo=UTC)
    for name, value in fields.items():
        setattr(entry, name, value)
    entry.save()
    return entry


def proposed(program, state, day, author=None, why=""):
    """A proposal for a program, of a day of November 2026."""
    proposal = Proposal(
        program=Program.objects.get(name=program),
        state=state,
        author=author,
        is_minor=True,
        approved_digest="x",
        created_at=datetime(2026, 11, day, 12, tzinfo=UTC),
    )
    proposal._change_reason = why
    proposal.save()
    return proposal
