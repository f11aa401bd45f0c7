"""The import of programs as one writes it first: django-import-export with its own options for the same guarantees.

Every row is cleaned as its model wants, unchanged rows are skipped, all of it is one transaction, each save goes into
the history with a name on it, and a rating that differs is a new one. It reads the file with its own CSV format.
"""

from import_export.fields import Field
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource
from import_export.widgets import BooleanWidget, Widget

from catalog.models import Program, Rating, TopicArea
from catalog.resources import ProgramResource
from catalog.values.fields import split_values

RATING_COLUMNS = ("scientific_rating", "rated_on", "not_rated_reason")


class ListWidget(Widget):
    def clean(self, value, row=None, **kwargs):
        return split_values(value)

    def render(self, value, obj=None, **kwargs):
        return "|".join(value)


class YesNoWidget(BooleanWidget):
    TRUE_VALUES = ["yes"]
    FALSE_VALUES = ["no"]


class StockResource(ModelResource):
    also_known_as = Field("also_known_as", "also_known_as", ListWidget())
    delivery_settings = Field("delivery_settings", "delivery_settings", ListWidget())
    languages = Field("languages", "languages", ListWidget())
    outcomes = Field("outcomes", "outcomes", ListWidget())
    is_nonresponder = Field("is_nonresponder", "is_nonresponder", YesNoWidget())

    class Meta:
        model = Program
        fields = [
            column
            for column in ProgramResource.columns()
            if column not in {"topic_area", *RATING_COLUMNS}
        ]
        import_id_fields = ["slug"]
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def before_import(self, dataset, **kwargs):
        self.areas = {area.slug: area for area in TopicArea.objects.all()}

    def before_save_instance(self, instance, row, **kwargs):
        instance._history_user = kwargs["user"]

    def after_save_instance(self, instance, row, **kwargs):
        area = self.areas[row["topic_area"]]
        values = {column: row[column] for column in RATING_COLUMNS}
        ratings = Rating.objects.current().filter(program=instance, topic_area=area)
        if not ratings.filter(**values).exists():
            rating = Rating(program=instance, topic_area=area, **values)
            rating._history_user = kwargs["user"]
            rating.full_clean()
            rating.save()


def import_programs(path, user):
    """Import the programs of a CSV file. Raises ValueError where a row is wrong."""
    dataset = CSV().create_dataset(path.read_text(encoding="utf-8-sig"))
    result = StockResource().import_data(dataset, rollback_on_validation_errors=True, user=user)
    for _, errors in result.row_errors():
        raise ValueError(str(errors[0].error))
    for row in result.invalid_rows:
        raise ValueError(f"Row {row.number}: {row.error}")
