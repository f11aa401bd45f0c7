"""The form of an entry that is live: who may not publish proposes there, and who may can do either."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.files.uploadedfile import UploadedFile
from django.db.models import FileField, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from ...editorial.conflicts import SavedMeanwhile, comparable
from ...editorial.proposals.changes import (
    GONE,
    NEW,
    Changes,
    Rows,
    as_it_stands,
    held_at,
    is_live,
    lost_targets,
    may_change_live,
    must_propose,
    open_proposal,
    propose,
    renewed,
    values_of,
    version,
    with_liveness,
)
from ...editorial.proposals.steps import why_sent_back
from ...history.diff import person
from ...models import Proposal, ProposalState
from ...models.about_entry import entry_field
from ...models.base import CatalogModel
from ..entry_form.form import EntryForm
from ..entry_form.presence import leave
from ..entry_form.rows import EntryFormSet
from ..entry_form.versions import Proposed, number
from ..typed import forget_typed

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object

# Names beside a form's fields: the versions of the proposal that somebody was told of last, and that they opened.
TOLD, OPENED = "proposal-version", "proposal-opened"
# The button that proposes, and the word in an address that asks for what is live.
PROPOSE, LIVE = "_propose", "live"

KEPT = "Your changes to “{entry}” are kept as a proposal. Nothing of them is public yet."
NOTHING = "Nothing was kept: “{entry}” is already so."
WAITS = "Visitors see this entry. What you save is kept as a proposal, until somebody who may publish approves it."
EITHER = (
    "Visitors see this entry. “Save” changes what they read at once; “Save as proposal” lets somebody else read it "
    "first."
)
SHOWN = "This form shows the proposal of {author}, not what visitors read. Saving changes the proposal alone."

# What others have done to a proposal that is not open any more.
ENDED = {
    ProposalState.DISCARDED: "discarded the proposal",
    ProposalState.PUBLISHED: "published the proposal",
}


class Proposing:
    """Hold what a form proposes to: the entry's open proposal, None where there is none, and what somebody knows of it.

    ``now``, ``told`` and ``opened`` are its versions: as stored, as they were told of it last, and as they opened it.
    """

    def __init__(
        self, request: HttpRequest, entry: CatalogModel, proposal: Proposal | None
    ) -> None:
        self.entry, self.proposal = entry, proposal
        self.now = self.told = self.opened = version(proposal) if proposal else 0
        if request.method == "POST":
            self.told = number(request.POST.get(TOLD))
            self.opened = number(request.POST.get(OPENED)) or self.told

    @cached_property
    def held(self) -> list[tuple[Changes, Rows]]:
        """Return the changes of fields and of rows now, when somebody was told of them last, and when they opened."""
        versions = (self.now, self.told, self.opened)
        known = {key: held_at(self.entry, key) for key in {*versions} if key}
        return [known.get(key, ({}, {})) for key in versions]

    def fields(self) -> Proposed:
        """Return what is proposed to the entry's own fields."""
        living = without_lost(type(self.entry), [{"": changes} for changes, _ in self.held])
        now, told, opened = (changes[""] for changes in living)
        return Proposed(now, told, opened, self.events)

    def rows(self, relation: str, model: type[CatalogModel]) -> Proposed:
        """Return what is proposed to the rows of a relation."""
        now, told, opened = without_lost(model, [rows.get(relation, {}) for _, rows in self.held])
        return Proposed(now, told, opened, self.events)

    @cached_property
    def events(self) -> list[SavedMeanwhile]:
        """Return what was done to the proposal since somebody opened it, also where it is not open any more."""
        records: Any = Proposal.history
        model = type(self.entry)
        its = {entry_field(model): self.entry.pk}
        if self.proposal and not self.opened:
            its = {"id": self.proposal.pk}
        since = records.filter(**its, pk__gt=self.opened).order_by("pk")
        return [
            SavedMeanwhile(
                person(record.history_user),
                record.history_date,
                ENDED.get(record.state, "changed the proposal"),
            )
            for record in since.select_related("history_user")
        ]


