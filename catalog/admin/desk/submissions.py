"""What visitors have written, on the desk until somebody has answered or declined it."""

from typing import Any

from ...models import Submission
from ...values.moments import day_in_words
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, DeskPart, Line, Section, all_of, section


class WaitingSubmissions(DeskPart):
    """List what visitors have written, for those who may deal with it."""

    def waiting(self) -> list[Section]:
        """Return what is new or in work, the longest waiting first. One query."""
        if not (self.sees(Submission) and self.may("change", Submission)):
            return []
        shown = Submission.objects.waiting().defer("text")
        found: list[Any] = list(shown[: MOST + 1])
        lines = [
            Line(
                str(submission),
                admin_path(Submission, "change", submission.pk),
                f"{submission.get_state_display()}, sent {day_in_words(submission.created_at)}"
                + (
                    f": {about}" if (about := submission.subject or submission.program_slug) else ""
                ),
            )
            for submission in found[:SHOWN]
        ]
        title = "Written by visitors"
        return [section(title, found, lines, all_of(Submission, "state__exact=new"))]
