"""Files of findings."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0015_studies_without_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="export",
            name="export_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="import",
            name="import_kind_is_known",
        ),
        migrations.AlterField(
            model_name="export",
            name="kind",
            field=models.CharField(
                choices=[
                    ("topic-areas", "topic areas"),
                    ("experts", "experts"),
                    ("references", "references"),
                    ("programs", "programs"),
                    ("ratings", "ratings"),
                    ("studies", "studies"),
                    ("findings", "findings"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="import",
            name="kind",
            field=models.CharField(
                choices=[
                    ("topic-areas", "topic areas"),
                    ("experts", "experts"),
                    ("references", "references"),
                    ("programs", "programs"),
                    ("ratings", "ratings"),
                    ("studies", "studies"),
                    ("findings", "findings"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "topic-areas",
                            "experts",
                            "references",
                            "programs",
                            "ratings",
                            "studies",
                            "findings",
                        ],
                    )
                ),
                name="export_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "topic-areas",
                            "experts",
                            "references",
                            "programs",
                            "ratings",
                            "studies",
                            "findings",
                        ],
                    )
                ),
                name="import_kind_is_known",
            ),
        ),
    ]
