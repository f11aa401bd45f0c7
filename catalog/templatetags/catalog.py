"""How the templates show the catalog's values."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..fields import partial_date_in_words
from ..richtext import plain, render

register = template.Library()

register.filter("richtext", render)
register.filter("plain", plain)


@register.filter
def partial_date(iso: str) -> SafeString | str:
    """Show a date of the record at its own precision, as a <time>; "Not recorded" when blank."""
    if not iso:
        return "Not recorded"
    return format_html('<time datetime="{}">{}</time>', iso, partial_date_in_words(iso))
