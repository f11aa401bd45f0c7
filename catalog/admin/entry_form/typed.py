"""What is typed into a form and not saved yet: a script keeps it in the browser, and is told here when it is saved."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from .versions import number

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object

# The form's field with the number that the script has given to the page, and the cookie that names what is saved.
PAGE, SAVED = "typed", "saved"
# In seconds: until the browser shows a page of the admin again.
A_DAY = 24 * 60 * 60


def forget_typed[R: HttpResponse](request: HttpRequest, response: R) -> R:
    """Let the browser forget what it has kept of a form that was saved."""
    if page := number(request.POST.get(PAGE)):
        response.set_cookie(
            SAVED,
            str(page),
            max_age=A_DAY,
            path=reverse("admin:index"),
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


class TypedAdmin(Base):
    """Give each form the number by which the browser knows what was typed into it, and have it forgotten when saved."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on after adding, in a browser that forgets what was typed."""
        return forget_typed(request, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Go on after saving, in a browser that forgets what was typed."""
        return forget_typed(request, super().response_change(request, obj))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form with its number; what comes back with mistakes keeps its own. Who only reads needs none."""
        entry = context["original"]
        if entry is None or self.has_change_permission(request, entry):
            context["typed_page"] = number(request.POST.get(PAGE)) or ""
        return super().render_change_form(request, context, *args, **kwargs)
