"""Send files to the admin, confirm them, and make records of imports as they would be then."""

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from catalog.importing.progress import Progress, store_progress
from catalog.models import Import, ImportedRow

from ...importing.loading import stored

MODELS = [
    *("program", "topicarea", "topicexpert", "reference"),
    *("rating", "study", "finding", "contact"),
    *("registry", "externalrating"),
]

# For each model a file that adds an entry.
FILES = {
    "program": "name\nNew\n",
    "topicarea": "name\nNew\n",
    "topicexpert": "name\nNew\n",
    "reference": "title\nNew\n",
    "rating": "program,topic_area,scientific_rating\na,area,3\n",
    "study": "program,reference\na,author-2020\n",
    "finding": "program,reference,topic_area,outcome\na,author-2020-2,area,\n",
    "contact": "program,purpose,name\na,training,New\n",
    "registry": "name\nNew\n",
    "externalrating": "program,registry,scope,rating\na,index,,Promising\n",
}

KEPT = "The rating before is kept as a past one."

GONE = "There is no such import any more: it was cancelled, or cleaned away because nobody confirmed it."

# The worker closes the connection after each task: the test cannot be one transaction.
with_the_worker = pytest.mark.django_db(transaction=True)


def work():
    """Do what the worker is sent to do."""
    call_command("db_worker", batch=True, interval=0, verbosity=0)


def entries():
    """Return all that is stored, history and ratings too, except the records of imports."""
    records = {"catalog.Import", "catalog.ImportedRow"}
    return {name: rows for name, rows in stored().items() if name not in records}


def url(model, page="import"):
    return reverse(f"admin:catalog_{model}_{page}")


def send(client, content, *, model="program", name="spring.csv"):
    """Upload a file; return the answer."""
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(url(model), {"file": SimpleUploadedFile(name, data)})


def upload(client, content, **options):
    """Upload a file; return the import's record."""
    response = send(client, content, **options)
    record = Import.objects.first()
    assert (response.status_code, response["Location"]) == (302, record.get_absolute_url())
    return record


def show(client, record, query=""):
    return client.get(record.get_absolute_url() + query)


def post(client, record, action="confirm", **data):
    """Send one of the forms of the import's page; return the answer."""
    data = {"plan": record.plan, **data}
    return client.post(reverse(f"admin:catalog_import_{action}", args=[record.pk]), data)


def confirmed(client, content, **options):
    """Upload a file and confirm what it would do; return the record as it is then."""
    record = upload(client, content, **options)
    post(client, record)
    record.refresh_from_db()
    return record


def record_of(rows, **values):
    """Make the record of an import with so many rows that change something."""
    counts = {"new": 0, "changed": rows, "re-rated": 0, "unchanged": 0}
    defaults = {"kind": "programs", "file_name": "spring.csv", "status": "ready", "total": rows}
    record = Import.objects.create(**{**defaults, "counts": counts, "plan": "p", **values})
    text = "A weekly group for caseworkers who have seen too much. " * 5
    changes = [["acronym", "", "AB"], ["description", text, f"{text}More."], ["goals", text, ""]]
    ImportedRow.objects.bulk_create(
        ImportedRow(
            record=record, number=n + 2, action="changed", entry=f"Program {n}", changes=changes
        )
        for n in range(rows)
    )
    return record


def at_work(record, done, *, started=10.0, seen=0.0):
    """Let it be known that somebody has begun so many seconds ago, and was last heard of so many ago."""
    now = time.time()
    begun = None if started is None else now - started
    store_progress(record, Progress(done, begun, now - seen))
