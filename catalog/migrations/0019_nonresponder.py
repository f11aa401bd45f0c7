"""That a representative did not answer is said of the program, and is no reason why a rating is NR.

Past ratings tell of a time of which nobody knows more: of them only the reason changes.
"""

from itertools import batched
from uuid import uuid4

from django.db import migrations, models
from django.db.models import Max
from django.utils import timezone

BATCH = 2_000
WHY = "“The program's representative did not respond” is no reason for NR any more; it is said of the program."


def say_it_of_programs(apps, schema_editor):
    """Let programs whose current rating has the reason be nonresponders, with an entry in the history."""
    programs, history = (apps.get_model("catalog", name).objects for name in ("Program", "HistoricalProgram"))
    ratings = apps.get_model("catalog", "Rating").objects.filter(is_current=True, not_rated_reason="nonresponder")
    silent = programs.filter(is_nonresponder=False, pk__in=ratings.values("program")).order_by("pk")
    now, save = timezone.now(), uuid4()
    for keys in batched(list(silent.values_list("pk", flat=True)), BATCH):
        programs.filter(pk__in=keys).update(is_nonresponder=True)
        # What has no history yet gets it from what is stored then.
        latest = history.filter(id__in=keys).order_by().values("id").annotate(last=Max("history_id"))
        records = list(history.filter(history_id__in=latest.values("last")))
        for record in records:
            record.history_id = None
            record.is_nonresponder = True
            record.history_type, record.history_date, record.history_save = "~", now, save
            record.history_user_id = record.history_import_id = None
            record.history_change_reason = WHY
        history.bulk_create(records)


def replace_reason(apps, schema_editor):
    """Write that the reason is not stated, in the history too."""
    for name in ("Rating", "HistoricalRating"):
        ratings = apps.get_model("catalog", name).objects.filter(not_rated_reason="nonresponder")
        ratings.update(not_rated_reason="not-stated")


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0018_descriptive_fields'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='rating',
            name='rating_reason_is_known',
        ),
        migrations.AlterField(
            model_name='historicalrating',
            name='not_rated_reason',
            field=models.CharField(blank=True, choices=[('no-eligible-study', 'No eligible study'), ('no-control-group', 'No study with a control group'), ('measures', 'Measures not reliable or valid'), ('not-peer-reviewed', 'Research not peer-reviewed'), ('outside-outcomes', 'Outcomes outside the topic area'), ('not-stated', 'Reason not stated')], help_text='Only with NR, and then always. No study that counts: no eligible study. Studies, but none with a comparison: no control group. Studies of other outcomes: outside the topic area. That the representative did not answer is no reason; the program has a box for it.', max_length=20),
        ),
        migrations.AlterField(
            model_name='historicalrating',
            name='scientific_rating',
            field=models.CharField(choices=[('1', 'Well-Supported by Research Evidence'), ('2', 'Supported by Research Evidence'), ('3', 'Promising Research Evidence'), ('4', 'Evidence Fails to Demonstrate Effect'), ('5', 'Concerning Practice'), ('NR', 'Not able to be Rated')], help_text='For this topic area alone. 1 is the most support by research. NR: the research which a level needs was not found. Rigorous trials in which it works no better than usual care are 4.', max_length=2),
        ),
        migrations.AlterField(
            model_name='rating',
            name='not_rated_reason',
            field=models.CharField(blank=True, choices=[('no-eligible-study', 'No eligible study'), ('no-control-group', 'No study with a control group'), ('measures', 'Measures not reliable or valid'), ('not-peer-reviewed', 'Research not peer-reviewed'), ('outside-outcomes', 'Outcomes outside the topic area'), ('not-stated', 'Reason not stated')], help_text='Only with NR, and then always. No study that counts: no eligible study. Studies, but none with a comparison: no control group. Studies of other outcomes: outside the topic area. That the representative did not answer is no reason; the program has a box for it.', max_length=20),
        ),
        migrations.AlterField(
            model_name='rating',
            name='scientific_rating',
            field=models.CharField(choices=[('1', 'Well-Supported by Research Evidence'), ('2', 'Supported by Research Evidence'), ('3', 'Promising Research Evidence'), ('4', 'Evidence Fails to Demonstrate Effect'), ('5', 'Concerning Practice'), ('NR', 'Not able to be Rated')], help_text='For this topic area alone. 1 is the most support by research. NR: the research which a level needs was not found. Rigorous trials in which it works no better than usual care are 4.', max_length=2),
        ),
        migrations.RunPython(say_it_of_programs, migrations.RunPython.noop),
        migrations.RunPython(replace_reason, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(('not_rated_reason__in', ['', 'no-eligible-study', 'no-control-group', 'measures', 'not-peer-reviewed', 'outside-outcomes', 'not-stated'])), name='rating_reason_is_known', violation_error_message='This reason is not known.'),
        ),
    ]
