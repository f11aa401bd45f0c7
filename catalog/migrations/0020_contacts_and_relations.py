"""Contacts, related programs, and the file of a logic model."""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import catalog.models.history
import catalog.values.documents
import catalog.values.expressions
import catalog.values.fields

from ._permissions import GivePermissions, on

# As for studies and findings: who edits a program edits its rows.
ROWS = ("contact", "relatedprogram")
VIEWERS = on(ROWS, "view") | {"export_contact"}
EDITORS = VIEWERS | on(ROWS, "add", "change", "delete") | {"import_contact"}


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0019_nonresponder'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('program', 'Program'), ('training', 'Training'), ('other', 'Other')], help_text='What they are asked about.', max_length=8)),
                ('name', models.CharField(blank=True, help_text='Blank for an office.', max_length=200)),
                ('title', models.CharField(blank=True, help_text='For example “Director of Training”.', max_length=200)),
                ('organization', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('phone', models.CharField(blank=True, max_length=50)),
                ('website', models.URLField(blank=True, help_text='With https://.', max_length=500)),
            ],
            options={
                'ordering': [models.Case(models.When(purpose='other', then=models.Value(1)), default=models.Value(0)), 'purpose', catalog.values.expressions.NameKey('name'), 'pk'],
                'default_permissions': ('add', 'change', 'delete', 'view', 'import', 'export'),
            },
        ),
        migrations.CreateModel(
            name='HistoricalContact',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_save', models.UUIDField(default=catalog.models.history.current_save, editable=False)),
                ('purpose', models.CharField(choices=[('program', 'Program'), ('training', 'Training'), ('other', 'Other')], help_text='What they are asked about.', max_length=8)),
                ('name', models.CharField(blank=True, help_text='Blank for an office.', max_length=200)),
                ('title', models.CharField(blank=True, help_text='For example “Director of Training”.', max_length=200)),
                ('organization', models.CharField(blank=True, max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('phone', models.CharField(blank=True, max_length=50)),
                ('website', models.URLField(blank=True, help_text='With https://.', max_length=500)),
                ('history_change_reason', catalog.values.fields.LimitedTextField(max_length=50000, null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical contact',
                'verbose_name_plural': 'historical contacts',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalRelatedProgram',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_save', models.UUIDField(default=catalog.models.history.current_save, editable=False)),
                ('kind', models.CharField(choices=[('family', 'Of one family with'), ('version', 'A version of'), ('adaptation', 'Adapted from')], help_text='What this program is to the other one.', max_length=10, verbose_name='relation')),
                ('history_change_reason', catalog.values.fields.LimitedTextField(max_length=50000, null=True)),
                ('history_id', models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical related program',
                'verbose_name_plural': 'historical related programs',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='RelatedProgram',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('family', 'Of one family with'), ('version', 'A version of'), ('adaptation', 'Adapted from')], help_text='What this program is to the other one.', max_length=10, verbose_name='relation')),
            ],
            options={
                'ordering': ['kind', catalog.values.expressions.NameKey('other__name'), 'pk'],
                'default_permissions': ('add', 'change', 'delete', 'view'),
            },
        ),
        migrations.RemoveConstraint(
            model_name='export',
            name='export_kind_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='factcheckanswer',
            name='factcheckanswer_section_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='import',
            name='import_kind_is_known',
        ),
        migrations.AddField(
            model_name='historicalprogram',
            name='logic_model_file',
            field=models.TextField(blank=True, help_text='A PDF for visitors to download, where the owners allow that.', max_length=100, validators=[django.core.validators.FileExtensionValidator(['pdf']), catalog.values.documents.check_pdf], verbose_name="logic model's file"),
        ),
        migrations.AddField(
            model_name='program',
            name='logic_model_file',
            field=models.FileField(blank=True, help_text='A PDF for visitors to download, where the owners allow that.', upload_to='logic-models/', validators=[django.core.validators.FileExtensionValidator(['pdf']), catalog.values.documents.check_pdf], verbose_name="logic model's file"),
        ),
        migrations.AlterField(
            model_name='export',
            name='kind',
            field=models.CharField(choices=[('topic-areas', 'topic areas'), ('experts', 'experts'), ('references', 'references'), ('programs', 'programs'), ('ratings', 'ratings'), ('studies', 'studies'), ('findings', 'findings'), ('contacts', 'contacts')], max_length=20),
        ),
        migrations.AlterField(
            model_name='factcheckanswer',
            name='section',
            field=models.CharField(choices=[('names', 'Names'), ('ratings', 'Scientific rating'), ('about', 'About the program'), ('population', 'Target population'), ('goals', 'Goals'), ('components', 'Essential components'), ('adverse', 'Adverse effects'), ('delivery', 'Delivery'), ('implement', 'Implementation'), ('research', 'Research'), ('related', 'Related programs'), ('facts', 'At a glance'), ('dates', 'Dates'), ('contact', 'Contact')], max_length=10),
        ),
        migrations.AlterField(
            model_name='import',
            name='kind',
            field=models.CharField(choices=[('topic-areas', 'topic areas'), ('experts', 'experts'), ('references', 'references'), ('programs', 'programs'), ('ratings', 'ratings'), ('studies', 'studies'), ('findings', 'findings'), ('contacts', 'contacts')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='export',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['topic-areas', 'experts', 'references', 'programs', 'ratings', 'studies', 'findings', 'contacts'])), name='export_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='factcheckanswer',
            constraint=models.CheckConstraint(condition=models.Q(('section__in', ['names', 'ratings', 'about', 'population', 'goals', 'components', 'adverse', 'delivery', 'implement', 'research', 'related', 'facts', 'dates', 'contact'])), name='factcheckanswer_section_is_known'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['topic-areas', 'experts', 'references', 'programs', 'ratings', 'studies', 'findings', 'contacts'])), name='import_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='program',
            constraint=models.CheckConstraint(condition=models.Q(('logic_model_file', ''), ('logic_model', 'yes'), _connector='OR'), name='program_logic_model_file_is_of_one', violation_error_message='Only a logic model that is provided has a file.'),
        ),
        migrations.AddField(
            model_name='contact',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='catalog.program'),
        ),
        migrations.AddField(
            model_name='historicalcontact',
            name='history_import',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.import'),
        ),
        migrations.AddField(
            model_name='historicalcontact',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalcontact',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.program'),
        ),
        migrations.AddField(
            model_name='historicalrelatedprogram',
            name='history_import',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.import'),
        ),
        migrations.AddField(
            model_name='historicalrelatedprogram',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalrelatedprogram',
            name='other',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Its page leads back by itself.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.program', verbose_name='related program'),
        ),
        migrations.AddField(
            model_name='historicalrelatedprogram',
            name='program',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalog.program'),
        ),
        migrations.AddField(
            model_name='relatedprogram',
            name='other',
            field=models.ForeignKey(help_text='Its page leads back by itself.', on_delete=django.db.models.deletion.PROTECT, related_name='related_from', to='catalog.program', verbose_name='related program'),
        ),
        migrations.AddField(
            model_name='relatedprogram',
            name='program',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='related_programs', to='catalog.program'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.UniqueConstraint(fields=('program', 'purpose', 'name'), name='contact_once_in_program', violation_error_message='The program has a contact of this name for this purpose already.'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['program', 'training', 'other'])), name='contact_purpose_is_known', violation_error_message='The purpose is one of: program, training, other.'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('title', ''), _negated=True), models.Q(('organization', ''), _negated=True), models.Q(('email', ''), _negated=True), models.Q(('phone', ''), _negated=True), models.Q(('website', ''), _negated=True), _connector='OR'), name='contact_says_whom_to_ask', violation_error_message='Give at least one of these: name, title, organization, e-mail address, phone, website.'),
        ),
        migrations.AddConstraint(
            model_name='relatedprogram',
            constraint=models.UniqueConstraint(fields=('program', 'kind', 'other'), name='relatedprogram_once_in_program', violation_error_message='The program is related to this one in this way already.'),
        ),
        migrations.AddConstraint(
            model_name='relatedprogram',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['family', 'version', 'adaptation'])), name='relatedprogram_kind_is_known', violation_error_message='The relation is one of: family, version, adaptation.'),
        ),
        migrations.AddConstraint(
            model_name='relatedprogram',
            constraint=models.CheckConstraint(condition=models.Q(('program', models.F('other')), _negated=True), name='relatedprogram_is_another', violation_error_message='A program is not related to itself.'),
        ),
        GivePermissions({"Viewers": VIEWERS, "Editors": EDITORS, "Publishers": EDITORS}),
    ]
