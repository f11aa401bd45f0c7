"""The criteria of the shipped edition told again, straight from the words of the scale; and those of any other one.

Written without the rules of ``catalog.evidence``: what is met is looked for among all sets of studies; what is not
recorded is filled in as well as it could be, and asked again.
"""

from itertools import combinations

QUALITIES = {
    "trials": lambda s: s.design == "rct",
    "controlled": lambda s: (
        s.design == "rct"
        or (s.design == "quasi-experiment" and s.comparison not in {"", "no-comparison"})
    ),
    "separate-samples": None,
    "usual-care": lambda s: s.usual_care == "yes",
    "benefit": lambda s: any(f.effect == "benefit" for f in s.findings),
    "peer-reviewed": lambda s: s.peer_reviewed == "yes",
    "sound-measures": lambda s: s.sound_measures == "yes",
}


def tell(studies, manual):
    """Return the state of each criterion by level and code, and the level; None where no finding counts."""
    if not any(study.findings for study in studies):
        return None
    states = {}
    best = [favorably(study) for study in studies]
    sure, hoped = (
        asked_for_benefit(studies, manual),
        asked_for_benefit(best, "no" if manual == "no" else "yes"),
    )
    effects = [f.effect for study in studies for f in study.findings]
    for key, met in sure.items():
        states[key] = "met" if met else "not-met"
    if not any(effects):
        for level in "123":
            states[level, "weight"] = states[level, "no-harm"] = "not-met"
    for key, may_be in hoped.items():
        if states[key] == "not-met" and may_be:
            states[key] = "not-recorded"
    states |= asked_for_no_benefit(studies)
    harm, benefit, blank = (effects.count(e) for e in ("harm", "benefit", ""))
    states["5", "more-harm"] = (
        "met" if harm > benefit else "not-recorded" if harm + blank > benefit else "not-met"
    )
    met = [
        level
        for level in "12354"
        if all(state == "met" for (of, _), state in states.items() if of == level)
    ]
    return states, met[0] if met else ""


def favorably(study):
    """Return a study with all that is not recorded of it as good as it could be."""
    return study._replace(
        design=study.design or "rct",
        comparison=study.comparison or "usual-care",
        **{
            name: "yes"
            for name in ("peer_reviewed", "usual_care", "sound_measures")
            if getattr(study, name) == "not-known"
        },
        findings=tuple(
            f._replace(
                effect=f.effect or "benefit",
                sustained_months=999 if f.sustained_months is None else f.sustained_months,
            )
            for f in study.findings
        ),
    )


def asked_for_benefit(studies, manual):
    """Return whether each criterion of levels 1 to 3 holds of what stands in the records, by level and code."""
    part = [study for study in studies if study.findings]
    effects = [f.effect for study in part for f in study.findings]
    good, none, bad = (effects.count(e) for e in ("benefit", "no-effect", "harm"))
    told = {}
    for level, number, months in (("1", 2, 12), ("2", 1, 6), ("3", 1, None)):
        qualities = dict(QUALITIES)
        left_out = {"1": {"controlled"}, "2": {"controlled", "separate-samples"}}
        for code in left_out.get(level, {"trials", "separate-samples", "usual-care"}):
            del qualities[code]
        asked = []
        for code, quality in qualities.items():
            asked.append((code, quality))
            told[level, code] = any(
                suits(chosen, asked, studies) for chosen in combinations(part, number)
            )
        if months:
            wanted = [(code, q) for code, q in asked if q]
            told[level, "sustained"] = any(
                suits([s], wanted, studies)
                and any(
                    f.effect == "benefit" and (f.sustained_months or 0) >= months
                    for f in s.findings
                )
                for s in part
            )
        told[level, "manual"] = manual == "yes"
        told[level, "weight"] = good >= none and good > bad
        told[level, "no-harm"] = bad == 0
    return told


def suits(chosen, asked, studies):
    """Return whether all chosen studies have the qualities; and of no two the same people, where that is asked."""
    for code, quality in asked:
        if code == "separate-samples":
            pairs = combinations(chosen, 2)
            if any(other.key in same_people(one.key, studies) for one, other in pairs):
                return False
        elif not all(map(quality, chosen)):
            return False
    return True


