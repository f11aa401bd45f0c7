"""What becomes of the fields of an entry, in people's words: labels for codes, names for numbers, marked texts."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from pathlib import PurePath
from typing import Any, NamedTuple

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.text import capfirst

from ..models import ScientificRating
from ..models.base import CatalogModel, Person
from ..values.fields import ListField, PartialDateField, partial_date_in_words
from ..values.moments import moment_in_words

# In texts that have less in common than this, marked words would only be in the way.
ALIKE = 0.5
# To compare two texts word by word takes as many steps as they have pairs of equal words, or more; beyond, minutes.
MOST_PAIRS = 1_000_000
# A word with the space before it: what is added at the end of a text leaves its last word as it was.
WORDS = re.compile(r"\s*\S+|\s+\Z")

# A stretch of text: "del" for what goes, "ins" for what comes, "" for what is there before and after.
Segment = tuple[str, str]

# Of a stretch that stays, so many words stand on either side of a change; of one that comes or goes, so many in all.
CONTEXT = 8
MOST_WORDS = 60
BLANK = "blank"
ARROW = " → "

# What an entry holds, by the names of its fields: of what it is related to, the primary keys.
EntryState = Mapping[str, Any]


class FieldChange(NamedTuple):
    """Show how the value of one field changes."""

    label: str
    diff_segments: list[Segment]


def fields_of(model: type[CatalogModel]) -> list[models.Field]:
    """Return the fields that the history of a model keeps, relations last, without the primary key."""
    history = model.history.model
    kept = {*history.tracked_fields, *history._history_m2m_fields}
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return [field for field in fields if field in kept and not field.primary_key]


def label_of(field: models.Field) -> str:
    return capfirst(str(field.verbose_name))


def label_in(model: type[models.Model], name: str) -> str:
    """Return the label of a model's field of this name."""
    field: Any = model._meta.get_field(name)
    return label_of(field)


def state_of(entry: CatalogModel) -> EntryState:
    """Return the state of a stored entry: the values of its fields."""
    state: dict[str, Any] = {}
    for field in fields_of(type(entry)):
        if field.many_to_many:
            others = getattr(entry, field.name).order_by()
            state[field.name] = frozenset(others.values_list("pk", flat=True))
        else:
            value = getattr(entry, field.attname)
            state[field.name] = value.name or "" if isinstance(field, models.FileField) else value
    return state


def states_of(model: type[CatalogModel], pks: Collection[int]) -> dict[int, EntryState]:
    """Return the states that entries of a model had, by the primary keys of records of their history."""
    history = model.history.model
    related: dict[tuple[int, str], set[int]] = defaultdict(set)
    for field in history._history_m2m_fields:
        target = f"{field.m2m_reverse_field_name()}_id"
        links = getattr(history, field.name).model.objects.filter(history_id__in=pks)
        for pk, other in links.values_list("history_id", target):
            related[pk, field.name].add(other)
    return {
        record.pk: {
            field.name: frozenset(related[record.pk, field.name])
            if field.many_to_many
            else getattr(record, field.attname)
            for field in fields_of(model)
        }
        for record in history.objects.filter(pk__in=pks)
    }


def related_keys(value: frozenset[int] | int | None) -> Set[int]:
    """Return the primary keys in a relation's value: of many, of one, or of none."""
    if isinstance(value, frozenset):
        return value
    return set() if value is None else {value}


def stored(model: type[models.Model], keys: Collection[int]) -> frozenset[int]:
    """Return which of some primary keys there are."""
    found = model._default_manager.filter(pk__in=keys).order_by()
    return frozenset(found.values_list("pk", flat=True))


def values_of(
    model: type[CatalogModel], states: Iterable[EntryState]
) -> Iterator[tuple[models.Field, Any]]:
    """Yield the fields of a model with their values in each of some states."""
    for state in states:
        for field in fields_of(model):
            yield field, state[field.name]


class Names:
    """Read the names of all that some values are related to, deleted ones too: two queries for each model at most."""

    def __init__(self, values: Iterable[tuple[models.Field, Any]]) -> None:
        wanted: dict[Any, set[int]] = defaultdict(set)
        for field, value in values:
            if field.is_relation:
                wanted[field.related_model].update(related_keys(value))
        self.names = {model: dict(names_of(model, keys)) for model, keys in wanted.items() if keys}

    def of(self, field: models.Field, value: frozenset[int] | int | None) -> list[str]:
        """Return the names of what a relation leads to, in the order of the alphabet."""
        names = self.names.get(field.related_model, {})
        return sorted(names.get(key, "something deleted") for key in related_keys(value))


def names_of(model: type[CatalogModel], keys: Collection[int]) -> Iterator[tuple[int, str]]:
    there = model._default_manager.in_bulk(keys)
    for key, entry in there.items():
        yield key, str(entry)
    if gone := set(keys) - set(there):
        # The last name comes last.
        for record in model.history.filter(id__in=gone).order_by("history_date", "history_id"):
            yield record.id, f"{record.instance} (deleted)"


