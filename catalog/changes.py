"""How a text has changed, word by word."""

import difflib
import re
from collections.abc import Iterator
from typing import Any

# In texts that have less in common than this, marked words would only be in the way.
ALIKE = 0.5
WORDS = re.compile(r"\s+|\S+\s*")

# A stretch of text: "del" for what goes, "ins" for what comes, "" for what is there before and after.
Piece = tuple[str, str]


def pieces(before: str, after: str) -> list[Piece]:
    """Return what becomes of a text: word by word where much of it stays, else the one and then the other."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [("del", before or "(blank)"), ("", " → "), ("ins", after or "(blank)")]
    return list(marked(old, new, matcher))


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
