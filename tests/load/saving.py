"""Editors who save, and imports of some thousands of rows beside them: nothing that was acknowledged may be lost."""

import time
from collections.abc import Iterator
from itertools import count

from .client import Answer, Person, beside, regularly
from .results import Result, at_most, none_of
from .site import Site, wait_for

# For an editor on SQLite, who waits for the other writer twenty seconds, and for the page.
LONGEST_WAIT = 25
MOST_SECONDS = 180
REFUSED = b"nothing was saved"


class Saves:
    """An editor who saves a program again and again, each time with another text."""

    def __init__(self, site: Site, editor: Person) -> None:
        self.site, self.editor = site, editor
        ((self.program, _),) = site.public_programs(1)
        self.numbers = count(1)
        self.mark = f"{time.time_ns()}"
        self.acknowledged: list[str] = []
        self.answers: list[Answer] = []

    def __call__(self) -> None:
        """Save once; an answer that says so is remembered."""
        text = f"{self.mark} {next(self.numbers)}"
        answer = self.editor.save(*self.editor.open(self.program), text)
        self.answers.append(answer)
        if answer.status == 302:
            self.acknowledged.append(text)

    @property
    def untold(self) -> int:
        """Return how many saves were neither acknowledged nor refused by a page that says why."""
        others = [answer for answer in self.answers if answer.status != 302]
        return sum(answer.status != 503 or REFUSED not in answer.content for answer in others)

    def lost(self) -> int:
        """Return how many saves were acknowledged of which the history knows nothing."""
        sql = "SELECT duration FROM catalog_historicalprogram WHERE id = %s"
        known = {text for (text,) in self.site.rows(sql, self.program)}
        return len(set(self.acknowledged) - known)


ROWS = 8_000


class Upload:
    """An import of some thousands of new programs, whose slugs begin with ``name``."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, f"{name}-{time.time_ns()}"
        self.editor = Person(site.port, "editor")
        lines = ["slug,name,description,topic_area,scientific_rating,rated_on,status"]
        others = f"{'What it is. ' * 20},{site.largest_area},3,2025-01,published"
        lines += [f"{self.name}-{n},Load {self.name} {n},{others}" for n in range(ROWS)]
        self.address = self.editor.upload("load.csv", "\n".join(lines).encode())
        self.pk = int(self.address.split("/")[-3])

    def confirm_when_checked(self) -> None:
        """Wait until the worker has checked the file, and confirm the import."""
        self.wait_until("ready")
        self.editor.confirm(self.address)

    def wait_until(self, status: str) -> float:
        """Return after how many seconds the import has this status."""
        sql = "SELECT status FROM catalog_import WHERE id = %s"
        what = f"the import is {status}"
        return wait_for(lambda: self.site.rows(sql, self.pk) == [(status,)], what, MOST_SECONDS)

    def is_being_applied(self) -> bool:
        """Return whether a worker has begun to apply the import, and not ended."""
        sql = (
            "SELECT 1 FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING' "
            "AND task_path = 'catalog.importing.tasks.apply_import'"
        )
        return bool(self.site.rows(sql))

    def imported(self) -> int:
        """Return how many of the rows are programs now."""
        sql = "SELECT count(*) FROM catalog_program WHERE slug LIKE %s"
        return int(self.site.rows(sql, f"{self.name}-%")[0][0])


def imports(site: Site) -> Iterator[Result]:
    """An editor who saves every second while a large file is checked and imported."""
    database = "PostgreSQL" if site.is_postgresql else "SQLite"
    what = f"saves beside an import ({ROWS:,} rows, {database}): "
    with site.serving(), site.working():
        saves = Saves(site, Person(site.port, "editor"))
        with beside(regularly(saves, 1)):
            upload = Upload(site, "beside")
            upload.confirm_when_checked()
            upload.wait_until("done")
        count = len(saves.answers)
        refused = count - len(saves.acknowledged)
        longest = max(answer.seconds for answer in saves.answers)
        waited = f"{what}{count}, {refused} refused, longest wait"
        yield at_most(waited, longest, LONGEST_WAIT, "s", saves.untold)
        yield none_of(f"{what}acknowledged and lost", saves.lost(), len(saves.acknowledged))
        yield none_of(f"{what}rows missing", ROWS - upload.imported(), ROWS)


def killed_import(site: Site) -> Iterator[Result]:
    """Yield what becomes of an import whose worker is killed."""
    with site.serving():
        upload = Upload(site, "killed")
        with site.working() as worker:
            upload.confirm_when_checked()
            wait_for(upload.is_being_applied, "the worker applies the import")
            time.sleep(1)
            worker.kill()
        was_begun = upload.is_being_applied() and not upload.imported()
        with site.working():
            seconds = upload.wait_until("done")
        what = "kill -9 of the worker in an import: "
        yield at_most(f"{what}done by the next one after", seconds, 120, "s")
        missing = ROWS - upload.imported()
        yield none_of(f"{what}rows missing", missing, ROWS if was_begun else 0)
