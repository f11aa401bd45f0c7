"""The version of an entry, by which a decision knows what it was made on."""

import pytest

from catalog.editorial.versions import version
from catalog.models import Rating, Study

from ..factories import ProgramFactory, RatingFactory, StudyFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("factory", [RatingFactory, StudyFactory])
def test_version_tells_of_what_was_written_before_and_committed_after(factory):
    """Of two transactions, the one that took the lower key of the history may commit last."""
    program = ProgramFactory()
    model = factory._meta.model
    entry = factory(program=program)
    record = model.history.get(id=entry.pk)
    key, record.pk = record.pk, record.pk + 1_000
    record.save(force_insert=True)
    before = version(program)

    record.pk = key + 1
    record.save(force_insert=True)

    assert version(program) != before


def test_version_counts_the_changes_of_a_program_its_ratings_and_studies():
    program = ProgramFactory()
    assert version(program) == "1.0.0.0.0.0.0"

    rating = RatingFactory(program=program)
    StudyFactory(program=program)
    rating.rationale = "Read again."
    rating.save()

    assert version(program) == "1.2.1.0.0.0.0"
    assert (Rating.history.count(), Study.history.count()) == (2, 1)