def without_lost(
    model: type[CatalogModel], versions: Sequence[Mapping[str, Changes]]
) -> list[dict[str, Changes]]:
    """Return what a form can show of changes by key, in each of some versions.

    One row cannot lead to what is deleted; a list just has nothing there to tick.
    """
    lost = lost_targets(model, chain.from_iterable(version.values() for version in versions))

    def is_shown(name: str, after: object) -> bool:
        return isinstance(after, list) or after not in lost.get(name, ())

    return [
        {
            key: {name: change for name, change in changes.items() if is_shown(name, change[1])}
            for key, changes in version.items()
        }
        for version in versions
    ]


class ProposingAdmin(Base):
    """Keep what is saved as the entry's open proposal, where visitors read the entry and not everybody may publish."""

    def proposing(self, request: HttpRequest, entry: CatalogModel | None) -> Proposing | None:
        """Return what the form of an entry proposes to, None where it edits what is stored."""
        if entry is None or not entry.pk:
            return None
        return self.known_proposals(request, entry)[1]

    def known_proposals(
        self, request: HttpRequest, entry: CatalogModel
    ) -> tuple[Proposal | None, Proposing | None]:
        """Return an entry's open proposal, and what its form proposes to: looked for once in a request."""
        known = request.__dict__.setdefault("_proposing", {})
        if entry.pk not in known:
            proposal = open_proposal(entry)
            known[entry.pk] = proposal, self.find_proposing(request, entry, proposal)
        found: tuple[Proposal | None, Proposing | None] = known[entry.pk]
        return found

    def find_proposing(
        self, request: HttpRequest, entry: CatalogModel, proposal: Proposal | None
    ) -> Proposing | None:
        """Return what the form of an entry proposes to, by who asks, which button was pressed, and what is open."""
        if not self.has_change_permission(request, entry):
            return None
        if not must_propose(request.user, entry):
            is_pressed = PROPOSE in request.POST and (proposal or is_live(entry))
            is_asked = (
                is_pressed or number(request.POST.get(TOLD))
                if request.method == "POST"
                else proposal and LIVE not in request.GET
            )
            if not is_asked:
                return None
        return Proposing(request, entry, proposal)

    def has_delete_permission(self, request: HttpRequest, obj: CatalogModel | None = None) -> bool:
        """Return whether somebody may delete an entry: of what visitors read, who may publish."""
        is_kept = obj is not None and must_propose(request.user, obj)
        return super().has_delete_permission(request, obj) and not is_kept

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return entries with whether visitors read them."""
        kept: QuerySet = super().with_keepers(entries)  # type: ignore[misc]
        return with_liveness(kept)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what goes with entries; their proposals do, which nobody deletes by themselves."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return listed, counts, needed - {Proposal._meta.verbose_name}, protected

    # --- The form

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form's class, which shows what is proposed."""
        form = super().get_form(request, obj, change, **kwargs)
        if proposing := self.proposing(request, obj):
            return type(form.__name__, (form,), {"proposed": proposing.fields()})
        return form

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: admin.options.InlineModelAdmin, prefix: str
    ) -> dict[str, object]:
        """Return what a set of rows is made with, among it what is proposed to them."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if (proposing := self.proposing(request, obj)) and issubclass(inline.formset, EntryFormSet):
            kwargs["proposed"] = proposing.rows(prefix, inline.model)
        return kwargs

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form with what saving does, before anybody presses a button."""
        entry = context["original"]
        if entry and self.has_change_permission(request, entry):
            context.update(self.about_saving(request, entry))
        return super().render_change_form(request, context, *args, **kwargs)

    def about_saving(self, request: HttpRequest, entry: CatalogModel) -> dict[str, object]:
        """Return what the page of the form says of saving, and which buttons it has."""
        proposal, proposing = self.known_proposals(request, entry)
        may_publish = may_change_live(request.user, entry)
        context: dict[str, object] = {"proposal": proposal, "may_see_live": may_publish}
        if proposing:
            said = SHOWN.format(author=person(proposal.author)) if proposal else WAITS
            context["sent_back"] = why_sent_back(proposal) if proposal else ""
            context |= {
                "about_saving": said,
                "is_proposal": True,
                "propose_button": "Save the proposal" if proposal else "Save as proposal",
                "proposal_versions": [(TOLD, proposing.now), (OPENED, proposing.opened)],
                "show_save": False,
                "show_save_and_continue": False,
                "show_save_and_add_another": False,
                "show_delete": False,
            }
        elif is_live(entry) and not proposal:
            context |= {"about_saving": EITHER, "propose_button": "Save as proposal"}
        return context

    # --- Keeping it

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save the entry, unless what was sent is proposed."""
        if not self.proposing(request, obj if change else None):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what belongs to the entry; or keep all that was sent as its proposal."""
        proposing = self.proposing(request, form.instance if change else None)
        if not proposing:
            super().save_related(request, form, formsets, change)
            return
        may_change = {
            inline.model
            for inline in self.get_inline_instances(request, form.instance)
            if inline.has_change_permission(request, form.instance)
        }
        rows = {
            formset.prefix: rows_sent(formset)
            for formset in formsets
            if isinstance(formset, EntryFormSet) and formset.model in may_change
        }
        request.proposal = propose(form.instance, fields_sent(form), rows, user=request.user)  # type: ignore[attr-defined]

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """Return the message of a save for the admin's log."""
        if self.proposing(request, None if add else form.instance):
            return "Proposed changes."
        return super().construct_change_message(request, form, formsets, add)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go on to the proposal, where one was kept."""
        if not self.proposing(request, obj):
            return super().response_change(request, obj)
        leave(obj, request.user)
        proposal: Proposal | None = getattr(request, "proposal", None)
        stored = self.model._default_manager.get(pk=obj.pk)
        if IS_POPUP_VAR in request.POST:
            # Who opened it goes on with the entry as it is.
            return super().response_change(request, stored)
        if proposal is None:
            messages.info(request, NOTHING.format(entry=stored))
            return forget_typed(request, HttpResponseRedirect(request.get_full_path()))
        messages.success(request, KEPT.format(entry=stored))
        return forget_typed(request, HttpResponseRedirect(proposal.get_absolute_url()))


# --- What was sent ---------------------------------------------------------------------------------------------------


def values_sent(form: Any) -> dict[str, object]:
    """Return the values that were sent for an entry or a row, as comparable values by field; files apart."""
    return {
        name: comparable(field, form.cleaned_data[name]) for name, field in form.shared_fields()
    }


def fields_sent(form: EntryForm) -> dict[str, object]:
    """Return the entry's own values that were sent, as comparable values by field; new files are stored."""
    sent = values_sent(form)
    for name, form_field in form.fields.items():
        if isinstance(form_field, forms.FileField):
            field: Any = form.own_fields[name]
            sent[name] = file_sent(field, form.instance, form.cleaned_data[name])
    return sent


