"""What people do with notifications, notes and assignments."""

from catalog.models import Assignment, Notification
from catalog.models.about_entry import entry_field


def prepare_notification(case):
    """Tell the case's user something or, as its argument says, another one."""
    user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    case.entry = Notification.objects.create(
        recipient=user or case.world.users["superuser"],
        kind="approved",
        subject="“Calm”",
        address="/admin/",
    )
    case.prepared()


def open_told(case):
    """Open what somebody was told, which is read then."""
    prepare_notification(case)
    return case.get()


def mark(case):
    """Mark all notifications as read."""
    prepare_notification(case)
    return case.client.post("/admin/catalog/notification/", {"read": "all"})


def prefer(case):
    """Want no mail."""
    return case.client.post("/admin/catalog/notification/", {"mail": "no"})


def prepare_note(case):
    """Let the case's user be the author of the note or, as its argument says, another one."""
    is_foreign = case.arg == "foreign"
    case.entry.author = case.world.entries["user", ""] if is_foreign else case.user
    case.entry.save()
    case.prepared()


def note(case):
    return case.post({"kind": "search", "written_on": "2026-03-01", "text": "Nothing found."})


def assign(case):
    return case.post({"task": "edit", "person": case.world.users["superuser"].pk})


def assign_many(case):
    person = case.world.users["superuser"].pk
    return case.post({"entries": case.entry.pk, "task": "edit", "person": person})


def assigned(case):
    """Return what somebody else has to do at the entry."""
    name = entry_field(type(case.entry))
    person = case.world.users["viewer"]
    found = Assignment.objects.create(**{name: case.entry}, person=person)
    case.prepared()
    return found


def take_over(case):
    return case.post({"take": assigned(case).pk})


def end(case):
    return case.post({"end": assigned(case).pk})
