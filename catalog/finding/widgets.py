"""Widgets of the program list's form, and the form that renders them with the project's templates."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ..models.ages import MAX_AGE
from .program_sets import AGE_GROUPS

SHOWN_OPTIONS = 8
MOST_BOXES = 5_000


class FinderTemplates(TemplatesSetting):
    """Renderer that finds the project's templates."""

    field_template_name = "public/widgets/field.html"


class FinderForm(forms.Form):
    """Form of the program list, whose fields bear their names as ids."""

    default_renderer = FinderTemplates

    def __init__(self, data: QueryDict, prefix: str | None = None) -> None:
        super().__init__(data, auto_id="%s", prefix=prefix)


class SearchBox(forms.TextInput):
    """Box for words, with the button that sends the form."""

    input_type = "search"
    template_name = "public/widgets/search_box.html"

    def format_value(self, value: str) -> str:
        return value


class FacetBoxes(forms.CheckboxSelectMultiple):
    """Boxes to tick, each with its number of programs; those after the first ones are shown when asked for."""

    template_name = "public/widgets/facet_boxes.html"

    def __init__(self, find_label: str = "") -> None:
        super().__init__()
        self.find_label = find_label

    def get_context(self, name: str, value: Sequence[str] | None, attrs: dict | None) -> dict:
        # Not the package's own options: to make a dictionary and attributes for each takes as long as all else.
        context = forms.Widget.get_context(self, name, value, attrs)
        chosen = frozenset(value or ())
        choices: Any = list(self.choices)
        rows = [
            row(box(name, option, label.words, option in chosen), label.programs)
            for option, label in choices
        ]
        more = rows[SHOWN_OPTIONS:]
        context["widget"] |= {
            "options": joined(rows[:SHOWN_OPTIONS]),
            "more": joined(more),
            "more_label": f"{len(more)} more",
            "find_label": self.find_label,
            "is_open": any(option in chosen for option, _ in choices[SHOWN_OPTIONS:]),
        }
        return context


class AgeBoxes(FacetBoxes):
    """Box for an age in years, and beside it boxes to tick for groups of ages."""

    template_name = "public/widgets/age_boxes.html"

    def get_context(self, name: str, value: Sequence[str] | None, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        typed = next((age for age in value or () if age not in AGE_GROUPS), "")
        context["widget"] |= {"typed": typed, "oldest": MAX_AGE}
        return context


@lru_cache(maxsize=MOST_BOXES)
def box(name: str, value: str, words: str, is_chosen: bool) -> SafeString:
    """Return the box of an option with its words: a page has a hundred of them, the same as the page before."""
    context = {"name": name, "value": value, "words": words, "is_chosen": is_chosen}
    return render_to_string("public/widgets/facet_box.html", context)


def row(box: SafeString, programs: int) -> str:
    """Return the HTML of an option with its number of programs, which is another one on every page."""
    return (
        f'<label class="option{"" if programs else " none"}">{box} '
        f'<span class="option-count">{programs:,}</span></label>\n'
    )


def joined(rows: Sequence[str]) -> SafeString:
    return mark_safe("".join(rows))  # noqa: S308 - of boxes by our template, and numbers


class ChoiceList(forms.Select):
    """List to choose one value from; an address may name several."""

    template_name = "public/widgets/choice_list.html"

    def value_from_datadict(  # type: ignore[override]
        self, data: QueryDict, files: object, name: str
    ) -> Sequence[str]:
        return data.getlist(name)


class SortList(ChoiceList):
    """List of orders with a button; of several in an address the last one counts."""

    template_name = "public/widgets/sort_list.html"

    def value_from_datadict(  # type: ignore[override]
        self, data: QueryDict, files: object, name: str
    ) -> Sequence[str]:
        return super().value_from_datadict(data, files, name)[-1:]
