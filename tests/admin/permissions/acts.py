"""What somebody does at an address: each act of the matrix."""

import re
from datetime import timedelta

from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.editorial.fact_checks import page_version
from catalog.editorial.linked_merging import state
from catalog.editorial.proposals.merging import seen_of
from catalog.editorial.versions import version
from catalog.importing import jobs
from catalog.importing.exports import make
from catalog.importing.progress import progress_key
from catalog.models import Assignment, Import, MergeRecord, Notification, Program, Rating
from catalog.models.about_entry import entry_field

from ...factories import RatingFactory, ReferenceFactory, StudyFactory, TopicExpertFactory
from ..workflow.merging import join as put_linked_together
from ..workflow.merging import put_together
from .matrix import FUTURE, NOW, PAST
from .world import TEXTS, digests

NEW = {
    "program": {"name": "Entirely new"},
    "topicarea": {"name": "Entirely new"},
    "reference": {"title": "Entirely new"},
    "topicexpert": {"name": "Entirely new"},
    "term": {"name": "Entirely new", "definition": "New."},
    "user": {"username": "new", "password1": "dusk-Harbour-71", "password2": "dusk-Harbour-71"},
    "group": {"name": "Entirely new"},
}

# What else each kind of file asks for, and the column of its text.
FILES = {
    "program": ("slug", "description"),
    "topicarea": ("slug", "definition"),
    "topicexpert": ("slug", "organization"),
    "reference": ("key", "title"),
}


class Case:
    """Somebody who is about to do something, with an entry in some state."""

    def __init__(self, world, role, route, *, kind, state, arg):
        self.world, self.role, self.route, self.arg = world, role, route, arg
        self.kind, self.state = kind, state
        self.client, self.user = world.client(role), world.users[role]
        self.entry = world.entries.get((kind, state))
        self.before = world.before

    def prepared(self):
        """Say that something was written on behalf of the case, which is not its doing."""
        self.before = digests()

    def address(self, **values):
        """Return the address that the route leads to."""
        values = {"app_label": self.arg or "catalog", "url": "nothing/", **values}
        if self.entry:
            pk = self.entry.pk
            values = {
                "object_id": pk,
                "pk": pk,
                "id": pk,
                "slug": getattr(self.entry, "slug", ""),
            } | values
        if "version_id" in self.route:
            values["version_id"] = self.entry.history.earliest().pk
        values |= {"target": self.arg, "name": self.arg}
        route = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)", r"<\1>", self.route).removesuffix("$")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), route)

    def get(self, query=None, **values):
        return self.client.get(self.address(**values), query)

    def post(self, data=None, query="", **values):
        return self.client.post(self.address(**values) + query, data or {})

    def form(self, query="", **values):
        return self.world.form(self.address(**values) + query)


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
    if case.kind == "program" and case.route.endswith("/delete/"):
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
    if case.kind == "program":
        case.entry.ratings.all().delete()
        case.entry.studies.all().delete()
        case.prepared()


def add(case):
    new = NEW.get(case.kind)
    if case.kind == "study":
        new = {"program": case.entry.program_id, "reference": ReferenceFactory().pk}
        case.prepared()
    return case.post({**case.form(), **new, "_save": "Save"})


def go_live(case):
    """Let a public topic area use the entry, if the line says so."""
    if case.arg == "live":
        relation = "experts" if case.kind == "topicexpert" else "further_reading"
        getattr(case.world.area, relation).add(case.entry)
        case.prepared()


def propose(case):
    go_live(case)
    typed = {TEXTS[case.kind]: "Another text.", "change_reason": "A slip."}
    return case.post({**case.form(), **typed, "_propose": "Save as proposal"})


def take(case):
    """Take a step with a proposal."""
    seen = seen_of(case.entry)
    said = {"reason": "Because.", "note": "New goals"}
    return case.post({"step": case.arg, "seen": seen, **said})


def comment(case):
    """Say something to a proposal."""
    return case.post({"text": "Whose sleep?"})


def prepare_notification(case):
    """Tell the case's user something or, as its argument says, another one."""
    user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    case.entry = Notification.objects.create(
        recipient=user or case.world.users["superuser"],
        kind="approved",
        subject="“Calm”",
        address="/admin/",
    )
    case.prepared()


def open_told(case):
    """Open what somebody was told, which is read then."""
    prepare_notification(case)
    return case.get()


def mark(case):
    """Mark all notifications as read."""
    prepare_notification(case)
    return case.client.post("/admin/catalog/notification/", {"read": "all"})


def prefer(case):
    """Want no mail."""
    return case.client.post("/admin/catalog/notification/", {"mail": "no"})


def prepare_note(case):
    """Let the case's user be the author of the note or, as its argument says, another one."""
    is_foreign = case.arg == "foreign"
    case.entry.author = case.world.entries["user", ""] if is_foreign else case.user
    case.entry.save()
    case.prepared()


def note(case):
    return case.post({"kind": "search", "written_on": "2026-03-01", "text": "Nothing found."})


def assign(case):
    return case.post({"task": "edit", "person": case.world.users["superuser"].pk})


def assign_many(case):
    person = case.world.users["superuser"].pk
    return case.post({"entries": case.entry.pk, "task": "edit", "person": person})


def assigned(case):
    """Return what somebody else has to do at the entry."""
    name = entry_field(type(case.entry))
    person = case.world.entries["user", ""]
    found = Assignment.objects.create(**{name: case.entry}, person=person)
    case.prepared()
    return found


def take_over(case):
    return case.post({"take": assigned(case).pk})


def end(case):
    return case.post({"end": assigned(case).pk})


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
    new |= {"studies-1-role": "relevant"}
    case.prepared()
    return case.post({**case.form(), **new, "_save": "Save"})


