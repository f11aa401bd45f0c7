"""Sets summaries by typst, in a process of its own: when that ends, it gives its memory back.

This file is also the program of that process, which imports nothing of the project.
"""

import os
import subprocess
import sys
from pathlib import Path

TEMPLATE = Path(__file__).with_name("summary.typ")
# What setting a summary may take. The longest take half a second and 100 MB.
SECONDS = 20
MEGABYTES = 512


class TypesettingError(Exception):
    """A summary could not be set; the message holds the words of typst, which are for the log."""


def typeset(summary: str) -> tuple[bytes, str]:
    """Return a summary, given as the JSON that summary.typ reads, as a tagged PDF for US Letter paper.

    Return also why it is not PDF/UA-1, "" if it is. The same input gives the same bytes. No text makes it fail or
    is run: it raises TypesettingError only for a fault in summary.typ, and where a summary takes too much.
    """
    try:
        done = subprocess.run(  # noqa: S603 - this file
            [sys.executable, "-P", __file__],
            input=summary.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise TypesettingError(str(error)) from error
    words = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        raise TypesettingError(f"{words} (exit status {done.returncode})")
    return done.stdout, words


def main() -> None:
    """Read a summary from standard input, and write the PDF; on standard error, why it is not PDF/UA-1.

    A character that no font has (an emoji, a Thai letter) rules the standard out. The PDF is then tagged all
    the same, and has an empty box where the character belongs.
    """
    take_little()
    import typst

    # Only the fonts inside the wheel, so that a summary looks alike wherever it is made.
    fonts = typst.Fonts(include_system_fonts=False)
    inputs = {"summary": sys.stdin.buffer.read().decode()}
    try:
        pdf = typst.compile(TEMPLATE, font_paths=fonts, sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError as error:
        sys.stderr.write(error.message)
        pdf = typst.compile(TEMPLATE, font_paths=fonts, sys_inputs=inputs)
    sys.stdout.buffer.write(pdf)


def take_little() -> None:
    """Stay behind the requests of others, on one processor, and within the limits."""
    import resource

    os.nice(10)
    os.environ["RAYON_NUM_THREADS"] = "1"
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 2**20, MEGABYTES * 2**20))


if __name__ == "__main__":
    main()
