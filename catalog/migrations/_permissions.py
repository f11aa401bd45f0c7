"""What migrations let groups of staff do. Django takes modules here for migrations unless their names begin with "_"."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def on(models, *actions):
    """Return the names of the permissions for these actions on these models."""
    return {f"{action}_{model}" for action in actions for model in models}


def made_permissions(apps, schema_editor):
    """Return the permissions on the catalog as it is by now. They are otherwise made only after all migrations."""
    config = apps.get_app_config("catalog")
    config.models_module = True  # else it would be passed over
    create_permissions(
        config, apps=apps, using=schema_editor.connection.alias, verbosity=0, interactive=False
    )
    return apps.get_model("auth", "Permission").objects.filter(content_type__app_label="catalog")


def give(permissions):
    """Return the operation that gives groups, those that are still there, new permissions by the groups' names."""

    def give_permissions(apps, schema_editor):
        made = made_permissions(apps, schema_editor)
        for group in apps.get_model("auth", "Group").objects.filter(name__in=permissions):
            group.permissions.add(*made.filter(codename__in=permissions[group.name]))

    return migrations.RunPython(give_permissions, migrations.RunPython.noop)
