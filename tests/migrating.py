"""Fill a new database as it was before studies were coded, migrate it, and print its tables and what they hold.

DATABASE_URL=… python -m tests.migrating
"""

import json
import re
import sys
from datetime import UTC, datetime
from uuid import uuid4

import django

# Of SQLite's constraints, and of the checks of PostgreSQL's columns, which migrations name otherwise.
MADE_UP = re.compile(r"^(fk_\d+|__unnamed_.*|.*_(check|has_limit))$")


def main():
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from catalog.health import has_migrated

    executor = MigrationExecutor(connection)
    before = [("catalog", "0012_merge_record")]
    executor.migrate(before)
    fill(executor.loader.project_state(before).apps)
    was_ready = has_migrated()
    call_command("migrate", verbosity=0)
    is_ready = [was_ready, has_migrated()]
    made = {"is_ready": is_ready, "tables": tables(connection), "rows": found()}
    sys.stdout.write(json.dumps(made))


def fill(apps):
    """Store a program that is rated in two areas and one that is rated in none, with studies of each role.

    Roles are proposed too, and stand in the history of a study that is deleted.
    """
    model = {m.__name__: m._default_manager for m in apps.get_app_config("catalog").get_models()}
    areas = [model["TopicArea"].create(name=name, slug=name) for name in ("sleep", "stress")]
    rated, unrated = (model["Program"].create(name=n, slug=n) for n in ("rated", "unrated"))
    for area in areas:
        place = {"program": rated, "topic_area": area}
        model["Rating"].create(**place, scientific_rating="2", rated_on="2020", is_current=False)
        model["Rating"].create(**place, scientific_rating="3", rated_on="2026-02")
    studies = {
        "used": {"role": "relevant", "design": "Randomised controlled trial.", "sample_size": 184},
        "not-used": {
            "role": "not-used",
            "exclusion_reason": "It has no control group.",
            "design": "Survey",
            "population": "Caseworkers",
        },
        "silent": {"role": "not-used"},
        "read": {"role": "additional"},
    }
    stored = {}
    for program in (rated, unrated):
        for key, fields in studies.items():
            reference, _ = model["Reference"].get_or_create(key=key, title=key)
            study = model["Study"].create(program=program, reference=reference, **fields)
            if key == "not-used" and program == rated:
                record(model["HistoricalStudy"], study, fields)
            stored[program.name, key] = str(study.pk)
    gone = model["Study"].create(
        program=rated, reference=model["Reference"].create(key="gone", title="gone")
    )
    record(model["HistoricalStudy"], gone, studies["not-used"])
    gone.delete()
    new = model["Reference"].create(key="new", title="new")
    row = {"design": [None, "RCT"], "population": [None, "Teachers"], "role": [None, "relevant"]}
    row |= {"sample_size": [None, 12], "location": [None, "Utah"], "reference": [None, new.pk]}
    no_longer = {"role": ["relevant", "not-used"], "exclusion_reason": ["", "It is old."]}
    rows = {
        "+1": row,
        stored["rated", "used"]: no_longer,
        stored["rated", "not-used"]: {"role": ["not-used", "additional"]},
        stored["rated", "read"]: {"role": ["additional", "relevant"], "location": ["", "Ohio"]},
    }
    model["Proposal"].create(program=rated, state="draft", rows={"studies": rows})
    rows = {stored["unrated", "used"]: no_longer}
    model["Proposal"].create(program=unrated, state="draft", rows={"studies": rows})


def record(history, study, fields):
    """Record that a study had been one that the rating rests on, and was not used from the second day on."""
    steps = [
        ("+", {**fields, "role": "relevant", "exclusion_reason": ""}),
        ("~", fields),
        ("~", {**fields, "location": "Ohio"}),
    ]
    for day, (kind, values) in enumerate(steps, start=1):
        history.create(
            id=study.pk,
            program=study.program,
            reference=study.reference,
            history_type=kind,
            history_date=datetime(2024, 5, day, 12, tzinfo=UTC),
            history_save=uuid4(),
            **values,
        )


def found():
    """Return the studies, the findings and their history, and the pages, as they are now."""
    from catalog.editorial.proposals.changes import as_it_stands
    from catalog.models import Finding, Page, Proposal, Rating, Study

    studies = Study.objects.order_by("pk").values_list(
        "program__slug", "reference__key", "design", "design_note", "enrolled"
    )
    says = ("counts", "not_counted_reason", "note", "effect")
    findings = Finding.objects.order_by("pk")
    history = Finding.history.order_by("topic_area_id", "history_id").values_list(
        "history_type", "history_date__day", *says
    )
    coded = Study.history.order_by("history_id").values_list(
        "reference__key", "design", "design_note", "location"
    )
    rated, unrated = Proposal.objects.order_by("pk")
    # Called by what they are about.
    names = {str(f.pk): f"{f.reference.key} in {f.topic_area.slug}" for f in findings}
    keys = {str(s.pk): s.reference.key for s in Study.objects.filter(program__slug="rated")}
    held = {names[str(finding.pk)]: as_it_stands(finding) for finding in findings}
    return {
        "studies": list(studies),
        "findings": list(
            findings.values_list("program__slug", "reference__key", "topic_area__slug", *says)
        ),
        "history": list(history),
        "coded": list(coded),
        "pages": list(Page.objects.order_by("pk").values_list("slug", "status")),
        "proposed": {
            "studies": called(rated.rows["studies"], keys),
            "findings": called(rated.rows["findings"], names),
            "unrated": [*unrated.rows["studies"].values()],
        },
        "held": held,
        "editions": list(
            Rating.objects.order_by("pk").values_list("rated_on", "scale_edition__name")
        ),
    }


def called(rows, names):
    return {names.get(key, key): changes for key, changes in rows.items()}


def tables(connection):
    """Return the columns and the constraints of each table of the catalog, as the database knows them.

    Names that Django or the database has made up are left out, and so is what a column holds by default: we always say
    what.
    """
    known = connection.introspection
    with connection.cursor() as cursor:
        return {
            name: {
                "columns": sorted(
                    [column.name, str(column.type_code), column.null_ok]
                    for column in known.get_table_description(cursor, name)
                ),
                "constraints": sorted(
                    [MADE_UP.sub("", constraint), *map(str, what.values())]
                    for constraint, what in known.get_constraints(cursor, name).items()
                ),
            }
            for name in known.django_table_names(only_existing=True)
            if name.startswith("catalog_")
        }


if __name__ == "__main__":
    main()
