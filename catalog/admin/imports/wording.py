"""What the pages of an import say of it, in words and numbers."""

from typing import NamedTuple

from ...models import Import, ImportAction
from ...resources import KINDS
from ...values.site_url import admin_path


def upload_url(record: Import) -> str:
    """Return the address at which files of the import's kind are uploaded."""
    return admin_path(KINDS[record.kind]._meta.model, "import")


def owner(record: Import) -> str:
    """Return the person who uploaded the file, for a sentence."""
    return (
        f"{record.user}, who uploaded the file,"
        if record.user
        else "the person who uploaded the file"
    )


def status_sentence(record: Import) -> str:
    """Return how it stands with an import, in a sentence."""
    return f"This import’s status is “{record.get_status_display().lower()}”."


def status_in_words(record: Import) -> str:
    """Return how many rows do what: "1 new, 2 changed, 0 re-rated, 3 unchanged"."""
    return ", ".join(f"{count:,} {action}" for action, count in record.counts.items())


def doing(record: Import) -> dict[ImportAction, int]:
    """Return how many rows do what, without those that do nothing."""
    actions = [action for action in ImportAction if action != ImportAction.UNCHANGED]
    return {action: record.counts.get(action.value, 0) for action in actions}


def taken_back(record: Import) -> list[tuple[int, str]]:
    """Return what undoing an import means, and for how many rows."""
    counts = doing(record)
    return [
        (counts[ImportAction.NEW], "new: deleted"),
        (counts[ImportAction.CHANGED], "changed: put back"),
        (counts[ImportAction.RE_RATED], "re-rated: rated as before"),
    ]


class ActionChoice(NamedTuple):
    """Offer the rows that do one thing, to be shown alone."""

    label: str
    total: int
    address: str
    is_chosen: bool


def choices_of(record: Import, chosen: str) -> list[ActionChoice]:
    """Return the ways to filter the rows of an import; none where there is but one kind of them."""
    there = {action: count for action, count in doing(record).items() if count}
    if not list(there)[1:]:
        return []
    return [
        ActionChoice("All", sum(there.values()), "?", chosen not in there),
        *(
            ActionChoice(str(action.label), count, f"?action={action}", action == chosen)
            for action, count in there.items()
        ),
    ]
