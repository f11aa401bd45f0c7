"""What is wrong with a form, for the list above it."""

from typing import NamedTuple


class Mistake(NamedTuple):
    """Say what is wrong, of which field ("" of the whole), and the id of the place in the page, "" for none."""

    label: str
    message: str
    place: str
