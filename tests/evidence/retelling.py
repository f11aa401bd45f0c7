"""The rules of criteria told again, straight from what they ask in words.

Written without the rules of ``catalog.evidence``: what is met is looked for among all sets of studies, in the record as
it stands; what is not recorded is filled in for each set of studies, as well as it could be, and asked again.
"""

from itertools import combinations, product

BENEFIT, HARM, NO_EFFECT = "benefit", "harm", "no-effect"

OF_THE_PROGRAM = {"manual": None, "weight": None, "no-harm": None}
QUALITY = {"benefit": None, "peer-reviewed": None, "sound-measures": None}
# What the scale that sites begin with asks for a level: by code, how many studies or months.
SHIPPED = {
    "1": {"trials": 2, "separate-samples": None, "usual-care": None}
    | QUALITY
    | {"sustained": 12}
    | OF_THE_PROGRAM,
    "2": {"trials": 1, "usual-care": None} | QUALITY | {"sustained": 6} | OF_THE_PROGRAM,
    "3": {"controlled": 1} | QUALITY | OF_THE_PROGRAM,
    "4": {"trials": 2, "no-benefit": None},
    "5": {"more-harm": None},
}

# What may be asked of each study for itself.
QUALITIES = {
    "trials": lambda s: s.design == "rct",
    "controlled": lambda s: (
        s.design == "rct"
        or (s.design == "quasi-experiment" and s.comparison not in {"", "no-comparison"})
    ),
    "usual-care": lambda s: s.usual_care == "yes",
    "benefit": lambda s: BENEFIT in effects([s]),
    "peer-reviewed": lambda s: s.peer_reviewed == "yes",
    "sound-measures": lambda s: s.sound_measures == "yes",
}
# The effect that speaks for a criterion where none is recorded.
WANTED = {"no-benefit": NO_EFFECT, "more-harm": HARM}


def tell_shipped(studies, manual):
    """Return what ``tell`` does, by the scale that sites begin with."""
    edition = {
        level: [(code, code, asked) for code, asked in criteria.items()]
        for level, criteria in SHIPPED.items()
    }
    return tell(edition, studies, manual)


def tell(edition, studies, manual):
    """Return the state of each criterion by level and code, and the level; None where no finding counts.

    An edition has for each level, in order, the code, the rule, and how many studies or months it asks for.
    """
    if not any(study.findings for study in studies):
        return None
    states = {
        (level, code): state(criteria[: at + 1], studies, manual)
        for level, criteria in edition.items()
        for at, (code, *_) in enumerate(criteria)
    }
    met = [
        level
        for level in "12354"
        if level in edition and {states[level, code] for code, *_ in edition[level]} == {"met"}
    ]
    return states, met[0] if met else ""


def state(asked, studies, manual):
    """Return the state of the last of a level's criteria."""
    if holds(asked, studies, manual):
        return "met"
    known = manual if manual == "no" else "yes"
    effect = WANTED.get(asked[-1][1], BENEFIT)
    may_be = product(*({study, favorably(study, effect)} for study in studies))
    return "not-recorded" if any(holds(asked, one, known) for one in may_be) else "not-met"


def favorably(study, effect):
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
                effect=f.effect or effect,
                sustained_months=999 if f.sustained_months is None else f.sustained_months,
            )
            for f in study.findings
        ),
    )


def holds(asked, studies, manual):
    """Return whether the last of a level's criteria is met by what stands in the record, and by that alone."""
    *_, (_, rule, number) = asked
    part = [study for study in studies if study.findings]
    qualities = [QUALITIES[other] for _, other, _ in asked if other in QUALITIES]
    suitable = [study for study in part if all(quality(study) for quality in qualities)]
    good, none, bad = (effects(part).count(effect) for effect in (BENEFIT, NO_EFFECT, HARM))
    match rule:
        case "sustained":
            return any(
                finding.effect == BENEFIT and (finding.sustained_months or 0) >= number
                for study in suitable
                for finding in study.findings
            )
        case "no-benefit":
            return bool(suitable) and not {"", BENEFIT} & set(effects(suitable))
        case "manual":
            return manual == "yes"
        case "weight":
            return good >= none and good > bad
        case "no-harm":
            return bad == 0 and any(effects(part))
        case "more-harm":
            return bad > good
    needed = [so_many for _, other, so_many in asked if other in {"trials", "controlled"}]
    other_people = any(other == "separate-samples" for _, other, _ in asked)
    return any(
        not (other_people and share_people(chosen, studies))
        for chosen in combinations(suitable, needed[-1] if needed else 1)
    )


def effects(studies):
    """Return the effects of all findings; "" where none is recorded."""
    return [finding.effect for study in studies for finding in study.findings]


def share_people(chosen, studies):
    """Return whether two of the chosen studies are of the same people."""
    return any(other.key in same_people(one.key, studies) for one, other in combinations(chosen, 2))


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
