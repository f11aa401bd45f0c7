"""Imports in the admin: the list of them, and each with what its file would do, does, or has done."""

from collections.abc import Callable
from pathlib import Path

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ...importing import jobs
from ...importing.permissions import Person, may_import, may_undo
from ...importing.progress import progress_of
from ...models import Import, ImportAction, ImportKind, ImportStatus
from ...values.site_url import admin_path
from ..work import WorkAdmin
from .preview import grouped_problems, page_of, shown
from .wording import (
    choices_of,
    doing,
    owner,
    status_in_words,
    status_sentence,
    taken_back,
    upload_url,
)

# Somebody is working on it, or ought to be.
WORKING = {ImportStatus.CHECKING, ImportStatus.CONFIRMED, ImportStatus.UNDOING}
# What has not happened where the work has stopped.
NOTHING = {
    ImportStatus.CHECKING: "Nothing was written.",
    ImportStatus.CONFIRMED: "Nothing was imported.",
    ImportStatus.UNDOING: "Nothing was undone.",
}
# What is in an uploaded file is anybody's.
ANYTHING = "application/octet-stream"


def kinds_of(user: Person) -> list[str]:
    """Return the kinds of file that somebody may import, and therefore see the imports of."""
    return [kind for kind in ImportKind.values if may_import(user, kind)]


