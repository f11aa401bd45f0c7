"""The catalog app."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate, pre_migrate


class CatalogConfig(AppConfig):
    default = True
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        from .search import upkeep

        pre_migrate.connect(upkeep.before_migrations, sender=self)
        post_migrate.connect(upkeep.after_migrations, sender=self)


class CatalogAdminConfig(admin.AdminConfig):
    """Django's admin, with the desk as its first page."""

    default = False
    default_site = "catalog.admin_site.DeskSite"
