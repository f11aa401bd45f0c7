"""What was said of a study in words becomes codes where that is certain, and its role what it is in each area.

A study that the rating rested on becomes, in each topic area in which its program is rated, a finding that counts; one
that was not used a finding that does not, with its reason. Neither says what was found: nobody had recorded that. An
additional reference has no finding.

Where a role finds no area to hold it, in a program that is rated nowhere or in the history of a study that is deleted,
it stays in words: in the note on the study. Roles that are proposed become proposed findings, or such a note.
"""

from collections import defaultdict
from itertools import batched

from django.db import migrations

from catalog.values.studies import design_note_of, design_of, not_counted_reason_of

from ._permissions import GivePermissions, on

BATCH = 2_000
NOT_USED = "not-used"
# The labels that roles had.
IN_WORDS = {"relevant": "Relevant published, peer-reviewed research", NOT_USED: "Not used in the rating", "additional": ""}
# As for studies.
VIEWERS = on(["finding"], "view", "export")
EDITORS = VIEWERS | on(["finding"], "add", "change", "delete", "import")
# Fields of studies that there are no more.
FORMER = {"design", "population", "sample_size", "role", "exclusion_reason"}
# What a role says of a finding; and what it says where nothing is said.
SAYS = ("counts", "not_counted_reason", "note")
BLANK = {"counts": True, "not_counted_reason": "", "note": ""}
# What a finding holds, by field and attribute, as a proposal to delete it writes it.
HELD = (
    *(("program", "program_id"), ("reference", "reference_id"), ("topic_area", "topic_area_id"), ("outcome", "outcome")),
    *((name, name) for name in ("effect", "sustained_months", *SAYS)),
)
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
    """Let what is proposed for studies name today's fields, and make proposed findings of the roles."""
    study_model, rating = (apps.get_model("catalog", name) for name in ("Study", "Rating"))
    for name in ("Proposal", "HistoricalProposal"):
        model = apps.get_model("catalog", name)
        for proposal in model.objects.filter(rows__has_key="studies"):
            rows = proposal.rows["studies"]
            stored = study_model.objects.in_bulk([int(key) for key in rows if key.isdecimal()])
            current = rating.objects.filter(is_current=True, program=proposal.program_id).order_by("pk")
            areas = list(current.values_list("topic_area", flat=True))
            findings = {}
            for key, changes in sorted(rows.items()):
                study = stored.get(int(key)) if key.isdecimal() else None
                add_proposed(apps, findings, study, changes, areas)
                rows[key] = todays(changes, study, is_placed=bool(areas))
            # A row of which only the role was to change has nothing left to say.
            proposal.rows["studies"] = {key: changes for key, changes in rows.items() if changes}
            if findings:
                proposal.rows["findings"] = findings
            proposal.rows = {relation: found for relation, found in proposal.rows.items() if found}
            proposal.save(update_fields=["rows"])


def add_proposed(apps, findings, study, changes, areas):
    """Add to proposed findings, by key, what a proposed role of a study says in each area."""
    before, after = ((role, why) for role, why, _ in both(changes, study))
    reference = study.reference_id if study else changes.get("reference", [None, None])[1]
    if (study and before == after) or "DELETE" in changes or not reference:
        return
    finding = apps.get_model("catalog", "Finding")
    for area in areas:
        held = study and finding.objects.filter(
            program=study.program_id, reference=reference, topic_area=area, outcome=""
        ).first()
        now = said(*after)
        if held and now is None:
            findings[str(held.pk)] = {"DELETE": [{name: getattr(held, at) for name, at in HELD}, None]}
        elif now is not None:
            new = {"reference": [None, reference], "topic_area": [None, area]}
            key = str(held.pk) if held else f"+{len(findings) + 1}"
            was = {name: getattr(held, name) for name in SAYS} if held else BLANK
            changed = {name: [was[name], now.get(name, BLANK[name])] for name in SAYS}
            findings[key] = ({} if held else new) | {name: c for name, c in changed.items() if c[0] != c[1]}


def both(changes, study):
    """Return the role and its reason as they stand and as they are proposed, each with what the note is to say of it."""
    stands = (study.role, study.exclusion_reason) if study else ("relevant", "")
    proposed = [changes[name][1] if name in changes else is_now for name, is_now in zip(("role", "exclusion_reason"), stands, strict=True)]
    return [(role, why, role_in_words(role, why)) for role, why in (stands, proposed)]


def todays(changes, study, *, is_placed):
    """Return the changes of a study with the names and codes of today; the role as a note, where no area holds it."""
    texts = {
        name: (getattr(study, name) if study else "", changes[old][1] if old in changes else None)
        for name, old in (("design_in_words", "design"), ("population", "population"))
    }
    before = [was for was, _ in texts.values()]
    after = [was if now is None else now for was, now in texts.values()]
    roles = ["", ""] if is_placed else [words for *_, words in both(changes, study)]
    found = {name: change for name, change in changes.items() if name not in FORMER}
    if before != after:
        found["design"] = [design_of(before[0]) if study else None, design_of(after[0])]
    notes = [
        "\n".join(filter(None, (design_note_of(*texts), role)))
        for texts, role in zip((before, after), roles, strict=True)
    ]
    if notes[0] != notes[1] or (not study and notes[1]):
        found["design_note"] = [notes[0] if study else None, notes[1]]
    if "sample_size" in changes:
        found["enrolled"] = changes["sample_size"]
    return found


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


def said(role, reason):
    """Return what a role says of a finding, None where it says nothing."""
    if role == "additional":
        return None
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
            now = said(record.role, record.exclusion_reason) if record.history_type != "-" else None
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


def role_in_words(role, reason):
    """Return a role with its reason as the note on a study says it: "Not used in the rating: no control group."."""
    words = IN_WORDS[role]
    return (f"{words}: {reason}" if reason else f"{words}.") if words else ""


def keep_roles(apps, schema_editor):
    """Keep the roles as a note where no finding holds them, in the history too."""
    study_model = apps.get_model("catalog", "Study")
    placed = study_model.objects.exclude(role="additional").filter(program__ratings__is_current=True)
    for name in ("Study", "HistoricalStudy"):
        model = apps.get_model("catalog", name)
        unplaced = model.objects.exclude(role="additional").exclude(id__in=placed.values("pk"))
        for rows in batched(list(unplaced.order_by("pk")), BATCH):
            for row in rows:
                words = role_in_words(row.role, row.exclusion_reason)
                row.design_note = "\n".join(filter(None, (row.design_note, words)))
            model.objects.bulk_update(rows, ["design_note"])


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_studies_and_findings")]

    operations = [
        migrations.RunPython(code_texts, migrations.RunPython.noop),
        migrations.RunPython(make_findings, migrations.RunPython.noop),
        migrations.RunPython(code_proposals, migrations.RunPython.noop),
        migrations.RunPython(keep_roles, migrations.RunPython.noop),
        GivePermissions({"Viewers": VIEWERS, "Editors": EDITORS, "Publishers": EDITORS}),
    ]
