"""Imports on the desk: those that wait for this person, and the team's of the last days."""

from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from ...history.diff import person
from ...importing.permissions import may_import
from ...importing.worker import is_worker_alive
from ...models import Import, ImportKind, ImportStatus
from ...values.moments import day_in_words
from .lines import MOST, SHOWN, DeskPart, Line, Section, all_of, section

DAYS_OF_IMPORTS = 7


class RecentImports(DeskPart):
    """List the imports of the kinds of file that this person may import."""

    @cached_property
    def imports(self) -> list[Import]:
        """Return the imports of the last days, newest first, of the kinds of file that this person may import."""
        kinds = [kind for kind in ImportKind.values if may_import(self.user, kind)]
        if not kinds:
            return []
        since = timezone.now() - timedelta(days=DAYS_OF_IMPORTS)
        recent = Import.objects.filter(kind__in=kinds, created_at__gte=since).select_related("user")
        return list(recent.defer("problems", "warnings", "notices", "kept")[: MOST + 1])

    @cached_property
    def imports_anything(self) -> bool:
        """Return whether this person may import any kind of file."""
        return any(may_import(self.user, kind) for kind in ImportKind.values)

    def my_imports(self) -> list[Section]:
        """Return this person's imports that have mistakes or wait to be confirmed."""
        if not self.imports_anything:
            return []
        waiting = [
            record
            for record in self.imports
            if record.user_id == self.user.pk
            and record.status in {ImportStatus.FAILED, ImportStatus.READY}
        ]
        return [section("My imports that wait", waiting, map(import_line, waiting[:SHOWN]))]

    def recent_imports(self) -> list[Section]:
        """Return the imports of the last days, whoever sent them."""
        if not self.imports_anything:
            return []
        lines = map(import_line, self.imports[:SHOWN])
        title = f"Imports of the last {DAYS_OF_IMPORTS} days"
        found = section(title, self.imports, lines, all_of(Import, ""))
        return [found._replace(note=worker_note())]


def worker_note() -> str:
    """Return whether somebody does the imports that are too large for a request."""
    if is_worker_alive():
        return "The worker, which does large imports, is running."
    return "No worker has been heard of for a minute: large imports wait until one is started."


def import_line(record: Import) -> Line:
    """Return the line of an import: how it stands with it, since when, and whose it is."""
    who = f", by {person(record.user)}" if record.user else ""
    note = f"{record.get_status_display().lower()}, {day_in_words(record.created_at)}{who}"
    return Line(str(record), record.get_absolute_url(), note)
