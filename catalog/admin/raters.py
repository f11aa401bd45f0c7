"""The box in which the forms of ratings take those who gave one."""

from collections.abc import Iterable

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget

from ..models.raters import named_raters
from ..resources.ratings import RatersWidget
from ..values.fields import Values, joined, split_values
from ..values.raters import NOT_PUBLIC, Rater, raters_of

HELP = (
    "Who decided it, one in a line: topic experts by name or slug, others by name. Behind whoever visitors are not to "
    f"see, write {NOT_PUBLIC}."
)


class RatersFormField(forms.CharField):
    """Form field for those who gave a rating, one in a line; experts are found by name or slug, and shown by name."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Values) -> str | None:
        """Return what the box shows: what was typed, or those who are stored."""
        return value if isinstance(value, str | None) else "\n".join(shown(value))

    def to_python(self, value: str | None) -> str:
        """Return the raters as their column takes them. Raises ValidationError."""
        lines = (super().to_python(value) or "").splitlines()
        try:
            return joined(RatersWidget().clean_list(joined(lines)) if lines else ())
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def has_changed(self, initial: Values, data: str | None) -> bool:
        """Return whether the box names others than those who are stored."""
        try:
            return split_values(initial) != split_values(self.to_python(data))
        except forms.ValidationError:
            return True


def shown(values: Iterable[str]) -> Iterable[str]:
    """Yield a line for each rater: an expert by name, where no other one has the same."""
    cells = RatersWidget()
    column = tuple(values)
    for stored, named in zip(raters_of(column), named_raters([column])[column], strict=True):
        name = named.expert.name if named.expert else stored.who
        is_plain = named.expert and cells.people(name) == [named.expert.slug]
        yield str(Rater(name, stored.is_public) if is_plain else stored)
