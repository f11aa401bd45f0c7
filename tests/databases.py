"""A PostgreSQL server to test and to measure on: the one that is named, or a throw-away one."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OLDEST_POSTGRESQL = 15
POSTGRESQL_URLS = ("postgres:", "postgresql:", "psql:", "pgsql:")


class NotInstalled(Exception):
    """This machine lacks something; the message says what to install."""


class ServerError(Exception):
    """PostgreSQL is installed but does not work; the message holds its own words."""


@contextmanager
def postgresql(given_url: str) -> Iterator[str]:
    """Give the URL of the server that the environment names or of a throw-away one."""
    if given_url.startswith(POSTGRESQL_URLS):
        yield given_url
    else:
        with throwaway_postgresql(find_postgresql()) as url:
            yield url


def find_postgresql() -> Path:
    """Return the folder of the newest PostgreSQL; Debian keeps each version's programs off the PATH."""
    on_path = (shutil.which("initdb", path=folder) for folder in os.get_exec_path())
    programs = {Path(program).resolve() for program in on_path if program}
    programs |= set(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    by_version = {postgresql_version(program): program.parent for program in programs}
    newest = max(by_version, default=0)
    if not newest:
        raise NotInstalled("no initdb found; install the package postgresql")
    if newest < OLDEST_POSTGRESQL:
        raise NotInstalled(f"PostgreSQL {newest} is too old; install {OLDEST_POSTGRESQL} or newer")
    return by_version[newest]


def postgresql_version(initdb: Path) -> int:
    answer = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(match[1]) if match else 0


class Server:
    """A PostgreSQL server in a folder of its own, on a free port of this machine."""

    def __init__(self, programs: Path, folder: str) -> None:
        self.programs, self.folder = programs, folder
        self.data, self.log = Path(folder, "data"), Path(folder, "log")
        self.port = free_port()
        self.identity = server_identity()
        if self.identity:
            shutil.chown(folder, self.identity["user"], self.identity["group"])

    def call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs. Raise ServerError with its words."""
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self.identity
        )
        if done.returncode:
            server_log = self.log.read_text() if self.log.exists() else ""
            raise ServerError(f"{program} failed\n{done.stdout}{done.stderr}{server_log}")

    @contextmanager
    def running(self, settings: str = "") -> Iterator[None]:
        """Let the server run with these settings."""
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(f"port = {self.port}\n{settings}")
        try:
            self.call("pg_ctl", "start", "--wait", f"--pgdata={self.data}", f"--log={self.log}")
            yield
        finally:
            if (self.data / "postmaster.pid").exists():
                self.call("pg_ctl", "stop", "--mode=immediate", f"--pgdata={self.data}")


def asking(port: int) -> tuple[str, ...]:
    """Return the arguments by which PostgreSQL's programs find a server."""
    return "--host=127.0.0.1", f"--port={port}", "--username=postgres"


@contextmanager
def throwaway_postgresql(programs: Path, *, is_safe: bool = False) -> Iterator[str]:
    """Start a server on a free port of this machine; unless ``is_safe``, nothing is safe-guarded against a crash."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-postgresql-") as folder:
        server = Server(programs, folder)
        server.call(
            "initdb",
            f"--pgdata={server.data}",
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        settings = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
        if not is_safe:
            settings += "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
            # To compile a statement of a few rows takes longer than to execute it.
            settings += "jit = off\n"
        with server.running(settings):
            server.call("createdb", *asking(server.port), "clearinghouse")
            yield f"postgres://postgres@127.0.0.1:{server.port}/clearinghouse"


def restart(data: Path, mode: str) -> None:
    """Restart the throw-away server whose files are there, as pg_ctl does it in this mode: smart, fast or immediate."""
    subprocess.run(
        [
            find_postgresql() / "pg_ctl",
            "restart",
            f"--mode={mode}",
            f"--pgdata={data}",
            f"--log={data.parent / 'log'}",
        ],
        cwd=data.parent,
        stdout=subprocess.DEVNULL,
        check=True,
        **server_identity(),
    )


@contextmanager
def standby_of(port: int) -> Iterator[int]:
    """Start a server that follows the throw-away one on this port, and can be read only; give its own port."""
    with tempfile.TemporaryDirectory(prefix="clearinghouse-standby-") as folder:
        server = Server(find_postgresql(), folder)
        copied = (f"--pgdata={server.data}", "--write-recovery-conf", "--checkpoint=fast")
        server.call("pg_basebackup", *asking(port), *copied)
        with server.running():
            yield server.port


def server_identity() -> dict[str, Any]:
    """Return whom to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        reason = (
            "it cannot run as root and there is no user postgres; install the package postgresql"
        )
        raise NotInstalled(reason) from None
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
