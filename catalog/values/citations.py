"""Citations in APA style, 7th edition."""

import re
from datetime import date
from typing import NamedTuple, Protocol

from django.utils.formats import date_format

# APA 7, 9.8: up to twenty authors are all named; of more, the first nineteen and the last.
MOST_AUTHORS = 20

# A range of pages as it is typed: "32-41", "S1-S9", "xi-xv". Pages such as 12-8 in "12-1–12-8" are none.
PAGE = r"[A-Za-z]?[1-9][0-9]*|[ivxlc]+"
PAGE_RANGE = re.compile(rf"(?<![\w–-])({PAGE}) ?--? ?({PAGE})(?![\w–-])", re.ASCII)


class CitationPart(NamedTuple):
    """A run of a citation's text."""

    text: str
    is_italic: bool = False


class Citable(Protocol):
    """Declare what a citation is made from: the fields of a reference; texts may be "", the year None."""

    authors: str
    year: int | None
    title: str
    reference_type: str
    container: str
    volume: str
    issue: str
    pages: str


def apa_authors(authors: str) -> str:
    """Return "Sprang, G., & Steckler, Z." for "Sprang, G.; Steckler, Z."."""
    names = [name.strip() for name in authors.split(";") if name.strip()]
    if len(names) > MOST_AUTHORS:
        return f"{', '.join(names[: MOST_AUTHORS - 1])}, . . . {names[-1]}"
    if len(names) > 1:
        return f"{', '.join(names[:-1])}, & {names[-1]}"
    return "".join(names)


def cite_in_text(authors: str, year: int | None, title: str) -> str:
    """Return how a text names a publication: "Bride et al., 2007"; by its title where no author is known."""
    families = [name.partition(",")[0].strip() for name in authors.split(";") if name.strip()]
    match families:
        case []:
            who = f"“{title}”"
        case [one]:
            who = one
        case [one, two]:
            who = f"{one} & {two}"
        case [first, *_]:
            who = f"{first} et al."
    return f"{who}, {year or 'n.d.'}"


def apa_pages(pages: str) -> str:
    """Return "32–41", with an en dash, for "32-41"; article numbers as they are."""
    return PAGE_RANGE.sub(r"\1–\2", pages)


def apa_parts(reference: Citable) -> list[CitationPart]:
    """Return a reference's citation, without its link, as runs of text."""
    authors, year = apa_authors(reference.authors), reference.year or "n.d."
    title = reference.title
    ending = "" if title.endswith((".", "?", "!")) else "."
    if not authors:  # APA 7, 9.12: without an author the title takes its place.
        start = [CitationPart(title, not reference.container), CitationPart(f"{ending} ({year}).")]
    else:
        point = "" if authors.endswith(".") else "."
        start = [
            CitationPart(f"{authors}{point} ({year}). "),
            CitationPart(title, not reference.container),
            CitationPart(ending),
        ]
    if not reference.container:
        return start
    if reference.reference_type == "chapter":
        where = [f"Vol. {reference.volume}"] if reference.volume else []
        if reference.pages:
            where.append(
                f"{'p.' if reference.pages.isalnum() else 'pp.'} {apa_pages(reference.pages)}"
            )
        end = f" ({', '.join(where)})." if where else "."
        return [
            *start,
            CitationPart(" In "),
            CitationPart(reference.container, True),
            CitationPart(end),
        ]
    source = [CitationPart(" "), CitationPart(reference.container, True)]
    if reference.volume:
        source += [CitationPart(", "), CitationPart(reference.volume, True)]
    if reference.issue:
        source.append(
            CitationPart(f"({reference.issue})" if reference.volume else f", ({reference.issue})")
        )
    if reference.pages:
        source.append(CitationPart(f", {apa_pages(reference.pages)}"))
    return [*start, *source, CitationPart(".")]


class EntryCitation(NamedTuple):
    """Hold the citation of an entry of this site, as templates show one."""

    citation_parts: list[CitationPart]
    link: str


def said_source(source: str) -> str:
    """Return from where an entry is retold, to follow its title in a citation; "" where nothing is."""
    point = "" if source.endswith(".") else "."
    return f" Source: {source}{point}" if source else ""


def cite_state(site: str, title: str, day: date, link: str, source: str = "") -> EntryCitation:
    """Cite an entry as it stood at the end of a day; the link leads to that state.

    The state stays as it is, so it bears its date, and no date of retrieval (APA 7, 9.16). What somebody else has
    written first is not cited without its source.
    """
    point = "" if site.endswith(".") else "."
    stated = f" [Entry as of {date_format(day, 'F j, Y')}].{said_source(source)}"
    parts = [
        CitationPart(f"{site}{point} ({date_format(day, 'Y, F j')}). "),
        CitationPart(title, True),
        CitationPart(stated),
    ]
    return EntryCitation(parts, link)


def cite_page(site: str, title: str, day: date, link: str, source: str = "") -> EntryCitation:
    """Cite an entry whose states are not on record, as it was read on a day where it may read otherwise later."""
    point = "" if site.endswith(".") else "."
    retrieved = f".{said_source(source)} Retrieved {date_format(day, 'F j, Y')}, from"
    parts = [
        CitationPart(f"{site}{point} (n.d.). "),
        CitationPart(title, True),
        CitationPart(retrieved),
    ]
    return EntryCitation(parts, link)
