"""What every model of the catalog has: tidy text, a history, permissions for each thing done to it, a slug."""

from collections.abc import Callable, Collection, Sequence
from itertools import batched, count
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.expressions import Combinable

from ..values.fields import tidy_value
from ..values.names import numbered_slug, slug_of
from .history import one_save

# Why the history of an entry begins with a version that changed nothing.
AS_IT_WAS = "As it was before its first recorded change"
# Whoever is signed in, or nobody.
type Person = AbstractUser | AnonymousUser

# So many slugs are looked up with one query.
ASKED_AT_ONCE = 50
NO_SLUG = (
    "No slug can be made of “{}”: it has no letters or digits. Give a slug, such as “calm-corners”."
)
FORMER_SLUG = (
    "“{}” had this slug before, and links to it still lead there. Choose another one, such as “{}”."
)
LOST_SLUG = (
    "An entry that was public had this {} and is deleted; links to it may still exist. "
    "Choose another one, such as “{}”."
)

PERMISSIONS = ("add", "change", "delete", "view", "import", "export")


def source_line() -> models.CharField:
    """Return the field for the line that says from where an entry is retold."""
    return models.CharField(
        max_length=500,
        blank=True,
        help_text="Only where this entry retells somebody else's: whose, and when it was read. Visitors see it.",
    )


class CatalogModel(models.Model):
    """An entry whose every change is kept; ``_change_reason`` and ``_history_user`` go into its history."""

    _change_reason: str | None = None
    _history_user: Any
    # Each model has its own; django-simple-history carries no types.
    history: ClassVar[Any]

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Save the entry; how it stood before its first recorded change stays in its history, however it came in."""
        with transaction.atomic(), one_save():
            self.backfill_history()
            super().save(**kwargs)

    def attribute(self, other: "CatalogModel", reason: str | None) -> None:
        """Attribute the next change of another row to whoever changes this one, for a reason."""
        other._change_reason = reason
        if hasattr(self, "_history_user"):
            other._history_user = self._history_user

    def constraints_without(
        self, name: str
    ) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Return the constraints but one, which ``save`` sees to."""
        return [
            (model, [c for c in constraints if c.name != name])
            for model, constraints in super().get_constraints()
        ]

    def has_stored(self, name: str) -> bool:
        """Return whether what a field holds is stored already."""
        stored = type(self)._default_manager.filter(pk=self.pk)
        return stored.filter(**{name: getattr(self, name)}).exists()

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


class AddressedQuerySet(models.QuerySet):
    """Know what was deleted after visitors had its address, so that this is not given to anything else."""

    # Where the last part of the address stands.
    address_field = "slug"

    @property
    def records(self) -> Any:
        """Return the history of all objects of the model."""
        return self.model.history  # type: ignore[attr-defined]

    def once_public(self) -> models.QuerySet:
        """Return the primary keys of all objects that are or were public, of deleted ones too."""
        raise NotImplementedError

    def lost(self) -> Any:
        """Return the history of the objects that were public and are deleted."""
        there = Exists(self.model._default_manager.filter(pk=OuterRef("id")))
        deleted = Exists(self.deletions_of_public().filter(id=OuterRef("id")))
        return self.records.filter(~there, deleted).order_by()

    def deletions_of_public(self) -> Any:
        """Return the records of deletions of what was public before."""
        return self.records.filter(history_type="-", id__in=self.once_public())

    def lost_addresses(self) -> set[str]:
        """Return the slugs or keys that nothing has or stands for, and that are given to nothing else."""
        return set(self.lost().values_list(self.address_field, flat=True))


