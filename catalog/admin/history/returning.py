"""Returning to an earlier version of an entry: what comes back, and what cannot."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from ...history.diff import EntryState, Names, label_of, related_keys, state_of, stored, values_of
from ...history.narrative import STATUS_FIELDS
from ...models.base import CatalogModel

# No earlier version brings these back: how it stands with an entry, and what makes a rating or a study the one it is.
STAYING = {*STATUS_FIELDS, "merged_into", "is_current", "program"}


class ReturnForm(forms.Form):
    """Ask why an entry returns to an earlier version."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        error_messages={"required": "Say why; it is kept in the history."},
    )


class Back(NamedTuple):
    """Name what comes back of an earlier version: fields, and relations to be set; in sentences, what does not."""

    fields: Sequence[models.Field] = ()
    relations: dict[str, Collection[int]] = {}
    sentences: Sequence[str] = ()


def put_back(entry: CatalogModel, then: EntryState, fields: Sequence[models.Field]) -> Back:
    """Give an entry these fields as they were then, without saving it, as far as that can be.

    Raises ValidationError where it could not be saved so.
    """
    now, names = state_of(entry), Names(values_of(type(entry), [then]))
    back, relations, sentences = [], {}, []
    for field in fields:
        value = then[field.name]
        if value == now[field.name]:
            continue
        if related := field.related_model:
            there = stored(related, related_keys(value))
            if gone := related_keys(value) - there:
                lost = "; ".join(names.of(field, frozenset(gone)))
                sentences.append(f"{label_of(field)}: what is gone cannot come back: {lost}.")
            value = there if field.many_to_many else value if not gone else now[field.name]
        elif isinstance(field, models.FileField) and value and not field.storage.exists(value):
            sentences.append(f"{label_of(field)} stays as it is: the file of then is gone.")
            value = now[field.name]
        if value == now[field.name]:
            continue
        back.append(field)
        if field.many_to_many:
            relations[field.name] = value
        else:
            setattr(entry, field.attname, value)
    try:
        entry.full_clean()
    except ValidationError as error:
        refused = [field for field in back if field.name in error.message_dict]
        if len(refused) < len(error.message_dict):
            raise
        for field in refused:
            setattr(entry, field.attname, now[field.name])
            why = " ".join(error.message_dict[field.name])
            sentences.append(f"{label_of(field)} stays as it is: {why}")
        entry.full_clean()
        back = [field for field in back if field not in refused]
    return Back(back, relations, sentences)


def refusal(error: ValidationError) -> str:
    """Say why an entry cannot be as it was."""
    return f"The entry cannot be as it was then: {' '.join(error.messages)}"