def uncite(case):
    study = case.entry.studies.get()
    tick = {"studies-ticked": f"{study.pk}-{study.history.latest().pk}"}
    return case.post({**case.form(), **tick, "_save": "Save"})


def move(case):
    """Give a study of the program to another one."""
    return case.post({**case.form(), "program": case.world.spare.pk, "_save": "Save"})


def move_to(case):
    """Give the program a study of another one."""
    program, case.entry = case.entry.program, StudyFactory(program=case.world.spare)
    case.prepared()
    return case.post({**case.form(), "program": program.pk, "_save": "Save"})


def restore(case):
    go_live(case)
    seen = case.entry.history.latest().pk
    return case.post({"seen": seen, "reason": "It was better."})


def signal(case):
    return case.post()


def share(case):
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


def merge(case):
    query = f"?into={case.world.spare.pk}"
    return case.post({**case.form(query), "reason": "Twins."}, query)


def merge_into(case):
    spare, query = case.world.spare.pk, f"?into={case.entry.pk}"
    form = case.form(query, object_id=spare)
    return case.post({**form, "reason": "Twins."}, query, object_id=spare)


def go_in_with(case):
    """Merge the entry into another one, where it is not merged yet."""
    entry, spare = (Program.objects.get(pk=e.pk) for e in (case.entry, case.world.spare))
    if entry.merged_into_id is None:
        put_together(entry, spare, user=case.world.users["superuser"])
        case.prepared()


def see_merged(case):
    go_in_with(case)
    return case.get()


def unmerge(case):
    go_in_with(case)
    seen = case.entry.history.latest().pk
    return case.post({"seen": seen, "reason": "Two after all."})


def see_join(case):
    go_live(case)
    return case.get()


def join(case):
    """Merge the entry, a reference or an expert, into a new one."""
    other = {"reference": ReferenceFactory, "topicexpert": TopicExpertFactory}[case.kind]()
    go_live(case)
    case.prepared()
    states = {"merged_state": state(case.entry), "survivor_state": state(other)}
    return case.post({**states, "reason": "Twins."}, f"?into={other.pk}")


def join_beforehand(case):
    """Merge the entry, a reference or an expert, into a new one, as somebody who may."""
    other = {"reference": ReferenceFactory, "topicexpert": TopicExpertFactory}[case.kind]()
    go_live(case)
    put_linked_together(case.entry, other, user=case.world.users["superuser"])
    case.prepared()


def see_joined(case):
    join_beforehand(case)
    return case.get()


def part(case):
    """Undo the merge of two references or experts."""
    join_beforehand(case)
    return case.post({"seen": MergeRecord.objects.get().pk, "reason": "Two after all."})


def step(case, **when):
    seen = f"{case.entry.pk}-{version(case.entry)}"
    return case.post({"seen": seen, "reason": "So it is.", "when": "now", **when})


def schedule(case):
    return step(case, when="later", day=f"{FUTURE:%Y-%m-%d}")


def upload(case):
    return send_file(case, "name\nx\n")


def send_file(case, content):
    return case.post({"file": SimpleUploadedFile("a.csv", content.encode())})


def import_file(case, content):
    """Upload a file and confirm what it would do."""
    response = send_file(case, content)
    if record := Import.objects.first():
        sent = {"plan": record.plan}
        case.client.post(f"/admin/catalog/import/{record.pk}/confirm/", sent)
    return response


def import_text(case):
    go_live(case)
    if case.kind == "study":
        key = f"{case.entry.program.slug},{case.entry.reference.key}"
        return import_file(case, f"program,reference,location\n{key},Another text\n")
    key, text = FILES[case.kind]
    return import_file(case, f"{key},{text}\n{getattr(case.entry, key)},Another text\n")


def import_rating(case, area="other-area"):
    program = case.entry if case.kind == "program" else case.entry.program
    key = "slug" if case.kind == "program" else "program"
    header = f"{key},topic_area,scientific_rating,rated_on"
    return import_file(case, f"{header}\n{program.slug},{area},1,2026\n")


def import_correction(case):
    """Give the current rating another rationale."""
    entry = case.entry
    key = f"{entry.program.slug},{entry.topic_area.slug},{entry.scientific_rating}"
    return import_file(
        case, f"program,topic_area,scientific_rating,rationale\n{key},Another text\n"
    )


def import_status(case):
    return import_file(case, f"slug,status\n{case.entry.slug},{case.arg}\n")


def prepare_import(case):
    """Bring in a file in the name of the case's user, and let it come as far as its argument says."""
    root = case.world.users["superuser"]
    content = "name\nFrom a file\n" if case.arg != "broken" else "name,status\nFrom a file,odd\n"
    record = jobs.receive("programs", ContentFile(content.encode(), "a.csv"), user=root)
    jobs.check_soon(record)
    record.refresh_from_db()
    if case.arg in {"done", "undoing"}:
        jobs.confirm(record)
        record.refresh_from_db()
    if case.arg in {"confirmed", "undoing"}:
        # As if the worker had died.
        record.status = case.arg
        caches["shared"].delete(progress_key(record))
    record.user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    record.save()
    case.entry = record
    case.prepared()


def prepare_export(case):
    """Make a file in the name of the case's user or, as its argument says, of another one."""
    root = case.world.users["superuser"]
    record, _ = jobs.request_export("programs", "csv", [case.world.spare.pk], user=root)
    make(record)
    record.user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    record.save()
    case.entry = record
    case.prepared()


def act_on_import(case):
    prepare_import(case)
    return case.post({"plan": case.entry.plan})


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
}

ACTS = READ | FOLLOWED | CHANGING
