"""Synonyms: words and phrases that mean the same to whoever searches."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ..values.expressions import NameKey
from ..values.fields import MOST_OF_TEXT, ListField
from .base import CatalogModel
from .history import history

NONE = "Name at least one word or phrase that means the same."
NO_WORD = "“{}” has no letter or digit."


class SynonymGroupQuerySet(models.QuerySet):
    def get_by_natural_key(self, name: str) -> Any:
        return self.get(name=name)

    def live(self) -> Self:
        """Return none: nobody proposes changes to synonyms, and whoever may change them may at once."""
        return self.none()


class SynonymGroup(CatalogModel):
    """Group words and phrases of which a search for any one finds the others, too."""

    name = models.CharField(
        "word or phrase",
        max_length=100,
        help_text="As visitors would type it. For example “burnout”.",
    )
    synonyms = ListField(
        max_length=MOST_OF_TEXT,
        help_text="What means the same, separated by |. For example “compassion fatigue | vicarious trauma”. Whoever "
        "looks for one of all these finds the others, too; whoever puts it in quotation marks does not.",
    )

    objects = SynonymGroupQuerySet.as_manager()
    history = history()

    class Meta:
        default_permissions = ("add", "change", "delete", "view")
        verbose_name = "group of synonyms"
        verbose_name_plural = "synonyms"
        ordering = [NameKey("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                NameKey("name"),
                name="synonymgroup_name_is_unique",
                violation_error_message="Another group of synonyms begins with this. Add to that one.",
            ),
            models.CheckConstraint(
                name="synonymgroup_has_synonyms",
                condition=~Q(synonyms=""),
                violation_error_message=NONE,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def phrases(self) -> tuple[str, ...]:
        """Return all words and phrases of the group."""
        return (self.name, *self.synonyms)

    def clean(self) -> None:
        """Raise ValidationError for what no search would read, and for a word that is its own synonym."""
        super().clean()
        wrong: dict[str, str] = {}
        if not self.synonyms:
            wrong["synonyms"] = NONE
        for field, phrases in (("name", [self.name]), ("synonyms", self.synonyms)):
            for phrase in phrases:
                if phrase and not any(map(str.isalnum, phrase)):
                    wrong.setdefault(field, NO_WORD.format(phrase))
        own = self.name.casefold()
        if any(phrase.casefold() == own for phrase in self.synonyms):
            wrong.setdefault("synonyms", f"“{self.name}” is the word itself. Leave it out here.")
        if wrong:
            raise ValidationError(wrong)
