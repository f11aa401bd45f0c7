"""One search for everything that somebody may view: the first of each kind, and the way to all of them."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.text import Truncator, capfirst

from ...editorial.transitions import label
from ...models import (
    Contact,
    ExternalRating,
    Import,
    Page,
    Program,
    Proposal,
    Reference,
    Registry,
    ScaleEdition,
    StaffNote,
    SynonymGroup,
    Term,
    TopicArea,
    TopicExpert,
)
from ...models.about_entry import ENTRY_FIELDS
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, Line, Link, Section, section

KINDS: tuple[type[Model], ...] = (
    *(Program, TopicArea, Reference, TopicExpert, Term, Page),
    *(Proposal, StaffNote, Contact, Registry, ExternalRating),
    *(SynonymGroup, ScaleEdition, Import),
)
# What the lines of a kind name besides.
NAMED: dict[type[Model], Sequence[str]] = {
    Proposal: tuple(ENTRY_FIELDS),
    StaffNote: tuple(ENTRY_FIELDS),
    Contact: ("program",),
    ExternalRating: ("program", "registry"),
}
MOST_OF_WORDS, MOST_OF_NOTE = 200, 140


def words_in(request: HttpRequest) -> str:
    """Return the words that somebody searches for."""
    return request.GET.get("q", "").replace("\0", "").strip()[:MOST_OF_WORDS]


def searchable_kinds(request: HttpRequest, site: AdminSite) -> list[type[Model]]:
    """Return the kinds of entries that somebody may view."""
    admins: dict[type[Model], Any] = {model: site.get_model_admin(model) for model in KINDS}
    return [m for m, options in admins.items() if options.has_view_or_change_permission(request)]


def found_everywhere(request: HttpRequest, site: AdminSite, words: str) -> list[Section]:
    """Return a section for each kind of which something holds the words. Three queries for each kind at most."""
    sections = [found_of(request, site, model, words) for model in searchable_kinds(request, site)]
    return [found for found in sections if found.lines]


def found_of(request: HttpRequest, site: AdminSite, model: type[Model], words: str) -> Section:
    """Return the section of the entries of a kind that hold the words, as its own list finds them."""
    options: Any = site.get_model_admin(model)
    readable = options.get_queryset(request).prefetch_related(None)
    entries, _ = options.get_search_results(request, readable, words)
    keys = list(entries.values_list("pk", flat=True)[: MOST + 1])
    named = model._default_manager.select_related(*NAMED.get(model, (None,)))
    by_key = named.in_bulk(keys[:SHOWN])
    lines = [line_of(by_key[key]) for key in keys[:SHOWN] if key in by_key]
    title = capfirst(str(model._meta.verbose_name_plural))
    return with_all(section(title, keys, lines), model, words, keys)


def with_all(found: Section, model: type[Model], words: str, keys: Sequence[int]) -> Section:
    """Return a section with the link to the list of all that was found, where that is more than it shows."""
    if len(keys) <= SHOWN:
        return found
    name = f"All {found.number} {model._meta.verbose_name_plural}"
    link = Link(name, f"{admin_path(model, 'changelist')}?{urlencode({'q': words})}")
    return found._replace(all_of_them=[link])


def line_of(entry: Any) -> Line:
    """Return the line of an entry: what it is called, and what tells it from others."""
    page = admin_path(type(entry), "change", entry.pk)
    match entry:
        case Program():
            merged = "merged" if entry.merged_into_id else label(entry).lower()
            return Line(entry.name, page, "; ".join(filter(None, [entry.acronym, merged])))
        case TopicArea() | Page():
            return Line(entry.name, page, label(entry).lower())
        case Reference():
            return Line(entry.key, page, Truncator(entry.citation).chars(MOST_OF_NOTE))
        case TopicExpert():
            return Line(str(entry), page, entry.organization)
        case Term():
            return Line(entry.name, page, Truncator(entry.definition).chars(MOST_OF_NOTE))
        case Proposal():
            told = [entry.get_state_display().lower(), entry.change_note]
            return Line(str(entry.entry), page, "; ".join(filter(None, told)))
        case StaffNote():
            return Line(str(entry.entry), page, Truncator(entry.text).chars(MOST_OF_NOTE))
        case ExternalRating():
            told = [str(entry.registry), entry.scope, entry.rating]
            return Line(entry.program.name, page, "; ".join(filter(None, told)))
        case Contact():
            return Line(entry.who, page, entry.program.name)
        case SynonymGroup():
            return Line(entry.name, page, " · ".join(entry.synonyms))
        case Registry() | ScaleEdition():
            return Line(entry.name, page)
    return Line(str(entry), entry.get_absolute_url(), entry.get_status_display().lower())
