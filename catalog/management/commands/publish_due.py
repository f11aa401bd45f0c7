"""Publish the proposals whose moment has come; for a timer, where no worker runs."""

from django.core.management.base import BaseCommand

from catalog.editorial.proposals.schedule import publish_due


class Command(BaseCommand):
    help = "Publish the proposals whose moment has come."

    def handle(self, *args: object, **options: object) -> None:
        for proposal, why in publish_due():
            if why:
                self.stderr.write(f"“{proposal.entry}” was not published: {why}")
            else:
                self.stdout.write(f"Published the proposal for “{proposal.entry}”.")
