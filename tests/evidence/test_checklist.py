"""What studies say to the criteria that sites begin with, and to those of any edition."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import FindingFacts, StudyFacts, read_evidence
from catalog.models import Rule

from .programs import CRITERIA, editions, findings, programs, studies
from .retelling import tell, tell_shipped

manuals = st.sampled_from(["yes", "yes", "yes", "no", "not-known"])
# What a benefit more may take away.
AGAINST = {Rule.NO_BENEFIT, Rule.MORE_HARM}


def states_of(checklist):
    """Return the state of each criterion by level and code."""
    return {
        (result.criterion.level, result.criterion.code): str(result.state)
        for level in checklist.levels
        for result in level.results
    }


def read(program, manual="yes", criteria=CRITERIA):
    return read_evidence(criteria, program, manual)


def in_words(criteria):
    """Return an edition as the retelling reads it."""
    edition = {}
    for criterion in criteria:
        asked = criterion.code, criterion.rule, criterion.number or criterion.months
        edition.setdefault(criterion.level, []).append(asked)
    return edition


@given(programs(), manuals)
def test_retelling_agrees_by_the_shipped_edition(program, manual):
    checklist = read(program, manual)
    told = tell_shipped(program, manual)
    assert (checklist and (states_of(checklist), checklist.level)) == told


@given(editions(), programs(), manuals)
def test_retelling_agrees_by_any_edition(criteria, program, manual):
    checklist = read(program, manual, criteria)
    told = tell(in_words(criteria), program, manual)
    assert (checklist and (states_of(checklist), checklist.level)) == told


@given(editions(), programs(), manuals, st.randoms())
def test_order_never_matters(criteria, program, manual, chance):
    shuffled = [
        study._replace(findings=tuple(chance.sample(study.findings, len(study.findings))))
        for study in chance.sample(program, len(program))
    ]
    assert read(program, manual, criteria) == read(shuffled, manual, criteria)


@given(
    st.just(CRITERIA) | editions(tuple(sorted(set(Rule.values) - AGAINST))),
    programs(),
    manuals,
    findings,
    st.data(),
)
def test_finding_of_benefit_never_lowers_what_is_met(criteria, program, manual, finding, data):
    before = read(program, manual, criteria)
    benefit = finding._replace(effect="benefit")
    if program and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(program) - 1))
        study = program[at]._replace(findings=(*program[at].findings, benefit))
        more = [*program[:at], study, *program[at + 1 :]]
    else:
        study = data.draw(studies("new"))
        more = [*program, study._replace(findings=(benefit,))]
    after = states_of(read(more, manual, criteria))
    against = {(c.level, c.code) for c in criteria if c.rule in AGAINST}
    for key, state in states_of(before).items() if before else ():
        if key not in against and state == "met":
            assert after[key] == "met", key


# --- By hand -----------------------------------------------------------------------------------------------------

TRIAL = StudyFacts(
    "ann-2001",
    "rct",
    "usual-care",
    peer_reviewed="yes",
    usual_care="yes",
    sound_measures="yes",
    findings=(FindingFacts("benefit", 12),),
)
SECOND = TRIAL._replace(key="bob-2002", findings=(FindingFacts("benefit", 0),))
BEST = [TRIAL, SECOND]


def result(program, level, code, manual="yes"):
    """Return state, studies, and how many of how many, of a criterion."""
    found = next(
        r for r in read(program, manual).of_level(level).results if r.criterion.code == code
    )
    return found.state, found.studies, found.found, found.needed


def test_two_such_trials_are_level_1():
    assert read(BEST).level == "1"
    assert {state for (level, _), state in states_of(read(BEST)).items() if level in "123"} == {
        "met"
    }


def test_no_finding_that_counts_gives_no_checklist():
    assert read([]) is None
    assert read([TRIAL._replace(findings=())]) is None


def test_level_follows_the_first_that_is_lacking():
    harmful = FindingFacts("harm")
    cases = {
        "one trial": ([TRIAL], "2"),
        "held for five months": ([TRIAL._replace(findings=(FindingFacts("benefit", 5),))], "3"),
        "quasi-experiment": ([TRIAL._replace(design="quasi-experiment")], "3"),
        "single group": ([TRIAL._replace(design="pre-post")], ""),
        "some harm": ([TRIAL._replace(findings=(*TRIAL.findings, harmful))], ""),
        "more harm": ([TRIAL._replace(findings=(harmful,))], "5"),
        "two trials without benefit": (
            [s._replace(findings=(FindingFacts("no-effect"),)) for s in BEST],
            "4",
        ),
        "two trials, of harm and of nothing": (
            [
                s._replace(findings=(FindingFacts(e),))
                for s, e in zip(BEST, ("harm", "mixed"), strict=True)
            ],
            "5",
        ),
        "nothing is recorded of it": ([StudyFacts("ann-2001", findings=(FindingFacts(""),))], ""),
    }
    assert {name: read(program).level for name, (program, _) in cases.items()} == {
        name: level for name, (_, level) in cases.items()
    }
    assert [read([TRIAL], manual).level for manual in ("no", "not-known")] == ["", ""]


def test_same_sample_is_followed_from_study_to_study():
    between = TRIAL._replace(key="cyd-2003", same_sample_as="ann-2001", findings=())
    linked = SECOND._replace(same_sample_as="cyd-2003")
    assert result([TRIAL, between, linked], "1", "trials") == (
        "met",
        ("ann-2001", "bob-2002"),
        2,
        2,
    )
    assert result([TRIAL, between, linked], "1", "separate-samples") == (
        "not-met",
        ("ann-2001", "bob-2002"),
        1,
        2,
    )
    assert result(BEST, "1", "separate-samples")[0] == "met"


def test_each_rule_is_asked_of_the_studies_that_met_the_ones_before():
    one_elsewhere = [TRIAL._replace(usual_care="no"), SECOND]
    assert result(one_elsewhere, "1", "usual-care") == ("not-met", ("bob-2002",), 1, 2)
    assert result(one_elsewhere, "1", "benefit") == ("not-met", ("bob-2002",), 1, 2)
    # The effect that lasted was another trial's.
    assert result(one_elsewhere, "2", "sustained") == ("not-met", (), None, None)
    assert read(one_elsewhere).level == "3"
    assert result([TRIAL._replace(usual_care="not-known"), SECOND], "1", "usual-care")[0] == (
        "not-recorded"
    )


def test_study_rules_by_what_is_recorded():
    def state_with(code, level="2", **changes):
        return result([TRIAL._replace(**changes)], level, code)[0]

    assert [state_with("trials", design=d) for d in ("rct", "review", "")] == [
        "met",
        "not-met",
        "not-recorded",
    ]
    compared = [
        state_with("controlled", "3", design="quasi-experiment", comparison=c)
        for c in ("none", "attention", "no-comparison", "")
    ]
    assert compared == ["met", "met", "not-met", "not-recorded"]
    for code in ("peer-reviewed", "sound-measures", "usual-care"):
        name = code.replace("-", "_")
        assert [state_with(code, **{name: a}) for a in ("yes", "no", "not-known")] == [
            "met",
            "not-met",
            "not-recorded",
        ]
    held = [
        ([FindingFacts("benefit", 6)], "met"),
        ([FindingFacts("benefit", 5), FindingFacts("no-effect", 12)], "not-met"),
        ([FindingFacts("benefit", None)], "not-recorded"),
        ([FindingFacts("", 5)], "not-met"),
        ([FindingFacts("", 6)], "not-recorded"),
    ]
    assert [state_with("sustained", findings=tuple(f)) for f, _ in held] == [s for _, s in held]


def test_rules_of_all_findings():
    cases = {
        "weight": {"bn": "met", "bnn": "not-met", "bh": "not-met", "n-": "not-recorded"},
        "no-harm": {"b-": "met", "mh": "not-met", "--": "not-recorded", "r": "met"},
        "more-harm": {"bhh": "met", "bh": "not-met", "bh-": "not-recorded"},
    }
    names = {"b": "benefit", "n": "no-effect", "h": "harm", "m": "mixed", "r": "not-reported"}
    for code, expected in cases.items():
        level = "5" if code == "more-harm" else "3"
        programs = {
            effects: [
                TRIAL._replace(findings=tuple(FindingFacts(names.get(e, "")) for e in effects))
            ]
            for effects in expected
        }
        assert {e: result(p, level, code)[0] for e, p in programs.items()} == expected
    assert [result(BEST, "2", "manual", m)[0] for m in ("yes", "no", "not-known")] == [
        "met",
        "not-met",
        "not-recorded",
    ]


def test_nothing_follows_from_trials_that_are_not_there():
    quasi = TRIAL._replace(design="quasi-experiment", findings=(FindingFacts("no-effect"),))
    assert result([quasi], "4", "no-benefit") == ("not-met", (), None, None)
    assert result([quasi._replace(design="")], "4", "no-benefit")[0] == "not-recorded"


# --- What a level still lacks -----------------------------------------------------------------------------------


def lacking(program, level, manual="yes"):
    return read(program, manual).of_level(level).lacking


def test_what_a_level_lacks_is_said_once():
    held_short = [TRIAL._replace(findings=(FindingFacts("benefit", 5),))]
    assert lacking(held_short, "2") == (
        "Level 2 asks for a benefit that held for six months or more after the end, "
        "which the record does not show."
    )
    # What the second trial lacks after that is no news.
    assert lacking([TRIAL], "1") == (
        "Level 1 asks for two randomized trials that count, which the record does not show."
    )
    assert lacking(BEST, "1") == ""
    unknown = [TRIAL._replace(peer_reviewed="not-known")]
    assert lacking(unknown, "2", "no") == (
        "Level 2 asks for a manual, which the record does not show, and for published, peer-reviewed research, "
        "of which nothing is recorded."
    )
