"""Whether visitors read a term of the glossary: all that there are, they do."""

from django.db import migrations, models

PUBLIC = models.BooleanField(
    default=True,
    help_text="Visitors read it in the glossary and where it is used.",
    verbose_name="public",
)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0024_completeness")]

    operations = [
        migrations.AddField(model_name=name, name="is_public", field=PUBLIC)
        for name in ("term", "historicalterm")
    ]
