"""Imports in the admin: the list of them, and each with what its file would do, does, or has done."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ..importing import jobs
from ..importing.permissions import may_import, may_undo
from ..importing.progress import Progress, progress_of
from ..models import Import, ImportAction, ImportKind, ImportStatus
from ..resources import KINDS
from . import import_preview

logger = logging.getLogger(__name__)

# Somebody is working on it, or ought to be.
WORKING = {ImportStatus.CHECKING, ImportStatus.CONFIRMED, ImportStatus.UNDOING}
# What has not happened where the work has stopped.
NOTHING = {
    ImportStatus.CHECKING: "Nothing was written.",
    ImportStatus.CONFIRMED: "Nothing was imported.",
    ImportStatus.UNDOING: "Nothing was undone.",
}
BUSY = "Somebody else is writing to the database. Nothing was {done}; try again in a moment."
GONE = "There is no such import any more: it was cancelled, or cleaned away because nobody confirmed it."
# Seconds.
REFRESH, FEW_SECONDS, FEW_MINUTES = 3, 10, 90


def kinds_of(user: Any) -> list[str]:
    """Return the kinds of file that somebody may import, and therefore see the imports of."""
    return [kind for kind in ImportKind.values if may_import(user, kind)]


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):
    """The record of every import. It is read here, confirmed, cancelled and undone, and never edited."""

    list_display = ["file_name", "kind", "status", "found", "user", "created_at"]
    list_filter = ["status", "kind"]
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
        return bool(kinds_of(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        kinds = kinds_of(request.user)
        return obj.kind in kinds if obj else bool(kinds)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        records = super().get_queryset(request).filter(kind__in=kinds_of(request.user))
        if request.resolver_match and "object_id" in request.resolver_match.kwargs:
            return records.select_related("user")
        return records.defer("problems", "warnings", "notices", "kept")

    def find(self, request: HttpRequest, object_id: str) -> Import:
        """Return an import that this person may see. Raises PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404(GONE)
        return record

    # --- Addresses

    def get_urls(self) -> list[URLPattern]:
        sent = {"confirm": self.confirm, "cancel": self.cancel, "run-again": self.run_again}
        asked = {"undo": self.undo, "file": self.file, "mistakes": self.mistakes}
        views = {name: self.acting(act, "imported") for name, act in sent.items()} | asked
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

    def acting(
        self, act: Callable[[HttpRequest, Import], None], done: str
    ) -> Callable[..., HttpResponse]:
        """Return the view that does something with an import when it is sent, and goes on to the import's page.

        ``done`` says what has not happened to anything where the database is locked: "imported".
        """

        @require_POST
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            try:
                record = self.find(request, object_id)
                act(request, record)
            except (Http404, Import.DoesNotExist):
                messages.error(request, GONE)
                return HttpResponseRedirect(reverse("admin:catalog_import_changelist"))
            except OperationalError:
                logger.exception("The database was locked")
                messages.error(request, BUSY.format(done=done))
                return HttpResponseRedirect(
                    reverse("admin:catalog_import_change", args=[object_id])
                )
            # A cancelled one has no page any more.
            page = record.get_absolute_url() if record.pk else upload_url(record)
            return HttpResponseRedirect(page)

        return view

    # --- Pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the imports, without those that nobody has confirmed in time."""
        jobs.clean_away()
        return super().changelist_view(request, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an import: how far it is, what is wrong with it, or what it does."""
        record = self.find(request, object_id)
        if record.status in WORKING:
            context = self.progress(request, record)
            response = self.page(request, record, "working", context)
            if context["is_refreshed"]:
                # A page that asks again without a script; its link to stop that is for those whom it disturbs.
                response["Refresh"] = str(REFRESH)
            return response
        return self.page(request, record, "record", self.result(request, record))

    def page(
        self, request: HttpRequest, record: Import, template: str, context: dict[str, Any]
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

    def progress(self, request: HttpRequest, record: Import) -> dict[str, Any]:
        """Return what the page says while somebody works on an import, or ought to."""
        progress = progress_of(record)
        is_alive = bool(progress and progress.is_alive)
        return {
            "is_alive": is_alive,
            "is_begun": bool(progress and progress.started_at),
            "is_refreshed": is_alive and "still" not in request.GET,
            "may_run_again": not is_alive and may_run_again(request, record),
            "nothing": NOTHING[ImportStatus(record.status)],
            "progress": progress,
            "words": progress_in_words(progress, record.total) if progress else "",
        }

    def result(self, request: HttpRequest, record: Import) -> dict[str, Any]:
        """Return what the page says of what was found, is to be done, or was done."""
        rows, action = record.rows.all(), request.GET.get("action", "")
        if action in ImportAction:
            rows = rows.filter(action=action)
        part = import_preview.part(rows, request.GET, "page")
        problems, warnings = (
            import_preview.findings(f) for f in (record.problems, record.warnings)
        )
        return {
            "mistakes": import_preview.part(problems, request.GET, "mistakes_page"),
            "warnings": import_preview.part(warnings, request.GET, "warnings_page"),
            "kept": import_preview.part(record.kept, request.GET, "kept_page"),
            "part": part,
            "rows": import_preview.shown(part.page),
            "choices": choices_of(record, action),
            "does_something": any(doing(record).values()),
            "may_undo": record.status == ImportStatus.DONE and may_undo(request.user),
        }

    def file(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file as it came."""
        record = self.find(request, object_id)
        return self.send(request, record, record.file, record.file_name)

    def mistakes(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the file with what is wrong in each row, to be mended."""
        record = self.find(request, object_id)
        name = Path(record.file_name)
        return self.send(request, record, record.mistakes, f"{name.stem}-mistakes{name.suffix}")

    def send(
        self, request: HttpRequest, record: Import, file: FieldFile, name: str
    ) -> HttpResponseBase:
        """Send a file to be saved, and never shown: what is in it is anybody's."""
        try:
            content = file.open()
        except (FileNotFoundError, ValueError):
            messages.error(request, "There is no such file any more.")
            return HttpResponseRedirect(record.get_absolute_url())
        return FileResponse(
            content,
            as_attachment=True,
            filename=name,
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    # --- Actions

    def confirm(self, request: HttpRequest, record: Import) -> None:
        """Let the import do what the sender has seen that it would do."""
        if not self.is_own(request, record):
            messages.error(request, f"Only {owner(record)} can confirm this import.")
        elif record.status != ImportStatus.READY:
            messages.error(request, f"There is nothing to confirm. {state(record)}")
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
                messages.error(request, f"This import cannot be cancelled. {state(locked)}")
                return
            record.delete()
        messages.success(request, "Cancelled. Nothing was imported, and the file is not kept.")

    def run_again(self, request: HttpRequest, record: Import) -> None:
        """Go on with an import that nobody works on."""
        progress = progress_of(record)
        if record.status not in WORKING:
            messages.error(request, f"There is nothing to run again. {state(record)}")
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
            return self.acting(self.undo_record, "undone")(request, object_id)
        record = self.find(request, object_id)
        if record.status != ImportStatus.DONE:
            self.refuse_undo(request, record)
            return HttpResponseRedirect(record.get_absolute_url())
        return self.page(request, record, "undo", {"taken_back": taken_back(record)})

    def undo_record(self, request: HttpRequest, record: Import) -> None:
        if record.status == ImportStatus.DONE:
            jobs.request_undo(record, request.user)
        else:
            self.refuse_undo(request, record)

    def refuse_undo(self, request: HttpRequest, record: Import) -> None:
        messages.error(request, f"There is nothing to undo. {state(record)}")

    def is_own(self, request: HttpRequest, record: Import) -> bool:
        return record.user_id == request.user.pk

    def may_cancel(self, request: HttpRequest, record: Import) -> bool:
        """Whether it is this person's, has changed nothing, and nobody is working on it."""
        progress = progress_of(record) if record.status in WORKING else None
        is_begun = bool(progress and progress.is_alive and progress.started_at)
        has_done_nothing = record.status in {*ImportStatus.unconfirmed(), ImportStatus.CONFIRMED}
        return self.is_own(request, record) and has_done_nothing and not is_begun


def may_run_again(request: HttpRequest, record: Import) -> bool:
    """Whether somebody who may see an import may go on with it: to undo it takes the permission for that."""
    return record.status != ImportStatus.UNDOING or may_undo(request.user)


def upload_url(record: Import) -> str:
    """Return where files of the import's kind are uploaded."""
    opts = KINDS[record.kind]._meta.model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_import")


def owner(record: Import) -> str:
    """Return who uploaded the file, for a sentence."""
    return (
        f"{record.user}, who uploaded the file,"
        if record.user
        else "the person who uploaded the file"
    )


def state(record: Import) -> str:
    """Return how it stands with an import, in a sentence."""
    return f"This import’s status is “{record.get_status_display().lower()}”."


def status_in_words(record: Import) -> str:
    """Return how many rows do what: "1 new, 2 changed, 0 re-rated, 3 unchanged"."""
    return ", ".join(f"{count:,} {action}" for action, count in record.counts.items())


def progress_in_words(progress: Progress, total: int) -> str:
    """Return how far an import is: "12,000 of 50,000 rows, 1,900 a second, about 20 seconds left"."""
    words = [f"{progress.done:,} of {total:,} rows" if total else f"{progress.done:,} rows"]
    if progress.rate:
        words.append(f"{progress.rate:,.0f} a second")
        if total:
            words.append(time_in_words((total - progress.done) / progress.rate))
    return ", ".join(words)


def time_in_words(seconds: float) -> str:
    """Return how long something still takes, no more exactly than it can be told."""
    if seconds < FEW_SECONDS:
        return "a few seconds left"
    if seconds < FEW_MINUTES:
        return f"about {round(seconds, -1):.0f} seconds left"
    return f"about {seconds / 60:.0f} minutes left"


def doing(record: Import) -> dict[ImportAction, int]:
    """Return how many rows do what, without those that do nothing."""
    actions = [action for action in ImportAction if action != ImportAction.UNCHANGED]
    return {action: record.counts.get(action.value, 0) for action in actions}


def taken_back(record: Import) -> list[tuple[int, str]]:
    """Return what undoing an import means, and for how many rows."""
    counts = doing(record)
    return [
        (counts[ImportAction.NEW], "new: deleted"),
        (counts[ImportAction.CHANGED], "changed: put back"),
        (counts[ImportAction.RE_RATED], "re-rated: rated as before"),
    ]


class ActionChoice(NamedTuple):
    """The rows that do one thing, to be shown alone."""

    label: str
    total: int
    address: str
    is_chosen: bool


def choices_of(record: Import, chosen: str) -> list[ActionChoice]:
    """Return the ways to filter the rows of an import; none where there is but one kind of them."""
    there = {action: count for action, count in doing(record).items() if count}
    if not list(there)[1:]:
        return []
    return [
        ActionChoice("All", sum(there.values()), "?", chosen not in there),
        *(
            ActionChoice(str(action.label), count, f"?action={action}", action == chosen)
            for action, count in there.items()
        ),
    ]
