"""What every example is made from: chance, sentences, slugs that are not taken, and a status with its dates."""

from datetime import UTC, datetime

from django.db import models

from ..models import (
    Program,
    Reference,
    Registry,
    Status,
    TopicArea,
    TopicExpert,
)
from ..values.names import new_slug
from .chance import Chance
from .prose import ProseWriter

MARK = "A generated example, not a real program."
STATUSES = {Status.PUBLISHED: 92, Status.DRAFT: 4, Status.IN_REVIEW: 2, Status.RETIRED: 2}
# Where each model keeps what its address is made of.
ADDRESSES = {
    TopicExpert: "slug",
    TopicArea: "slug",
    Program: "slug",
    Reference: "key",
    Registry: "slug",
}


class ExampleSource:
    """Draw the values and sentences of one catalog; knows the slugs and keys that are taken when it is made."""

    def __init__(self, seed: int) -> None:
        self.chance = Chance(seed)
        self.writer = ProseWriter(self.chance)
        self.taken: dict[type[models.Model], set[str]] = {
            model: set(model._default_manager.values_list(field, flat=True))
            for model, field in ADDRESSES.items()
        }
        for model in (TopicExpert, TopicArea, Program, Registry):
            self.taken[model] |= model.objects.former_slugs().keys()

    def slug(self, model: type[models.Model], name: str) -> str:
        """Return a slug that begins with ``example-`` and that no entry of the model has or had; it is taken then."""
        slug = new_slug(f"Example {name}", self.taken[model])
        self.taken[model].add(slug)
        return slug

    def status(self, loaded: int) -> dict[str, object]:
        """Return the fields of a status with its dates, for an entry that was loaded on this day."""
        status = self.chance.one_of(STATUSES)
        fields: dict[str, object] = {"status": status}
        if status in (Status.PUBLISHED, Status.RETIRED):
            fields["published_at"] = noon(loaded)
        if status == Status.RETIRED:
            fields["retired_at"] = noon(self.chance.day(loaded))
        return fields


def noon(day: int) -> datetime:
    """Return noon of a day, in UTC."""
    return datetime.fromordinal(day).replace(hour=12, tzinfo=UTC)
