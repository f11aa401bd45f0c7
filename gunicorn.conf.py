"""How gunicorn serves the site: ``gunicorn config.wsgi`` finds this file by itself. Its own options win over it."""

import ctypes
import os
from contextlib import suppress

import gunicorn
from gunicorn import glogging

from config.logs import without_secrets

# What answers is nobody's business. The workers, which put this into every answer, are imported later.
gunicorn.SERVER = "web"

bind = os.environ.get("BIND", "127.0.0.1:8001")
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
# A worker answers several requests at once while the database works for some: health checks too, while pages wait.
threads = int(os.environ.get("WEB_THREADS", "4"))
# A worker takes no more connections than it has threads for: the next one goes to a worker that has one free, and does
# not wait behind pages that wait for the database. So none is kept for a next request: the proxy in front does that.
worker_connections = threads
keepalive = 0
# Longer than the database may take (STATEMENT_TIMEOUT), so that the page that says so can still be made.
timeout = 60
graceful_timeout = 30
# A new process now and then, not all at once, gives back what a long life has gathered.
max_requests = 10_000
max_requests_jitter = 1_000
# Whose X-Forwarded-Proto counts.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
# By default they may say under which path the site lies (SCRIPT_NAME), and a proxy passes on what a visitor sends.
forwarder_headers = ""
# Signals and the service manager steer it; by default two sites of one account would share a socket.
control_socket_disable = True


# In malloc.h of glibc.
M_ARENA_MAX = -8


def post_fork(server, worker):
    """Let the threads of a worker share their memory: by itself, what one gives back the others cannot use."""
    with suppress(AttributeError):  # of a C library that does not know it
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


class Logger(glogging.Logger):
    """Gunicorn's, whose access log, if one is asked for, holds no secrets."""

    def atoms(self, *args):
        """Return what a line may be made of: address, referrer and the like."""
        return {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in super().atoms(*args).items()
        }


logger_class = Logger
