"""What the logs hold: a line and no traceback for what was refused, and nothing that lets a reader in."""

import logging
import re
from copy import copy

SERVER_ERROR = 500
TOO_MANY_REQUESTS = 429
# The token of a preview or a fact check, and what an address gives under a name that sounds like a secret.
SECRET = re.compile(
    r"""(/(?:preview|fact-check)/|[?&][^=&\s"]*(?:token|key|secret|password|signature)[^=&\s"]*=)[^/?&\s"]+""",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """Return a text in which "…" stands in the place of each secret of an address."""
    return SECRET.sub(r"\1…", text)


class LineFormatter(logging.Formatter):
    """Writes a record without secrets; with a traceback for a fault of the site alone."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text. Django gives those of its requests the status of the answer."""
        if getattr(record, "status_code", SERVER_ERROR) < SERVER_ERROR:
            record = copy(record)
            record.exc_info = record.exc_text = None
        return without_secrets(super().format(record))


def is_news(record: logging.LogRecord) -> bool:
    """Return whether a record says what is not in the log yet: whoever refuses what is too much says so in full."""
    return getattr(record, "status_code", None) != TOO_MANY_REQUESTS
