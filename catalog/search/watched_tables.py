"""The tables that public pages show: what of them the log of changes is told, and of which pages."""

from typing import NamedTuple

from django.db.models import Model

from ..models import (
    Contact,
    Criterion,
    ExternalRating,
    Finding,
    Page,
    PlannedReview,
    Program,
    Proposal,
    ProposalState,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    ScaleEdition,
    SiteSettings,
    Status,
    Study,
    SynonymGroup,
    Term,
    TopicArea,
    TopicExpert,
)
from .documents import CONTACT_TEXTS, DETAILS, NAMES, TEXTS

ADDRESSED = f"status IN ('{Status.PUBLISHED}', '{Status.RETIRED}')"
PROGRAMS, RELATIONS = Program._meta.db_table, RelatedProgram._meta.db_table
# What lists show of a program, filter it by or find it by: a test changes every other column.
LISTED_COLUMNS = (
    *NAMES,
    *TEXTS,
    *DETAILS,
    "slug",
    "status",
    "published_at",
    "relevance_level",
    "research_last_reviewed",
    "outcomes",
    "manual_available",
    "training_available",
    "child_age_min",
    "child_age_max",
    "caregiver_child_age_min",
    "caregiver_child_age_max",
)


class Watched(NamedTuple):
    """A table that public pages show.

    ``touched`` is the SQL for the rows of the log, where {row} stands for a row of the table as it was or is, {rows}
    for what else to select from, and {listed} for whether one of the ``shown`` columns differs.
    """

    model: type[Model]
    touched: str
    shown: tuple[str, ...] = ("*",)

    @property
    def table(self) -> str:
        return self.model._meta.db_table


OF_ITS_PROGRAM = (
    f"SELECT p.id, p.slug, {{listed}} FROM {PROGRAMS} p{{rows}} "
    f"WHERE p.id = {{row}}.program_id AND p.{ADDRESSED}"
)
OF_ALL = (
    "SELECT CAST(NULL AS bigint), CAST(NULL AS text), {listed} FROM (SELECT 1) one{rows} WHERE TRUE"
)
# Visitors read the notes of published proposals; all else of proposals is for staff.
HAS_NOTE = f"{{row}}.state = '{ProposalState.PUBLISHED}' AND NOT {{row}}.is_minor"
WATCHED = (
    Watched(
        Program,
        f"SELECT {{row}}.id, {{row}}.slug, {{listed}} FROM (SELECT 1) one{{rows}} WHERE {{row}}.{ADDRESSED}",
        LISTED_COLUMNS,
    ),
    Watched(Rating, OF_ITS_PROGRAM),
    # The pages of topic areas draw the studies, and the evidence map counts them.
    Watched(Study, OF_ITS_PROGRAM, ("program_id", "reference_id", "design", "follow_up_months")),
    Watched(
        Finding,
        OF_ITS_PROGRAM,
        ("program_id", "reference_id", "topic_area_id", "effect", "counts"),
    ),
    Watched(Contact, OF_ITS_PROGRAM, ("program_id", *CONTACT_TEXTS)),
    Watched(
        RelatedProgram,
        f"SELECT p.id, p.slug, {{listed}} FROM {PROGRAMS} p{{rows}} "
        f"WHERE p.id IN ({{row}}.program_id, {{row}}.other_id) AND p.{ADDRESSED}",
        (),
    ),
    # A program's page tells to which ones it is related, and so does theirs.
    *(
        Watched(
            Program,
            f"SELECT p.id, p.slug, {{listed}} FROM {PROGRAMS} p "
            f"JOIN {RELATIONS} r ON r.{here} = p.id{{rows}} "
            f"WHERE r.{there} = {{row}}.id AND p.{ADDRESSED} AND {{row}}.{ADDRESSED}",
            (),
        )
        for here, there in (("program_id", "other_id"), ("other_id", "program_id"))
    ),
    Watched(ExternalRating, OF_ITS_PROGRAM, ("program_id", "registry_id")),
    Watched(Registry, OF_ALL, ("name", "slug")),
    Watched(
        Reference,
        f"SELECT p.id, p.slug, {{listed}} FROM {PROGRAMS} p "
        f"JOIN {Study._meta.db_table} s ON s.program_id = p.id{{rows}} "
        f"WHERE s.reference_id = {{row}}.id AND p.{ADDRESSED}",
        ("title",),
    ),
    # Readings are shown by their area only, but few are written.
    Watched(
        Reference,
        "SELECT CAST(NULL AS bigint), CAST(NULL AS text), {listed} "
        f"FROM {TopicArea.further_reading.through._meta.db_table} f{{rows}} WHERE f.reference_id = {{row}}.id",
        (),
    ),
    Watched(TopicArea, f"{OF_ALL} AND {{row}}.{ADDRESSED}"),
    Watched(TopicExpert, OF_ALL),
    Watched(TopicArea.experts.through, OF_ALL),
    Watched(TopicArea.further_reading.through, OF_ALL, ()),
    Watched(TopicArea.related_areas.through, OF_ALL, ()),
    Watched(Term, OF_ALL, ()),
    # Its link stands on every page.
    Watched(Page, f"{OF_ALL} AND {{row}}.{ADDRESSED}", ()),
    Watched(SiteSettings, OF_ALL, ()),
    Watched(PlannedReview, OF_ALL, ()),
    Watched(SynonymGroup, OF_ALL, ()),
    Watched(ScaleEdition, OF_ALL, ()),
    Watched(Criterion, OF_ALL, ()),
    Watched(Proposal, f"{OF_ITS_PROGRAM} AND {HAS_NOTE}", ()),
    Watched(Proposal, f"{OF_ALL} AND {{row}}.program_id IS NULL AND {HAS_NOTE}", ()),
)
