"""The settings of the site: one row, with colors that everybody can read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from catalog.models import SiteSettings
from catalog.models.site_settings import DEFAULT_ACCENTS, TOGETHER_WITH

from ..factories import SiteSettingsFactory
from .examples import errors_of, write_past_validation


def test_there_is_one_row(db):
    site = SiteSettingsFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings().save()
    with pytest.raises(IntegrityError):
        write_past_validation(site, id=2)
    assert errors_of(SiteSettings(id=2)) == {"__all__": ["The site has one row of settings."]}


@pytest.mark.once
@pytest.mark.parametrize(
    ("field", "color", "sentence"),
    [
        (
            "accent",
            "#777777",
            "#777777 on #ffe9a8 has a contrast of 3.72 to 1; text needs 4.5 to 1. Choose a darker one.",
        ),
        (
            "accent_in_dark",
            "#155a87",
            "#155a87 on #5b4a12 has a contrast of 1.16 to 1; text needs 4.5 to 1. Choose a lighter one.",
        ),
        ("accent", "blue", "This is no color. Write it as “#155a87”."),
    ],
)
def test_color_that_somebody_could_not_read_is_refused(db, field, color, sentence):
    site = SiteSettings(**{field: color})

    assert errors_of(site) == {field: [sentence]}


@pytest.mark.once
def test_our_own_colors_and_black_and_white_can_be_read():
    for colors in (DEFAULT_ACCENTS, {"accent": "#000000", "accent_in_dark": "#FFFFFF"}):
        SiteSettings(**colors).clean()


@pytest.mark.once
def test_colors_are_checked_with_those_of_the_style_sheet():
    css = Path(settings.BASE_DIR, "catalog/static/catalog/site.css").read_text()
    names = (
        "--paper",
        "--paper-raised",
        "--notice",
        "mark { background",
        "--on-accent",
        "--accent",
    )
    pairs = [re.search(rf"{name}: light-dark\((#\w+), (#\w+)\)", css).groups() for name in names]
    *others, ours = pairs

    assert dict(zip(TOGETHER_WITH, map(set, zip(*others, strict=True)), strict=True)) == {
        name: set(colors) for name, colors in TOGETHER_WITH.items()
    }
    assert tuple(DEFAULT_ACCENTS.values()) == ours
