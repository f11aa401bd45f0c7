"""The page on which a program is rated: what it shows, asks and saves."""

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.utils import timezone

from catalog.models import (
    Notification,
    NotRatedReason,
    Rating,
    ScaleEdition,
    ScientificRating,
    Status,
    TopicExpert,
)

from ...evidence.studied import add_study, rated_program
from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory
from ...pages import read
from ..pages import BrowserForm, address, heading, said, text_of
from .rate_page import BLANK, again, correct, facts, rate, rate_page

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_page_shows_current_rating_earlier_ones_and_what_the_area_asks(editor_client, calm):
    page = read(editor_client.get(rate_page(calm.program, calm.topic_area)))

    main = page.main
    current = main.one("section", aria_labelledby="current")
    criteria = main.one("section", aria_labelledby="criteria")
    assert page.h1 == "Re-rate"
    assert main.all("h2")[0].text == "Calm in Sleep"
    assert current.one("p", class_="level").text == "2 Supported by Research Evidence"
    assert current.facts == {
        "Rated": "June 2024",
        "Edition of the scale": "2023",
        "Rated by": "Not recorded",
    }
    assert current.one("em").text == "good"
    assert [item.text for item in current.all("li")] == [
        "2 June 2024. Able to be rated now: 2. It was NR before.",
        "NR 2020 (no study with a control group). First rating on record here.",
    ]
    assert [part.text for part in criteria.all("h4", "p")] == [
        "In order to be rated",
        "Outcomes of sleep.",
        "In order to be included",
        "It is about sleep.",
        "What of the program is reviewed",
        "The group form.",
    ]


def test_each_level_is_offered_with_its_meaning_and_what_the_page_will_say(editor_client, calm):
    page = read(editor_client.get(rate_page(calm.program, calm.topic_area)))

    offered = [
        (
            level.one("input").attributes["value"],
            level.one("label").text,
            level.one("p", id=level.one("input").attributes["aria-describedby"]).text,
        )
        for level in page.one("fieldset", class_="module levels").all("div")
        if level.attributes.get("class", "").startswith("level")
    ]
    says = {
        "1": "Changed from 2 to 1.",
        "2": "Reviewed again: still 2.",
        "3": "Changed from 2 to 3.",
        "4": "Changed from 2 to 4.",
        "5": "Changed from 2 to 5.",
        "NR": "No longer able to be rated: NR. It was 2 before.",
    }
    assert offered == [
        (
            level.value,
            f"{level.value} {level.label}{' (current)' if level == '2' else ''}",
            f"{level.meaning} The page will say: “{says[level]}”",
        )
        for level in ScientificRating
    ]


@pytest.mark.parametrize("level", [ScientificRating("1"), ScientificRating("NR")])
@pytest.mark.parametrize("dates", [["2020", "2024"], ["", ""], ["2024", "2020"], [""], []])
def test_what_the_page_will_say_is_what_the_public_page_says(client, editor, sleep, level, dates):
    program = ProgramFactory()
    for known, past in zip(dates, ("2", "4"), strict=False):
        RatingFactory(program=program, topic_area=sleep, scientific_rating=past, rated_on=known)
    client.force_login(editor)
    page = read(client.get(rate_page(program, sleep)))
    meaning = page.one("p", id=f"meaning-{level}")
    foretold = [part.text for part in meaning.all("span", class_="change")]

    why = "not-stated" if level == "NR" else ""
    cells = {"not_rated_reason": why, "rated_on": "2026-01-02"}
    response = rate(client, program, sleep, level, **cells)
    if response.status_code == 200:
        again(client, response)

    public = read(client.get(program.get_absolute_url()))
    newest = [
        item.text for line in public.all("ol", class_="timeline") for item in line.all("li")[:1]
    ]
    words = f"Scientific rating {level}: {level.label}"
    assert newest == (
        [f"January 2, 2026 {words} {foretold[0].split('“')[1][:-1]}"] if foretold else newest[:1]
    )
    assert bool(newest) == bool(dates)


def test_edition_in_use_and_today_are_offered(editor_client, calm):
    other = ProgramFactory()

    response = editor_client.get(rate_page(other, calm.topic_area))

    form = BrowserForm(response)
    assert heading(response) == "Rate for the first time"
    assert form.data["scale_edition"] == [str(ScaleEdition.objects.get(name="2026").pk)]
    assert form.data["rated_on"] == [""]
    assert f"today is {timezone.localdate()}" in text_of(response)


# --- Saving


