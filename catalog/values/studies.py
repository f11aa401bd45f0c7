"""What a text about a study says in codes, where that is certain: before there were codes, people wrote texts."""

import re

DESIGNS = {
    "rct": ["rct", "randomized trial", "randomized controlled trial", "randomized clinical trial",
            "cluster randomized trial", "cluster-randomized trial", "cluster randomized controlled trial"],
    "quasi-experiment": ["quasi-experiment with a comparison", "quasi-experiment with a comparison group",
                         "pretest-posttest study with a control group", "matched comparison"],
    "pre-post": ["single group, before and after", "one-group pretest-posttest study", "one-group pretest-posttest",
                 "single-group pretest-posttest", "pre-post without a control group"],
    "single-case": ["single case", "single-case", "single-case study", "case study", "multiple-baseline study"],
    "review": ["systematic review", "meta-analysis", "systematic review or meta-analysis"],
}  # fmt: skip
DESIGN_OF = {text: code for code, texts in DESIGNS.items() for text in texts}
REASONS = {
    "no-control-group": re.compile(
        r"\b(?:no|without an?|lacks? an?) (?:control|comparison) group\b"
    ),
    "not-peer-reviewed": re.compile(r"\bnot (?:been )?(?:published in a )?peer[- ]reviewed\b"),
    "measures": re.compile(r"\bmeasures?\b.*\bnot (?:been )?(?:reliable|valid|sound)\b"),
}


def normalized(text: str) -> str:
    """Return a text without what spelling and dashes differ in."""
    text = re.sub("[\u2010-\u2015\u2212]", "-", text.strip().rstrip(".").casefold())
    return text.replace("randomised", "randomized")


def design_of(text: str) -> str:
    """Return the code of the design that a text names and nothing more; "" where that is not certain."""
    return DESIGN_OF.get(normalized(text), "")


def not_counted_reason_of(text: str) -> str:
    """Return the code of the one reason that a text gives; "other" where it gives none of them, or several."""
    found = [code for code, pattern in REASONS.items() if pattern.search(normalized(text))]
    return found[0] if len(found) == 1 else "other"


def design_note_of(design: str, population: str) -> str:
    """Return what is kept of the texts on design and population as a note."""
    return "\n".join(filter(None, (design, population)))
