"""The command that says what the recorded studies mean for a rating."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Rating

from .studied import add_study, rated_program

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def explain(program="calm", area="SL"):
    out = StringIO()
    call_command("explain_rating", program, area, stdout=out)
    return out.getvalue().splitlines()


def test_level_and_each_criterion_are_printed():
    rating = rated_program("2")
    add_study(rating, months=5)
    add_study(rating, "Bob", peer_reviewed="not-known", effect="no-effect")

    assert explain("Calm", "sleep") == [
        "Recorded studies meet level 3",
        "Level 1",
        "  trials: met by ann-2001, bob-2001",
        "  separate-samples: met by ann-2001, bob-2001",
        "  usual-care: met by ann-2001, bob-2001",
        "  benefit: not met, 1 of 2 (ann-2001)",
        "  peer-reviewed: not met, 1 of 2 (ann-2001)",
        "  sound-measures: not met, 1 of 2 (ann-2001)",
        "  sustained: not met",
        "  manual: met",
        "  weight: met by ann-2001",
        "  no-harm: met",
        "Level 2",
        "  trials: met by ann-2001, bob-2001",
        "  usual-care: met by ann-2001, bob-2001",
        "  benefit: met by ann-2001",
        "  peer-reviewed: met by ann-2001",
        "  sound-measures: met by ann-2001",
        "  sustained: not met",
        "  manual: met",
        "  weight: met by ann-2001",
        "  no-harm: met",
        "Level 3",
        "  controlled: met by ann-2001, bob-2001",
        "  benefit: met by ann-2001",
        "  peer-reviewed: met by ann-2001",
        "  sound-measures: met by ann-2001",
        "  manual: met",
        "  weight: met by ann-2001",
        "  no-harm: met",
        "Level 4",
        "  trials: met by ann-2001, bob-2001",
        "  no-benefit: not met (ann-2001)",
        "Level 5",
        "  more-harm: not met",
    ]


def test_program_that_is_not_rated_is_read_too_and_nothing_recorded_is_said():
    rated_program()
    Rating.objects.all().delete()

    assert explain() == [
        "Recorded studies meet no level",
        "No finding of a study is recorded in this topic area.",
    ]


def test_unknown_names_are_refused_in_a_sentence():
    rated_program()

    for asked, said in (
        ({"program": "calme"}, "“calme”: There is no such program. Did you mean “calm”?"),
        ({"area": "Rest"}, "“Rest”: There is no such topic area."),
    ):
        with pytest.raises(CommandError) as refusal:
            explain(**asked)
        assert str(refusal.value) == said
