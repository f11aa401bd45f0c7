"""The three groups of staff: who reads, who writes, who publishes. Later changes by hand are left alone."""

from django.db import migrations

from ._permissions import made_permissions, on

ENTRIES = ("topicarea", "program", "rating", "reference", "study", "topicexpert")
PUBLISHED = ("topicarea", "program", "rating")


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
    """Make the groups that are missing."""
    permissions = made_permissions(apps, schema_editor)
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
