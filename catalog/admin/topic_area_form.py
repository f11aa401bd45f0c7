"""The form of a topic area."""

from typing import Any

from django.core.exceptions import ValidationError

from ..models.topic_areas import RELATED_TO_ITSELF
from .entry_form.form import EntryForm


class TopicAreaForm(EntryForm):
    """Let no topic area be related to itself."""

    def clean_related_areas(self) -> Any:
        """Return the related areas. Raises ValidationError where the area itself is one."""
        related = self.cleaned_data["related_areas"]
        if self.instance.pk and self.instance in related:
            raise ValidationError(RELATED_TO_ITSELF)
        return related
