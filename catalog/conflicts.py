"""What two people did to the same entry at the same time: each field three times, and who did what."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import localize
from django.utils.text import capfirst

from .changes import Piece, pieces
from .fields import tidy

# The value of a field at a version that nobody recorded. It is no other value.
UNKNOWN = object()
ONE_SAVE = timedelta(seconds=1)
# Why the history of an entry begins with a version that changed nothing.
AS_IT_WAS = "As it was before its first change here"


class ThreeWay(NamedTuple):
    """One field three times: as it was when the form was opened, as it is stored now, as it was typed."""

    base: Any
    theirs: Any
    mine: Any

    @property
    def is_open(self) -> bool:
        """Whether both sides changed the field, and differently, so that somebody has to choose."""
        return self.base not in {self.theirs, self.mine} and self.theirs != self.mine

    @property
    def value(self) -> Any:
        """What the field becomes where nobody has to choose."""
        return self.theirs if self.mine == self.base else self.mine


def comparable(field: Any, value: Any) -> Any:
    """Return a value of a model's field, stored or cleaned by a form, as one that equals its like and can be hashed."""
    if field.many_to_many:
        return frozenset(getattr(related, "pk", related) for related in value)
    if isinstance(field, models.FileField):
        return str(value or "")
    try:
        value = field.to_python(getattr(value, "pk", value))
    except ValidationError:  # the form will say what is wrong with it
        value = str(value)
    return tidy(value) if isinstance(value, str) else value


def recorded(record: Any, field: Any) -> Any:
    """Return the value of a field at a version in the history; UNKNOWN without one."""
    if record is None:
        return UNKNOWN
    if field.many_to_many:
        return frozenset(
            getattr(record, field.name).values_list(field.m2m_reverse_field_name(), flat=True)
        )
    return comparable(field, getattr(record, field.attname))


def record_as_it_was(entry: models.Model) -> None:
    """Begin the history of an entry that came without one, so that the change about to be saved can be told."""
    stored: Any = type(entry)._default_manager.get(pk=entry.pk)
    if not stored.history.exists():
        stored._change_reason, stored._history_user = AS_IT_WAS, None
        stored.save()


def words(field: Any, value: Any) -> str:
    """Return what a comparable value says to a person."""
    if value is UNKNOWN or value is None or value == "":
        return ""
    if field.is_relation:
        found = field.related_model._default_manager.filter(
            pk__in=value if field.many_to_many else [value]
        )
        return "; ".join(map(str, found))
    if isinstance(value, tuple):
        labels = dict(field.codes.choices) if field.codes else {}
        return ", ".join(str(labels.get(code, code)) for code in value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(field, models.DateTimeField):
        return str(localize(timezone.localtime(value)))
    return str(dict(field.flatchoices or ()).get(value, value))


def label_of(field: Any) -> str:
    return capfirst(str(field.verbose_name))


# --- Who did what ----------------------------------------------------------------------------------------------------


class FieldChange(NamedTuple):
    label: str
    pieces: list[Piece]


class Event(NamedTuple):
    """One thing that somebody did; ``reason`` is what the history says of why."""

    who: str
    when: Any
    what: str
    reason: str = ""
    changes: tuple[FieldChange, ...] = ()


def name_of(user: Any) -> str:
    """Return how the pages call a member of the staff."""
    return (user.get_full_name() or user.get_username()) if user else "Somebody"


def event(record: Any, what: str, changes: Iterable[FieldChange] = ()) -> Event:
    return Event(
        name_of(record.history_user),
        record.history_date,
        what,
        record.history_change_reason or "",
        tuple(changes),
    )


def events_since(records: Iterable[Any], base: Any) -> Iterator[Event]:
    """Yield what was done to an entry after the version ``base``, by the later versions, oldest first.

    A save that changed nothing is left out, except where there was no other. Lists of other entries are saved after
    the entry, as versions of their own: these are one thing done.
    """
    silent, told = None, False
    for record, following in pairwise([*records, None]):
        if following and is_same_save(record, following):
            continue
        if record.history_type == "-":
            yield event(record, "deleted it")
        elif changes := list(changes_between(base, record)):
            yield event(record, "changed", changes)
        else:
            silent, base = record, record
            continue
        told, base = True, record
    if silent and not told:
        yield event(silent, "saved it")


def is_same_save(record: Any, following: Any) -> bool:
    is_soon = following.history_date - record.history_date < ONE_SAVE
    return is_soon and record.history_user_id == following.history_user_id


def changes_between(base: Any, record: Any) -> Iterator[FieldChange]:
    """Yield what a version changed, field by field; nothing where the one before is not known."""
    if base is None:
        return
    tracked = record.instance_type._meta
    for field in (*tracked.concrete_fields, *tracked.many_to_many):
        before, after = recorded(base, field), recorded(record, field)
        if before != after:
            yield FieldChange(label_of(field), pieces(words(field, before), words(field, after)))


def title_of(record: Any) -> str:
    """Return what a version in the history was called, even where what it names is gone."""
    try:
        return str(record.instance)
    except ObjectDoesNotExist:
        return f"a {record.instance_type._meta.verbose_name}"
