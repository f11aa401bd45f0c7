"""The desk: what waits for somebody and for the team, each line with the place where it is fixed.

The number of queries is fixed, and each is bounded: an index finds what is asked for, and nothing is counted beyond
MOST. What somebody may not read is left out, and what somebody may not do is no link.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser, User

from .assigned import AssignedWork
from .evidence import UnexplainedRatings
from .fact_checks import AnsweredFactChecks
from .gaps import Gaps
from .imports import RecentImports
from .lines import Section
from .notifications import Unread
from .proposals import WaitingProposals
from .submissions import WaitingSubmissions
from .waiting import WaitingEntries


class DeskGroup(NamedTuple):
    title: str
    sections: Sequence[Section]


def desk_groups(user: User | AnonymousUser) -> list[DeskGroup]:
    """Return the desk's groups of sections, without what this person may not read."""
    entries, imports, gaps = WaitingEntries(user), RecentImports(user), Gaps(user)
    proposals, fact_checks = WaitingProposals(user), AnsweredFactChecks(user)
    work = AssignedWork(user)
    in_review = entries.in_review()
    groups = [
        DeskGroup(
            "For me",
            [
                *Unread(user).unread(),
                *work.mine(),
                *(in_review if entries.publishes else ()),
                *proposals.to_decide(),
                *proposals.new_terms(),
                *proposals.mine(),
                *fact_checks.to_settle(),
                *WaitingSubmissions(user).waiting(),
                *entries.my_drafts(),
                *imports.my_imports(),
            ],
        ),
        DeskGroup(
            "On the way",
            [
                *(() if entries.publishes else in_review),
                *entries.drafts(),
                *entries.scheduled(),
                *imports.recent_imports(),
            ],
        ),
        DeskGroup("Who does what", [*work.overdue(), *work.nobodys()]),
        DeskGroup("Reviews of the research", [*gaps.reviews(), *gaps.checks()]),
        DeskGroup("Ratings", [*gaps.ratings(), *UnexplainedRatings(user).unexplained()]),
        DeskGroup("What visitors need", [*gaps.missing(), *gaps.wrong_links()]),
    ]
    return [group for group in groups if group.sections]
