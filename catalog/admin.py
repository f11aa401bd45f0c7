"""The editors' side: Django's admin, with the catalog's order, status rules, history and imports."""

import re
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget, AdminTextareaWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import FileField, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import ngettext
from import_export.admin import ImportExportMixin
from simple_history.admin import SimpleHistoryAdmin

from . import resources
from .expressions import NameKey
from .forms import ConfirmImportForm, EntryForm, ImportForm
from .import_guide_admin import GuideAdmin
from .models import (
    NOT_PROVIDED,
    Program,
    Rating,
    Reference,
    ScientificRating,
    Status,
    Study,
    Term,
    TopicArea,
    TopicExpert,
)
from .models.status import is_public
from .models.topic_areas import count_by_area
from .names import without_marks

MOST_SEARCH_WORDS = 20


class ImportExportAdmin(GuideAdmin, ImportExportMixin, admin.ModelAdmin):
    """Import and export as ``resources`` rules, each with a permission of its own."""

    import_form_class = ImportForm
    confirm_form_class = ConfirmImportForm
    import_formats = export_formats = [resources.CSV]
    # Its form breaks under a strict CSP, and there is nothing to choose.
    skip_export_form = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Importing adds and changes, so it asks for those permissions too."""
        return (
            super().has_import_permission(request)
            and self.has_add_permission(request)
            and self.has_change_permission(request)
        )

    def get_confirm_form_kwargs(
        self, request: HttpRequest, import_form: Any = None
    ) -> dict[str, Any]:
        owner = f"{request.user.pk}:{self.opts.label_lower}"
        return {**super().get_confirm_form_kwargs(request, import_form), "owner": owner}

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the preview, which may be confirmed, or everything that is wrong; then the file is not kept."""
        response = super().import_action(request, **kwargs)
        if not isinstance(response, TemplateResponse):
            return response
        context: Any = response.context_data
        context["columns"] = self.get_import_resource_classes(request)[0].columns()
        upload: Any = request.FILES.get("import_file")
        if "confirm_form" in context:
            context["confirm_form"].sign(context["result"].plan)
        elif hasattr(upload, "tmp_storage_name"):
            self.get_tmp_storage_class()(name=upload.tmp_storage_name).remove()
        return response

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form")
        plan = form.plan if isinstance(form, ConfirmImportForm) else None
        return {**super().get_import_data_kwargs(**kwargs), "plan": plan}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, resources.ReadError):
            raise e
        form.add_error("import_file", str(e))

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except FileNotFoundError:
            messages.error(
                request, "This preview has been used or has expired. Upload the file again."
            )
            return HttpResponseRedirect(
                reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
            )

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """Say that it is done only when it is: data may have changed since the preview."""
        if not result.has_errors():
            return super().process_result(result, request)
        context = {
            **self.admin_site.each_context(request),
            "title": "Import",
            "form": self.get_import_form_class(request)(
                self.get_import_formats(), self.get_import_resource_classes(request)
            ),
            "opts": self.opts,
            "media": self.media,
            "result": result,
            "fields_list": [],
        }
        return TemplateResponse(request, self.import_template_name, context)

    def add_success_message(self, result: Any, request: HttpRequest) -> None:
        counts = ", ".join(f"{count:,} {name}" for name, count in result.counts.items())
        messages.success(request, f"Import finished: {counts}.")

    def get_export_queryset(self, request: HttpRequest) -> QuerySet:
        """Export what the list shows, in the list's order, without its annotations' cost."""
        return self.model._default_manager.filter(
            pk__in=super().get_export_queryset(request).order_by().values("pk")
        )


# Texts of a line or two; the other text boxes are for prose.
SHORT_TEXTS = {
    "intensity",
    "duration",
    "scope_note",
    "exclusion_reason",
    "population",
    "delivered_by",
}