def same_people(key, studies):
    """Return the keys of all studies of the same people: walk from one to the next."""
    found, beyond = set(), [key]
    while beyond:
        here = beyond.pop()
        found.add(here)
        for study in studies:
            link = {study.key, study.same_sample_as}
            if study.same_sample_as and here in link:
                beyond.extend(link - found)
    return found


def asked_for_no_benefit(studies):
    """Return the state of the criteria of level 4."""
    part = [study for study in studies if study.findings]
    trials = [study for study in part if study.design == "rct"]
    perhaps = [study for study in part if not study.design]
    number = len(trials), len(trials) + len(perhaps)
    told = {
        ("4", "trials"): (
            "met" if number[0] >= 2 else "not-recorded" if number[1] >= 2 else "not-met"
        )
    }
    effects = [f.effect for study in trials for f in study.findings]
    without = [s for s in perhaps if "benefit" not in [f.effect for f in s.findings]]
    if "benefit" in effects:
        state = "not-met"
    elif trials:
        state = "not-recorded" if "" in effects else "met"
    else:
        state = "not-recorded" if without else "not-met"
    return told | {("4", "no-benefit"): state}


# --- Any edition


def tell_edition(criteria, studies, manual):
    """Return the state of each criterion of an edition by level and code, and the level; None as ``tell`` does."""
    if not any(study.findings for study in studies):
        return None
    states = {}
    for level in dict.fromkeys(criterion.level for criterion in criteria):
        asked, number = [], 1
        for one in (criterion for criterion in criteria if criterion.level == level):
            if one.rule in QUALITIES:
                asked.append((one.rule, QUALITIES[one.rule]))
                number = one.number or number
            states[level, one.code] = told(one, asked, number, studies, manual)
    met = [
        level
        for level in "12354"
        if {state for (of, _), state in states.items() if of == level} == {"met"}
    ]
    return states, met[0] if met else ""


def told(criterion, asked, number, studies, manual):
    """Return the state of a criterion, after all that was asked of the studies so far."""
    best = [favorably(study) for study in studies]
    effects = [f.effect for study in studies for f in study.findings]
    good, none, bad, blank = (effects.count(e) for e in ("benefit", "no-effect", "harm", ""))
    rule = criterion.rule
    if rule in QUALITIES:
        holds = [enough(asked, number, these) for these in (studies, best)]
    elif rule == "sustained":
        holds = [lasted(asked, criterion.months, these) for these in (studies, best)]
    elif rule == "no-benefit":
        return told_no_benefit(asked, studies, best)
    elif rule == "manual":
        holds = [manual == "yes", manual != "no"]
    elif rule == "weight":
        holds = [good >= n and good > bad for good, n in ((good, none), (good + blank, none))]
    elif rule == "no-harm":
        holds = [not bad and any(effects), not bad]
    else:
        holds = [bad > good, bad + blank > good]
    return "met" if holds[0] else "not-recorded" if holds[1] else "not-met"


def enough(asked, number, studies):
    part = [study for study in studies if study.findings]
    return any(suits(chosen, asked, studies) for chosen in combinations(part, number))


def having(asked, studies):
    """Return the studies that have all qualities, each by itself."""
    wanted = [quality for _, quality in asked if quality]
    return [s for s in studies if s.findings and all(quality(s) for quality in wanted)]


def lasted(asked, months, studies):
    return any(
        finding.effect == "benefit" and (finding.sustained_months or 0) >= months
        for study in having(asked, studies)
        for finding in study.findings
    )


def told_no_benefit(asked, studies, best):
    sure = having(asked, studies)
    keys = {study.key for study in sure}
    hoped = {study.key for study in having(asked, best)} - keys
    effects = [finding.effect for study in sure for finding in study.findings]
    if "benefit" in effects:
        return "not-met"
    if sure:
        return "not-recorded" if "" in effects else "met"
    may_be = [s for s in studies if s.key in hoped and not QUALITIES["benefit"](s)]
    return "not-recorded" if may_be else "not-met"
