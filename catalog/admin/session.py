"""Who is signed in: asked by the page of a form, which may be open for longer than a session."""

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Return the key of who is signed in to the admin, "" for nobody, and the token for the forms of their session."""
    is_staff = admin.site.has_permission(request)
    return JsonResponse(
        {"person": str(request.user.pk) if is_staff else "", "token": get_token(request)}
    )
