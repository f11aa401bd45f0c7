"""What a process of the site keeps in memory of the catalog."""

from catalog.finding import snapshots
from catalog.public import caching, site
from catalog.search import change_log


def begin_process():
    """Know nothing of the catalog, as a process does that has just begun."""
    caching.forget()
    change_log.forget()
    snapshots.forget()
    site.read_site.cache_clear()
