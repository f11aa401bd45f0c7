from django.db import migrations, models

import catalog.values.expressions


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_roles_become_findings")]

    operations = [
        migrations.RemoveConstraint(
            model_name='study',
            name='study_role_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='study',
            name='study_exclusion_reason_only_if_not_used',
        ),
        migrations.AlterModelOptions(
            name='study',
            options={'default_permissions': ('add', 'change', 'delete', 'view', 'import', 'export'), 'ordering': [catalog.values.expressions.NameKey('reference__authors'), models.OrderBy(models.F('reference__year'), nulls_last=True), 'pk'], 'verbose_name_plural': 'studies'},
        ),
        migrations.RemoveField(
            model_name='historicalstudy',
            name='exclusion_reason',
        ),
        migrations.RemoveField(
            model_name='historicalstudy',
            name='population',
        ),
        migrations.RemoveField(
            model_name='historicalstudy',
            name='role',
        ),
        migrations.RemoveField(
            model_name='study',
            name='exclusion_reason',
        ),
        migrations.RemoveField(
            model_name='study',
            name='population',
        ),
        migrations.RemoveField(
            model_name='study',
            name='role',
        ),
        migrations.RemoveField(
            model_name='historicalstudy',
            name='design_in_words',
        ),
        migrations.RemoveField(
            model_name='study',
            name='design_in_words',
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(('design__in', ['', 'rct', 'quasi-experiment', 'pre-post', 'single-case', 'review', 'other'])), name='study_design_is_known', violation_error_message='The design is one of: rct, quasi-experiment, pre-post, single-case, review, other.'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(('comparison__in', ['', 'usual-care', 'none', 'other-treatment', 'attention', 'no-comparison'])), name='study_comparison_is_known', violation_error_message='The comparison is one of: usual-care, none, other-treatment, attention, no-comparison.'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(('independent__in', ['yes', 'no', 'not-known']), ('peer_reviewed__in', ['yes', 'no', 'not-known']), ('sound_measures__in', ['yes', 'no', 'not-known']), ('usual_care__in', ['yes', 'no', 'not-known'])), name='study_answers_are_known', violation_error_message='What is asked of a study: yes, no or not-known.'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(('same_sample_as__isnull', True), models.Q(('same_sample_as', models.F('reference')), _negated=True), _connector='OR'), name='study_same_sample_as_another', violation_error_message='A study has the same sample as itself. Name the other study.'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(('enrolled__isnull', True), ('analysed__isnull', True), ('analysed__lte', models.F('enrolled')), _connector='OR'), name='study_analysed_were_enrolled', violation_error_message='No more can be analysed than were enrolled.'),
        ),
    ]
