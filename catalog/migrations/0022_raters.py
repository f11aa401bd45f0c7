"""Who gave a rating, and what interests they declared."""

from django.db import migrations, models

import catalog.values.fields
import catalog.values.raters


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0021_registries'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalrating',
            name='conflict_statement',
            field=catalog.values.fields.LimitedTextField(blank=True, help_text='What the raters declared, for example “None declared”, or what interest somebody has in the program. In Markdown; public: name nobody here who is not public.', max_length=10000, verbose_name='conflicts of interest'),
        ),
        migrations.AddField(
            model_name='historicalrating',
            name='raters',
            field=catalog.values.raters.RatersField(blank=True, default=tuple, help_text='Who decided it: topic experts by their slugs, others by their names. Behind whoever visitors are not to see, write (not public).', max_length=2000),
        ),
        migrations.AddField(
            model_name='rating',
            name='conflict_statement',
            field=catalog.values.fields.LimitedTextField(blank=True, help_text='What the raters declared, for example “None declared”, or what interest somebody has in the program. In Markdown; public: name nobody here who is not public.', max_length=10000, verbose_name='conflicts of interest'),
        ),
        migrations.AddField(
            model_name='rating',
            name='raters',
            field=catalog.values.raters.RatersField(blank=True, default=tuple, help_text='Who decided it: topic experts by their slugs, others by their names. Behind whoever visitors are not to see, write (not public).', max_length=2000),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('raters__contains', '|(not public)|'), _negated=True), name='rating_raters_have_names', violation_error_message='“(not public)” stands behind a name.'),
        ),
    ]
