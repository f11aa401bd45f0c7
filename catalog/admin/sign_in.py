"""Signing in to the admin."""

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from .busy import is_refused, keep_typed, refusal
from .throttle import refusal_of


class SignInForm(AdminAuthenticationForm):
    """Form that says why nobody can be signed in for a moment, and keeps the user name."""

    def clean(self) -> dict[str, object]:
        """Return the cleaned values of somebody who can be signed in."""
        if self.request and (sentence := refusal(self.request, "Log in")):
            raise ValidationError(sentence)
        return super().clean()

    def get_invalid_login_error(self) -> ValidationError:
        """Return what is wrong: the name or the password, or that it is too early to look at them."""
        if self.request and (throttled := refusal_of(self.request)):
            return ValidationError(format_html('<span role="alert">{}</span>', throttled.sentence))
        return super().get_invalid_login_error()

    def confirm_login_allowed(self, user: User) -> None:
        """Raise ValidationError for who is no staff: a failure too, or else it would tell a right password."""
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            credentials = {"username": user.get_username()}
            user_login_failed.send(__name__, credentials=credentials, request=self.request)
            raise


@keep_typed
def sign_in(
    site: AdminSite, request: HttpRequest, extra_context: dict[str, object] | None = None
) -> HttpResponse:
    """Show the form, or sign somebody in: this writes the session, and when they last signed in."""
    if is_refused(request):
        request.user = AnonymousUser()
    return AdminSite.login(site, request, extra_context)
