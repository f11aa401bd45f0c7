"""Sets documents and pictures by typst, in a process of its own: when that ends, it gives its memory back.

This file is also the program of that process, which imports nothing of the project.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SUMMARY, LINK_PICTURE = HERE / "summary" / "summary.typ", HERE / "link_picture.typ"
# What setting a summary may take. The longest take half a second and 100 MB.
SECONDS = 20
MEGABYTES = 512


class TypesettingError(Exception):
    """Something could not be set; the message holds the words of typst, which are for the log."""


def typeset(summary: str) -> tuple[bytes, str]:
    """Return a summary, given as the JSON that summary.typ reads, as a tagged PDF for US Letter paper.

    Return also why it is not PDF/UA-1, "" if it is. The same input gives the same bytes. No text makes it fail or
    is run: it raises TypesettingError only for a fault in summary.typ, and where a summary takes too much.
    """
    return run(SUMMARY, "pdf", summary)


def draw(card: str) -> bytes:
    """Return the picture for link previews, given as the JSON that link_picture.typ reads, as a PNG of 1200 × 630.

    Raise TypesettingError, as ``typeset`` does.
    """
    png, _ = run(LINK_PICTURE, "png", card)
    return png


def run(template: Path, kind: str, content: str) -> tuple[bytes, str]:
    """Return what the process writes, and what it says of that. Raise TypesettingError."""
    try:
        done = subprocess.run(  # noqa: S603 - this file
            [sys.executable, "-P", __file__, template, kind],
            input=content.encode(),
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


def main(template: str, kind: str) -> None:
    """Read what to set from standard input, and write it; on standard error, why a PDF is not PDF/UA-1.

    A character that no font has (an emoji, a Thai letter) rules the standard out. The PDF is then tagged all
    the same, and has an empty box where the character belongs.
    """
    take_little()
    import typst

    # Only the fonts inside the wheel, so that what is set looks alike wherever it is made.
    fonts = typst.Fonts(include_system_fonts=False)
    inputs = {"content": sys.stdin.buffer.read().decode()}
    if kind == "png":
        made = typst.compile(template, font_paths=fonts, sys_inputs=inputs, format="png", ppi=72)
    else:
        try:
            made = typst.compile(
                template, font_paths=fonts, sys_inputs=inputs, pdf_standards="ua-1"
            )
        except typst.TypstError as error:
            sys.stderr.write(error.message)
            made = typst.compile(template, font_paths=fonts, sys_inputs=inputs)
    sys.stdout.buffer.write(made)


def take_little() -> None:
    """Stay behind the requests of others, on one processor, and within the limits."""
    import resource

    os.nice(10)
    os.environ["RAYON_NUM_THREADS"] = "1"
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 2**20, MEGABYTES * 2**20))


if __name__ == "__main__":
    main(*sys.argv[1:])
