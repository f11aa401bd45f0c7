"""What people do with files: imports and exports."""

from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.importing import jobs
from catalog.importing.exports import make
from catalog.importing.progress import progress_key
from catalog.models import Import

from .case import go_live

# What else each kind of file asks for, and the column of its text.
FILES = {
    "program": ("slug", "description"),
    "topicarea": ("slug", "definition"),
    "topicexpert": ("slug", "organization"),
    "reference": ("key", "title"),
    "registry": ("slug", "scale"),
}


def upload(case):
    return send_file(case, "name\nx\n")


def take_in(case):
    file = SimpleUploadedFile("a.csv", b"name,synonyms\ncalm,quiet\n")
    return case.post({"file": file, "_import": "1"})


def send_file(case, content):
    return case.post({"file": SimpleUploadedFile("a.csv", content.encode())})


def import_file(case, content):
    """Upload a file and confirm what it would do."""
    response = send_file(case, content)
    if record := Import.objects.first():
        sent = {"plan": record.plan}
        case.client.post(f"/admin/catalog/import/{record.pk}/confirm/", sent)
    return response


def import_text(case):
    go_live(case)
    if case.kind == "externalrating":
        key = f"{case.entry.program.slug},{case.entry.registry.slug},"
        return import_file(case, f"program,registry,scope,checked_by\n{key},Another text\n")
    if case.kind in {"study", "finding"}:
        key = f"{case.entry.program.slug},{case.entry.reference.key}"
        header = "program,reference,location"
        if case.kind == "finding":
            header = "program,reference,topic_area,outcome,note"
            key += f",{case.entry.topic_area.slug},"
        return import_file(case, f"{header}\n{key},Another text\n")
    if case.kind == "contact":
        key = f"{case.entry.program.slug},{case.entry.purpose},{case.entry.name}"
        return import_file(case, f"program,purpose,name,title\n{key},Another text\n")
    key, text = FILES[case.kind]
    return import_file(case, f"{key},{text}\n{getattr(case.entry, key)},Another text\n")


def import_rating(case, area="other-area"):
    program = case.entry if case.kind == "program" else case.entry.program
    key = "slug" if case.kind == "program" else "program"
    header = f"{key},topic_area,scientific_rating,rated_on"
    return import_file(case, f"{header}\n{program.slug},{area},1,2026\n")


def import_correction(case):
    """Give the current rating another rationale."""
    entry = case.entry
    key = f"{entry.program.slug},{entry.topic_area.slug},{entry.scientific_rating}"
    return import_file(
        case, f"program,topic_area,scientific_rating,rationale\n{key},Another text\n"
    )


def import_status(case):
    return import_file(case, f"slug,status\n{case.entry.slug},{case.arg}\n")


def prepare_import(case):
    """Bring in a file in the name of the case's user, and let it come as far as its argument says."""
    root = case.world.users["superuser"]
    content = "name\nFrom a file\n" if case.arg != "broken" else "name,status\nFrom a file,odd\n"
    record = jobs.receive("programs", ContentFile(content.encode(), "a.csv"), user=root)
    jobs.check_soon(record)
    record.refresh_from_db()
    if case.arg in {"done", "undoing"}:
        jobs.confirm(record)
        record.refresh_from_db()
    if case.arg in {"confirmed", "undoing"}:
        # As if the worker had died.
        record.status = case.arg
        caches["shared"].delete(progress_key(record))
    record.user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    record.save()
    case.entry = record
    case.prepared()


def prepare_export(case):
    """Make a file in the name of the case's user or, as its argument says, of another one."""
    root = case.world.users["superuser"]
    record, _ = jobs.request_export("programs", "csv", [case.world.spare.pk], user=root)
    make(record)
    record.user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    record.save()
    case.entry = record
    case.prepared()


def act_on_import(case):
    prepare_import(case)
    return case.post({"plan": case.entry.plan})
