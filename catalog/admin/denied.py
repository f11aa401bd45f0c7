"""The page for who may not do something: what the rule is, what to do instead, and what was typed, to be copied."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse

from .resending import sent_with

LACKING = (
    "Your account lacks the permission for this. If your work needs it, ask whoever runs this site."
)


def denied_page(request: HttpRequest, site: AdminSite, error: PermissionDenied) -> TemplateResponse:
    """Return the page that says why, in the words of the error if it has any."""
    context = {
        **site.each_context(request),
        "title": "You may not do this",
        "sentence": str(error) or LACKING,
        "sent": sent_with(request),
    }
    return TemplateResponse(request, "admin/403.html", context, status=403)
