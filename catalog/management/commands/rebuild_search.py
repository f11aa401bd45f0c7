"""Rebuild the search index."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from catalog.search import upkeep


class Command(BaseCommand):
    help = (
        "Rebuild the search index and the triggers that keep it up to date; "
        "needed only if “check --database default” says so."
    )

    def handle(self, *args: object, **options: object) -> None:
        if not upkeep.has_tables(connection):
            raise CommandError("The database has no catalog yet: run “manage.py migrate” first.")
        stale = upkeep.restore()
        self.stdout.write(f"Rebuilt the search index; {stale} entries in it were out of date.")