def file_sent(field: FileField, entry: Model, value: object) -> str:
    """Return the name of the file that a field is to have; one that was sent is stored, beside the one that is live."""
    if isinstance(value, UploadedFile):
        name = field.generate_filename(entry, str(value.name))
        return str(field.storage.save(name, value, max_length=field.max_length))
    return str(value or "")


def rows_sent(formset: EntryFormSet) -> dict[str, Changes]:
    """Return the changes of the rows that were sent, by their keys, and what is proposed to the others."""
    pks = [form.instance.pk for form in formset.initial_forms]
    stored = formset.model._default_manager.in_bulk(pks)
    rows = formset.left_as_proposed()
    for form in formset.initial_forms:
        key, row = str(form.instance.pk), stored[form.instance.pk]
        if form in formset.deleted_forms:
            rows[key] = {GONE: [as_it_stands(row), None]}
            continue
        known = formset.proposed.of_row(key).now
        if changes := renewed(known, values_of(row), values_sent(form)):
            rows[key] = changes
    come = [form for form in formset.extra_forms if form.has_changed()]
    blank = values_of(formset.model())
    for place, form in enumerate(come, start=1):
        if form not in formset.deleted_forms:
            rows[f"{NEW}{place}"] = renewed({}, blank, values_sent(form))
    return rows
