"""The page of several programs side by side."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ...finding.comparison import ProgramComparison
from ...finding.program_sets import CatalogSnapshot, Ordered
from ...models import Program
from ...search import parse
from ..caching import PublicRequest

MOST_MATCHES = 10


@require_safe
def compare(request: PublicRequest) -> HttpResponse:
    """Show up to four programs side by side, and a box to find another one by words."""
    differences = request.GET.get("differences") == "1"
    comparison = ProgramComparison.of(request.GET.getlist("program"), differences)
    words = request.GET.get("add", "").replace("\0", "").strip()[:200]
    matches = additions(words, comparison, request.catalog)
    context = {
        "comparison": comparison,
        "words": words,
        "matches": [(match, comparison.address_with(match)) for match in matches[:MOST_MATCHES]],
        "has_more_matches": len(matches) > MOST_MATCHES,
    }
    return render(request, "public/compare.html", context)


def additions(text: str, comparison: ProgramComparison, catalog: CatalogSnapshot) -> list[Program]:
    """Return the programs that may be added: those whose names hold the words first, each by name.

    One above MOST_MATCHES tells of more. Three queries.
    """
    words = parse(text)
    if comparison.is_full or not words:
        return []
    found = catalog.find(words)
    others = found.programs & ~catalog.set_of(program.pk for program in comparison.programs)
    named = found.named & others
    count = others.bit_count()
    keys = Ordered(catalog, [named, others & ~named], count, MOST_MATCHES + 1)[:]
    programs = Program.objects.published().in_bulk(keys)
    return [programs[pk] for pk in keys if pk in programs]
