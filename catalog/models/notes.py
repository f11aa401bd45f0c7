"""Notes of the staff on an entry: a dated log, which visitors never see."""

from collections.abc import Collection
from datetime import date
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.text import Truncator

from ..values.fields import LimitedTextField, tidy
from ..values.moments import day_in_words
from ..values.site_url import admin_path
from .about_entry import AboutEntry, AboutEntryQuerySet, is_of_one_entry
from .programs import Program

AHEAD = "The day lies ahead: give the day on which it was done, today at the latest."
MOST_OF_A_BEGINNING = 100


class NoteKind(models.TextChoices):
    NOTE = "note", "Note"
    SEARCH = "search", "Literature search"
    LETTER = "letter", "Letter to the representative"


class StaffNoteQuerySet(AboutEntryQuerySet):
    def of(self, entry: models.Model) -> Self:
        """Return the notes on an entry, and those on what was merged into it."""
        if not isinstance(entry, Program):
            return super().of(entry)
        return self.filter(Q(program=entry) | Q(program__merged_into=entry))


class StaffNote(AboutEntry):
    """A note of the staff on an entry, of a day that may lie in the past."""

    kind = models.CharField(max_length=10, choices=NoteKind, default=NoteKind.NOTE)
    written_on = models.DateField("of the day", default=timezone.localdate)
    text = LimitedTextField(
        help_text="For colleagues: visitors never see it. Of a search: where, for which words, what was found."
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    corrected_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = StaffNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-written_on", "-pk"]
        # Who may view an entry reads its notes, and who may change it writes them.
        default_permissions = ()
        indexes = [models.Index(fields=["-written_on", "-id"], name="staffnote_latest_first")]
        constraints = [
            models.CheckConstraint(name="staffnote_is_of_one_entry", condition=is_of_one_entry()),
            models.CheckConstraint(
                name="staffnote_kind_is_known", condition=Q(kind__in=NoteKind.values)
            ),
            models.CheckConstraint(name="staffnote_has_text", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {day_in_words(self.written_on)}: {self.entry}"

    def get_absolute_url(self) -> str:
        return admin_path(self, "change", self.pk)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.text = tidy(self.text)
        super().clean_fields(exclude)

    def clean(self) -> None:
        # None where the form had no day to understand.
        day: date | None = self.written_on
        if day is not None and day > timezone.localdate():
            raise ValidationError({"written_on": AHEAD})

    @property
    def beginning(self) -> str:
        """Return the first words of the text, on one line."""
        return Truncator(" ".join(self.text.split())).chars(MOST_OF_A_BEGINNING)
