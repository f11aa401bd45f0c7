"""What every model of the catalog has: permissions for each thing done to it, a slug, a history."""

from typing import Any, Self

from django.db import models
from simple_history.models import HistoricalRecords

from ..names import new_slug

PERMISSIONS = ("add", "change", "delete", "view", "import", "export")


def history(**kwargs: Any) -> HistoricalRecords:
    """Return the history of a model: who changed what, when, and why (for imports: which file)."""
    return HistoricalRecords(history_change_reason_field=models.TextField(null=True), **kwargs)


class SluggedQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)

    def once_at(self, slug: str) -> Self:
        """Return the objects that had this slug before they got another one."""
        past = self.model.history.filter(slug=slug).values("id")
        return self.filter(pk__in=past).exclude(slug=slug)


class Slugged(models.Model):
    """Something with a name and an address of its own."""

    slug = models.SlugField(
        max_length=100,
        unique=True,
        blank=True,
        help_text="The last part of the page's address. Made from the name when left blank. "
        "After a change the old address leads to the new one.",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.slug,)

    def clean(self) -> None:
        super().clean()
        self.set_slug()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_slug()
        super().save(*args, **kwargs)

    def set_slug(self) -> None:
        """Make the address from the name where none is given."""
        if not self.slug:
            self.slug = new_slug(self.name, TakenValues(type(self), "slug"))


class TakenValues:
    """The values that a model's field has in use, looked up one at a time."""

    def __init__(self, model: type[models.Model], field: str) -> None:
        self.model, self.field = model, field

    def __contains__(self, value: object) -> bool:
        return self.model._default_manager.filter(**{self.field: value}).exists()