class EntryAdmin(SimpleHistoryAdmin):
    """What all entries have in common; fast at a hundred thousand of them."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    save_on_top = True
    history_list_per_page = 50
    form: Any = EntryForm

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Give a text box the height of what belongs in it."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, AdminTextareaWidget):
            field.widget.attrs["rows"] = 3 if db_field.name in SHORT_TEXTS else 8
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Send the version along, by which ``EntryForm`` sees that somebody else has saved meanwhile."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["version"]})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field for field in super().get_fields(request, obj) if field != "version"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> Any:
        """Find every word in one of the ``search_fields``, upper and lower case alike on both databases.

        Parts of words and of slugs too, which full-text search does not find. A regular expression and not
        ``icontains``, which on SQLite takes É and é for different letters.
        """
        # | stands between the values of a list in the database.
        words = without_marks(search_term).translate({ord("|"): " ", 0: " "}).split()
        for word in words[:MOST_SEARCH_WORDS]:
            holding = Q()
            for field in self.search_fields:
                holding |= Q(**{f"{field}__iregex": re.escape(word)})
            queryset = queryset.filter(holding)
        return queryset, False

    def history_form_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show an old version; the package would put it back when asked, even where that is disabled."""
        if request.method == "POST":
            raise PermissionDenied
        return super().history_form_view(request, *args, **kwargs)


class CatalogAdmin(EntryAdmin, ImportExportAdmin):
    """The catalog's entries, which are imported and exported as well."""