def values_in_words(field: models.Field, value: Any, names: Names) -> list[str]:
    """Return a value as people read it: one text or, of a list, several; none where it is blank."""
    if field.is_relation:
        return names.of(field, value)
    if value is None or value in ("", ()):
        return []
    if isinstance(field, ListField):
        labels = dict(field.codes.choices) if field.codes else {}
        return [str(labels.get(code, code)) for code in value]
    if isinstance(field, models.BooleanField):
        return ["Yes" if value else "No"]
    if isinstance(field, models.DateTimeField):
        return [moment_in_words(value)]
    if isinstance(field, PartialDateField):
        return [partial_date_in_words(value)]
    if isinstance(field, models.FileField):
        return [PurePath(value).name]
    if field.name == "scientific_rating" and value in ScientificRating:
        return [f"{value} {ScientificRating(value).label}"]
    return [str(dict(field.flatchoices).get(value, value))]


def person(user: Person | None) -> str:
    """Return how pages call a member of the staff; "Somebody" where nobody was signed in, or the account is gone."""
    if not isinstance(user, AbstractUser):
        return "Somebody"
    return user.get_full_name() or user.get_username()


def shown(field: models.Field, value: object, names: Names) -> str:
    """Return a value as one text, "" where it is blank."""
    return separator_of(field).join(values_in_words(field, value, names))


def separator_of(field: models.Field) -> str:
    return "; " if field.is_relation else ", "


def changes(
    model: type[CatalogModel],
    before: EntryState,
    after: EntryState,
    names: Names,
    leaving_out: Collection[str] = (),
) -> list[FieldChange]:
    """Return the changes of the fields that are not what they were."""
    return [
        FieldChange(
            label_of(field), segments_of(field, before[field.name], after[field.name], names)
        )
        for field in fields_of(model)
        if field.name not in leaving_out and before[field.name] != after[field.name]
    ]


def values(
    model: type[CatalogModel], state: EntryState, names: Names, leaving_out: Collection[str]
) -> list[FieldChange]:
    """Return what each field holds that is not blank, as of something new."""
    texts = {
        label_of(field): shown(field, state[field.name], names)
        for field in fields_of(model)
        if field.name not in leaving_out
    }
    return [FieldChange(label, [("", text)]) for label, text in texts.items() if text]


def segments_of(field: models.Field, before: object, after: object, names: Names) -> list[Segment]:
    """Return what has become of a value: of a list value by value, of a text word by word."""
    old, new = values_in_words(field, before, names), values_in_words(field, after, names)
    join = separator_of(field).join
    if not old or not new:
        came: list[Segment] = [("ins", join(new))] if new else [("", BLANK)]
        return [("del", join(old)) if old else ("", BLANK), ("", ARROW), *came]
    # Values in another order are no other values.
    if set(old) != set(new) and (field.many_to_many or isinstance(field, ListField)):
        return list(listed(old, new, separator_of(field)))
    if is_text(field):
        return list(spaced(diff_segments(*old, *new)))
    return [("del", join(old)), ("", ARROW), ("ins", join(new))]


def spaced(found: Iterable[Segment]) -> Iterator[Segment]:
    """Yield marked words with the space before them left unmarked."""
    for kind, text in found:
        bare = text.lstrip() if kind else text
        if bare != text:
            yield "", text[: len(text) - len(bare)]
        if bare:
            yield kind, bare


def is_text(field: models.Field) -> bool:
    """Return whether a field holds words, in which some may change."""
    is_coded = field.choices or isinstance(field, PartialDateField | models.FileField)
    return isinstance(field, models.CharField | models.TextField) and not is_coded


def listed(old: list[str], new: list[str], separator: str) -> Iterator[Segment]:
    """Yield the values that stay or go, then those that come."""
    for place, word in enumerate([*old, *(word for word in new if word not in old)]):
        if place:
            yield "", separator
        kind = "ins" if word not in old else "" if word in new else "del"
        yield kind, word


def in_short(found: list[Segment]) -> list[Segment]:
    """Return marked words without what is far from any change, so that the change is seen at once."""
    last = len(found) - 1
    short = []
    for place, (kind, text) in enumerate(found):
        if kind or not last:
            short.append((kind, without_middle(text, MOST_WORDS, 0)))
        else:
            head, tail = (CONTEXT if place else 0), (CONTEXT if place < last else 0)
            short.append((kind, without_middle(text, head, tail)))
    return short


def without_middle(text: str, head: int, tail: int) -> str:
    """Return the first and the last words of a text, with an ellipsis for those between."""
    words = WORDS.findall(text)
    if len(words) <= head + tail + 2:
        return text
    return f"{''.join(words[:head])} …{''.join(words[len(words) - tail :])}"


# --- Texts, word by word


def diff_segments(before: str, after: str) -> list[Segment]:
    """Return what becomes of a text: word by word where much of it stays, else the one and then the other."""
    # A space before the first word too, which so stays the same when another one comes before it.
    old, new = WORDS.findall(f" {before}"), WORDS.findall(f" {after}")
    there = Counter(old)
    if sum(there[word] for word in new) > MOST_PAIRS:
        return replaced(before, after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return replaced(before, after)
    (kind, first), *others = marked(old, new, matcher)
    return [(kind, first[1:]), *others]


def replaced(before: str, after: str) -> list[Segment]:
    """Return a text that goes, and the one that takes its place."""
    return [("del", before or "(blank)"), ("", " → "), ("ins", after or "(blank)")]


def marked(
    old: list[str], new: list[str], matcher: difflib.SequenceMatcher[str]
) -> Iterator[Segment]:
    """Yield the words that stay, go and come, in reading order."""
    for operation, start, end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            yield "", "".join(old[start:end])
            continue
        if end > start:
            yield "del", "".join(old[start:end])
        if new_end > new_start:
            yield "ins", "".join(new[new_start:new_end])
