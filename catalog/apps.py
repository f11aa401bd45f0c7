"""The catalog app."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.core.management.base import CommandError
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate, pre_migrate

BEFORE_0_1 = (
    "This database was made by a version before 0.1.0, which cannot be migrated: name a new one in DATABASE_URL, "
    "or move the old one (db.sqlite3, by default) out of the way, and run this again; nothing has been changed."
)


class CatalogConfig(AppConfig):
    default = True
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        # Each importer announces itself to its resource.
        from . import importing  # noqa: F401
        from .search import upkeep

        pre_migrate.connect(refuse_database_before_0_1, sender=self)
        pre_migrate.connect(upkeep.before_migrations, sender=self)
        post_migrate.connect(upkeep.after_migrations, sender=self)


class CatalogAdminConfig(admin.AdminConfig):
    """Configure Django's admin, with the desk as its first page."""

    default = False
    default_site = "catalog.admin_site.DeskSite"


def refuse_database_before_0_1(using: str, **kwargs: object) -> None:
    """Raise CommandError for a database whose tables were made by migrations that are no longer there."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    if ("catalog", "0001_initial") in applied:
        raise CommandError(BEFORE_0_1)
