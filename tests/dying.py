"""Run manage.py in a process that sends a signal to itself in the middle: SIGKILL, which no program can catch.

    python tests/dying.py SIGKILL "INTO .catalog_importedrow" 2 db_worker --batch

That is at the moment when the database has executed the second statement of those that the expression finds.
"""

import os
import re
import signal
import sys
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    name, pattern, number, *command = sys.argv[1:]
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db.backends.signals import connection_created

    numbers = count(1)

    def die(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if re.search(pattern, sql) and next(numbers) == int(number):
            os.kill(os.getpid(), signal.Signals[name])
        return result

    def watch(connection, **kwargs):
        if die not in connection.execute_wrappers:
            connection.execute_wrappers.append(die)

    connection_created.connect(watch)
    execute_from_command_line(["manage.py", *command])


if __name__ == "__main__":
    main()
