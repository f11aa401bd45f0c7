"""What the search finds, by the names of programs."""

from catalog.models import Program
from catalog.search import find, find_by_weight, parse


def by_weight(query):
    """Return the programs that the search finds, for each weight."""
    words = parse(query)
    found = find(words)
    weights = [
        found.named,
        *(find_by_weight(found.words, count) for count in (2, 3)),
        found.programs,
    ]
    if not words.terms:
        weights = [list(Program.objects.values_list("pk", flat=True))] * 4
    return [[pk for pk in ids if pk not in found.excluded] for ids in weights]


def names(q):
    """Return the names of the programs that hold q, the best match first."""
    seen = dict.fromkeys(pk for ids in by_weight(q) for pk in sorted(ids))
    return [Program.objects.get(pk=pk).name for pk in seen]