class PublishableAdmin(CatalogAdmin):
    """Entries with a status. To publish and to retire takes a permission of its own."""

    actions = ["publish", "retire"]
    readonly_fields = ["published_at", "retired_at"]
    prepopulated_fields = {"slug": ["name"]}

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the permission, the status of what is or was public cannot be touched."""
        fields = super().get_readonly_fields(request, obj)
        is_open = obj is None or obj.status in {Status.DRAFT, Status.IN_REVIEW}
        if is_open or self.has_publish_permission(request):
            return fields
        return [*fields, "status"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A slug follows the name only until it is an address."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was ever public is retired, not deleted: its address is in other people's papers."""
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "status" and not self.has_publish_permission(request):
            kwargs["choices"] = [(s.value, s.label) for s in (Status.DRAFT, Status.IN_REVIEW)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    @admin.action(description="Publish the selected entries", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.set_status(request, queryset, Status.PUBLISHED)

    @admin.action(description="Retire the selected entries", permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.set_status(request, queryset, Status.RETIRED)

    def set_status(self, request: HttpRequest, queryset: QuerySet, status: Status) -> None:
        """Give each entry the status, with a history entry of its own; say which could not have it, and why."""
        done = 0
        for entry in queryset.exclude(status=status):
            entry.status = status
            entry._change_reason = f"{status.label} from the list"
            try:
                entry.full_clean()
            except ValidationError as error:
                messages.error(request, f"“{entry}” stays as it is: {' '.join(error.messages)}")
                continue
            entry.save()
            self.log_change(request, entry, [{"changed": {"fields": ["status"]}}])
            done += 1
        entries = ngettext("%d entry is", "%d entries are", done) % done
        if done:
            messages.success(request, f"{entries} now {status.label.lower()}.")
        else:
            messages.info(
                request,
                f"Nothing changed: what was selected was {status.label.lower()} before, or could not be.",
            )


class NumberedLevels:
    """Offers the levels by number and words: "3 Promising Research Evidence"."""

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "scientific_rating":
            kwargs["choices"] = [("", "---------"), *numbered_levels()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]


def numbered_levels() -> list[tuple[str, str]]:
    return [(level.value, f"{level.value} {level.label}") for level in ScientificRating]


class RatingInline(NumberedLevels, admin.StackedInline):
    """The ratings of a program. What is recorded stands; a new one retires the one before it."""

    model = Rating
    extra = 0
    fields = [
        ("topic_area", "is_current"),
        ("scientific_rating", "not_rated_reason"),
        ("rated_on", "scale_edition"),
        "rationale",
    ]
    readonly_fields = ["is_current"]
    autocomplete_fields = ["topic_area"]
    show_change_link = True
    verbose_name = "rating"
    verbose_name_plural = (
        "ratings (to re-rate, add one: the one before it is kept as a past rating)"
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        ratings: Any = super().get_queryset(request)
        return ratings.select_related("program", "topic_area").newest_first()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StudyInline(admin.StackedInline):
    model = Study
    extra = 0
    autocomplete_fields = ["reference"]
    verbose_name = "reference"
    verbose_name_plural = "references and what was studied"

    fields = [
        ("reference", "role"),
        "exclusion_reason",
        ("design", "sample_size", "follow_up_months"),
        "population",
        "location",
        "summary",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("program", "reference")


class RatedInFilter(admin.SimpleListFilter):
    title = "topic area"
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TopicArea.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        if queryset.model is Rating:
            return queryset.filter(topic_area__slug=self.value())
        return queryset.rated(Rating.objects.current().filter(topic_area__slug=self.value()))


class LevelFilter(admin.SimpleListFilter):
    title = "scientific rating"
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("none", "Not rated in any area"),
            *numbered_levels(),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        if self.value() == "none":
            return queryset.without_rating()
        ratings = Rating.objects.current().filter(scientific_rating=self.value())
        if area := request.GET.get(RatedInFilter.parameter_name):  # that rating in that area
            ratings = ratings.filter(topic_area__slug=area)
        return queryset.rated(ratings)


@admin.register(Program)
class ProgramAdmin(PublishableAdmin):
    resource_classes = [resources.ProgramResource]
    list_display = ["program_name", "status", "current_ratings", "research_last_reviewed"]
    list_filter = ["status", RatedInFilter, LevelFilter, "relevance_level", "is_nonresponder"]
    search_fields = ["name", "slug", "acronym", "also_known_as"]
    search_help_text = "Name, other names, acronym or slug"
    inlines = [RatingInline, StudyInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "slug",
                    ("acronym", "also_known_as"),
                    ("status", "published_at", "retired_at"),
                ]
            },
        ),
        ("About the program", {"fields": ["description", "scope_note", "target_population"]}),
        (
            "Whom it serves",
            {
                "description": "Ages in years, 0 to 25. Leave them blank where the program does not state them.",
                "fields": [
                    ("child_age_min", "child_age_max"),
                    ("caregiver_child_age_min", "caregiver_child_age_max"),
                    "relevance_level",
                    "outcomes",
                ],
            },
        ),
        ("What it does", {"fields": ["goals", "essential_components"]}),
        ("Delivery", {"fields": ["delivery_settings", "intensity", "duration", "languages"]}),
        (
            "Manual and training",
            {
                "fields": [
                    "manual_available",
                    "manual_notes",
                    "training_available",
                    "training_notes",
                ]
            },
        ),
        (
            "Dates of the record",
            {
                "description": "As exactly as they are known, and no more: 2024, 2024-06 or 2024-06-15.",
                "fields": [("research_last_reviewed", "content_last_reviewed", "loaded_on")],
            },
        ),
        (
            "Contact",
            {
                "description": f"Public. What the representative did not want to give is “{NOT_PROVIDED}”; "
                "blank means that nobody has asked.",
                "fields": [
                    "is_nonresponder",
                    "website",
                    ("contact_name", "contact_organization"),
                    ("contact_email", "contact_phone"),
                ],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        current = Rating.objects.current().select_related("topic_area").in_topic_area_order()
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("ratings", current, to_attr="listed_ratings"))
        )

    @admin.display(description="name", ordering=NameKey("name"))
    def program_name(self, program: Program) -> str:
        return program.name

    @admin.display(description="ratings")
    def current_ratings(self, program: Any) -> str:
        return ", ".join(
            f"{rating.scientific_rating} in {rating.topic_area.abbreviation or rating.topic_area.name}"
            for rating in program.listed_ratings
        )


class Upload(NamedTuple):
    """An uploaded file as the file widget's template shows it."""

    name: str
    url: str

    def __str__(self) -> str:
        return self.name


class UploadedSummaryInput(AdminFileWidget):
    """Links to the address that serves the summary; its folder is private, and no address leads there."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(
            name, value, {**(attrs or {}), "aria-label": "Summary document"}
        )
        if context["widget"]["is_initial"]:
            address = reverse("catalog:topic_area_summary", args=[value.instance.slug])
            context["widget"]["value"] = Upload(str(value), address)
        return context


@admin.register(TopicArea)
class TopicAreaAdmin(PublishableAdmin):
    resource_classes = [resources.TopicAreaResource]
    formfield_overrides = {FileField: {"widget": UploadedSummaryInput}}
    list_display = [
        "area_name",
        "abbreviation",
        "status",
        "year_added",
        "program_count",
        "public_count",
    ]
    list_filter = ["status", "year_added"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug", "abbreviation"]
    autocomplete_fields = ["parent", "experts", "further_reading"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "slug",
                    ("abbreviation", "parent"),
                    ("status", "published_at", "retired_at"),
                ]
            },
        ),
        ("Definition", {"fields": ["definition"]}),
        (
            "Criteria",
            {
                "description": "They stand on the page under these labels. Leave them blank in an umbrella area.",
                "fields": [
                    "target_population",
                    "services_types",
                    "delivered_by",
                    "inclusion_criteria",
                    "rating_criteria",
                ],
            },
        ),
        ("Topic expert", {"fields": ["experts", "year_added"]}),
        ("For further reading", {"fields": ["further_reading", "summary_document"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Count the programs only where the list shows them."""
        areas = super().get_queryset(request)
        if (
            request.resolver_match
            and request.resolver_match.url_name != "catalog_topicarea_changelist"
        ):
            return areas
        current = Rating.objects.current()
        return areas.annotate(
            rated=count_by_area(current),
            rated_public=count_by_area(current.filter(is_public("program__"))),
        )

    @admin.display(description="name", ordering=NameKey("name"))
    def area_name(self, area: TopicArea) -> str:
        return area.name

    @admin.display(description="programs", ordering="rated")
    def program_count(self, area: Any) -> int:
        return area.rated

    @admin.display(description="public", ordering="rated_public")
    def public_count(self, area: Any) -> int:
        return area.rated_public


class LinkedAdmin(CatalogAdmin):
    """Entries that topic areas link to: taking one away would change the areas behind their history's back."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        linked = obj is not None and obj.topic_areas.exists()
        return super().has_delete_permission(request, obj) and not linked


@admin.register(TopicExpert)
class TopicExpertAdmin(LinkedAdmin):
    resource_classes = [resources.TopicExpertResource]
    list_display = ["name", "credentials", "organization", "areas"]
    search_fields = ["name", "slug", "organization"]
    prepopulated_fields = {"slug": ["name"]}
    fields = [("name", "credentials"), "slug", ("position", "organization"), "biography", "website"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("topic_areas")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description="topic areas")
    def areas(self, expert: TopicExpert) -> str:
        return ", ".join(area.abbreviation or area.name for area in expert.topic_areas.all())


@admin.register(Reference)
class ReferenceAdmin(LinkedAdmin):
    resource_classes = [resources.ReferenceResource]
    list_display = ["key", "authors", "year", "title", "container"]
    list_filter = ["reference_type"]
    search_fields = ["key", "authors", "title", "doi"]
    fields = [
        ("reference_type", "key"),
        "authors",
        "year",
        "title",
        "container",
        ("volume", "issue", "pages"),
        "doi",
        "url",
    ]


@admin.register(Rating)
class RatingAdmin(NumberedLevels, CatalogAdmin):
    """All ratings there ever were. A current one can be corrected; a past one is kept as it was."""

    resource_classes = [resources.RatingResource]
    list_display = ["program", "topic_area", "level", "rated_on", "is_current"]
    list_filter = ["is_current", "scientific_rating", "not_rated_reason", RatedInFilter]
    list_select_related = ["program", "topic_area"]
    search_fields = ["program__name", "program__slug", "program__acronym"]
    autocomplete_fields = ["program", "topic_area"]
    fieldsets = [
        (
            None,
            {
                "description": "To re-rate, add a new rating: the one before it is kept. "
                "Change this one only to correct a slip.",
                "fields": [
                    ("program", "topic_area"),
                    ("scientific_rating", "not_rated_reason"),
                    ("rated_on", "scale_edition"),
                    "rationale",
                ],
            },
        )
    ]

    @admin.display(description="rating", ordering="scientific_rating")
    def level(self, rating: Rating) -> str:
        return rating.scientific_rating

    def get_readonly_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[str]:
        return ["program", "topic_area"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def has_delete_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return False


@admin.register(Study)
class StudyAdmin(CatalogAdmin):
    resource_classes = [resources.StudyResource]
    list_display = ["program", "reference_key", "role", "design", "sample_size"]
    list_filter = ["role"]
    list_select_related = ["program", "reference"]
    search_fields = ["program__name", "reference__key", "reference__title"]
    autocomplete_fields = ["program", "reference"]

    @admin.display(description="reference", ordering="reference__key")
    def reference_key(self, study: Study) -> str:
        return study.reference.key


@admin.register(Term)
class TermAdmin(EntryAdmin):
    list_display = ["name", "definition"]
    search_fields = ["name", "slug", "definition"]
    fields = ["name", "slug", "definition"]

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> list[str]:
        """The templates ask for a term by its slug, which therefore stays."""
        return ["slug"] if obj else []
