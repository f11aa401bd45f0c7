"""Make a fresh checkout usable: the seed's data and the glossary where there is none, and an editor to sign in as."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalog.models import Program, Rating, Reference, Term, TopicArea, TopicExpert
from catalog.writing import Writer

EDITOR, PASSWORD = "editor", "editor"


class Command(BaseCommand):
    help = "Load the seed and the glossary where there is nothing yet, and make the development editor account."

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
        editor, is_new = get_user_model().objects.get_or_create(
            username=EDITOR, defaults={"is_staff": True}
        )
        if is_new:
            editor.set_password(PASSWORD)
            editor.save()
            editor.user_permissions.set(
                Permission.objects.filter(content_type__app_label="catalog")
            )
        self.stdout.write(f"Sign in at /admin/ as “{EDITOR}” with the password “{PASSWORD}”.")

    def begin_history(self, *models: Any) -> None:
        """Give every entry that was loaded its first history entry: loaddata leaves none, or nameless ones."""
        writer = Writer(user=None, reason="Loaded with the seed", record=None)
        for model in models:
            model.history.all().delete()
            writer.remember(model, model.objects.values_list("pk", flat=True), "+")
