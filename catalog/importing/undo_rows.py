"""Rows of programs that a file writes besides the entries of its kind: what an undo makes of them."""

from collections.abc import Collection, Mapping

from django.db import models

from ..models import Finding, Program, RelatedProgram, Study
from ..models.base import CatalogModel
from .past import Past

# They go first: what a study found, by a file of before; and to what a program is related.
WRITTEN_BESIDES: dict[type[models.Model], tuple[type[CatalogModel], ...]] = {
    Study: (Finding,),
    Program: (RelatedProgram,),
}


def with_findings(studies: Collection[Study]) -> dict[int, str]:
    """Return those of the studies of which findings are recorded, with the reason to keep them."""
    findings = Finding.objects.filter(
        program__in={study.program_id for study in studies},
        reference__in={study.reference_id for study in studies},
    ).select_related("program", "reference", "topic_area")
    of_study = {(finding.program_id, finding.reference_id): finding for finding in findings}
    return {
        study.pk: f"“{finding}” refers to it."
        for study in studies
        if (finding := of_study.get((study.program_id, study.reference_id)))
    }


def why_not_back(pasts: Mapping[int, Past]) -> dict[int, str]:
    """Return why relations that an import took out cannot come back, by primary key; not those that can."""
    were = [past.before.instance for past in pasts.values() if past.before]
    ends = {pk for relation in were for pk in (relation.program_id, relation.other_id)}
    there = set(Program.objects.filter(pk__in=ends).values_list("pk", flat=True))
    named = RelatedProgram.objects.filter(program__in=ends).order_by()
    known = set(named.values_list("program", "kind", "other"))
    reasons = {}
    for relation in were:
        if not {relation.program_id, relation.other_id} <= there:
            reasons[relation.pk] = "A program that it was about has been deleted."
        elif (relation.program_id, relation.kind, relation.other_id) in known:
            reasons[relation.pk] = "It has been recorded again since."
    return reasons
