"""Who publishes from the desk or from a filtered list goes on to the next one."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.models import Program, Status, TopicArea
from catalog.values.moments import day_in_words

from ...factories import ProgramFactory, publishable
from ...pages import read
from ..desk_entries import staff
from ..pages import address, fields_of, said
from .steps import page

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def in_review(name, model=Program):
    return publishable(model, name=name, status=Status.IN_REVIEW)


def publish(client, path, **changes):
    sent = {**fields_of(client.get(path)), "when": "now", **changes}
    return client.post(path, sent)


def from_desk(entry):
    return f"{page(entry, Status.PUBLISHED)}?from=desk"


def from_list(entry, filters):
    return f"{page(entry, Status.PUBLISHED)}?{urlencode({'_changelist_filters': filters})}"


def shown_next(response):
    """Return what the page of a step says of the next one."""
    return [p.text for p in read(response).main.all("p") if p.text.startswith("Next in review")]


def test_from_the_desk_one_leads_to_the_next_until_nothing_waits(root):
    first, area, last = in_review("First"), in_review("Area", TopicArea), in_review("Last")

    answers = [publish(root, from_desk(first)), publish(root, from_desk(area))]

    assert [answer.url for answer in answers] == [from_desk(area), from_desk(last)]
    told = [strip_tags(said(answer)[-1]) for answer in answers]
    today = day_in_words(timezone.now())
    assert told == [
        f"“First”: Published since {today}. Look at it. Next in review: “Area” (1 more).",
        f"“Area”: Published since {today}. Look at it. Next in review: “Last” (the last one).",
    ]
    end = publish(root, from_desk(last))
    assert end.url == "/admin/"
    assert said(end)[-1].endswith("Nothing else waits to be published.")
    assert [e.is_published for e in (*Program.objects.all(), *TopicArea.objects.all())] == [
        True
    ] * 5


def test_the_next_one_stands_on_the_page_to_be_passed_on_to(root):
    entries = [in_review(name) for name in ("One", "Two", "Three")]

    told = [shown_next(root.get(from_desk(entry))) for entry in entries]

    stays = "This one stays as it is until you come back."
    assert told == [
        [f"Next in review: {name} (1 more). {stays}"] for name in ("Two", "Three", "One")
    ]
    assert shown_next(root.get(page(entries[0], Status.PUBLISHED))) == []


def test_from_a_filtered_list_the_next_is_that_of_the_list(root):
    calm, quiet, other = (in_review(name) for name in ("Calm Room", "Quiet Room", "Other"))
    ProgramFactory(name="Room in draft", status=Status.DRAFT)

    for filters in ("q=room", "status=in-review&q=room&p=1", "q=room&o=1"):
        assert shown_next(root.get(from_list(calm, filters)))[0].startswith(
            "Next in review: Quiet Room (the last one)"
        )
    answer = publish(root, from_list(quiet, "q=room&o=-1"))

    assert answer.url == from_list(calm, "q=room&o=-1")
    end = publish(root, from_list(calm, "q=room"))
    assert end.url == f"{address('change', calm)}?{urlencode({'_changelist_filters': 'q=room'})}"
    other.refresh_from_db()
    assert other.status == Status.IN_REVIEW


def test_topic_areas_are_in_the_order_of_their_list(root):
    areas = [in_review(name, TopicArea) for name in ("A", "B")]
    by_programs = "status=in-review&o=5"

    assert publish(root, from_list(areas[0], by_programs)).url == from_list(areas[1], by_programs)


@pytest.mark.parametrize(
    "filters", ["name__regex=(", "foo=bar", "id=abc", "q=%00", "o=abc", "p=" + "9" * 30, "status=x"]
)
def test_filters_that_no_list_has_lead_nowhere_else(filters, root):
    entry = in_review("One")

    assert publish(root, from_list(entry, filters)).status_code == 302
    entry.refresh_from_db()
    assert entry.is_published


def test_other_steps_lead_back_to_the_entry(root):
    first, _ = in_review("First"), in_review("Second")
    path = f"{page(first, Status.DRAFT)}?from=desk"

    sent = fields_of(root.get(path)) | {"reason": "No goals."}
    assert root.post(path, sent).url == address("change", first)


def test_who_publishes_no_areas_is_not_led_to_one(client):
    user = staff("Publishers")
    user.user_permissions.remove(Permission.objects.get(codename="publish_topicarea"))
    first, _, last = in_review("First"), in_review("Area", TopicArea), in_review("Last")
    client.force_login(user)

    assert publish(client, from_desk(first)).url == from_desk(last)


def test_what_is_refused_stays_on_the_page_with_the_way_on(root):
    first = in_review("First")
    in_review("Second")
    path = from_desk(first)

    answer = publish(root, path, when="later")

    assert answer.status_code == 200
    assert shown_next(answer)[0].startswith("Next in review: Second")
    form = read(answer).all("form", method="post")[-1]
    assert form.attributes["action"] == path
