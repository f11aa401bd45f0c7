"""What is done to every request before anything else looks at it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def without_impossible_cookies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Leave out cookies that hold a NUL: no page sets one, and PostgreSQL fails to look such a session up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        return get_response(request)

    return middleware
