"""The lines of the desk, and what the person who reads it may do."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model

from ...models.about_entry import entry_models
from ...values.site_url import admin_path

# So many are counted at most, and so many shown.
MOST, SHOWN = 1_000, 6


class Link(NamedTuple):
    """Name where something can be done; without an address, what somebody else has to do."""

    label: str
    address: str


class Line(NamedTuple):
    """Say of something that waits what it is, why, and what can be done about it."""

    label: str
    address: str
    note: str = ""
    links: Sequence[Link] = ()


class Section(NamedTuple):
    """Name the first of what waits, their number ("1,000+" where there are more), and where all of them are.

    ``note`` says what else there is to know.
    """

    title: str
    number: str
    lines: Sequence[Line]
    all_of_them: Sequence[Link]
    note: str = ""


class DeskPart:
    """Show a part of the desk to one person."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self.user = user

    def may(self, action: str, model: type[Model]) -> bool:
        """Return whether the person may "view", "change" … entries of a model."""
        codename = get_permission_codename(action, model._meta)
        return bool(self.user.has_perm(f"{model._meta.app_label}.{codename}"))

    def sees(self, model: type[Model]) -> bool:
        """Return whether the person may read entries of a model."""
        return self.may("view", model) or self.may("change", model)

    def kinds(self, action: str) -> list[str]:
        """Return the kinds of entries that the person may read and change …, by the fields that name one."""
        kinds = entry_models().items()
        return [name for name, model in kinds if self.sees(model) and self.may(action, model)]

    def page_to_fix(self, model: type[Model], pk: int, place: str) -> str:
        """Return the address of an entry, at the place in the form for those who may change it."""
        return admin_path(model, "change", pk) + (f"#{place}" if self.may("change", model) else "")


def section(title: str, found: Sequence[object], lines: Iterable[Line], *lists: Link) -> Section:
    """Return a section about what was found, of which no more than MOST + 1 were looked for."""
    number = f"{MOST:,}+" if len(found) > MOST else f"{len(found):,}"
    return Section(title, number, list(lines), lists if len(found) > SHOWN else ())


def all_of(model: type[Model], query: str) -> Link:
    """Return the link to the list of a model with a filter."""
    return Link(
        f"All of these {model._meta.verbose_name_plural}",
        f"{admin_path(model, 'changelist')}?{query}",
    )
