"""What the search finds, by the names of programs."""

from catalog.models import Program
from catalog.search import AreaTexts, Synonyms, find, find_in_texts, parse


def found(query):
    """Return what the search finds, without synonyms."""
    return find(parse(query), Synonyms(), AreaTexts.stored())


def by_weight(query):
    """Return the programs that the search finds: in names, in all but the details, and in all."""
    result, areas = found(query), AreaTexts.stored()
    named = set.intersection(*map(set, result.begun)) if result.begun else set()
    if result.words.terms:
        weights = [named, find_in_texts(result.words, areas).begun, result.programs]
    else:
        weights = [list(Program.objects.values_list("pk", flat=True))] * 3
    return [[pk for pk in ids if pk not in result.excluded] for ids in weights]


def names(q):
    """Return the names of the programs that hold q, the best match first."""
    seen = dict.fromkeys(pk for ids in by_weight(q) for pk in sorted(ids))
    return [Program.objects.get(pk=pk).name for pk in seen]
