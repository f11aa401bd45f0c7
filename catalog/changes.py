"""How a text has changed, word by word."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

# In texts that have less in common than this, marked words would only be in the way.
ALIKE = 0.5
# To compare two texts word by word takes as many steps as they have pairs of equal words, or more; beyond, minutes.
MOST_PAIRS = 1_000_000
# A word with the space before it: what is added at the end of a text leaves its last word as it was.
WORDS = re.compile(r"\s*\S+|\s+\Z")

# A stretch of text: "del" for what goes, "ins" for what comes, "" for what is there before and after.
Piece = tuple[str, str]


def pieces(before: str, after: str) -> list[Piece]:
    """Return what becomes of a text: word by word where much of it stays, else the one and then the other."""
    # A space before the first word too, which so stays the same when another one comes before it.
    old, new = WORDS.findall(f" {before}"), WORDS.findall(f" {after}")
    there = Counter(old)
    if sum(there[word] for word in new) > MOST_PAIRS:
        return replaced(before, after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return replaced(before, after)
    (kind, first), *others = marked(old, new, matcher)
    return [(kind, first[1:]), *others]


def replaced(before: str, after: str) -> list[Piece]:
    """Return a text that goes, and the one that takes its place."""
    return [("del", before or "(blank)"), ("", " → "), ("ins", after or "(blank)")]


def marked(old: list[str], new: list[str], matcher: Any) -> Iterator[Piece]:
    """Yield the words that stay, go and come, in reading order."""
    for operation, start, end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            yield "", "".join(old[start:end])
            continue
        if end > start:
            yield "del", "".join(old[start:end])
        if new_end > new_start:
            yield "ins", "".join(new[new_start:new_end])
