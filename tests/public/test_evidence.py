"""What a program's page says of the evidence behind its ratings."""

import pytest

from catalog.models import Criterion, ScaleEdition

from ..evidence.studied import add_study, rated_program
from ..history.past import ago, change, days_pass, get
from ..pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def criteria(page):
    """Return how each criterion that the page shows stands, with the studies that it names."""
    return [
        (item.one("strong").text, [(link.attributes["href"], link.text) for link in item.all("a")])
        for part in page.all("ul", class_="criteria")
        for item in part.all("li")
    ]


def test_checklist_says_why_this_level_and_not_the_one_above(client):
    rating = rated_program("3")
    add_study(rating, design="quasi-experiment")
    named = [("#study-ann-2001", "Ann, 2001")]

    page = read(client.get("/programs/calm/"))

    evidence = page.one("details", class_="evidence")
    assert evidence.one("summary").text == "Why 3, and not 2"
    assert evidence.all("p")[0].text == (
        "The studies that are recorded here meet the criteria of level 3. "
        "Level 2 asks for one randomized trial that counts, which the record does not show."
    )
    assert [heading.text for heading in evidence.all("h4")] == [
        "What level 2 asks",
        "What level 3 asks: all of it is met",
    ]
    assert criteria(page) == [
        ("Not met (0 of 1)", []),
        *[("Not met (as above)", [])] * 5,
        *[("Met", []), ("Met", named), ("Met", [])],
        *[("Met", named)] * 4,
        *[("Met", []), ("Met", named), ("Met", [])],
    ]
    assert page.all("li", id="study-ann-2001")


def test_without_findings_one_sentence_says_so(client):
    rated_program("2")

    page = read(client.get("/programs/calm/"))

    assert page.all("details", class_="evidence") == []
    assert (
        "No finding of a study is recorded in this topic area."
        in page.section("Scientific rating").text
    )


def test_day_of_the_past_is_read_by_what_was_recorded_and_asked_then(client):
    rating = rated_program("3")
    add_study(rating)
    days_pass()
    change(Criterion.objects.get(level="3", code="benefit"), text="It did good.")
    change(rating.program.findings.get(), effect="harm")

    pages = [read(get(rating.program, day)) for day in (ago(1), None)]

    said = [page.one("details", class_="evidence").all("p")[0].text for page in pages]
    assert [sentence.split(".")[0] for sentence in said] == [
        "The studies that are recorded here meet the criteria of level 3",
        "The studies that are recorded here meet the criteria of level 5; the rating is 3",
    ]
    assert ["It did good." in page.main.text for page in pages] == [False, True]


def test_page_follows_a_change_of_the_criteria_at_once(client):
    add_study(rated_program("3"))
    before = client.get("/programs/calm/")
    assert (
        client.get("/programs/calm/", headers={"if-none-match": before["etag"]}).status_code == 304
    )

    change(Criterion.objects.get(level="3", code="benefit"), text="It did good.")

    after = client.get("/programs/calm/", headers={"if-none-match": before["etag"]})
    assert after.status_code == 200
    assert "It did good." in read(after).main.text


def test_edition_that_is_not_recorded_is_said_to_be_so(client):
    rating = rated_program("3")
    add_study(rating)
    said = []
    for edition in (None, ScaleEdition.objects.in_use()):
        rating.scale_edition = edition
        rating.save()
        # Today, and as of today.
        for page in (client.get("/programs/calm/"), get(rating.program, ago(0))):
            evidence = read(page).one("details", class_="evidence")
            said.append(evidence.all("p", class_="muted")[-1].text)

    assert said == [
        f"Read from what is recorded here, by the criteria of the edition {by}. "
        "It explains a rating; reviewers give it."
        for by in (
            "of the rating scale in use now, 2026: by which one the program was rated is not recorded",
            "2026",
        )
        for _ in range(2)
    ]


def test_rating_scale_lists_what_each_level_asks(client):
    page = read(client.get("/rating-scale/"))

    listed = [item.text for part in page.all("dl", class_="levels") for item in part.all("li")]
    assert listed == list(Criterion.objects.values_list("text", flat=True))
