"""What was said of a study in words becomes codes where that is certain, and its role what it is in each area.

A study that the rating rested on becomes, in each topic area in which its program is rated, a finding that counts; one
that was not used a finding that does not, with its reason. Neither says what was found: nobody had recorded that. An
additional reference has no finding.
"""

from collections import defaultdict
from itertools import batched

from django.db import migrations

from catalog.values.studies import design_note_of, design_of, not_counted_reason_of

from ._permissions import GivePermissions, on

BATCH = 2_000
NOT_USED = "not-used"
UNPLACED = "Not used in the rating"
# As for studies.
VIEWERS = on(["finding"], "view", "export")
EDITORS = VIEWERS | on(["finding"], "add", "change", "delete", "import")
RECORDED = (
    "history_date",
    "history_change_reason",
    "history_user_id",
    "history_import_id",
    "history_save",
)


def code_texts(apps, schema_editor):
    """Code the designs that are certain, and keep the texts as a note, in the history too."""
    for name in ("Study", "HistoricalStudy"):
        model = apps.get_model("catalog", name)
        said = model.objects.exclude(design_in_words="", population="").order_by("pk")
        for rows in batched(said.iterator(BATCH), BATCH):
            for row in rows:
                row.design = design_of(row.design_in_words)
                row.design_note = design_note_of(row.design_in_words, row.population)
            model.objects.bulk_update(rows, ["design", "design_note"])


def code_proposals(apps, schema_editor):
    """Let what is proposed for studies name today's fields. What is proposed of their roles goes: they have none."""
    studies = apps.get_model("catalog", "Study").objects
    for name in ("Proposal", "HistoricalProposal"):
        model = apps.get_model("catalog", name)
        for proposal in model.objects.filter(rows__has_key="studies"):
            rows = proposal.rows["studies"]
            stored = studies.in_bulk([int(key) for key in rows if key.isdecimal()])
            for key, changes in rows.items():
                rows[key] = todays(changes, stored.get(int(key)) if key.isdecimal() else None)
            proposal.save(update_fields=["rows"])


def todays(changes, study):
    """Return the changes of a study with the names and codes of today."""
    texts = {
        name: (getattr(study, name) if study else "", changes.pop(old)[1] if old in changes else None)
        for name, old in (("design_in_words", "design"), ("population", "population"))
    }
    before = [was for was, _ in texts.values()]
    after = [was if now is None else now for was, now in texts.values()]
    if before != after:
        changes["design"] = [design_of(before[0]) if study else None, design_of(after[0])]
        changes["design_note"] = [design_note_of(*before) if study else None, design_note_of(*after)]
    if "sample_size" in changes:
        changes["enrolled"] = changes.pop("sample_size")
    return {name: change for name, change in changes.items() if name not in {"role", "exclusion_reason"}}


def make_findings(apps, schema_editor):
    """Make findings of the roles of studies."""
    study_model, rating = (apps.get_model("catalog", name) for name in ("Study", "Rating"))
    finding, history = (apps.get_model("catalog", name) for name in ("Finding", "HistoricalFinding"))
    studies = study_model.objects.exclude(role="additional").order_by("pk")
    for rows in batched(studies.iterator(BATCH), BATCH):
        areas = defaultdict(list)
        current = rating.objects.filter(is_current=True, program__in={row.program_id for row in rows})
        for program, area in current.order_by("pk").values_list("program", "topic_area"):
            areas[program].append(area)
        made = [
            (row, finding(**place, **said(row.role, row.exclusion_reason)))
            for row in rows
            for area in areas[row.program_id]
            for place in [{"program_id": row.program_id, "reference_id": row.reference_id, "topic_area_id": area}]
        ]
        finding.objects.bulk_create([new for _, new in made])
        history.objects.bulk_create(recorded(apps, made))
        keep_reasons(apps, [row for row in rows if row.role == NOT_USED and not areas[row.program_id]])


def said(role, reason):
    """Return what a role says of a finding."""
    if role != NOT_USED:
        return {"counts": True}
    return {"counts": False, "not_counted_reason": not_counted_reason_of(reason) if reason else "", "note": reason}


def recorded(apps, made):
    """Yield the history that new findings have by that of their studies' roles."""
    rows = apps.get_model("catalog", "HistoricalStudy").objects.filter(id__in={study.pk for study, _ in made})
    records = defaultdict(list)
    for row in rows.order_by("history_id"):
        records[row.id].append(row)
    history = apps.get_model("catalog", "HistoricalFinding")
    for study, new in made:
        before = None
        for record in records[study.pk]:
            is_there = record.role != "additional" and record.history_type != "-"
            now = said(record.role, record.exclusion_reason) if is_there else None
            if now == before:
                continue
            kind = "-" if now is None else record.history_type if before is None else "~"
            yield history(
                id=new.pk,
                program_id=record.program_id,
                reference_id=record.reference_id,
                topic_area_id=new.topic_area_id,
                history_type=kind,
                **(now or before),
                **{name: getattr(record, name) for name in RECORDED},
            )
            before = now


def keep_reasons(apps, studies):
    """Keep as a note why a study was not used, where its program is rated nowhere."""
    for study in studies:
        why = f"{UNPLACED}: {study.exclusion_reason}" if study.exclusion_reason else f"{UNPLACED}."
        study.design_note = "\n".join(filter(None, (study.design_note, why)))
    apps.get_model("catalog", "Study").objects.bulk_update(studies, ["design_note"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_studies_and_findings")]

    operations = [
        migrations.RunPython(code_texts, migrations.RunPython.noop),
        migrations.RunPython(code_proposals, migrations.RunPython.noop),
        migrations.RunPython(make_findings, migrations.RunPython.noop),
        GivePermissions({"Viewers": VIEWERS, "Editors": EDITORS, "Publishers": EDITORS}),
    ]
