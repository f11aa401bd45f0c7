"""Import a CSV file: the same rules as in the admin, from the command line."""

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from catalog.resources import CSV, KINDS, ReadError


class Command(BaseCommand):
    help = "Import a CSV file: all of it or, where anything is wrong, nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("file", type=Path, metavar="FILE", help="a CSV file with a header row")
        parser.add_argument(
            "--dry-run", action="store_true", help="check the file and write nothing"
        )
        parser.add_argument("--user", metavar="NAME", help="whose name stands in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            sheet = CSV().create_dataset(path.read_bytes(), limited=False)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from None
        except ReadError as error:
            raise CommandError(f"{path}: {error}") from None
        result = KINDS[options["kind"]]().import_data(
            sheet,
            dry_run=options["dry_run"],
            user=self.find_user(options["user"]),
            source=f"Imported from {path.name} by {getpass.getuser()} at the command line",
            progress=self.progress_bar(len(sheet)),
        )
        for warning in result.warnings:
            self.stderr.write(self.style.WARNING(f"Warning. {warning}"))
        for problem in result.problems:
            self.stderr.write(self.style.ERROR(str(problem)))
        if result.has_errors():
            count = len(result.problems)
            raise CommandError(f"{path}: {count} mistake{'s'[: count != 1]}; nothing was imported.")
        counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
        done = "Nothing was written. It would be" if options["dry_run"] else "Imported"
        self.stdout.write(self.style.SUCCESS(f"{done}: {counts}."))

    def find_user(self, name: str | None) -> Any:
        if not name:
            return None
        user = get_user_model().objects.filter(username=name).first()
        if not user:
            raise CommandError(f"There is no user “{name}”.")
        return user

    def progress_bar(self, total: int) -> Any:
        """Return a function that shows how many rows are done, where a person is watching."""
        if not sys.stderr.isatty():
            return None

        def show(done: int) -> None:
            filled = 30 * done // total
            end = "\n" if done == total else ""
            sys.stderr.write(f"\r[{'#' * filled:<30}] {done:,} of {total:,} rows{end}")

        return show
