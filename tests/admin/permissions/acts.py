"""What somebody does at an address: each act of the matrix."""

from datetime import timedelta

from django.test import Client, override_settings
from django.utils import timezone

from catalog.editorial.fact_checks import page_version
from catalog.editorial.proposals.merging import seen_of
from catalog.editorial.versions import version
from catalog.models import Proposal, Rating

from ...factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
)
from ..entry_form.open_form import blank_study
from .case import go_live
from .file_acts import (
    act_on_import,
    import_correction,
    import_rating,
    import_status,
    import_text,
    prepare_export,
    prepare_import,
    take_in,
    upload,
)
from .matrix import FUTURE, NOW, PAST
from .merge_acts import (
    join,
    merge,
    merge_into,
    part,
    see_join,
    see_joined,
    see_merged,
    unmerge,
)
from .team_acts import (
    assign,
    assign_many,
    end,
    mark,
    note,
    open_told,
    prefer,
    prepare_note,
    prepare_notification,
    take_over,
)
from .world import TEXTS

NEW = {
    "program": {"name": "Entirely new"},
    "topicarea": {"name": "Entirely new"},
    "page": {"name": "Entirely new"},
    "reference": {"title": "Entirely new"},
    "registry": {"name": "Entirely new"},
    "topicexpert": {"name": "Entirely new"},
    "term": {"name": "Entirely new", "definition": "New."},
    "scaleedition": {"name": "Entirely new"},
    "plannedreview": {"name": "Entirely new", "since": "2026-03-01"},
    "synonymgroup": {"name": "Entirely new", "synonyms": "new"},
    "user": {"username": "new", "password1": "dusk-Harbour-71", "password2": "dusk-Harbour-71"},
    "group": {"name": "Entirely new"},
}


# What there is to choose from in a form, by the name of a model.
FIELDS = {
    "program": ("study", "program"),
    "topicarea": ("topicarea", "parent"),
    "expert": ("topicarea", "experts"),
    "reference": ("study", "reference"),
}


def see(case):
    if "autocomplete" in case.route:
        model, field = FIELDS[case.arg]
        return case.get({"app_label": "catalog", "model_name": model, "field_name": field})
    if "token" in case.route:
        return case.client.get(link_of(case).get_absolute_url())
    if case.kind == "import":
        prepare_import(case)
    if case.kind == "export":
        prepare_export(case)
    if case.kind == "notification":
        prepare_notification(case)
    if case.kind == "staffnote":
        prepare_note(case)
    if case.kind in {"program", "study"} and case.route.endswith("/delete/"):
        prepare_deletion(case)
    return case.get({"area": ""} if case.route.endswith("/rate/") else None)


def see_closed(case):
    return case.client.get(link_of(case, revoked_at=NOW).get_absolute_url())


def see_expired(case):
    then = NOW - timedelta(minutes=1)
    return case.client.get(link_of(case, created_at=PAST, expires_at=then).get_absolute_url())


def link_of(case, **fields):
    dates = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=1)}
    links, of_kind = case.entry.preview_links, {}
    propose_to_expert(case)
    if case.route.startswith("fact-check/"):
        links, of_kind = case.entry.fact_checks, {"sent_to": "Ada"}
    link = links.create(**dates | of_kind | fields)
    case.prepared()
    return link


def leave(case):
    return case.post()


def sign_in(case):
    return Client().get(case.address())


def change_password(case):
    if case.user:
        case.user.set_password("old")
        case.user.save()
        case.client.force_login(case.user)
        case.prepared()
    return case.post(
        {
            "old_password": "old",
            "new_password1": "dusk-Harbour-71",
            "new_password2": "dusk-Harbour-71",
        }
    )


def set_password(case):
    return case.post(
        {"password1": "dusk-Harbour-71", "password2": "dusk-Harbour-71", "usable_password": "true"}
    )


def render(case):
    return case.post({"text": "*x*"})


def ask(case):
    return case.post({"action": case.arg, "_selected_action": [case.entry.pk]})


def delete_many(case):
    prepare_deletion(case)
    selected = {"action": "delete_selected", "_selected_action": [case.entry.pk], "post": "yes"}
    return case.post(selected)


def delete(case):
    prepare_deletion(case)
    return case.post({"post": "yes"})


def delete_rated(case):
    if case.kind == "topicarea":
        RatingFactory(topic_area=case.entry)
        case.prepared()
    if case.kind == "registry":
        ExternalRatingFactory(registry=case.entry)
        case.prepared()
    return case.post({"post": "yes"})


