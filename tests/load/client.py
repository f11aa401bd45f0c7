"""Those who ask: visitors in great number, and people who sign in and save.

The client has the machine's cores together with the server, so it does as little as it can.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import Message
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from threading import Event
from typing import Self
from urllib.parse import urlencode

from ..admin.pages import BrowserForm, fields_of

HOST = "127.0.0.1"
# Longer than anything may take, and than gunicorn waits for one of its workers.
MOST_SECONDS = 120
# Three of 100,000 entries, which are made one after the other.
EXPORT_SECONDS = 900
# Pages of ours say in which language they are; gunicorn's own do not.
OURS = b"<html lang="


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds; status 0 where the connection broke."""

    status: int
    headers: Message
    content: bytes
    first_byte: float
    seconds: float
    ended: float  # on the monotonic clock

    def __getitem__(self, name: str) -> str:
        """Return a header, as Django's responses do."""
        return self.headers.get(name, "")

    @property
    def is_right(self) -> bool:
        """Return whether it is what was asked for."""
        return self.status in {200, 302, 304}

    @property
    def is_told(self) -> bool:
        """Return whether it is what was asked for, or our own page that says why not."""
        return self.is_right or (self.status in {429, 503} and OURS in self.content)


def ask(
    port: int,
    address: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    source: str = HOST,
) -> Answer:
    """Return the answer to a GET, or to a POST where there is a body, that comes from an address of this machine."""
    started, first_byte = time.monotonic(), 0.0
    status, received, content = 0, Message(), b""
    connection = HTTPConnection(HOST, port, MOST_SECONDS, (source, 0))
    try:
        sent = {"Connection": "close", **(headers or {})}
        connection.request("GET" if body is None else "POST", address, body, sent)
        response = connection.getresponse()
        content = response.read(1)
        first_byte = time.monotonic()
        content += response.read()
        # Only now, because an answer that breaks off is none.
        status, received = response.status, response.headers
    except (OSError, HTTPException):
        pass
    finally:
        connection.close()
    ended = time.monotonic()
    begun = (first_byte or ended) - started
    return Answer(status, received, content, begun, ended - started, ended)


@contextmanager
def beside(*functions: Callable[[Event], None]) -> Iterator[None]:
    """Run functions in threads as long as the block lasts: each ends soon after its event is set."""
    is_over = Event()
    with ThreadPoolExecutor(len(functions)) as threads:
        running = [threads.submit(function, is_over) for function in functions]
        try:
            yield
        finally:
            is_over.set()
        for function in running:
            function.result()


def regularly(act: Callable[[], None], seconds: float) -> Callable[[Event], None]:
    """Return a function for ``beside`` that acts once in so many seconds."""

    def run(is_over: Event) -> None:
        due = time.monotonic()
        while not is_over.wait(max(due - time.monotonic(), 0)):
            act()
            due += seconds

    return run


class Load:
    """Visitors who ask for one address after the other as long as the block lasts, each with a pause in between."""

    def __init__(
        self, port: int, addresses: Iterator[str], clients: int = 4, pause: float = 0
    ) -> None:
        self.port, self.addresses, self.pause = port, addresses, pause
        self.answers: list[Answer] = []
        self.threads = beside(*[self.visit] * clients)

    def __enter__(self) -> Self:
        self.started = time.monotonic()
        self.threads.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended = time.monotonic()
        self.threads.__exit__(None, None, None)

    def visit(self, is_over: Event) -> None:
        while not is_over.wait(self.pause):
            self.ask(next(self.addresses))

    def ask(self, address: str) -> Answer:
        """Return the answer, and keep it without its content."""
        answer = ask(self.port, address)
        self.answers.append(replace(answer, content=answer.content[:4_000]))
        return answer

    @property
    def rate(self) -> float:
        """Return how many requests were answered in a second."""
        return self.rate_with([])

    def rate_with(self, others: list[Answer]) -> float:
        """Return the same with the answers to others, who asked meanwhile; what came late does not count."""
        in_time = sum(answer.ended <= self.ended for answer in self.answers + others)
        return in_time / (self.ended - self.started)

    @property
    def slowest(self) -> float:
        """Return after how many seconds the slowest answer began."""
        return max(answer.first_byte for answer in self.answers)

    @property
    def wrong(self) -> int:
        """Return how many answers were not what was asked for."""
        return sum(not answer.is_right for answer in self.answers)

    @property
    def untold(self) -> int:
        """Return how many answers were neither that nor our own page that says why not."""
        return sum(not answer.is_told for answer in self.answers)


class Person:
    """Somebody of staff, signed in; the password is the user's name."""

    def __init__(self, port: int, name: str) -> None:
        self.port, self.cookies = port, SimpleCookie()
        address = "/admin/login/?next=/admin/"
        fields = fields_of(self.get(address))
        answer = self.post(address, {**fields, "username": name, "password": name})
        if answer.status != 302:
            raise AssertionError(f"{name} could not sign in: {answer.status}")

    def get(self, address: str) -> Answer:
        return self.ask(address)

    def post(self, address: str, fields: Mapping[str, object]) -> Answer:
        kind = "application/x-www-form-urlencoded"
        return self.ask(address, urlencode(fields, doseq=True).encode(), kind)

    def ask(self, address: str, body: bytes | None = None, kind: str = "") -> Answer:
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        headers = {"Cookie": cookie, "Content-Type": kind} if kind else {"Cookie": cookie}
        answer = ask(self.port, address, body, headers)
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def open(self, program: int) -> tuple[str, Answer]:
        """Return the address of a program's form, and the page with the form."""
        address = f"/admin/catalog/program/{program}/change/"
        return address, self.get(address)

    def save(self, address: str, page: Answer, duration: str) -> Answer:
        """Type into the form of a page how long a program lasts, and save it; a page without the form is returned."""
        if page.status != 200:
            return page
        fields = {**BrowserForm(page).data, "duration": duration, "_save": "Save"}
        return self.post(address, fields)

    def download(self, address: str) -> list[Answer]:
        """Return all answers on the way to a file: the file at once, or by the page of whoever makes it."""
        answers = [self.get(address)]
        until = time.monotonic() + EXPORT_SECONDS
        while (answer := answers[-1]).is_right and time.monotonic() < until:
            if "attachment" in answer["Content-Disposition"]:
                break
            if answer.status == 302:
                address = answer["Location"]
            elif b'value="Make the file"' in answer.content:
                answers.append(self.post(address, fields_of(answer)))
                continue
            elif link := re.search(rb'href="([^"]+)">Download ', answer.content):
                address = link[1].decode()
            else:
                time.sleep(1)
            answers.append(self.get(address))
        return answers

    def upload(self, name: str, content: bytes) -> str:
        """Bring in a file of programs; return the address of its import."""
        address = "/admin/catalog/program/import/"
        (token,) = fields_of(self.get(address))["csrfmiddlewaretoken"]
        limit = "of-the-parts-of-this-form"
        parts = {'name="csrfmiddlewaretoken"': token.encode()}
        parts[f'name="file"; filename="{name}"'] = content
        body = b"".join(
            f"--{limit}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + part + b"\r\n"
            for head, part in parts.items()
        )
        body += f"--{limit}--\r\n".encode()
        answer = self.ask(address, body, f"multipart/form-data; boundary={limit}")
        return answer["Location"]

    def confirm(self, address: str) -> Answer:
        """Confirm an import at its address."""
        page = self.get(address).content.decode()
        names = ("csrfmiddlewaretoken", "plan")
        sent = {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in names}
        return self.post(address.replace("/change/", "/confirm/"), sent)
