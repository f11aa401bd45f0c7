"""Signing in to the admin."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from .busy import is_refused, keep_typed, refusal


class SignInForm(AdminAuthenticationForm):
    """Keep the user name when nobody can be signed in for a moment; else this is Django's form."""

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values of somebody who can be signed in."""
        if self.request and (sentence := refusal(self.request, "Log in")):
            raise ValidationError(sentence)
        return super().clean()


@keep_typed
def sign_in(
    site: AdminSite, request: HttpRequest, extra_context: dict[str, object] | None = None
) -> HttpResponse:
    """Show the form, or sign somebody in: this writes the session, and when they last signed in."""
    if is_refused(request):
        request.user = AnonymousUser()
    return AdminSite.login(site, request, extra_context)