class SluggedQuerySet(AddressedQuerySet):
    """Find objects by the slugs that they have, or had.

    A slug that one has or had is not given to another, whether it was public then or not: the old address of a draft
    leads on as well. What was deleted leads nowhere; its slugs are free again, unless it ever was public.
    """

    # The slug of what stands for an object now.
    present_slug: Combinable = F("slug")

    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)

    def with_former_slug(self, slug: str) -> Self:
        """Return the objects that had this slug before they got another one."""
        return self.filter(pk__in=self.records.filter(slug=slug).values("id")).exclude(slug=slug)

    def former_slugs(self) -> dict[str, str]:
        """Return the slugs that objects had before, and none has now, each with the slug that stands for it now."""
        objects = self.order_by()
        now = objects.filter(pk=OuterRef("id")).values(present=self.present_slug)
        former = self.records.annotate(now=Subquery(now)).exclude(
            Exists(objects.filter(slug=OuterRef("slug")))
        )
        pairs = former.filter(now__isnull=False).order_by("history_id")
        return dict(pairs.values_list("slug", "now"))

    def taken_slugs(self, slugs: Collection[str]) -> set[str]:
        """Return those of these slugs that an object has or had, or one that was public and is deleted."""
        objects = self.order_by()
        is_there = Exists(objects.filter(pk=OuterRef("id")))
        former = self.records.filter(is_there, slug__in=slugs).order_by()
        every = [objects.filter(slug__in=slugs), former, self.lost().filter(slug__in=slugs)]
        present, *others = (found.values_list("slug", flat=True) for found in every)
        return set(present.union(*others).order_by())

    def free_slug(self, name: str) -> str:
        """Return the first slug of a name that no object has or had; "" where the name makes none."""
        base = slug_of(name)
        return first_free(base, self.taken_slugs) if base else ""


class Slugged(CatalogModel):
    """An entry with a name and an address of its own."""

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

    def save(self, **kwargs: Any) -> None:
        """Save the entry; the address that it had before stays in its history, whichever way it came in."""
        self.set_slug()
        with transaction.atomic():
            self.keep_former_slug()
            super().save(**kwargs)

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

    def others(self) -> Any:
        """Return the other entries of this kind."""
        return type(self)._default_manager.exclude(pk=self.pk)

    def clean(self) -> None:
        super().clean()
        # That the name is missing is said already.
        if self.name:
            self.set_slug()

    def set_slug(self) -> None:
        """Make the slug from the name where none is given. Raises ValidationError where the name makes none."""
        self.slug = self.slug or self.others().free_slug(self.name)
        if not self.slug:
            raise ValidationError({"slug": NO_SLUG.format(self.name)})

    def validate_unique(self, exclude: Collection[str] | None = None) -> None:
        """Raise ValidationError for a value that must be unique and is not; the slug for all time."""
        super().validate_unique(exclude)
        if "slug" not in (exclude or ()):
            self.check_former_slugs()

    def check_former_slugs(self) -> None:
        """Raise ValidationError for a slug that another entry had before. What an entry has, it may keep."""
        others = self.others()
        former = others.with_former_slug(self.slug).first()
        lost = not former and others.lost().filter(slug=self.slug).exclude(id=self.pk).exists()
        if not (former or lost) or self.has_stored("slug"):
            return
        free = first_free(self.slug, others.taken_slugs)
        why = FORMER_SLUG.format(former, free) if former else LOST_SLUG.format("slug", free)
        raise ValidationError({"slug": why})


class MergedKey(models.Model):
    """A key of an entry that was merged into another one of its kind and deleted: it stands for that one now."""

    key = models.SlugField(max_length=100, unique=True)
    entry: Any

    class Meta:
        abstract = True
        default_permissions = ()

    def __str__(self) -> str:
        return self.key


def first_free(base: str, taken: Callable[[Collection[str]], Collection[str]]) -> str:
    """Return the first of ``base``, ``base-2``, ``base-3`` … that is not taken; ``taken`` returns those that are."""
    candidates = (numbered_slug(base, number) for number in count(1))
    return next(
        slug
        for slugs in batched(candidates, ASKED_AT_ONCE, strict=False)
        for in_use in [taken(slugs)]
        for slug in slugs
        if slug not in in_use
    )
