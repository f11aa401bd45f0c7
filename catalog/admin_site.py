"""The admin's site: its first page is the desk.

Not in the package ``admin``: to import that package registers its models, which needs the site first.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

from .desk import Desk


class DeskSite(AdminSite):
    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        groups = Desk(request.user).groups()
        return super().index(request, {"title": "Desk", "desk": groups, **(extra_context or {})})