def delete_linked(case):
    relation = "experts" if case.kind == "topicexpert" else "further_reading"
    getattr(case.world.area, relation).add(case.entry)
    case.prepared()
    return case.post({"post": "yes"})


def delete_cited(case):
    StudyFactory(reference=case.entry)
    case.prepared()
    return case.post({"post": "yes"})


def prepare_deletion(case):
    """Take away what an entry is not deleted with."""
    if case.kind == "import":
        prepare_import(case)
    if case.kind == "export":
        prepare_export(case)
    if case.kind == "staffnote":
        prepare_note(case)
    if case.kind == "study":
        case.entry.program.findings.all().delete()
        case.prepared()
    if case.kind == "program":
        case.entry.ratings.all().delete()
        case.entry.findings.all().delete()
        case.entry.studies.all().delete()
        case.prepared()


def add(case):
    new = NEW.get(case.kind)
    if case.kind == "study":
        new = {"program": case.entry.program_id, "reference": ReferenceFactory().pk}
        case.prepared()
    elif case.kind == "finding":
        study = StudyFactory(program=case.entry.program)
        area = case.world.other_area.pk
        new = {"program": study.program_id, "reference": study.reference_id, "topic_area": area}
        case.prepared()
    elif case.kind == "contact":
        new = {"program": case.entry.program_id, "purpose": "other", "name": "New"}
    elif case.kind == "externalrating":
        new = {"program": case.entry.program_id, "registry": RegistryFactory().pk, "rating": "New"}
        case.prepared()
    return case.post({**case.form(), **new, "_save": "Save"})


def propose(case):
    go_live(case)
    typed = {TEXTS[case.kind]: "Another text.", "change_reason": "A slip."}
    return case.post({**case.form(), **typed, "_propose": "Save as proposal"})


def take(case):
    """Take a step with a proposal."""
    seen = seen_of(case.entry)
    said = {"reason": "Because.", "note": "New goals"}
    if case.arg == "schedule":
        said["day"] = "2090-03-01"
    return case.post({"step": case.arg, "seen": seen, **said})


def take_own(case):
    """Take a step with a proposal that one has submitted oneself."""
    case.entry.submitted_by = case.user
    case.entry.save()
    case.prepared()
    return take(case)


def take_alone(case):
    """Take such a step where authors may approve what is theirs."""
    with override_settings(AUTHORS_MAY_APPROVE=True):
        return take_own(case)


def comment(case):
    """Say something to a proposal."""
    return case.post({"text": "Whose sleep?"})


def save(case):
    go_live(case)
    if case.kind == "staffnote":
        prepare_note(case)
    typed = {TEXTS[case.kind]: "Another text.", "change_reason": "A slip."}
    return case.post({**case.form(), **typed, "_save": "Save"})


def save_past(case):
    form = case.form()
    Rating.objects.filter(pk=case.entry.pk).update(is_current=False)
    case.prepared()
    return case.post({**form, "rationale": "Another text.", "change_reason": "A slip."})


def cite(case):
    new = {"studies-TOTAL_FORMS": "2", "studies-1-reference": ReferenceFactory().pk}
    new |= blank_study(1)
    case.prepared()
    return case.post({**case.form(), **new, "_save": "Save"})


def uncite(case):
    study = case.entry.studies.get()
    tick = {"studies-ticked": f"{study.pk}-{study.history.latest().pk}"}
    return case.post({**case.form(), **tick, "_save": "Save"})


def move(case):
    """Give a row of the program to another one, which has the reference of a finding."""
    if case.kind == "finding":
        StudyFactory(program=case.world.spare, reference=case.entry.reference)
        case.prepared()
    return case.post({**case.form(), "program": case.world.spare.pk, "_save": "Save"})


# What tells a row from the others of its program; the reference elsewhere.
OWN_KEYS = {"contact": ["purpose", "name"], "externalrating": ["registry"]}


def move_to(case):
    """Give the program a row of another one."""
    program, spare = case.entry.program, {"program": case.world.spare}
    if case.kind == "finding":
        case.entry = FindingFactory(**spare, reference=case.entry.reference)
    elif case.kind == "contact":
        case.entry = ContactFactory(**spare)
    elif case.kind == "externalrating":
        case.entry = ExternalRatingFactory(**spare)
    else:
        case.entry = StudyFactory(**spare)
    case.prepared()
    # The form may be that of another state, whose row had the same key.
    names = OWN_KEYS.get(case.kind, ["reference"])
    its = {name: getattr(case.entry, case.entry._meta.get_field(name).attname) for name in names}
    return case.post({**case.form(), "program": program.pk, **its, "_save": "Save"})


