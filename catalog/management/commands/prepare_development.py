"""Make a fresh checkout usable: the seed's data and the glossary where there is none, and people to sign in as."""

from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalog.history.bulk_writer import BulkWriter
from catalog.models import Program, Rating, Reference, Term, TopicArea, TopicExpert


class Person(NamedTuple):
    """Somebody to sign in as; the password is the name."""

    username: str
    first_name: str
    last_name: str
    group: str
    may: str


PEOPLE = (
    Person("editor", "Robin", "Example", "Publishers", "publishes and retires"),
    Person("writer", "Alex", "Example", "Editors", "writes, and sends to review"),
    Person("viewer", "Kim", "Example", "Viewers", "reads"),
)


class Command(BaseCommand):
    help = "Load the seed and the glossary where there is nothing yet, and make the development accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "This makes an account with a known password; it only runs with DEBUG=1."
            )
        if not TopicArea.objects.exists() and not Program.objects.exists():
            call_command("loaddata", "secondary_traumatic_stress", verbosity=0)
            self.begin_history(TopicExpert, Reference, TopicArea, Program, Rating)
            self.stdout.write("Loaded the seed: one topic area with its programs.")
        if not Term.objects.exists():
            call_command("loaddata", "glossary", verbosity=0)
            self.begin_history(Term)
            self.stdout.write("Loaded the glossary.")
        for person in PEOPLE:
            self.make(person)
            self.stdout.write(
                f"Sign in at /admin/ as “{person.username}” with the password “{person.username}”: {person.may}."
            )

    def make(self, person: Person) -> None:
        """Make the account of somebody who is not there yet; the groups are those that are there."""
        user, is_new = get_user_model().objects.get_or_create(
            username=person.username,
            defaults={
                "is_staff": True,
                "first_name": person.first_name,
                "last_name": person.last_name,
            },
        )
        if is_new:
            user.set_password(person.username)
            user.save()
            user.groups.set(Group.objects.filter(name=person.group))
            if person.group == "Publishers":
                user.user_permissions.set(
                    Permission.objects.filter(content_type__app_label="catalog")
                )

    def begin_history(self, *models: Any) -> None:
        """Give every entry that was loaded its first history entry: loaddata leaves none, or nameless ones."""
        writer = BulkWriter(user=None, reason="Loaded with the seed", record=None)
        for model in models:
            model.history.all().delete()
            writer.record_history(model, model.objects.values_list("pk", flat=True), "+")
