"""What is typed into a page, and what the browser has kept of it."""

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('typed '))"


def keys_kept(page):
    """Return the keys of what the browser has kept, after it has had the time for it."""
    page.clock.run_for(1_500)
    return page.evaluate(KEPT)


def kept(page):
    """Return how many forms' texts the browser has kept."""
    return len(keys_kept(page))


def leave_and_return(page, path, elsewhere="/admin/"):
    """Leave a page with what is typed into it, come back, and return the places where that is offered."""
    page.clock.run_for(1_500)
    page.goto(elsewhere)
    page.goto(path)
    return page.locator(".typed-before > div")