@admin.register(Import)
class ImportAdmin(WorkAdmin[Import]):
    """Show the record of every import. It is read here, confirmed, cancelled and undone, and never edited."""

    noun = "rows"
    gone = "There is no such import any more: it was cancelled, or cleaned away because nobody confirmed it."
    no_file = "There is no such file any more."
    list_display = ["file_name", "kind", "status", "found", "user", "created_at"]
    list_filter = ["status", "kind"]
    search_fields = ["file_name"]
    search_help_text = "Words of the file's name"
    list_select_related = ["user"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="what it does")
    def found(self, record: Import) -> str:
        """Return what its rows do, and how much is wrong or to be looked at: "3 new, 1 mistake"."""
        counts = [(count, action) for action, count in record.counts.items()]
        counts += [(record.problem_count, ngettext("mistake", "mistakes", record.problem_count))]
        counts += [(record.warning_count, ngettext("warning", "warnings", record.warning_count))]
        return ", ".join(f"{count:,} {what}" for count, what in counts if count)

    # --- Who may see what

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may see imports of any kind of file."""
        return bool(kinds_of(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        """Return whether somebody may see an import: who may import such a file."""
        kinds = kinds_of(request.user)
        return obj.kind in kinds if obj else bool(kinds)

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        """Return False: an upload is cancelled, an import undone."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        """Return the imports that somebody may see, without what the list does not show."""
        records = super().get_queryset(request).filter(kind__in=kinds_of(request.user))
        if request.resolver_match and "object_id" in request.resolver_match.kwargs:
            return records.select_related("user")
        return records.defer("problems", "warnings", "notices", "kept")

    # --- Addresses

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with those of what can be done with an import."""
        sent = {"confirm": self.confirm, "cancel": self.cancel, "run-again": self.run_again}
        asked = {"undo": self.undo, "file": self.file, "mistakes": self.mistakes}
        views = {name: self.acting(act) for name, act in sent.items()} | asked
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"catalog_import_{name.replace('-', '_')}",
                )
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def acting(self, act: Callable[[HttpRequest, Import], None]) -> Callable[..., HttpResponse]:
        """Return the view that does something with an import when it is sent, and goes on to the import's page."""

        @require_POST
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            try:
                record = self.find(request, object_id)
                act(request, record)
            except (Http404, Import.DoesNotExist):
                messages.error(request, self.gone)
                return HttpResponseRedirect(admin_path(Import, "changelist"))
            # A cancelled one has no page any more.
            page = record.get_absolute_url() if record.pk else upload_url(record)
            return HttpResponseRedirect(page)

        return view

    # --- Pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """List the imports, without those that nobody has confirmed in time."""
        jobs.clean_away()
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show an import: how far it is, what is wrong with it, or what it does."""
        record = self.find(request, object_id)
        if record.status in WORKING:
            context = self.progress(request, record)
            return self.refreshed(self.page(request, record, "working", context))
        return self.page(request, record, "record", self.result(request, record))

    def page(
        self, request: HttpRequest, record: Import, template: str, context: dict[str, object]
    ) -> TemplateResponse:
        """Return a page about an import."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import of {record.file_name}",
            "opts": self.opts,
            "record": record,
            "is_own": self.is_own(request, record),
            "may_cancel": self.may_cancel(request, record),
            "upload_url": upload_url(record),
            **context,
        }
        return TemplateResponse(request, f"admin/catalog/import/{template}.html", context)

    def progress(self, request: HttpRequest, record: Import) -> dict[str, object]:
        """Return what the page says while somebody works on an import, or ought to."""
        context = super().progress(request, record)
        return {
            **context,
            "may_run_again": not context["is_alive"] and may_run_again(request, record),
            "nothing": NOTHING[ImportStatus(record.status)],
        }

    def result(self, request: HttpRequest, record: Import) -> dict[str, object]:
        """Return what the page says of what was found, is to be done, or was done."""
        rows, action = record.rows.all(), request.GET.get("action", "")
        if action in ImportAction:
            rows = rows.filter(action=action)
        page = page_of(rows, request.GET)
        problems, warnings = (grouped_problems(f) for f in (record.problems, record.warnings))
        return {
            "mistakes": page_of(problems, request.GET, "mistakes_page"),
            "warnings": page_of(warnings, request.GET, "warnings_page"),
            "kept": page_of(record.kept, request.GET, "kept_page"),
            "page": page,
            "rows": shown(page),
            "choices": choices_of(record, action),
            "does_something": any(doing(record).values()),
            "may_undo": record.status == ImportStatus.DONE and may_undo(request.user),
        }

    def file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file as it came."""
        record = self.find(request, object_id)
        return self.send(request, record, record.file, record.file_name, ANYTHING)

    def mistakes(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file with what is wrong in each row, to be fixed."""
        record = self.find(request, object_id)
        name = Path(record.file_name)
        mistakes = f"{name.stem}-mistakes{name.suffix}"
        return self.send(request, record, record.mistakes, mistakes, ANYTHING)

    # --- Actions

    def confirm(self, request: HttpRequest, record: Import) -> None:
        """Confirm the import of which the sender has seen the preview."""
        if not self.is_own(request, record):
            messages.error(request, f"Only {owner(record)} can confirm this import.")
        elif record.status != ImportStatus.READY:
            messages.error(request, f"There is nothing to confirm. {status_sentence(record)}")
        elif request.POST.get("plan") != record.plan:
            messages.error(
                request,
                "The preview has changed since you saw it. Look at it again before you confirm it.",
            )
        else:
            jobs.confirm(record)
            record.refresh_from_db()
            if record.status == ImportStatus.DONE:
                messages.success(request, f"Imported: {status_in_words(record)}.")
            elif record.status != ImportStatus.CONFIRMED:
                messages.error(
                    request, "Nothing was imported. See below why, and what the file does now."
                )

    def cancel(self, request: HttpRequest, record: Import) -> None:
        """Forget an upload that has changed nothing, and that nobody is working on."""
        if not self.is_own(request, record):
            messages.error(request, f"Only {owner(record)} can cancel this import.")
            return
        with transaction.atomic():
            # Nobody confirms it meanwhile.
            locked = Import.objects.select_for_update().get(pk=record.pk)
            if not self.may_cancel(request, locked):
                messages.error(
                    request, f"This import cannot be cancelled. {status_sentence(locked)}"
                )
                return
            record.delete()
        messages.success(request, "Cancelled. Nothing was imported, and the file is not kept.")

    def run_again(self, request: HttpRequest, record: Import) -> None:
        """Go on with an import that nobody works on."""
        progress = progress_of(record)
        if record.status not in WORKING:
            messages.error(request, f"There is nothing to run again. {status_sentence(record)}")
        elif progress and progress.is_alive:
            messages.error(
                request, "There is nothing to run again: this import is being worked on."
            )
        elif not may_run_again(request, record):
            messages.error(request, "Only those who may undo imports can go on with undoing one.")
        else:
            jobs.run_again(record, request.user)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether to take back what an import did; when that is sent, do it."""
        if not may_undo(request.user):
            raise PermissionDenied
        if request.method == "POST":
            return self.acting(self.undo_record)(request, object_id)
        record = self.find(request, object_id)
        if record.status != ImportStatus.DONE:
            self.refuse_undo(request, record)
            return HttpResponseRedirect(record.get_absolute_url())
        return self.page(request, record, "undo", {"taken_back": taken_back(record)})

    def undo_record(self, request: HttpRequest, record: Import) -> None:
        """Take back what an import did, if there is anything."""
        if record.status == ImportStatus.DONE:
            jobs.request_undo(record, request.user)
        else:
            self.refuse_undo(request, record)

    def refuse_undo(self, request: HttpRequest, record: Import) -> None:
        """Say that there is nothing to undo."""
        messages.error(request, f"There is nothing to undo. {status_sentence(record)}")

    def is_own(self, request: HttpRequest, record: Import) -> bool:
        """Return whether somebody has uploaded the file of an import."""
        return record.user_id == request.user.pk

    def may_cancel(self, request: HttpRequest, record: Import) -> bool:
        """Return whether it is this person's, has changed nothing, and nobody is working on it."""
        progress = progress_of(record) if record.status in WORKING else None
        is_begun = bool(progress and progress.is_alive and progress.started_at)
        has_done_nothing = record.status in {*ImportStatus.unconfirmed(), ImportStatus.CONFIRMED}
        return self.is_own(request, record) and has_done_nothing and not is_begun


def may_run_again(request: HttpRequest, record: Import) -> bool:
    """Return whether somebody who may see an import may go on with it: to undo it takes the permission for that."""
    return record.status != ImportStatus.UNDOING or may_undo(request.user)
