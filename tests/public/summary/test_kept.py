"""A summary is made once for what it says, by one at a time, and kept if it can be."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import caches

from catalog.models import Program, TopicArea
from catalog.public.summary.kept import SummaryUnavailable, kept_summary

from ...conftest import StrictClient
from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from .reading import Summary, summary_of

pytestmark = pytest.mark.once

MARK = b"%PDF-1.7 kept"


@pytest.fixture
def area(db):
    """A topic area with a program, whose summary was made; what is kept of it can be told from a new one."""
    area = TopicAreaFactory(name="Calm")
    RatingFactory(topic_area=area, program__name="Quiet Hours")
    summary_of(area)
    version, digest, _ = caches["summaries"].get(str(area.pk))
    caches["summaries"].set(str(area.pk), (version, digest, MARK))
    return area


def sent(area):
    return b"".join(StrictClient().get(f"{area.get_absolute_url()}summary.pdf"))


def test_summary_is_made_once_for_what_it_says(area):
    assert sent(area) == MARK
    ProgramFactory(name="Of no area")
    assert sent(area) == MARK

    Program.objects.filter(name="Quiet Hours").update(name="Quiet Days")

    assert summary_of(area).missing(["Quiet Days"]) == []
    assert sent(area) != MARK


def test_summary_of_another_host_is_another_one(area, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]

    response = StrictClient(headers={"host": "other.example"}).get("/topics/calm/summary.pdf")

    assert "http://other.example/topics/calm/" in Summary(response).links


def test_draft_is_kept_nowhere(editor_client, area):
    TopicArea.objects.update(status="draft", published_at=None)

    assert summary_of(area, editor_client).missing(["Quiet Hours"]) == []

    assert caches["summaries"].get(str(area.pk))[2] == MARK


def test_file_that_cannot_be_written_or_read_is_no_fault(area, settings, tmp_path, caplog):
    file = tmp_path / "file"
    file.touch()
    summaries = {**settings.CACHES["summaries"], "LOCATION": str(file / "folder")}
    settings.CACHES = {**settings.CACHES, "summaries": summaries}

    assert summary_of(area).missing(["Quiet Hours"]) == []

    told = [record.message.partition(":")[0] for record in caplog.records]
    assert told == [
        "A kept summary could not be read",
        "Nobody waits for a summary that is made already",
        "A kept summary could not be read",
        "A summary could not be kept",
    ]


def test_what_another_version_left_is_made_anew(area):
    caches["summaries"].set(str(area.pk), "of an older version")

    assert summary_of(area).missing(["Quiet Hours"]) == []


# --- Without an area -------------------------------------------------------------------------------------------------


class Content:
    """What a summary says, and how often it was asked for."""

    def __init__(self, **changes):
        self.text = json.dumps({**EMPTY, **changes})
        self.asked = 0

    def __call__(self):
        self.asked += 1
        return self.text


EMPTY = {
    **dict.fromkeys(("site_name", "name", "retired_on", "involvement", "made_on_in_words"), ""),
    **dict.fromkeys(("program_count", "left_out"), ""),
    **{name: [] for name in ("definition", "criteria", "parts", "experts", "rated", "not_rated")},
    **{
        name: []
        for name in (
            "cautionary_notes",
            "why_chosen",
            "further_reading",
            "related_areas",
            "scale",
            "sources",
        )
    },
    "name": "Calm",
    "page": {"href": "https://clearinghouse.example/topics/calm/"},
    "made_on": [2026, 1, 1],
}


def test_summary_is_made_by_one_at_a_time():
    content = Content()

    with ThreadPoolExecutor(4) as visitors:
        got = list(visitors.map(lambda _: kept_summary(1, "version", content), range(4)))

    assert content.asked == 1
    assert {pdf[:5] for pdf in got} == {b"%PDF-"}
    assert len(set(got)) == 1


def test_summary_that_cannot_be_set_is_not_tried_again_at_once(caplog):
    caplog.set_level(logging.ERROR)
    wrong, right = Content(made_on=[2026, 13, 32]), Content()

    for _ in range(2):
        with pytest.raises(SummaryUnavailable):
            kept_summary(1, "first", wrong)

    assert wrong.asked == len(caplog.records) == 1
    assert "month is invalid" in caplog.text
    assert kept_summary(1, "second", right).startswith(b"%PDF-")
