"""How the templates show the catalog's values."""

from functools import cache, lru_cache
from itertools import count

from django import template
from django.template import RequestContext
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..models import Program, Rating, ScientificRating, Term
from ..search import Words, marked
from ..values.fields import partial_date_in_words
from ..values.richtext import plain, render
from ..values.site_url import full_url

register = template.Library()

register.filter("richtext", render)
register.filter("plain", plain)
register.filter("marked", marked)


@register.filter
def unprovided(program: Program, fields: str) -> str:
    """Return what stands in the place of a program's fields that were not provided, "" elsewhere."""
    return program.unprovided(fields.split())


@register.simple_tag(takes_context=True, name="full_url")
def full_url_of(context: RequestContext, view: str, *args: str) -> str:
    """Return the full URL of a view."""
    return full_url(context["request"], reverse(view, args=args))


@register.simple_block_tag
def words(content: SafeString) -> SafeString:
    """Return what stands inside, to be shown twice: a block has one place, and its words stand in two elements."""
    return content


@register.simple_tag(takes_context=True)
def sharing_picture(context: RequestContext) -> str:
    """Return the full URL of the picture for links to pages that have none of their own."""
    address = context["site"].settings.address_of("sharing_image")
    return full_url(context["request"], address or reverse("catalog:site_picture"))


@register.simple_tag
@cache  # a list shows the same few fifty times
def rating(level: ScientificRating, *, unlinked: bool = False) -> SafeString:
    """Show a scientific rating, which leads to what the level means."""
    context = {"level": level, "unlinked": unlinked}
    return render_to_string("public/components/rating.html", context)


@register.simple_tag
def rated_in(rating: Rating, words: Words | None) -> SafeString:
    """Show the level of a rating and its topic area, in whose name the words are marked."""
    area = rating.topic_area
    return level_in(rating.level, area.slug, marked(area.name, words))


@lru_cache(maxsize=2_000)  # as above
def level_in(level: ScientificRating, slug: str, name: SafeString) -> SafeString:
    """Show a level in the topic area of this slug and name."""
    context = {"level": level, "slug": slug, "name": name}
    return render_to_string("public/components/rated_in.html", context)


@register.filter
def partial_date(iso: str) -> SafeString | str:
    """Show a date of the record at its own precision, as a <time>; "Not recorded" when blank."""
    if not iso:
        return "Not recorded"
    return format_html('<time datetime="{}">{}</time>', iso, partial_date_in_words(iso))


@register.simple_tag(takes_context=True)
def fact_check(context: RequestContext, section: str) -> SafeString | str:
    """Show what asks about a section of a program's page; nothing where it is no fact check."""
    form = context.get("fact_check_form")
    if form is None:
        return ""
    asked = form.asked(section)
    return render_to_string("public/components/fact_check_section.html", asked._asdict())


class PageGlossary:
    """Holds the glossary for one page: read once; its definitions numbered, for a term may stand there twice."""

    def __init__(self) -> None:
        self.terms = {term.slug: term for term in Term.objects.published()}
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
