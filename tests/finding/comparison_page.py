"""What the tests read from a page that compares programs."""


def columns(page):
    """Return the heads of the table's columns, as words and addresses."""
    return [head.links for head in page.all("th", scope="col")]


def names(page):
    return [links[0][0] for links in columns(page)]


def table(page):
    """Return the rows of a comparison under their groups, as words: {group: {label: [cell, …]}}."""
    groups = {}
    for body in page.all("tbody"):
        heading, *rows = body.all("tr")
        groups[heading.text] = {
            row.one("th", scope="row").text: [cell.text for cell in row.all("td")] for row in rows
        }
    return groups


def differing(groups):
    """Return the rows of a table that do not say the same of all programs: the oracle."""
    kept = {
        heading: {label: cells for label, cells in rows.items() if len(set(cells)) > 1}
        for heading, rows in groups.items()
    }
    return {heading: rows for heading, rows in kept.items() if rows}


def notices(page):
    return [p.text for notice in page.all("div", class_="notice") for p in notice.all("p")]


def status(page):
    return [element.text for element in page.all(role="status")]


def rename(program, slug):
    program.slug = slug
    program.save()
