"""Pages of the agency's own take no address of the site."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import get_resolver

from catalog.models import Page
from catalog.values.site_url import own_parts

from ..factories import PageFactory
from ..routes import private_routes, public_routes

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_first_part_of_no_address_of_the_site_is_free():
    patterns = get_resolver().url_patterns
    routes = public_routes(patterns) | private_routes(patterns)
    first = {route.partition("/")[0] for route in routes}

    literal = {part for part in first if part and "<" not in part}
    assert own_parts() == {*literal, "static", "healthz", "readyz"}
    assert own_parts("news/") == {"feed"}


@pytest.mark.parametrize("slug", ["admin", "programs", "Topics", "static", "healthz", "preview"])
def test_address_of_the_site_is_refused_in_words(slug):
    page = Page(name="Page", slug=slug)

    with pytest.raises(ValidationError) as refused:
        page.full_clean()

    assert refused.value.message_dict == {
        "slug": [
            f"“/{slug}” is an address of the site itself. Choose another slug, such as “{slug}-page”."
        ]
    }


def test_slug_made_of_the_title_is_refused_as_well():
    with pytest.raises(ValidationError, match="“/programs” is an address of the site"):
        Page(name="Programs").full_clean()


def test_news_may_have_the_slug_of_an_address_that_is_not_below_news():
    Page(name="Programs", news_on="2026-03-01").full_clean()
    with pytest.raises(ValidationError, match="“/news/feed” is an address of the site"):
        Page(name="Feed", news_on="2026-03-01").full_clean()


@pytest.mark.parametrize(
    ("language", "is_right"),
    [("en", True), ("zh-Hant", True), ("es-419", True), ("English", False), ("e", False)],
)
def test_language_is_a_tag(language, is_right):
    page = PageFactory.build(language=language)

    if is_right:
        page.full_clean()
    else:
        with pytest.raises(ValidationError, match="This is no language tag"):
            page.full_clean()
