"""Synonyms: what else a search looks for, and what a change of that would find."""

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Field, Q
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ..importing.plans import ImportResult
from ..importing.problems import grouped
from ..importing.synonyms import SynonymImporter
from ..models import Program, SynonymGroup
from ..resources import CSV, ReadError
from ..resources.synonyms import SynonymResource
from ..search import AreaTexts, Synonyms, Words, find_programs, parse
from ..spreadsheets import open_sheet
from ..values.site_url import admin_path
from .busy import keep_typed, show_refusal
from .entries import EntryAdmin
from .entry_form.form import EntryForm
from .imports.upload import UploadForm
from .lists import holding

PREVIEW_BUTTON, IMPORT_BUTTON = "_preview", "_import"


class SynonymPreviewForm(EntryForm):
    """Form that saves nothing: what was typed is checked, and shown once more."""

    def is_valid(self) -> bool:
        """Return that nothing is to be saved, once it is checked."""
        super().is_valid()
        return False


class SynonymEffect(NamedTuple):
    """Tell how many public programs a word or phrase finds: now, and after a change of the synonyms."""

    phrase: str
    before: int
    after: int


def effects(group: SynonymGroup) -> list[SynonymEffect]:
    """Return what each word and phrase finds now, and would find with this group as it is; also those it gives up."""
    others = SynonymGroup.objects.exclude(pk=group.pk)
    stored = SynonymGroup.objects.filter(pk=group.pk).first()
    phrases = list(dict.fromkeys([*group.phrases, *(stored.phrases if stored else ())]))
    words, areas = list(map(parse, phrases)), AreaTexts.stored()
    public = set(Program.objects.published().values_list("pk", flat=True))
    changed = Synonyms([*(other.phrases for other in others), group.phrases])
    before, after = (
        [len(public.intersection(found)) for found in find_programs(words, synonyms, areas)]
        for synonyms in (Synonyms.stored(), changed)
    )
    return list(map(SynonymEffect, phrases, before, after))


@admin.register(SynonymGroup)
class SynonymGroupAdmin(EntryAdmin):
    list_display = ["name", "meaning_the_same", "last_change"]
    search_fields = ["name", "synonyms"]
    fields = ["name", "synonyms"]

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: there are no documents of synonyms to search."""
        return holding(self.search_fields, words)

    @admin.display(description="synonyms")
    def meaning_the_same(self, group: SynonymGroup) -> str:
        """Return the synonyms in one line."""
        return " · ".join(group.synonyms)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm]:
        """Return the form's class; one that saves nothing, for a preview."""
        form = super().get_form(request, *args, **kwargs)
        is_previewed = PREVIEW_BUTTON in request.POST
        return type(form.__name__, (SynonymPreviewForm, form), {}) if is_previewed else form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, with what would change if a preview was asked for and nothing is wrong."""
        form = context["adminform"].form
        if PREVIEW_BUTTON in request.POST and not form.errors:
            context["effects"] = effects(form.instance)
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Return the field of a form, the box for synonyms as wide as that for the word."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "synonyms":
            field.widget.attrs["class"] = "vTextField"
        return field

    # --- Files

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with those of the file that goes in and of the one that comes out."""
        start = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("import/", self.admin_site.admin_view(self.import_file), name=f"{start}_import"),
            path("synonyms.csv", self.admin_site.admin_view(self.export), name=f"{start}_export"),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest) -> HttpResponse:
        """Send all synonyms as a CSV file. Raises PermissionDenied for who may not see them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        keys = list(SynonymGroup.objects.values_list("pk", flat=True))
        return HttpResponse(
            b"".join(CSV().chunks(SynonymResource().rows(keys))),
            content_type=CSV().get_content_type(),
            headers={"Content-Disposition": 'attachment; filename="synonyms.csv"'},
        )

    @keep_typed
    def import_file(self, request: HttpRequest) -> HttpResponse:
        """Check a file and tell what it would do, or import it all. Raises PermissionDenied."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        show_refusal(request, form, "Check the file")
        result, is_checked = None, IMPORT_BUTTON not in request.POST
        if is_sent and form.is_valid():
            try:
                result = run(form.cleaned_data["file"], request, dry_run=is_checked)
            except ReadError as error:
                form.add_error("file", str(error))
        if result and not result.problems and not is_checked:
            messages.success(request, f"Imported: {counted(result)}.")
            return HttpResponseRedirect(admin_path(SynonymGroup, "changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Import synonyms",
            "opts": self.opts,
            "form": form,
            "result": result,
            "counts": counted(result) if result else "",
            "problems": grouped(result.problems) if result else [],
        }
        return TemplateResponse(request, "admin/catalog/import/synonyms.html", context)


def run(file: UploadedFile, request: HttpRequest, *, dry_run: bool) -> ImportResult:
    """Return what a file does or would do. Raises ReadError."""
    with NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        sheet = open_sheet(Path(copy.name), SynonymResource.columns(), sheet_names={"synonyms"})
        importer = SynonymImporter(user=request.user, reason=f"Import of {file.name}")
        return importer.run(sheet, dry_run=dry_run, plan=request.POST.get("plan", ""))


def counted(result: ImportResult) -> str:
    """Return in words how many rows do what."""
    counts = (f"{count} {action.label.lower()}" for action, count in sorted(result.actions.items()))
    return ", ".join(counts) or "no rows"
