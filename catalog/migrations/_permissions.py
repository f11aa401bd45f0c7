"""What migrations let groups of staff do. Django takes modules here for migrations unless their names begin with "_"."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def on(models, *actions):
    """Return the names of the permissions for these actions on these models."""
    return {f"{action}_{model}" for action in actions for model in models}


class GivePermissions(migrations.RunPython):
    """Gives groups permissions, by the groups' names: those that are there, or if ``makes_groups`` those that are not."""

    def __init__(self, permissions, *, makes_groups=False):
        self.permissions, self.makes_groups = permissions, makes_groups
        super().__init__(self.give, migrations.RunPython.noop)

    def give(self, apps, schema_editor):
        # They are otherwise made only after all migrations.
        config = apps.get_app_config("catalog")
        config.models_module = True  # else it would be passed over
        create_permissions(
            config, apps=apps, using=schema_editor.connection.alias, verbosity=0, interactive=False
        )
        made = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="catalog")
        groups = apps.get_model("auth", "Group").objects
        there = {group.name: group for group in groups.filter(name__in=self.permissions)}
        for name, codenames in self.permissions.items():
            # Later changes by hand are left alone.
            if (name in there) is not self.makes_groups:
                group = there.get(name) or groups.create(name=name)
                group.permissions.add(*made.filter(codename__in=codenames))
