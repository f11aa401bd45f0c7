"""What the page asks where two people have changed the same: whose value each field is to have."""

from typing import Any, NamedTuple

from django import forms

from ...editorial.conflicts import SavedMeanwhile
from ...history.diff import Segment

THEIRS, MINE = "theirs", "mine"
# Names beside a form's fields: which fields wait for a choice, the choice, and the version that was opened first.
UNDECIDED, CHOICE, OPENED = "undecided", "choice-{}", "opened"
ROW = "DELETE"


class ChoiceOfSide(forms.ChoiceField):
    """Ask whose value a field is to have."""

    widget = forms.RadioSelect

    def __init__(self, label: str) -> None:
        message = f"Choose for “{label}”: theirs or yours."
        super().__init__(
            choices=[(THEIRS, "Theirs"), (MINE, "Yours")],
            label=label,
            error_messages={"required": message, "invalid_choice": message},
        )

    def has_changed(self, initial: object, data: object) -> bool:
        """Return False: it is no part of the entry."""
        return False


class FieldConflict(NamedTuple):
    """Show a field that both sides changed, and what either made of it; ``chosen`` is whose value it is to have."""

    choice: Any
    label: str
    theirs: list[Segment]
    mine: list[Segment]
    is_text: bool = False
    chosen: str = ""
    is_row: bool = False


class Conflict(NamedTuple):
    """Tell what others have changed in an entry while it was open, as the page says it."""

    title: str
    events: list[SavedMeanwhile]
    taken: list[str]
    disputes: list[FieldConflict]
    hidden: list[tuple[str, Any]]
    notes: list[str]
