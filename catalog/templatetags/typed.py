"""The mark of a form of which the browser keeps what is typed until it is saved (``typed.js``)."""

from django import forms, template

from ..values.typed import typed_page

register = template.Library()


@register.inclusion_tag("components/typed.html")
def keep_typed(form: forms.BaseForm, kept_as: str = "", form_id: str = "") -> dict[str, str]:
    """Let the browser keep what is typed into a form, and offer here what was not saved.

    ``kept_as`` is what it is kept as, where the page's path does not say it; ``form_id`` the id of a form elsewhere in
    the page. What comes back with mistakes keeps its number.
    """
    return {"page": typed_page(form.data), "kept_as": kept_as, "form_id": form_id}