def restore(case):
    go_live(case)
    seen = case.entry.history.latest().pk
    return case.post({"seen": seen, "reason": "It was better."})


def signal(case):
    return case.post()


def propose_to_expert(case):
    """Propose something to an expert, of whom there is nothing else to preview."""
    if case.kind == "topicexpert":
        changes = {"organization": ["Now.", "Then."]}
        Proposal.objects.create(expert=case.entry, changes=changes)
        case.prepared()


def share(case):
    propose_to_expert(case)
    return case.post({"days": "7"})


def close(case):
    return case.post({"revoke": link_of(case).pk})


def answer(case, **fields):
    link = link_of(case, **fields)
    seen = page_version(case.entry, None)
    sent = {"name": "Ada", "goals-verdict": "right", "seen": seen}
    return case.client.post(link.get_absolute_url(), sent)


def answer_closed(case):
    return answer(case, revoked_at=NOW)


def check_of(case):
    """Return a fact check of the program that was answered."""
    dates = {"created_at": PAST, "expires_at": FUTURE, "answered_at": NOW}
    check = case.entry.fact_checks.create(sent_to="Ada", answered_by="Ada", **dates)
    case.prepared()
    return check


def ask_for_check(case):
    return case.post({"sent_to": "Ada", "days": "7"})


def close_check(case):
    return case.post({"revoke": check_of(case).pk})


def settle_check(case):
    return case.post({"settle": check_of(case).pk, "seen": NOW.isoformat()})


def date_check(case):
    return case.post({"date": check_of(case).pk, "seen": NOW.isoformat()})


def rate_in(case, area):
    query = f"?area={area.slug}"
    data = {**case.form(query), "scientific_rating": "1", "rated_on": "2026", "rationale": "New."}
    response = case.post(data, query)
    doubts = response.context and response.context.get("doubts")
    return case.post({**data, "confirmed": " ".join(doubts)}, query) if doubts else response


def rate(case):
    return rate_in(case, case.world.other_area)


def rerate(case):
    return rate_in(case, case.world.area)


def step(case, **when):
    seen = f"{case.entry.pk}-{version(case.entry)}"
    return case.post({"seen": seen, "reason": "So it is.", "when": "now", **when})


def schedule(case):
    return step(case, when="later", day=f"{FUTURE:%Y-%m-%d}")


# What each act does, and what tells that it was done: a page, a way on, or that something has changed.
READ = {"see": see, "see_closed": see_closed, "see_expired": see_expired, "sign_in": sign_in}
READ |= {
    "see_merged": see_merged,
    "see_join": see_join,
    "see_joined": see_joined,
    "render": render,
    "signal": signal,
    "ask": ask,
}

FOLLOWED = {"follow": see, "leave": leave}

ON_IMPORTS = dict.fromkeys(("confirm", "cancel", "run", "undo"), act_on_import)

BY_FILE = {
    "import_text": import_text,
    "import_rating": import_rating,
    "import_correction": import_correction,
    "import_status": import_status,
}

CHANGING = {
    **ON_IMPORTS,
    **BY_FILE,
    "change_password": change_password,
    "propose": propose,
    "note": note,
    "assign": assign,
    "assign_many": assign_many,
    "take_over": take_over,
    "end": end,
    "take": take,
    "take_own": take_own,
    "take_alone": take_alone,
    "comment": comment,
    "open": open_told,
    "mark": mark,
    "prefer": prefer,
    "set_password": set_password,
    "delete_many": delete_many,
    "delete": delete,
    "delete_rated": delete_rated,
    "delete_linked": delete_linked,
    "delete_cited": delete_cited,
    "add": add,
    "save": save,
    "save_past": save_past,
    "cite": cite,
    "uncite": uncite,
    "move": move,
    "move_to": move_to,
    "restore": restore,
    "share": share,
    "answer": answer,
    "answer_closed": answer_closed,
    "ask_for_check": ask_for_check,
    "close_check": close_check,
    "settle_check": settle_check,
    "date_check": date_check,
    "propose_date": date_check,
    "close": close,
    "rate": rate,
    "rerate": rerate,
    "merge": merge,
    "merge_into": merge_into,
    "unmerge": unmerge,
    "part": part,
    "join": join,
    "step": step,
    "steps": step,
    "schedule": schedule,
    "upload": upload,
    "take_in": take_in,
}

ACTS = READ | FOLLOWED | CHANGING
