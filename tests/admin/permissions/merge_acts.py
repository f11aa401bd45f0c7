"""What people do to merge entries, and to undo it."""

from catalog.editorial.linked_merging import digest
from catalog.models import MergeRecord, Program

from ...factories import ReferenceFactory, TopicExpertFactory
from ..workflow.merging import join as put_linked_together
from ..workflow.merging import put_together
from .case import go_live


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
    states = {"merged_state": digest(case.entry), "survivor_state": digest(other)}
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
