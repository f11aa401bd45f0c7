"""Other registries, what they say of programs, and the files of both."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import catalog.models.history
import catalog.values.expressions
import catalog.values.fields

from ._permissions import GivePermissions, on

# Registries as references and experts, and what they say as findings.
BOTH = ("registry", "externalrating")
VIEWERS = on(BOTH, "view", "export")
EDITORS = VIEWERS | on(BOTH, "add", "change", "import") | {"delete_externalrating"}
PUBLISHERS = EDITORS | on(["registry"], "delete", "publish")


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0020_contacts_and_relations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(blank=True, help_text='For which outcome or group it holds, where the registry says so. For example “Substance use”.', max_length=300)),
                ('rating', models.CharField(help_text='As the registry words it. For example “Promising”.', max_length=300)),
                ('url', models.URLField(blank=True, help_text='Of the page of the registry that says it.', max_length=500, verbose_name='address')),
                ('rated_on', catalog.values.fields.PartialDateField(blank=True, help_text='When the registry rated it, as exactly as it says: 2024, 2024-06 or 2024-06-15.', max_length=10)),
                ('checked_on', catalog.values.fields.PartialDateField(blank=True, help_text='When somebody last looked whether the registry still says so.', max_length=10)),
                ('checked_by', models.CharField(blank=True, help_text='Who looked. For the staff; visitors do not see it.', max_length=200)),
            ],
            options={
                'ordering': [catalog.values.expressions.NameKey('registry__name'), catalog.values.expressions.NameKey('scope'), 'pk'],
                'default_permissions': ('add', 'change', 'delete', 'view', 'import', 'export'),
            },
        ),
        migrations.CreateModel(
            name='HistoricalExternalRating',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_save', models.UUIDField(default=catalog.models.history.current_save, editable=False)),
                ('scope', models.CharField(blank=True, help_text='For which outcome or group it holds, where the registry says so. For example “Substance use”.', max_length=300)),
                ('rating', models.CharField(help_text='As the registry words it. For example “Promising”.', max_length=300)),
                ('url', models.URLField(blank=True, help_text='Of the page of the registry that says it.', max_length=500, verbose_name='address')),
                ('rated_on', catalog.values.fields.PartialDateField(blank=True, help_text='When the registry rated it, as exactly as it says: 2024, 2024-06 or 2024-06-15.', max_length=10)),
                ('checked_on', catalog.values.fields.PartialDateField(blank=True, help_text='When somebody last looked whether the registry still says so.', max_length=10)),
                ('checked_by', models.CharField(blank=True, help_text='Who looked. For the staff; visitors do not see it.', max_length=200)),
                ('history_change_reason', catalog.values.fields.LimitedTextField(max_length=50000, null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical external rating',
                'verbose_name_plural': 'historical external ratings',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalRegistry',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_save', models.UUIDField(default=catalog.models.history.current_save, editable=False)),
                ('name', models.CharField(help_text='As it calls itself. For example “CrimeSolutions”.', max_length=200)),
                ('slug', models.SlugField(blank=True, help_text='By this, files and addresses of lists name it. Made from the name when left blank.', max_length=100)),
                ('url', models.URLField(blank=True, help_text='Of its first page.', max_length=500, verbose_name='address')),
                ('scale', catalog.values.fields.LimitedTextField(blank=True, help_text='How it rates, in your own words: its levels, from best to worst. In Markdown.', max_length=10000)),
                ('state', models.CharField(choices=[('active', 'Active'), ('frozen', 'No longer updated'), ('closed', 'Closed')], default='active', help_text='Whether it still adds and updates ratings. Visitors read it where it does not.', max_length=6)),
                ('history_change_reason', catalog.values.fields.LimitedTextField(max_length=50000, null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical registry',
                'verbose_name_plural': 'historical registries',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Registry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='As it calls itself. For example “CrimeSolutions”.', max_length=200)),
                ('slug', models.SlugField(blank=True, help_text='By this, files and addresses of lists name it. Made from the name when left blank.', max_length=100, unique=True)),
                ('url', models.URLField(blank=True, help_text='Of its first page.', max_length=500, verbose_name='address')),
                ('scale', catalog.values.fields.LimitedTextField(blank=True, help_text='How it rates, in your own words: its levels, from best to worst. In Markdown.', max_length=10000)),
                ('state', models.CharField(choices=[('active', 'Active'), ('frozen', 'No longer updated'), ('closed', 'Closed')], default='active', help_text='Whether it still adds and updates ratings. Visitors read it where it does not.', max_length=6)),
            ],
            options={
                'verbose_name_plural': 'registries',
                'ordering': [catalog.values.expressions.NameKey('name'), 'pk'],
                'default_permissions': ('add', 'change', 'delete', 'view', 'import', 'export', 'publish'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='export',
            name='export_kind_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='import',
            name='import_kind_is_known',
        ),
        migrations.AlterField(
            model_name='export',
            name='kind',
            field=models.CharField(choices=[('topic-areas', 'topic areas'), ('experts', 'experts'), ('references', 'references'), ('programs', 'programs'), ('ratings', 'ratings'), ('studies', 'studies'), ('findings', 'findings'), ('contacts', 'contacts'), ('registries', 'registries'), ('external-ratings', 'external ratings')], max_length=20),
        ),
        migrations.AlterField(
            model_name='import',
            name='kind',
            field=models.CharField(choices=[('topic-areas', 'topic areas'), ('experts', 'experts'), ('references', 'references'), ('programs', 'programs'), ('ratings', 'ratings'), ('studies', 'studies'), ('findings', 'findings'), ('contacts', 'contacts'), ('registries', 'registries'), ('external-ratings', 'external ratings')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['topic-areas', 'experts', 'references', 'programs', 'ratings', 'studies', 'findings', 'contacts', 'registries', 'external-ratings'])), name='export_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['topic-areas', 'experts', 'references', 'programs', 'ratings', 'studies', 'findings', 'contacts', 'registries', 'external-ratings'])), name='import_kind_is_known'),
        ),
        migrations.AddField(
            model_name='externalrating',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='external_ratings', to='catalog.program'),
        ),
        migrations.AddField(
            model_name='historicalexternalrating',
            name='history_import',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.import'),
        ),
        migrations.AddField(
            model_name='historicalexternalrating',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalexternalrating',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.program'),
        ),
        migrations.AddField(
            model_name='historicalregistry',
            name='history_import',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.import'),
        ),
        migrations.AddField(
            model_name='historicalregistry',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='registry',
            constraint=models.UniqueConstraint(catalog.values.expressions.NameKey('name'), name='registry_name_is_unique', violation_error_message='There is a registry with this name already.'),
        ),
        migrations.AddConstraint(
            model_name='registry',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'frozen', 'closed'])), name='registry_state_is_known', violation_error_message='The state is one of: active, frozen, closed.'),
        ),
        migrations.AddField(
            model_name='historicalexternalrating',
            name='registry',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.registry'),
        ),
        migrations.AddField(
            model_name='externalrating',
            name='registry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='external_ratings', to='catalog.registry'),
        ),
        migrations.AddIndex(
            model_name='externalrating',
            index=models.Index(catalog.values.expressions.SortableDate('checked_on'), models.F('id'), name='externalrating_by_check'),
        ),
        migrations.AddConstraint(
            model_name='externalrating',
            constraint=models.UniqueConstraint(fields=('program', 'registry', 'scope'), name='externalrating_once_in_program', violation_error_message='What the registry says of the program in this scope is recorded already.'),
        ),
        migrations.AddConstraint(
            model_name='externalrating',
            constraint=models.CheckConstraint(condition=models.Q(('rated_on', ''), ('rated_on__regex', '^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\\Z'), _connector='OR'), name='externalrating_rated_on_is_partial_date', violation_error_message='Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15.'),
        ),
        migrations.AddConstraint(
            model_name='externalrating',
            constraint=models.CheckConstraint(condition=models.Q(('checked_on', ''), ('checked_on__regex', '^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\\Z'), _connector='OR'), name='externalrating_checked_on_is_partial_date', violation_error_message='Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15.'),
        ),
        GivePermissions({"Viewers": VIEWERS, "Editors": EDITORS, "Publishers": PUBLISHERS}),
    ]
