"""The settings of the benchmarks, with large imports done at once: by the worker's functions, without a worker."""

from tests.benchmarks.settings import *  # noqa: F403

TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