def test_re_rating_keeps_the_rating_before_as_a_past_one(editor_client, editor, calm):
    before = facts(calm)

    response = rate(
        editor_client,
        calm.program,
        calm.topic_area,
        "1",
        rationale="A second trial.",
        rated_on="October 2025",
        scale_edition=str(calm.scale_edition_id),
        change_reason="New trial of 2025",
    )

    calm.refresh_from_db()
    new = Rating.objects.current().get()
    assert response.url == address("change", calm.program)
    assert said(response) == ["“Calm” in Sleep: Changed from 2 to 1."]
    assert facts(new) == [("1", "", "A second trial.", "2025-10", "2023")]
    assert (facts(calm), calm.is_current) == (before, False)
    for rating, kind in ((new, "+"), (calm, "~")):
        change = rating.history.first()
        assert (change.history_type, change.history_user, change.history_change_reason) == (
            kind,
            editor,
            "New trial of 2025",
        )
    assert (new.history.count(), calm.history.count()) == (1, 2)
    logged = LogEntry.objects.get()
    assert (logged.user, logged.action_flag, logged.object_id) == (editor, ADDITION, str(new.pk))


def test_without_a_reason_the_history_says_what_was_done(editor_client, calm):
    elsewhere = TopicAreaFactory()

    rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")
    rate(editor_client, calm.program, elsewhere, "4", rated_on="2025")

    current = Rating.objects.current().order_by("scientific_rating")
    assert [rating.history.get().history_change_reason for rating in current] == [
        "Re-rated",
        "Rated for the first time here",
    ]


def test_writer_is_told_of_a_re_rating_by_somebody_else(editor_client, editor, writer, calm):
    calm.program._history_user, calm.program.goals = writer, "Sleep."
    calm.program.save()

    rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025", scale_edition="")

    told = Notification.objects.values_list("recipient", "kind", "by", "subject", "words")
    assert [*told] == [
        (writer.pk, "rated", editor.pk, "“Calm”", "“Calm” in Sleep: Changed from 2 to 1.")
    ]


def test_first_rating_in_an_area_leaves_the_other_areas_alone(editor_client, calm):
    elsewhere = TopicAreaFactory(name="Stress")

    response = rate(
        editor_client, calm.program, elsewhere, "NR", not_rated_reason=NotRatedReason.MEASURES
    )

    assert said(response) == ["“Calm” in Stress: Rated NR."]
    assert facts(elsewhere.ratings.get()) == [("NR", "measures", "", "", "2026")]
    calm.refresh_from_db()
    assert calm.is_current
    assert calm.history.count() == 1


