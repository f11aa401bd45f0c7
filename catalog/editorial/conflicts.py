"""What two people did to the same entry at the same time: each field three times, and who did what."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models

from ..history.diff import FieldChange, Names, changes, person, shown, states_of, values_of
from ..models.history import CatalogRecord
from ..values.fields import tidy_value

# The value of a field at a version that nobody recorded. It is no other value.
UNKNOWN = object()


class ThreeWay(NamedTuple):
    """Hold a field's value three times: as it was when the form was opened, as it is stored now, as it was typed."""

    base: object
    theirs: object
    mine: object

    @property
    def is_open(self) -> bool:
        """Return whether both sides changed the field, and differently, so that somebody has to choose."""
        return self.base not in {self.theirs, self.mine} and self.theirs != self.mine

    @property
    def value(self) -> object:
        """Return what the field becomes where nobody has to choose."""
        return self.theirs if self.mine == self.base else self.mine


def comparable(field: models.Field, value: Any) -> object:
    """Return a value of a model's field, stored or cleaned by a form, as one that equals its like and can be hashed."""
    if field.many_to_many:
        return frozenset(getattr(related, "pk", related) for related in value)
    if isinstance(field, models.FileField):
        return str(value or "")
    try:
        value = field.to_python(getattr(value, "pk", value))
    except ValidationError:  # the form will say what is wrong with it
        value = str(value)
    return tidy_value(field, value) if isinstance(value, str) else value


def recorded(record: CatalogRecord | None, field: models.Field) -> object:
    """Return the value of a field at a version in the history; UNKNOWN without one."""
    if record is None:
        return UNKNOWN
    if isinstance(field, models.ManyToManyField):
        if field.name in (proposed := getattr(record, "proposed_relations", {})):
            return frozenset(proposed[field.name])
        return frozenset(
            getattr(record, field.name).values_list(field.m2m_reverse_field_name(), flat=True)
        )
    return comparable(field, getattr(record, field.attname))


def value_in_words(field: models.Field, value: object) -> str:
    """Return what a comparable value says to a person."""
    return "" if value is UNKNOWN else shown(field, value, Names([(field, value)]))


# --- Who did what ----------------------------------------------------------------------------------------------------


class SavedMeanwhile(NamedTuple):
    """Name a save that was made since the form was opened; ``reason`` is what the history says of why."""

    who: str
    when: datetime | None
    what: str
    reason: str = ""
    changes: tuple[FieldChange, ...] = ()


def event(record: CatalogRecord, what: str, changes: Iterable[FieldChange] = ()) -> SavedMeanwhile:
    return SavedMeanwhile(
        person(record.history_user),
        record.history_date,
        what,
        record.history_change_reason or "",
        tuple(changes),
    )


def events_since(
    records: Iterable[CatalogRecord], base: CatalogRecord | None
) -> Iterator[SavedMeanwhile]:
    """Yield what was done to an entry after the version ``base``, by the later versions, oldest first.

    A save that changed nothing is left out, except where there was no other. Lists of other entries are saved after
    the entry, as versions of their own: these are one thing done.
    """
    silent: CatalogRecord | None = None
    told = False
    versions = [*records]
    for record, following in zip_longest(versions, versions[1:]):
        if following and save_of(record) == save_of(following):
            continue
        if record.history_type == "-":
            yield event(record, "deleted it")
        elif found := changes_between(base, record):
            yield event(record, "changed", found)
        else:
            silent, base = record, record
            continue
        told, base = True, record
    if silent and not told:
        yield event(silent, "saved it")


def save_of(record: CatalogRecord) -> tuple[UUID, int | None]:
    """Return which save made a version, and whose: how it was before the first recorded change is nobody's."""
    return record.history_save, record.history_user_id


def changes_between(base: CatalogRecord | None, record: CatalogRecord) -> list[FieldChange]:
    """Return the changes of a version, field by field; none where the one before is not known."""
    if base is None:
        return []
    model = record.instance_type
    states = states_of(model, {base.pk, record.pk})
    names = Names(values_of(model, states.values()))
    return changes(model, states[base.pk], states[record.pk], names)


def title_of(record: CatalogRecord) -> str:
    """Return the title that an entry had in a version, even where what it names is gone."""
    try:
        return str(record.instance)
    except ObjectDoesNotExist:
        return f"a {record.instance_type._meta.verbose_name}"
