"""What is done to every request before anything else looks at it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse


def without_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Leave out NULs, in cookies and in the admin's filters: PostgreSQL cannot look them up, and no page sends any."""

    def middleware(request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        if request.path.startswith(reverse("admin:index")):
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        return get_response(request)

    return middleware
