"""The pages of a long list in the admin: which of how many items are shown, and links to the other pages."""

from typing import Any

from django import template
from django.core.paginator import Page

register = template.Library()


@register.simple_tag
def shown_of(page: Page[Any]) -> str:
    """Return which of how many items a page shows: "1 to 100 of 20,000", or "20" where there is but one page."""
    total = page.paginator.count
    if not page.has_other_pages():
        return f"{total:,}"
    return f"{page.start_index():,} to {page.end_index():,} of {total:,}"


@register.inclusion_tag("admin/catalog/pagination.html", takes_context=True)
def pagination(
    context: dict[str, Any], page: Page[Any], of: str, place: str = "", parameter: str = "page"
) -> dict[str, Any]:
    """Show links to the pages of a list, by a parameter of the address, each to the element with the id ``place``."""
    numbers = page.paginator.get_elided_page_range(page.number)
    return {
        "request": context["request"],
        "page": page,
        "numbers": [(number, {parameter: number}) for number in numbers],
        "of": of,
        "place": place,
    }
