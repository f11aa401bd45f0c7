"""The filters of the list of references."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import Truncator
from django_filters import CharFilter, ChoiceFilter, FilterSet, NumberFilter

from ..models import Reference, ReferenceType
from ..search import Words, references_holding
from .fields import LONGEST_NAMED, WordsField
from .filters import MOST_CHARACTERS

IGNORED = "“{value}” was ignored: {why}."
WHY_IGNORED = {
    "type": "it is no type of reference",
    "since": "a year lies between 1500 and 2100",
    "until": "a year lies between 1500 and 2100",
}
# A box for numbers alone would not show again what somebody typed that is none.
YEAR_BOX = forms.TextInput({"inputmode": "numeric", "maxlength": 10})
NO_WORD = "“%(value)s” was ignored: it has no letter or digit."


class ReferenceWordsFilter(CharFilter):
    """Filter by words of authors, title and year."""

    field_class = WordsField

    def filter(self, qs: QuerySet, value: Words) -> QuerySet:
        return qs.filter(pk__in=references_holding(value)) if value.terms else qs


class YearFilter(NumberFilter):
    """Filter by a year."""

    field_class = forms.IntegerField


class ReferenceFilterSet(FilterSet):
    """Filters the references by words, type and year; what is not understood is left out, and named."""

    q = ReferenceWordsFilter(
        label="Author, title or year",
        error_messages={"invalid_choice": NO_WORD},
        widget=forms.TextInput({"type": "search", "maxlength": MOST_CHARACTERS}),
    )
    type = ChoiceFilter(
        field_name="reference_type", label="Type", choices=ReferenceType, empty_label="Any type"
    )
    since = YearFilter(
        field_name="year",
        lookup_expr="gte",
        label="From year",
        min_value=1500,
        max_value=2100,
        widget=YEAR_BOX,
    )
    until = YearFilter(
        field_name="year",
        lookup_expr="lte",
        label="To year",
        min_value=1500,
        max_value=2100,
        widget=YEAR_BOX,
    )

    class Meta:
        model = Reference
        fields: list[str] = []

    @property
    def are_on(self) -> bool:
        """Return whether a filter leaves anything out."""
        return self.form.is_bound and any(self.known.values())

    @property
    def known(self) -> dict[str, Any]:
        """Return what is asked for and understood."""
        self.form.is_valid()
        return self.form.cleaned_data

    @property
    def notices(self) -> list[str]:
        """Return a sentence for each value that was left out."""
        left_out = {
            name: Truncator(self.data[name]).chars(LONGEST_NAMED) for name in self.form.errors
        }
        return [
            *(
                IGNORED.format(value=value, why=WHY_IGNORED[name])
                for name, value in left_out.items()
            ),
            *(self.form.fields["q"].notices if self.form.is_bound else []),
        ]
