"""Colours, and whether text of one can be read on another: WCAG 2.2, success criterion 1.4.3."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

# The contrast that text needs unless it is large.
LEAST = 4.5
UNREADABLE = "{} on {} has a contrast of {:.2f} to 1; text needs {} to 1. Choose {}."


def luminance(color: str) -> float:
    """Return the relative luminance of "#rrggbb", from 0 for black to 1 for white, as WCAG defines it."""
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def check_contrast(color: str, others: Iterable[str], advice: str) -> None:
    """Raise ValidationError, with the ratio, for a colour that cannot be read together with one of the others."""
    ratio, other = min((contrast(color, other), other) for other in others)
    if ratio < LEAST:
        # Rounded down: 4.496 is not 4.5.
        shown = int(ratio * 100) / 100
        raise ValidationError(UNREADABLE.format(color, other, shown, LEAST, advice))
