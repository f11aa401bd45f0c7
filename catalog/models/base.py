"""What every model of the catalog has: tidy text, a history, permissions for each thing done to it, a slug."""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models, transaction

from ..values.fields import tidy_value
from ..values.names import new_slug
from .history import one_save

# Why the history of an entry begins with a version that changed nothing.
AS_IT_WAS = "As it was before its first recorded change"
# Whoever is signed in, or nobody.
type Person = AbstractUser | AnonymousUser

PERMISSIONS = ("add", "change", "delete", "view", "import", "export")


class CatalogModel(models.Model):
    """An entry whose every change is kept; ``_change_reason`` and ``_history_user`` go into its history."""

    _change_reason: str | None = None
    _history_user: Any
    # Each model has its own; django-simple-history carries no types.
    history: ClassVar[Any]

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the entry; how it stood before its first recorded change stays in its history, however it came in."""
        with transaction.atomic(), one_save():
            self.backfill_history()
            super().save(*args, **kwargs)

    def backfill_history(self) -> None:
        """Enter the stored state into the history, where a fixture or a bulk write left it out."""
        history = type(self).history
        if self.pk and not history.filter(id=self.pk).exists():
            for stored in type(self)._default_manager.filter(pk=self.pk):
                # Whoever changes it now did not write it.
                stored._change_reason, stored._history_user = AS_IT_WAS, None
                super(CatalogModel, stored).save()

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Tidy all text, so that a browser's, a spreadsheet's and our own export of it are the same."""
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str):
                setattr(self, field.attname, tidy_value(field, value))
        super().clean_fields(exclude)


class SluggedQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)

    def with_former_slug(self, slug: str) -> Self:
        """Return the objects that had this slug before they got another one."""
        history: Any = self.model.history  # type: ignore[attr-defined]
        return self.filter(pk__in=history.filter(slug=slug).values("id")).exclude(slug=slug)


class Slugged(CatalogModel):
    """Something with a name and an address of its own."""

    name: Any
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
        return str(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the entry; the address that it had before stays in its history, whichever way it came in."""
        self.set_slug()
        with transaction.atomic():
            self.keep_former_slug()
            super().save(*args, **kwargs)

    def keep_former_slug(self) -> None:
        """Enter the stored state into the history, where a fixture or a bulk write left it out."""
        history = type(self).history
        for stored in type(self)._default_manager.filter(pk=self.pk).exclude(slug=self.slug):
            if not history.filter(id=self.pk, slug=stored.slug).exists():
                history.bulk_history_create(
                    [stored], default_change_reason="Before its address changed", update=True
                )

    def natural_key(self) -> tuple[str, ...]:
        return (self.slug,)

    def clean(self) -> None:
        super().clean()
        self.set_slug()

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
