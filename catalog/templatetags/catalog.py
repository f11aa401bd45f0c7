"""How the templates show the catalog's values."""

from itertools import count

from django import template
from django.core.paginator import Page
from django.template import RequestContext
from django.template.defaulttags import querystring
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..models import Term
from ..search import marked
from ..values.fields import partial_date_in_words
from ..values.richtext import plain, render

register = template.Library()

register.filter("richtext", render)
register.filter("plain", plain)
register.filter("marked", marked)


@register.filter
def partial_date(iso: str) -> SafeString | str:
    """Show a date of the record at its own precision, as a <time>; "Not recorded" when blank."""
    if not iso:
        return "Not recorded"
    return format_html('<time datetime="{}">{}</time>', iso, partial_date_in_words(iso))


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: RequestContext, page: Page, name: str = "page", label: str = "Pages", anchor: str = ""
) -> dict[str, object]:
    """Show links to the other pages of a list, keeping every other part of the address.

    ``name`` is the parameter that numbers the pages, and is left out of the first page's address; ``anchor`` is the
    id of what the links lead to.
    """

    def address(number: int) -> str:
        others = {name: number if number > 1 else None}
        query = querystring(context, context.request.GET, others)  # type: ignore[call-arg]
        return f"{query}#{anchor}" if anchor else query

    numbers = page.paginator.get_elided_page_range(page.number) if page.has_other_pages() else ()
    return {
        "page": page,
        "label": label,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
        # The gaps between numbers, and this page, lead nowhere.
        "numbers": [
            (number, address(number) if isinstance(number, int) and number != page.number else "")
            for number in numbers
        ],
    }


class PageGlossary:
    """Holds the glossary for one page: read once; its definitions numbered, for a term may stand there twice."""

    def __init__(self) -> None:
        self.terms = {term.slug: term for term in Term.objects.all()}
        self.numbers = count(1)


# Only what may stand within a sentence; the browser opens and closes it, without a script.
TERM = (
    '<button type="button" class="term" popovertarget="{id}">{words}</button>'
    '<span class="definition" id="{id}" popover><strong>{name}:</strong> {definition} '
    '<a href="{address}">In the glossary</a></span>'
)


@register.simple_tag(takes_context=True)
def term(context: RequestContext, slug: str, words: str) -> SafeString | str:
    """Show words that open the term's definition; just the words where the glossary lacks it.

    All terms of a page cost one query together. Not for use within links and buttons.
    """
    request = context.request
    glossary: PageGlossary = getattr(request, "glossary", None) or PageGlossary()
    request.glossary = glossary  # type: ignore[attr-defined]
    if slug not in glossary.terms:
        return words
    found = glossary.terms[slug]
    return format_html(
        TERM,
        id=f"term-{next(glossary.numbers)}",
        words=words,
        name=found.name,
        definition=found.definition,
        address=found.get_absolute_url(),
    )
