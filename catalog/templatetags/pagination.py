"""The pages of a long list, public or in the admin: which of how many items are shown, and links to the others."""

from django import template
from django.core.paginator import Page
from django.template import RequestContext
from django.template.defaulttags import querystring

register = template.Library()


@register.simple_tag
def shown_of(page: Page) -> str:
    """Return which of how many items a page shows: "1 to 100 of 20,000", or "20" where there is but one page."""
    total = page.paginator.count
    if not page.has_other_pages():
        return f"{total:,}"
    return f"{page.start_index():,} to {page.end_index():,} of {total:,}"


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: RequestContext, page: Page, of: str = "", place: str = "", parameter: str = "page"
) -> dict[str, object]:
    """Show links to the other pages of a list, keeping every other part of the address.

    ``of`` says what is listed; ``parameter`` numbers the pages, and is left out of the first page's address; ``place``
    is the id of what the links lead to.
    """

    def address(number: int) -> str:
        others = {parameter: number if number > 1 else None}
        query = querystring(context, context["request"].GET, others)  # type: ignore[call-arg]
        return f"{query}#{place}" if place else query

    numbers = page.paginator.get_elided_page_range(page.number) if page.has_other_pages() else ()
    return {
        "page": page,
        "label": f"Pages of the {of}" if of else "Pages",
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
        # The gaps between numbers, and this page, lead nowhere.
        "numbers": [
            (number, address(number) if isinstance(number, int) and number != page.number else "")
            for number in numbers
        ],
    }
