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
    """Store a program that is rated in two areas and one that is rated in none, with studies of each role."""
    model = {m.__name__: m._default_manager for m in apps.get_app_config("catalog").get_models()}
    areas = [model["TopicArea"].create(name=name, slug=name) for name in ("sleep", "stress")]
    rated, unrated = (model["Program"].create(name=n, slug=n) for n in ("rated", "unrated"))
    for area in areas:
        place = {"program": rated, "topic_area": area}
        model["Rating"].create(**place, scientific_rating="2", rated_on="2020", is_current=False)
        model["Rating"].create(**place, scientific_rating="3")
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
    row = {"design": [None, "RCT"], "population": [None, "Teachers"], "role": [None, "relevant"]}
    row |= {"sample_size": [None, 12], "location": [None, "Utah"]}
    model["Proposal"].create(program=rated, state="draft", rows={"studies": {"+1": row}})
    for program in (rated, unrated):
        for key, fields in studies.items():
            reference, _ = model["Reference"].get_or_create(key=key, title=key)
            study = model["Study"].create(program=program, reference=reference, **fields)
            if key == "not-used" and program == rated:
                record(model["HistoricalStudy"], study, fields)


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
    from catalog.models import Finding, Page, Proposal, Study

    studies = Study.objects.order_by("pk").values_list(
        "program__slug", "reference__key", "design", "design_note", "enrolled"
    )
    says = ("counts", "not_counted_reason", "note", "effect")
    findings = Finding.objects.order_by("pk").values_list(
        "program__slug", "reference__key", "topic_area__slug", *says
    )
    history = Finding.history.order_by("topic_area_id", "history_id").values_list(
        "history_type", "history_date__day", *says
    )
    coded = Study.history.order_by("history_id").values_list("design", "design_note", "location")
    return {
        "studies": list(studies),
        "findings": list(findings),
        "history": list(history),
        "coded": list(coded),
        "pages": list(Page.objects.order_by("pk").values_list("slug", "status")),
        "proposed": Proposal.objects.get().rows["studies"]["+1"],
    }


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
