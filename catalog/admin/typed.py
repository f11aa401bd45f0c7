"""The admin's forms, of which the browser keeps what is typed until it is saved."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ..values.typed import forget_typed_below

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object


def forget_typed[R: HttpResponse](request: HttpRequest, response: R) -> R:
    """Let the browser forget what it has kept of a form of the admin that was saved."""
    return forget_typed_below(reverse("admin:index"), request, response)


class TypedAdmin(Base):
    """Admin after whose saving the browser forgets what was typed into an entry's form."""

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on after adding, in a browser that forgets what was typed."""
        return forget_typed(request, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Go on after saving, in a browser that forgets what was typed."""
        return forget_typed(request, super().response_change(request, obj))
