"""Telling people that an import has rated what they wrote, as they are told where somebody rates it by hand."""

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.models import User

from ..editorial.notifications import deliver, named, written_by_hand
from ..models import Import, Notification, NotificationKind, Program, Rating
from ..values.site_url import admin_path
from .permissions import may_import


def tell_of_ratings(record: Import) -> None:
    """Tell everybody who wrote a program of the new current ratings that an import gave it; each once, of all of them.

    For use in the import's transaction. The queries grow with the people, and not with the ratings.
    """
    rated = Rating.history.filter(history_import=record, history_type="+", is_current=True)
    written = written_by_hand(Program, rated.values("program_id"))
    programs: dict[int, list[int]] = defaultdict(list)
    for program, writer in sorted(written):
        programs[writer].append(program)
    if not programs:
        return
    ratings: dict[int, list[Rating]] = defaultdict(list)
    stored = Rating.objects.filter(
        pk__in=rated.values("id"), program__in={program for program, _ in written}
    )
    for rating in stored.select_related("program", "topic_area").order_by("pk"):
        ratings[rating.program_id].append(rating)
    people = User.objects.in_bulk(sorted(programs))
    told = (
        notification(record, person, [r for program in programs[pk] for r in ratings[program]])
        for pk, person in people.items()
    )
    deliver(told, about=Program)


def notification(record: Import, person: User, ratings: Sequence[Rating]) -> Notification:
    """Return what tells a person of an import's ratings; it leads who may not see imports to a program."""
    first = ratings[0]
    what = (
        f"{len(ratings):,} new ratings"
        if ratings[1:]
        else f"Rated {first.scientific_rating} in {first.topic_area}"
    )
    source = f": {record.source}" if record.source else ""
    program = admin_path(Program, "change", first.program_id)
    return Notification(
        recipient_id=person.pk,
        kind=NotificationKind.RATED,
        subject=named(list(dict.fromkeys(rating.program for rating in ratings))),
        words=f"{what}, by the import of {record.file_name}{source}",
        address=record.get_absolute_url() if may_import(person, record.kind) else program,
        by_id=record.user_id,
    )


def take_back_notifications(record: Import) -> None:
    """Delete what people were told of an import's ratings, unless they have read it or were sent it by mail."""
    told = Notification.objects.unread().filter(mailed_at__isnull=True)
    told.filter(kind=NotificationKind.RATED, address=record.get_absolute_url()).delete()
