"""The pages on which programs are rated and ratings corrected, as somebody uses them."""

from datetime import timedelta
from urllib.parse import unquote, urlencode

from django.utils import timezone

from catalog.models import Status

from ...conftest import catalog_permissions
from ...factories import UserFactory
from ...pages import read
from ..pages import BrowserForm, address, submit

BLANK = {"not_rated_reason": "", "rationale": "", "rated_on": "", "scale_edition": ""}

BEYOND = "Your account may not rate programs that are public."


def rate_page(program, area=None, **query):
    query |= {"area": area.slug} if area else {}
    return f"{address('rate', program)}?{urlencode(query)}"


def rate(client, program, area, level, **cells):
    """Open the page, choose a level, type the rest, and save it."""
    page = rate_page(program, area)
    form = BrowserForm(client.get(page)).data
    return client.post(page, {**form, "scientific_rating": level, **cells})


def again(client, response, **cells):
    """Press the button of a page that has come back, with what else is typed."""
    return client.post(
        response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"],
        {**BrowserForm(response).data, **cells},
    )


def facts(*ratings):
    """What is recorded, without which one is current."""
    fields = ("scientific_rating", "not_rated_reason", "rationale", "rated_on")
    return [
        (*(getattr(rating, field) for field in fields), str(rating.scale_edition))
        for rating in ratings
    ]


def correct(client, rating, **cells):
    return submit(client, address("change", rating), **{"change_reason": "Typing mistake", **cells})


def rows(response):
    """The rows of a page to choose from: their words, and the address of their link."""
    table = read(response).main.one("table")
    return [
        (
            [cell.text for cell in row.all("th", "td")],
            [unquote(target) for _, target in row.links],
        )
        for row in table.one("tbody").all("tr")
    ]


STATES = {
    "draft": {"status": Status.DRAFT},
    "in review": {"status": Status.IN_REVIEW},
    "withdrawn": {"status": Status.DRAFT, "published_at": timezone.now() - timedelta(days=9)},
    "scheduled": {"published_at": timezone.now() + timedelta(days=9)},
    "published": {},
    "retired": {"status": Status.RETIRED, "published_at": timezone.now() - timedelta(days=9)},
    "retired draft": {"status": Status.RETIRED},
}

NEVER_PUBLIC = {"draft", "in review", "retired draft"}

ROLES = {
    "reader": ["view"],
    "writer": ["view", "add", "change"],
    "adder": ["view", "add"],
    "publisher": ["view", "add", "change", "publish"],
}


def person(role):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(catalog_permissions(*ROLES[role]))
    return user
