"""Many who ask at once: readers beside writers, passwords tried, exports, PDFs, and every public address."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, count, cycle
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import psycopg

from ..benchmarks.program_list import p95
from .client import Answer, Load, Person, ask, beside, regularly
from .results import Result, at_least, at_most, none_of
from .site import Server, Site, forget_peaks, memory_of, wait_for

SECONDS = 12
# In so many turns, what is compared is measured.
TURNS = 4
WORKER_MB = 200
LIST = "/programs/"


def measured(site: Site, addresses: Iterator[str], seconds: float = SECONDS) -> Load:
    """Return what four visitors were answered in so many seconds."""
    with Load(site.port, addresses) as load:
        time.sleep(seconds)
    return load


def warm_up(site: Site) -> None:
    """Let each process do what only its first requests do."""
    measured(site, cycle([LIST]), 3)


class Cpu:
    """How many seconds of CPU a site and its database use in a block."""

    def __init__(self, site: Site, server: Server) -> None:
        self.used = lambda: server.cpu + site.cpu_of_database()

    def __enter__(self) -> Self:
        self.before = self.used()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = self.used() - self.before


class Memory:
    """How much more memory processes take from now on."""

    def __init__(self, processes: list[int]) -> None:
        self.before = {process: memory_of(process) for process in processes}
        forget_peaks(processes)

    @property
    def growth(self) -> float:
        """Return by how many MB the process grew that grew most; one that has ended is left out."""
        living = [process for process in self.before if Path(f"/proc/{process}").exists()]
        return max(memory_of(process, "VmHWM") - self.before[process] for process in living)


# --- Readers beside writers


class Write(NamedTuple):
    """A statement that gives a program a word; the page at ``shown_at`` then holds ``shown``."""

    what: str
    sql: str
    shown_at: str
    shown: str


UNSEEN = Write(
    "a phone number, kept addresses",
    "UPDATE catalog_program SET contact_phone = %s WHERE id = %s",
    "/programs/{slug}/",
    "{word}",
)
SEEN = Write(
    "names and values, new addresses",
    "UPDATE catalog_program SET name = %s, relevance_level = 'high' WHERE id = %s",
    "/programs/?q={word}&relevance=high",
    'href="/programs/{slug}/"',
)


PAGE = "/programs/{slug}/"


class Writer:
    """Somebody who writes to one program after the other, and asks at once whether readers are shown it."""

    def __init__(self, site: Site, write: Write, connection: psycopg.Connection[Any]) -> None:
        self.site, self.write, self.connection = site, write, connection
        self.programs = cycle(site.public_programs(500))
        self.numbers = count(time.time_ns())
        # The next write does not wait for the answer.
        self.readers = ThreadPoolExecutor(8)
        self.looks: list[Future[tuple[Answer, bool]]] = []

    def act(self) -> None:
        """Write once, in a transaction of its own, and look."""
        (program, slug), word = next(self.programs), f"loadmark{next(self.numbers)}"
        self.connection.execute(self.write.sql, (word, program))
        address, shown = (
            text.format(word=word, slug=slug) for text in (self.write.shown_at, self.write.shown)
        )
        self.looks.append(self.readers.submit(self.look, address, shown))

    def read(self) -> None:
        """Look only, at a page that nobody asked for before."""
        _, slug = next(self.programs)
        self.looks.append(self.readers.submit(self.look, PAGE.format(slug=slug), slug))

    def look(self, address: str, shown: str) -> tuple[Answer, bool]:
        """Return a page, and whether it shows a text."""
        answer = ask(self.site.port, address)
        return answer, shown.encode() in answer.content

    def looked(self) -> tuple[list[Answer], list[bool]]:
        """Return what was seen since this was asked last."""
        seen, self.looks = [look.result() for look in self.looks], []
        return [answer for answer, _ in seen], [is_shown for _, is_shown in seen]


class Beside(NamedTuple):
    """What readers were answered beside something: how many in how many seconds, and for how many seconds of CPU."""

    answers: list[Answer]
    in_time: float
    seconds: float
    asked: int
    cpu: float
    shown: list[bool]

    @classmethod
    def joined(cls, turns: Iterable[Self]) -> Self:
        """Return several turns as one."""
        answers, in_time, seconds, asked, cpu, shown = zip(*turns, strict=True)
        return cls(
            [*chain(*answers)], sum(in_time), sum(seconds), sum(asked), sum(cpu), [*chain(*shown)]
        )

    @property
    def rate(self) -> float:
        """Return how many requests were answered in a second."""
        return self.in_time / self.seconds

    @property
    def cpu_of_each(self) -> float:
        """Return what an answer cost in seconds of CPU."""
        return self.cpu / self.asked

    @property
    def p95(self) -> float:
        return p95([answer.seconds for answer in self.answers])

    @property
    def wrong(self) -> int:
        """Return how many answers were not what was asked for."""
        return sum(not answer.is_right for answer in self.answers)


def writes(site: Site) -> Iterator[Result]:
    """The list while programs are written to, beside the list while the same number is only read."""
    with site.serving() as server:
        warm_up(site)
        yield from list_beside(site, server, UNSEEN, cycle(site.addresses["kept"]))
        yield from list_beside(site, server, SEEN, iter(site.addresses["fresh"]))
        yield at_most(
            "list beside writes: memory of a worker afterwards", server.memory, WORKER_MB, "MB"
        )


def list_beside(
    site: Site, server: Server, write: Write, addresses: Iterator[str]
) -> Iterator[Result]:
    with site.connected(autocommit=True) as connection:
        writer = Writer(site, write, connection)

        def beside_one(act: Callable[[], None], rate: int) -> Beside:
            with Cpu(site, server) as cpu, beside(regularly(act, 1 / rate)):
                load = measured(site, addresses, SECONDS / TURNS)
            pages, shown = writer.looked()
            # Who looks after a write is a reader too.
            asked = len(load.answers) + len(pages)
            seconds = load.ended - load.started
            in_time = load.rate_with(pages) * seconds
            return Beside(load.answers, in_time, seconds, asked, cpu.seconds, shown)

        for rate in (1, 5):
            # In turns: the machine's own speed changes within a minute.
            turns = [
                (beside_one(writer.read, rate), beside_one(writer.act, rate)) for _ in range(TURNS)
            ]
            quiet, busy = map(Beside.joined, zip(*turns, strict=True))
            what = f"list beside {rate} writes/s of {write.what}: "
            share = busy.rate / quiet.rate * 100
            yield at_least(f"{what}of {quiet.rate:,.0f}/s", share, 80, "%", busy.wrong)
            slower, name = busy.p95 / quiet.p95, f"p95, of {quiet.p95 * 1_000:,.0f} ms"
            yield at_most(f"{what}{name}", slower, 1.5, "times")
            # What the machine does besides has no part in this one; 1 / 1.25 is 80 %.
            times = busy.cpu_of_each / quiet.cpu_of_each
            name = f"CPU, of {quiet.cpu_of_each * 1_000:,.1f} ms"
            yield at_most(f"{what}{name}", times, 1.25, "times")
            yield none_of(f"{what}not shown at once", busy.shown.count(False), len(busy.shown))


# --- Passwords tried

ATTEMPTS, AT_ONCE = 41, 6
# Neither the computer nor an account of those who sign in later: attempts may lock both.
ATTACKER, ACCOUNT = "127.0.0.2", "administrator"


def sign_in(site: Site) -> Iterator[Result]:
    """The list while somebody tries passwords; where each is soon refused, it has time to recover."""
    with site.serving():
        warm_up(site)
        before = measured(site, cycle(site.addresses["kept"]), SECONDS / 2)
        with Load(site.port, cycle(site.addresses["kept"])) as load:
            seconds = try_passwords(site)
            time.sleep(max(SECONDS - seconds, 0))
        after = measured(site, cycle(site.addresses["kept"]), SECONDS / 2)
        without = (before.rate + after.rate) / 2
        what = f"list beside {ATTEMPTS} sign-ins, {AT_ONCE} at once, within {seconds:.0f} s"
        share = load.rate / without * 100
        yield at_least(f"{what}: of {without:,.0f}/s", share, 70, "%", load.wrong)


def try_passwords(site: Site) -> float:
    """Try passwords, and return for how many seconds."""
    # The form can be sent without a visit before, if cookie and form hold the same token.
    token = "a" * 32
    headers = {
        "Cookie": f"csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def attempt(number: int) -> None:
        sent = {"username": ACCOUNT, "password": f"guess {number}", "csrfmiddlewaretoken": token}
        ask(site.port, "/admin/login/", urlencode(sent).encode(), headers, source=ATTACKER)

    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(attempt, range(ATTEMPTS)))
    return time.monotonic() - started


# --- Exports and PDFs at once

# One for each person.
EXPORTS = {
    "viewer": "program/export/?format=csv",
    "writer": "rating/export/?format=csv",
    "editor": "program/export/?format=xlsx",
}


def exports(site: Site) -> Iterator[Result]:
    """The list, and whether the site lives, while three tables are exported."""
    with site.serving() as server, site.working() as worker:
        people = [Person(site.port, name) for name in EXPORTS]
        warm_up(site)
        memory = Memory([*server.workers, worker.pid])
        with (
            Load(site.port, cycle([LIST]), clients=1, pause=0.1) as load,
            Load(site.port, cycle(["/healthz"]), clients=1, pause=0.1) as health,
            ThreadPoolExecutor(len(EXPORTS)) as threads,
        ):
            addresses = [f"/admin/catalog/{address}" for address in EXPORTS.values()]
            downloads = list(threads.map(Person.download, people, addresses))
        for address, answers in zip(EXPORTS.values(), downloads, strict=True):
            slowest = max(answer.first_byte for answer in answers)
            is_file = "attachment" in answers[-1]["Content-Disposition"]
            what = f"3 exports at once, {address}: first byte"
            yield at_most(what, slowest, 1, "s", wrong=not is_file)
        for name, asked in (("list", load), ("/healthz", health)):
            what = f"{name} beside 3 exports: slowest first byte"
            yield at_most(what, asked.slowest, 1, "s", asked.wrong)
        yield at_most("3 exports at once: memory", memory.growth, 60, "MB")


def pdfs(site: Site) -> Iterator[Result]:
    """The list while three visitors want the summary of the largest topic area again and again.

    Each time they ask at another address, which leads to that of the summary.
    """
    with site.serving() as server:
        warm_up(site)
        quiet = measured(site, cycle(site.addresses["kept"]), SECONDS / 2)
        before = server.memory
        summary = f"/topics/{site.largest_area}/summary.pdf"
        asked = [
            address for number in range(9_999) for address in (f"{summary}?x={number}", summary)
        ]
        with Load(site.port, iter(asked), clients=3, pause=0.1) as pdf:
            load = measured(site, cycle(site.addresses["kept"]))
        time.sleep(SECONDS / 2)
        again = measured(site, cycle(site.addresses["kept"]), SECONDS / 2)
        without = (quiet.rate + again.rate) / 2
        share = load.rate / without * 100
        what = f"list beside 3 PDFs at once: of {without:,.0f}/s"
        yield at_least(what, share, 70, "%", load.wrong)
        yield none_of("PDFs: neither sent nor refused in words", pdf.untold, len(pdf.answers))
        yield at_most("PDFs: memory that a worker keeps", server.memory - before, 50, "MB")


# --- Every address


class Cost(NamedTuple):
    """What a request costs the site: seconds of CPU, its database's too, and MB of memory for a while."""

    cpu: float
    memory: float
    status: int


def walk(site: Site) -> Iterator[Result]:
    """One request for each public address, to a site with one process."""
    with site.serving(workers=1) as server, site.working():
        warm_up(site)
        # Which it is only with a worker.
        wait_for(lambda: ask(site.port, "/readyz").status == 200, "the site is ready")
        costs = {address: cost_of(site, server, address) for address in site.addresses["all"]}
        dearest = max(costs, key=lambda address: costs[address].cpu)
        largest = max(costs, key=lambda address: costs[address].memory)
        broken = [address for address, cost in costs.items() if cost.status >= 500]
        yield at_most(f"every public address, most CPU: {dearest}", costs[dearest].cpu, 1, "s")
        yield at_most(
            f"every public address, most memory: {largest}", costs[largest].memory, 50, "MB"
        )
        yield none_of("every public address: answers of 500 or more", len(broken), len(costs))
        yield at_most(
            "every public address: memory of a worker afterwards", server.memory, WORKER_MB, "MB"
        )


def cost_of(site: Site, server: Server, address: str) -> Cost:
    memory = Memory(server.workers)
    with Cpu(site, server) as cpu:
        answer = ask(site.port, address)
    return Cost(cpu.seconds, memory.growth, answer.status)
