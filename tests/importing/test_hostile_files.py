"""Files with the mistakes that people make: each is read, and what is said of it is exactly this."""

from collections import Counter
from pathlib import Path

import pytest

from catalog.importing import IMPORTERS
from catalog.resources import read

from ..conftest import catalog_permissions
from .hostile_others import OTHERS
from .hostile_programs import PROGRAMS
from .loading import (
    stored,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


FOLDER = Path(__file__).parent / "hostile_files"
# What the files without problems do.
COUNTS = {
    "programs__control_characters": {"new": 1},
    "programs__emoji_and_right_to_left": {"new": 1},
    "programs__formulas": {"new": 2},
    "programs__garbled_letters": {"new": 2},
    "programs__header_in_capitals": {"new": 1},
    "programs__html": {"new": 1},
    "programs__near_duplicates": {"new": 4},
    "programs__older_rating": {"re-rated": 1},
    "programs__rating_falls": {"re-rated": 1},
    "programs__rating_of_the_future": {"re-rated": 1},
    "programs__retired_touched": {"changed": 1},
    "programs__spreadsheet_errors": {"new": 2},
    "programs__trademark_variants": {"changed": 1},
    "ratings__falls_and_is_older": {"re-rated": 1},
    "references__pages_made_a_date": {"new": 1},
}
EXPECTED = {**PROGRAMS, **OTHERS}


def test_folder_holds_the_files_of_the_table():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        f"{name}.csv" for name in EXPECTED
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_file_is_answered_with_exactly_this(name, importer):
    kind = name.partition("__")[0]
    problems, warnings = EXPECTED[name]
    if name.endswith("without_permission"):
        importer.user_permissions.remove(*catalog_permissions("publish"))
        importer = type(importer).objects.get(pk=importer.pk)
    before = stored()

    checked, imported = (
        IMPORTERS[kind](user=importer).run(read(kind, FOLDER / f"{name}.csv"), dry_run=dry_run)
        for dry_run in (True, False)
    )

    for result in (checked, imported):
        assert list(map(tuple, result.problems)) == problems
        assert list(map(tuple, result.warnings)) == warnings
    if problems:
        assert stored() == before
    else:
        assert Counter(imported.counts) == Counter(COUNTS[name])
