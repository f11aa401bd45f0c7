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


@contextmanager
def throwaway_postgresql(programs: Path, *, is_safe: bool = False) -> Iterator[str]:
    """Start a server on a free port of this machine; unless ``is_safe``, nothing is safe-guarded against a crash."""
    identity = server_identity()
    with tempfile.TemporaryDirectory(prefix="clearinghouse-postgresql-") as folder:
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        data = Path(folder, "data")
        log = Path(folder, "log")
        port = free_port()

        def call(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, check=False, **identity
            )
            if done.returncode:
                server_log = log.read_text() if log.exists() else ""
                raise ServerError(f"{program} failed\n{done.stdout}{done.stderr}{server_log}")

        call(
            "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        )
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
            )
            if not is_safe:
                settings.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
        try:
            call("pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={log}")
            server = ("--host=127.0.0.1", f"--port={port}", "--username=postgres")
            call("createdb", *server, "clearinghouse")
            yield f"postgres://postgres@127.0.0.1:{port}/clearinghouse"
        finally:
            if (data / "postmaster.pid").exists():
                call("pg_ctl", "stop", "--mode=immediate", f"--pgdata={data}")


@contextmanager
def standby_of(port: int) -> Iterator[int]:
    """Start a server that follows the throw-away one on this port, and can be read only; give its own port."""
    programs, identity = find_postgresql(), server_identity()
    with tempfile.TemporaryDirectory(prefix="clearinghouse-standby-") as folder:
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        data, own_port = Path(folder, "data"), free_port()

        def call(program: str, *arguments: str) -> None:
            subprocess.run(
                [programs / program, *arguments],
                cwd=folder,
                check=True,
                capture_output=True,
                **identity,
            )

        server = ("--host=127.0.0.1", f"--port={port}", "--username=postgres")
        call(
            "pg_basebackup",
            *server,
            f"--pgdata={data}",
            "--write-recovery-conf",
            "--checkpoint=fast",
        )
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {own_port}\n")
        try:
            call("pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={folder}/log")
            yield own_port
        finally:
            if (data / "postmaster.pid").exists():
                call("pg_ctl", "stop", "--mode=immediate", f"--pgdata={data}")


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