def test_nr_needs_a_reason_and_another_level_drops_it(editor_client, calm):
    refused = rate(editor_client, calm.program, calm.topic_area, "NR", rated_on="2025")

    assert "Say why it is NR; “Reason not stated” is one of the reasons." in text_of(refused)
    assert Rating.objects.count() == 2

    # The box for the reason is hidden as soon as another level is chosen.
    again(editor_client, refused, scientific_rating="3", not_rated_reason="measures")

    assert facts(Rating.objects.current().get()) == [("3", "", "", "2025", "2026")]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"rated_on": "03/04/2025"}, "“03/04/2025” can be read as two different days."),
        ({"scientific_rating": ""}, "This field is required."),
        ({"scientific_rating": "6"}, "6 is not one of the available choices."),
        (
            {"scientific_rating": "2", "rated_on": "June 2024"},
            "This level of this date is recorded already.",
        ),
        (
            {"scientific_rating": "NR", "not_rated_reason": "measures", "rated_on": "2020"},
            "This level of this date is recorded already.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_is_typed_is_kept(editor_client, calm, cells, message):
    typed = {**BLANK, "scientific_rating": "1", "rationale": "Long *thoughts*.", **cells}

    response = rate(
        editor_client, calm.program, calm.topic_area, typed.pop("scientific_rating"), **typed
    )

    assert response.status_code == 200
    assert message in text_of(response)
    kept = BrowserForm(response).data
    assert {name: kept[name] for name in typed} == {name: [typed[name]] for name in typed}
    assert Rating.objects.count() == 2


@pytest.mark.parametrize(
    ("level", "cells", "doubts"),
    [
        ("4", {"rated_on": "2025"}, ["This falls by 2 levels: the current rating is 2."]),
        ("3", {"rated_on": "2025"}, []),
        (
            "1",
            {"rated_on": "2023"},
            ["This is older than the current rating, which is of 2024-06."],
        ),
        (
            "5",
            {"rated_on": ""},
            [
                "This falls by 3 levels: the current rating is 2.",
                "This has no date; the current rating is of 2024-06.",
            ],
        ),
        ("1", {"rated_on": "2099"}, ["This date has not come yet."]),
        ("NR", {"rated_on": "2025", "not_rated_reason": "measures"}, []),
    ],
)
def test_what_deserves_a_second_look_is_saved_by_pressing_again(
    editor_client, calm, level, cells, doubts
):
    response = rate(editor_client, calm.program, calm.topic_area, level, **cells)

    if doubts:
        notice = read(response).one("div", class_="doubts")
        assert [item.text for item in notice.all("li")] == doubts
        assert Rating.objects.count() == 2
        response = again(editor_client, response)
    assert response.status_code == 302
    assert Rating.objects.current().get().scientific_rating == level


def test_rating_whose_doubt_was_mended_is_saved_when_sent_again(editor_client, calm):
    response = rate(editor_client, calm.program, calm.topic_area, "5", rated_on="2025")
    assert len(read(response).one("div", class_="doubts").all("li")) == 1

    mended = again(editor_client, response, scientific_rating="3")

    assert mended.status_code == 302
    assert Rating.objects.current().get().scientific_rating == "3"


def test_one_doubt_that_is_confirmed_does_not_confirm_another(editor_client, calm):
    response = rate(editor_client, calm.program, calm.topic_area, "4", rated_on="2025")

    response = again(editor_client, response, scientific_rating="5")

    doubts = read(response).one("div", class_="doubts").all("li")
    assert [doubt.text for doubt in doubts] == ["This falls by 3 levels: the current rating is 2."]
    assert Rating.objects.count() == 2


def test_rating_of_a_retired_program_is_worth_a_second_look(editor_client, calm):
    calm.program.status = Status.RETIRED
    calm.program.save()

    response = rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")

    (doubt,) = read(response).one("div", class_="doubts").all("li")
    assert doubt.text == "This program is retired."
    assert again(editor_client, response).status_code == 302


def test_rating_in_a_retired_topic_area_is_worth_a_second_look(editor_client, calm):
    calm.topic_area.status = Status.RETIRED
    calm.topic_area.save()

    response = rate(editor_client, calm.program, calm.topic_area, "1", rated_on="2025")

    (doubt,) = read(response).one("div", class_="doubts").all("li")
    assert doubt.text == "This topic area is retired."
    assert again(editor_client, response).status_code == 302


@pytest.mark.parametrize(
    ("next_page", "leads_to"),
    [
        ("/admin/catalog/topicarea/1/rate/?q=calm&page=2", None),
        ("/admin/", None),
        ("https://example.org/", "change"),
        ("//example.org/", "change"),
        ("javascript:alert(1)", "change"),
    ],
)
def test_saving_leads_back_whence_one_came_on_this_site(editor_client, calm, next_page, leads_to):
    page = rate_page(calm.program, calm.topic_area, next=next_page)
    form = BrowserForm(editor_client.get(page)).data

    response = editor_client.post(page, {**form, "scientific_rating": "1", "rated_on": "2025"})

    assert response.url == (address("change", calm.program) if leads_to else next_page)


# --- What the public sees of it


def test_public_page_shows_the_re_rating_with_its_date(editor_client, calm):
    today = timezone.localdate()
    rate(editor_client, calm.program, calm.topic_area, "3", rated_on=today.isoformat())

    page = read(editor_client.get(calm.program.get_absolute_url()))
    area = read(editor_client.get(calm.topic_area.get_absolute_url()))

    card = page.one("article", class_="rating-card")
    date = f"{today:%B} {today.day}, {today.year}"
    supported = "Scientific rating 2: Supported by Research Evidence"
    assert card.all("p")[0].text == f"Rated {date}."
    assert [item.text for item in card.one("ol", class_="timeline").all("li")] == [
        f"{date} Scientific rating 3: Promising Research Evidence Changed from 2 to 3.",
        f"June 2024 {supported} Able to be rated now: 2. It was NR before.",
        "2020 Scientific rating NR: Not able to be Rated First rating on record here.",
    ]
    assert "Scientific rating 3: Promising Research Evidence" in area.main.text
    assert "Scientific rating 2: Supported by Research Evidence Calm" not in area.main.text


def test_public_page_says_that_a_date_is_not_recorded(client):
    rating = RatingFactory(rated_on="")

    page = read(client.get(rating.program.get_absolute_url()))

    card = page.one("article", class_="rating-card")
    assert card.all("p")[0].text == "Date not recorded."


# --- What the recorded studies say


def test_recorded_studies_are_shown_and_a_level_that_they_do_not_meet_is_doubted(editor_client):
    rating = rated_program("3")
    add_study(rating, months=6)

    page = read(editor_client.get(rate_page(rating.program, rating.topic_area)))

    evidence = page.main.one("section", aria_labelledby="evidence")
    assert evidence.all("p")[0].text == (
        "The studies that are recorded here meet the criteria of level 2."
    )
    assert [summary.text for summary in evidence.all("summary")] == [
        "Level 1: not all that it asks is met",
        "Level 2: all that it asks is met",
        "Level 3: all that it asks is met",
        "Level 4: not all that it asks is met",
        "Level 5: not all that it asks is met",
    ]

    doubted = rate(editor_client, rating.program, rating.topic_area, "1", rated_on="2025")
    notice = read(doubted).one("div", class_="doubts")
    assert notice.one("li").text == (
        "The studies that are recorded here meet the criteria of level 2, and this rating is 1. "
        "If it rests on more than is recorded, say so in the rationale, or record it."
    )
    assert again(editor_client, doubted).status_code == 302
    assert Rating.objects.current().get().scientific_rating == "1"

    agreed = rate(editor_client, rating.program, rating.topic_area, "2", rated_on="2025-01")
    assert agreed.status_code == 302


# --- Who gave it -----------------------------------------------------------------------------------------------------

TYPED = "ada expert\r\nJane Doe (Not public)\r\n\r\nben\r\n"


def test_raters_are_typed_one_in_a_line_and_stay_with_their_rating(editor_client, calm):
    calm.topic_area.experts.add(TopicExpertFactory(name="Ada Expert", slug="ada"))
    for slug in ("ben", "ben-2"):
        TopicExpertFactory(name="Ben Expert", slug=slug)
    form = BrowserForm(editor_client.get(rate_page(calm.program, calm.topic_area)))

    rate(
        editor_client,
        calm.program,
        calm.topic_area,
        "3",
        rated_on="2026",
        raters=TYPED,
        conflict_statement="None declared.",
    )

    new = Rating.objects.current().get(program=calm.program)
    calm.refresh_from_db()
    assert form.data["raters"] == [""]
    assert new.raters == ("ada", "Jane Doe (not public)", "ben")
    assert new.conflict_statement == "None declared."
    assert calm.raters == ()
    page = read(editor_client.get(rate_page(calm.program, calm.topic_area)))
    current = page.one("section", aria_labelledby="current").facts
    assert current["Rated by"] == "Ada Expert; Jane Doe (not public); Ben Expert"
    assert current["Conflicts of interest"] == "None declared."
    corrected = BrowserForm(editor_client.get(address("change", new)))
    # There are two of the last one's name.
    assert corrected.data["raters"] == ["Ada Expert\nJane Doe (not public)\nben"]


def test_correction_that_types_nothing_leaves_the_raters(editor_client, calm):
    expert = TopicExpertFactory(name="Ada Expert", slug="ada")
    Rating.objects.filter(pk=calm.pk).update(raters=["ada"])
    expert.slug = "ada-expert"
    expert.save()

    correct(editor_client, calm, rationale="Other.")

    calm.refresh_from_db()
    assert calm.rationale == "Other."
    assert calm.raters == ("ada-expert",)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (
            "zoe-1",
            "“zoe-1” is no topic expert’s slug. Write a slug that there is, or a name as people write it: “Jane Doe”.",
        ),
        ("(not public)", "“(not public)” stands behind a name; here is none."),
    ],
)
def test_raters_who_are_nobody_are_asked_for_again(editor_client, calm, typed, message):
    response = rate(editor_client, calm.program, calm.topic_area, "3", raters=typed)

    assert read(response).one("ul", id="id_raters_error").text == message
    assert BrowserForm(response).data["raters"] == [typed]
    assert Rating.objects.filter(program=calm.program).count() == 2


def test_expert_who_gave_a_rating_is_not_deleted(editor_client, calm):
    kept, free = TopicExpertFactory(name="Ada", slug="ada"), TopicExpertFactory(name="Ben")
    Rating.objects.filter(pk=calm.pk).update(raters=["ada (not public)"])

    response = editor_client.post(address("delete", kept), {"post": "yes"}, follow=True)
    editor_client.post(address("delete", free), {"post": "yes"})

    assert said(response) == [
        "“Ada” is not deleted. Ratings name this person among those who gave them, and ratings are facts that are kept."
    ]
    assert list(TopicExpert.objects.all()) == [kept]
