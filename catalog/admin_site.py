"""The admin's site: its first page is the desk, and it answers in words while the database is locked.

Not in the package ``admin``: to import that package registers its models, which needs the site first.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

# What the menu lists beside models.
RECENT_CHANGES: dict[str, Any] = {
    "name": "Recent changes",
    "object_name": "RecentChanges",
    "add_url": None,
    "view_only": True,
    "perms": {},
}


class DeskSite(AdminSite):
    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Add pages about all entries; leave out Django's redirect to any object, which tells a draft's address."""
        urls = [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]
        search = path("search/", self.admin_view(require_safe(self.search)), name="search")
        recent = path(
            "recent-changes/", self.admin_view(self.recent_changes), name="recent_changes"
        )
        return [search, recent, *urls]

    def admin_view[View: Callable[..., HttpResponseBase]](
        self, view: View, cacheable: bool = False
    ) -> View:
        """Return the view for staff alone; where the database is locked, or they may not, a page of ours says so."""
        inner = checking_again(super().admin_view(view, cacheable))

        @wraps(inner)
        def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            from .admin.lists import drop_impossible_keys, refuse_regular_expressions

            refuse_regular_expressions(request)
            drop_impossible_keys(request)
            if self.is_typed_in_vain(request):
                from .admin.resending import signed_out_page

                return signed_out_page(request, self)
            try:
                return inner(request, *args, **kwargs)
            except PermissionDenied as error:
                from .admin.denied import denied_page

                return denied_page(request, self, error)
            except OperationalError as error:
                from .admin.busy import busy_page
                from .values.busy import is_busy_error

                if not is_busy_error(error):
                    raise
                return busy_page(request, self)

        return answer  # type: ignore[return-value]

    def is_typed_in_vain(self, request: HttpRequest) -> bool:
        """Return whether somebody has sent a form whose session has ended: Django would send them away without it."""
        is_form = bool(set(request.POST) - {"csrfmiddlewaretoken"})
        is_leaving = request.path in {reverse("admin:logout"), reverse("admin:login")}
        return is_form and not is_leaving and not self.has_permission(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the form by which staff sign in, or sign somebody in."""
        from .admin.sign_in import sign_in

        return sign_in(self, request, extra_context)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page of the admin shows, with the name of the site as it is now."""
        from .models import SiteSettings

        name = SimpleLazyObject(lambda: SiteSettings.objects.current().name)
        return {**super().each_context(request), "site_header": name, "site_title": name}

    def index(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> TemplateResponse:
        """Show the desk."""
        from .admin.desk import desk_groups

        groups = desk_groups(request.user)
        return super().index(request, {"title": "Desk", "desk": groups, **(extra_context or {})})

    def recent_changes(self, request: HttpRequest) -> HttpResponse:
        """Show the latest changes of all entries."""
        from .admin.team.recent_changes import recent_changes

        return recent_changes(request, self)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, object]]:
        """Return what the menu lists, with the recent changes among the catalog's."""
        from .editorial.transitions import readable_kinds

        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "catalog" and readable_kinds(request.user):
                app["models"] = [
                    RECENT_CHANGES | {"admin_url": reverse("admin:recent_changes")},
                    *app["models"],
                ]
        return apps

    def search(self, request: HttpRequest) -> TemplateResponse:
        """Show everything that holds the words that somebody searches for, of what they may view."""
        from .admin.desk.search import found_everywhere, searchable_kinds, words_in

        words = words_in(request)
        kinds = searchable_kinds(request, self)
        context = {
            **self.each_context(request),
            "title": "Search",
            "words": words,
            "kinds": [kind._meta.verbose_name_plural for kind in kinds],
            "sections": found_everywhere(request, self, words) if words else [],
        }
        return TemplateResponse(request, "admin/catalog/search.html", context)


def checking_again[View: Callable[..., HttpResponseBase]](view: View) -> View:
    """Return a view whose form is checked once more if the database refuses what the form had found free.

    Somebody else has just saved the same slug, name or DOI. Nothing of ours is saved: each form saves in one
    transaction. This time the form sees what is there, and says which field's value is taken.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except IntegrityError:
            if not is_form_of_entry(request):
                raise
        return view(request, *args, **kwargs)

    return answer  # type: ignore[return-value]


def is_form_of_entry(request: HttpRequest) -> bool:
    """Return whether somebody adds or changes an entry by Django's own form."""
    match = request.resolver_match
    return bool(match and (match.url_name or "").endswith(("_add", "_change")))
