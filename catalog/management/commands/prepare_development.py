"""Make a fresh checkout usable: the seed's data and the glossary where there is none, and accounts to sign in with."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.demo.accounts import ACCOUNTS, create_account
from catalog.demo.seed import load_glossary, load_seed


class Command(BaseCommand):
    help = "Load the seed and the glossary where there is nothing yet, and make the development accounts."

    def handle(self, *args: object, **options: object) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "This makes an account with a known password; it only runs with DEBUG=1."
            )
        if load_seed():
            self.stdout.write("Loaded the seed: one topic area with its programs.")
        if load_glossary():
            self.stdout.write("Loaded the glossary.")
        for account in ACCOUNTS:
            create_account(account)
            self.stdout.write(
                f"Sign in at /admin/ as “{account.username}” with the password “{account.username}”: {account.may}."
            )
