"""Programs and editions of chance, and the criteria that a site begins with."""

from importlib import import_module

from hypothesis import strategies as st

from catalog.evidence import FindingFacts, StudyFacts
from catalog.models import Criterion, Rule

shipped = import_module("catalog.migrations.0017_scale_editions")


def shipped_criteria():
    """Return the criteria of the edition that migrations make, not stored."""
    return [
        Criterion(
            level=level,
            code=code,
            rule=rule,
            number=asked if rule in {"trials", "controlled"} else None,
            months=asked if rule == "sustained" else None,
            text=text,
        )
        for level, criteria in shipped.CRITERIA.items()
        for code, rule, asked, text in criteria
    ]


CRITERIA = shipped_criteria()

# What is good comes often, else hardly any program would meet a level.
answers = st.sampled_from(["yes", "yes", "yes", "yes", "no", "not-known"])
effects = st.sampled_from(
    ["benefit", "benefit", "benefit", "benefit", "no-effect", "harm", "mixed", "not-reported", ""]
)
findings = st.builds(
    FindingFacts,
    effect=effects,
    sustained_months=st.sampled_from([None, 0, 5, 6, 7, 11, 12, 13, 24]),
)
KEYS = "abcd"


@st.composite
def programs(draw):
    """Return the studies of a program."""
    keys = KEYS[: draw(st.integers(0, len(KEYS)))]
    return [draw(studies(key)) for key in keys]


def studies(key):
    """Return the strategy for a study; its sample may be that of one that is not recorded."""
    others = [other for other in [*KEYS, "elsewhere"] if other != key]
    return st.builds(
        StudyFacts,
        key=st.just(key),
        design=st.sampled_from(["rct", "rct", "rct", "rct", "quasi-experiment", "pre-post", ""]),
        comparison=st.sampled_from(["usual-care", "none", "no-comparison", ""]),
        peer_reviewed=answers,
        usual_care=answers,
        sound_measures=answers,
        same_sample_as=st.sampled_from(["", "", "", "", "", *others]),
        findings=st.lists(findings, max_size=3).map(tuple),
    )


@st.composite
def editions(draw, rules=tuple(Rule.values)):
    """Return the criteria of an edition: any levels, and for each any rules in any order, repeated ones too."""
    levels = draw(st.lists(st.sampled_from("12345"), min_size=1, unique=True))
    return [
        Criterion(
            level=level,
            code=f"{position}-{rule}",
            rule=rule,
            number=draw(st.integers(1, 3)) if rule in {"trials", "controlled"} else None,
            months=draw(st.sampled_from([1, 6, 12, 24])) if rule == "sustained" else None,
        )
        for level in sorted(levels)
        for position, rule in enumerate(draw(rules_of_level(rules)))
    ]


def rules_of_level(rules):
    """Return the strategy for the rules of a level. None asks for studies with a benefit, and that these have none."""
    chosen = st.lists(st.sampled_from(rules), min_size=1, max_size=7)
    return chosen.filter(lambda asked: not {"benefit", "no-benefit"} <= set(asked))
