"""The matrix: who may do what at every address that is not public."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from catalog.models import Status

NOW = timezone.now()

PAST, FUTURE = NOW - timedelta(days=9), NOW + timedelta(days=9)

# Each role may what those before it may. "staff" has no permission, "nobody" is no role at all.
ROLES = ["anonymous", "staff", "viewer", "editor", "publisher", "superuser", "nobody"]

LETTERS = dict(zip("ASVEPU-", ROLES, strict=True))

# Ratings and studies are in the state of their program. Topic areas and pages are never merged.
STATES = {
    "draft": {"status": Status.DRAFT},
    "in review": {"status": Status.IN_REVIEW},
    "scheduled": {"status": Status.PUBLISHED, "published_at": FUTURE},
    "withdrawn": {"status": Status.DRAFT, "published_at": PAST},
    "published": {"status": Status.PUBLISHED, "published_at": PAST},
    "retired": {"status": Status.RETIRED, "published_at": PAST, "retirement_reason": "Outdated."},
    "merged": {"status": Status.RETIRED, "published_at": PAST},
    "merged draft": {"status": Status.RETIRED},
}

MERGED = {"merged", "merged draft"}

# Proposals are for what is public, of each kind; what may be done with one is the same for all of them.
PROPOSAL_STATES = {
    "draft": {},
    "submitted": {"is_minor": True},
    "approved": {"is_minor": True},
    "sent-back": {"is_minor": True},
    "published": {"is_minor": True, "published_at": NOW},
    "discarded": {},
    "scheduled": {"state": "approved", "is_minor": True, "publish_at": FUTURE},
}

# Act, address, and the lowest role that may: one for all states, or one for each in the order above. An address that
# has no line fails a test below, and so does a POST that does something and has none.
# What was public cannot be scheduled: whoever sends a date all the same publishes it at once.
LINES = [
    line.split() for line in Path(__file__).with_name("matrix.txt").read_text().splitlines() if line
]
