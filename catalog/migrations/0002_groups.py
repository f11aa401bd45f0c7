"""The three groups of staff: who reads, who writes, who publishes. Later changes by hand are left alone."""

from django.db import migrations

from ._permissions import GivePermissions, on

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


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_schema"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [GivePermissions(GROUPS, makes_groups=True)]
