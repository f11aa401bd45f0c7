"""Merges of references and of experts that can be undone: what their histories do not tell."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from .about_entry import entry_field

KINDS = ("reference", "expert")


class MergeRecordQuerySet(models.QuerySet):
    def of_kind(self, model: type[models.Model]) -> Self:
        """Return the merges of entries of a model."""
        return self.filter(kind=entry_field(model))


class MergeRecord(models.Model):
    """A merge of two references or two experts; undone, it is forgotten.

    The entries are told by their keys, as the merged one is deleted, and the survivor may be merged in turn. The
    history knows by ``history_save`` what they and their studies were before. ``moved`` holds the keys of what else
    went to the survivor, and ``removed`` the rows that went beside the merged entry, as Django serializes them.
    """

    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    merged = models.BigIntegerField()
    survivor = models.BigIntegerField(db_index=True)
    history_save = models.UUIDField(unique=True)
    moved = models.JSONField(default=dict)
    removed = models.JSONField(default=list)

    objects = MergeRecordQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="mergerecord_kind_is_known", condition=Q(kind__in=KINDS)),
            models.CheckConstraint(
                name="mergerecord_is_of_two_entries", condition=~Q(merged=F("survivor"))
            ),
            models.UniqueConstraint(name="mergerecord_one_for_an_entry", fields=["kind", "merged"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.merged} into {self.survivor}"

    def move(self, rows: models.QuerySet, **values: Any) -> None:
        """Give rows to the survivor by these values, and remember which they were."""
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        self.moved[rows.model._meta.label_lower] = pks
        rows.model._default_manager.filter(pk__in=pks).update(**values)

    def moved_rows(self, model: type[models.Model]) -> models.QuerySet:
        """Return those of the rows of a model that went to the survivor which are there still."""
        return model._default_manager.filter(pk__in=self.moved.get(model._meta.label_lower, ()))
