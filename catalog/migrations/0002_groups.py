"""The three groups of staff: who reads, who writes, who publishes. Later changes by hand are left alone."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ENTRIES = ("topicarea", "program", "rating", "reference", "study", "topicexpert")
PUBLISHED = ("topicarea", "program", "rating")


def on(models, *actions):
    return {f"{action}_{model}" for action in actions for model in models}


VIEWERS = on([*ENTRIES, "term"], "view") | on(ENTRIES, "export")
EDITORS = (
    VIEWERS | on([*ENTRIES, "term"], "add", "change") | on(ENTRIES, "import") | {"delete_study"}
)
PUBLISHERS = (
    EDITORS
    | on(PUBLISHED, "publish")
    | on(["topicarea", "program", "reference", "topicexpert", "term"], "delete")
    | {"undo_import"}
)
GROUPS = {"Viewers": VIEWERS, "Editors": EDITORS, "Publishers": PUBLISHERS}


def make_groups(apps, schema_editor):
    """Make the groups that are missing. Permissions are otherwise made only after all migrations."""
    config = apps.get_app_config("catalog")
    config.models_module = True  # else it would be passed over
    create_permissions(
        config, apps=apps, using=schema_editor.connection.alias, verbosity=0, interactive=False
    )
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="catalog"
    )
    for name, codenames in GROUPS.items():
        group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(permissions.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_schema"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
