"""Make the search index anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from catalog.search import upkeep


class Command(BaseCommand):
    help = (
        "Make the search index and the triggers that keep it anew; "
        "needed only if “check --database default” says so."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not upkeep.has_tables(connection):
            raise CommandError("The database has no catalog yet: run “manage.py migrate” first.")
        with transaction.atomic():
            upkeep.install(connection)  # what is missing, to be counted
            upkeep.refresh_statistics()
            stale = upkeep.stale_documents(connection)
            upkeep.rebuild(connection)
        self.stdout.write(f"The search index is made anew; {stale} entries in it were stale.")
