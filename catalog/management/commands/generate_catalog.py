"""Fill the catalog with made-up entries: to try the site at its future size, and to measure it."""

import time
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from catalog.demo.generator import generate
from catalog.models import Program, TopicArea
from catalog.search.upkeep import refresh_statistics

PROGRAMS_PER_LINE = 10_000


class Command(BaseCommand):
    help = "Generate a catalog of N made-up programs, the same for the same N and seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("size", type=int, metavar="N", help="how many programs")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another catalog")
        parser.add_argument(
            "--add", action="store_true", help="add the examples to what the catalog holds already"
        )

    def handle(
        self, *args: object, size: int, seed: int, add: bool, verbosity: int, **options: object
    ) -> None:
        self.size, self.is_verbose = size, verbosity > 0
        if self.size < 1:
            raise CommandError("Say how many programs to generate: 1 or more.")
        if not add and (TopicArea.objects.exists() or Program.objects.exists()):
            raise CommandError(
                "The catalog holds entries already, and examples would mix with them. Name an empty database in "
                "DATABASE_URL, or pass --add to add the examples to this one."
            )
        started = time.monotonic()
        counts = generate(self.size, seed, self.show_progress)
        refresh_statistics()
        written = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        seconds = time.monotonic() - started
        self.say(self.style.SUCCESS(f"Generated in {seconds:.0f} s: {written}."))

    def show_progress(self, done: int) -> None:
        """Write how many programs are done, once in PROGRAMS_PER_LINE and at the end."""
        if done % PROGRAMS_PER_LINE == 0 or done == self.size:
            self.say(f"{done:,} of {self.size:,} programs")

    def say(self, line: str) -> None:
        """Write a line, unless the command is to be silent."""
        if self.is_verbose:
            self.stdout.write(line)
