"""The admin's site: its first page is the desk.

Not in the package ``admin``: to import that package registers its models, which needs the site first.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver


class DeskSite(AdminSite):
    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Leave out Django's redirect to any object's page: by it any staff would learn the address of a draft."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        from .admin.desk import Desk

        groups = Desk(request.user).groups()
        return super().index(request, {"title": "Desk", "desk": groups, **(extra_context or {})})
