"""The site's settings as in production, with the naive page beside the real one."""

from pathlib import Path

from config.settings import *  # noqa: F403
from config.settings import STORAGES, TEMPLATES

ROOT_URLCONF = "tests.benchmarks.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}]
# Without hashed names, which would need collectstatic.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
