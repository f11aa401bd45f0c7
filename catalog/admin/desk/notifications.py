"""What somebody was told and has not read yet, on the desk."""

from ...models import Notification
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, DeskPart, Line, Link, Section, section


class Unread(DeskPart):
    """List the notifications that this person has not read."""

    def unread(self) -> list[Section]:
        """Return the unread notifications of this person, the latest first. One query."""
        mine = Notification.objects.unread().filter(recipient=self.user.pk).select_related("by")
        found = list(mine[: MOST + 1])
        if not found:
            return []
        lines = [Line(str(each), each.get_absolute_url(), each.told) for each in found[:SHOWN]]
        everything = Link("All notifications", admin_path(Notification, "changelist"))
        return [section("Told to you", found, lines)._replace(all_of_them=[everything])]
