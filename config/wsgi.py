"""The WSGI entry point: ``gunicorn config.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

from .timeouts import limit_requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

limit_requests()
application = get_wsgi_application()

from catalog.finding.snapshots import read_ahead  # noqa: E402 - once Django is set up

read_ahead()
