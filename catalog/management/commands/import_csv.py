"""Import a CSV file or a workbook: the same rules as in the admin, from the command line."""

import getpass
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.models import ImportKind, ImportStatus
from catalog.resources import ReadError, Sheet, read

from ...importing import IMPORTERS, jobs
from ...importing.applying import apply
from ...importing.plans import ImportResult
from ...importing.problems import grouped

ProgressReporter = Callable[[int], None]


class Command(BaseCommand):
    help = "Import a CSV file or a workbook: all of it or, where anything is wrong, nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = ImportKind.values
        parser.add_argument("kind", choices=kinds, metavar="KIND", help=", ".join(kinds))
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="a .csv or .xlsx file with a header row"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="check the file and write nothing"
        )
        parser.add_argument(
            "--user", metavar="NAME", help="who imports: a name for the history, and permissions"
        )

    def handle(self, *args: object, **options: Any) -> None:
        path: Path = options["file"]
        kind, user = options["kind"], self.find_user(options["user"])
        try:
            sheet = read(kind, path, limited=False)
            for notice in sheet.notices:
                self.warn(notice)
            with progress_bar(sheet.total) as progress:
                if options["dry_run"]:
                    result = check(kind, sheet, user, progress)
                else:
                    result = import_file(kind, path, user, sheet.notices, progress)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}.") from None
        except ReadError as error:
            raise CommandError(f"{path}: {error}") from None
        for warning in grouped(result.warnings):
            self.warn(str(warning))
        for problem in grouped(result.problems):
            self.stderr.write(self.style.ERROR(str(problem)))
        if result.problems:
            count = result.problem_count
            raise CommandError(
                f"{path}: {count:,} mistake{'s'[: count != 1]}; nothing was imported."
            )
        counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
        done = "Nothing was written. It would be" if options["dry_run"] else "Imported"
        self.stdout.write(self.style.SUCCESS(f"{done}: {counts}."))

    def warn(self, message: str) -> None:
        self.stderr.write(self.style.WARNING(f"Warning. {message}"))

    def find_user(self, name: str | None) -> AbstractUser | None:
        """Return the user of this name. Raises CommandError where there is none."""
        if not name:
            return None
        user = get_user_model().objects.filter(username=name).first()
        if not user:
            raise CommandError(f"There is no user “{name}”.")
        return user


@contextmanager
def progress_bar(total: int) -> Iterator[ProgressReporter]:
    """Give a function that shows how many rows are done, where a person is watching."""
    with tqdm(total=total, unit=" rows", disable=None) as bar:
        yield lambda done: bar.update(done - bar.n)


def check(
    kind: str, sheet: Sheet, user: AbstractUser | None, progress: ProgressReporter
) -> ImportResult:
    """Return the result that importing a file would have."""
    importer = IMPORTERS[kind](user=user)
    return importer.run(sheet, dry_run=True, progress=progress, sink=lambda plans: None)


def import_file(
    kind: str, path: Path, user: AbstractUser | None, notices: list[str], progress: ProgressReporter
) -> ImportResult:
    """Import a file, and keep it and a record of it; where it fails, keep nothing."""
    source = f"Imported from {path.name} by {getpass.getuser()} at the command line"
    with path.open("rb") as file:
        record = jobs.receive(
            kind, File(file, name=path.name), user=user, source=source[:300], limited=False
        )
    try:
        record.status, record.notices = ImportStatus.CONFIRMED, notices
        record.save()
        result = apply(record, progress=progress)
        if result is None:
            raise CommandError(
                "Somebody has taken this import over; the admin lists what became of it."
            )
        return result
    finally:
        # One that somebody has gone on with in the admin is not ours any more.
        jobs.withdraw(record, {ImportStatus.CONFIRMED})
