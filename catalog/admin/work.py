"""Imports and exports in the admin, as far as they are alike: a worker does them, and people look on."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models.fields.files import FieldFile
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse

from ..importing.progress import Progress, progress_of
from ..models import Export, Import

# Seconds.
REFRESH = 3
FEW_SECONDS, FEW_MINUTES = 10, 90


class WorkAdmin[OfWork: (Import, Export)](admin.ModelAdmin):
    """Show how far the work is, and send its file. It is asked for elsewhere, and never edited.

    ``gone`` says why there may be no such record any more, and ``no_file`` that there is no such file; ``noun`` is what
    is worked on.
    """

    noun: str
    gone: str
    no_file: str

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: it is asked for at the list of its entries."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: OfWork | None = None) -> bool:
        """Return False: it is a record of what was asked for and done."""
        return False

    def find(self, request: HttpRequest, object_id: str) -> OfWork:
        """Return the record that this person may see. Raises PermissionDenied or Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record: OfWork | None = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404(self.gone)
        return record

    def progress(self, request: HttpRequest, record: OfWork) -> dict[str, object]:
        """Return what the page says while a worker does it, or ought to."""
        progress = progress_of(record)
        is_alive = bool(progress and progress.is_alive)
        return {
            "is_alive": is_alive,
            "is_begun": bool(progress and progress.started_at),
            "is_refreshed": is_alive and "still" not in request.GET,
            "progress": progress,
            "words": progress_in_words(progress, record.total, self.noun) if progress else "",
        }

    def refreshed(self, response: TemplateResponse) -> TemplateResponse:
        """Return the page; while it is alive it asks again without a script, unless its link to stop that was used."""
        if (response.context_data or {}).get("is_refreshed"):
            response["Refresh"] = str(REFRESH)
        return response

    def send(
        self, request: HttpRequest, record: OfWork, file: FieldFile, name: str, content_type: str
    ) -> HttpResponseBase:
        """Send a file to be saved, and never shown; where there is none, lead back to its page."""
        try:
            content = file.open()
        except (FileNotFoundError, ValueError):
            messages.error(request, self.no_file)
            return HttpResponseRedirect(record.get_absolute_url())
        return FileResponse(
            content,
            as_attachment=True,
            filename=name,
            content_type=content_type,
            headers={"X-Content-Type-Options": "nosniff"},
        )


def progress_in_words(progress: Progress, total: int, what: str = "rows") -> str:
    """Return how far the work is: "12,000 of 50,000 rows, 1,900 a second, about 20 seconds left"."""
    words = [f"{progress.done:,} of {total:,} {what}" if total else f"{progress.done:,} {what}"]
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
