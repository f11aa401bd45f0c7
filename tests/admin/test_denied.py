"""What somebody may not do is said on a page of the admin: the rule, and what to do instead."""

import pytest

from catalog.admin.denied import LACKING
from catalog.admin.history.admin import MAY_NOT_RETURN
from catalog.admin.program_rows import STAYS
from catalog.admin.ratings import KEPT, PAST
from catalog.admin.workflow.merge_pages import MAY_NOT
from catalog.models import Program, Rating, Status

from ..factories import ProgramFactory, RatingFactory, StudyFactory, UserFactory
from ..pages import read
from .pages import address
from .workflow.merging import put_together

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def refused(client, path, data=None):
    """Return the page with which something is refused, and what it says."""
    answer = client.get(path) if data is None else client.post(path, data)
    page = read(answer)
    assert (answer.status_code, page.h1) == (403, "You may not do this")
    return page, page.one("p", class_="errornote").text


@pytest.fixture
def calm(db):
    """A past rating of a program, before the current one."""
    past = RatingFactory(program__name="Calm", rated_on="2020")
    RatingFactory(program=past.program, topic_area=past.topic_area, rated_on="2024")
    past.refresh_from_db()
    return past


def test_a_past_rating_that_is_sent_says_why_it_stays(root, calm):
    page, said = refused(
        root, address("change", calm), {"rationale": "Another text of thirty signs."}
    )

    assert said == PAST
    assert "Nothing was changed." in [p.text for p in page.all("p")]
    assert ("Back to the desk", "/admin/") in page.main.links
    assert Rating.objects.get(pk=calm.pk).rationale == ""


def test_what_was_typed_can_be_copied(root, calm):
    typed = "A rationale that took a morning, <b>and more</b>."

    page, _ = refused(root, address("change", calm), {"rationale": typed})

    assert [dd.text for dd in page.all("dd", class_="typed")] == [typed]


def test_a_rating_is_not_deleted_and_its_page_says_what_to_do(root, viewer, client, calm):
    for data in (None, {"post": "yes"}):
        assert refused(root, address("delete", calm), data)[1] == KEPT
    client.force_login(UserFactory(is_staff=True))
    assert refused(client, address("delete", calm))[1] == LACKING


def test_ratings_that_visitors_read_are_for_who_may_publish_them(client, writer, calm):
    client.force_login(writer)
    current = Rating.objects.get(is_current=True)
    why = (
        "Visitors read the ratings of “Calm”, or are to read them: that takes the permission to publish ratings. Ask "
        "somebody who has it."
    )

    assert refused(client, address("rate", calm.program))[1] == why
    assert refused(client, address("change", current), {"rationale": "x"})[1] == why


def test_a_merged_program_names_the_other_one(root):
    merged, survivor = ProgramFactory(name="One"), ProgramFactory(name="Two")
    study = StudyFactory(program=merged)
    StudyFactory(program=survivor, reference=study.reference)
    put_together(merged, survivor)

    assert refused(root, address("change", merged), {"name": "x"})[1] == (
        "“One” was merged into “Two”, and can only be read. Change that entry, or undo the merge first."
    )
    assert refused(root, address("rate", merged))[1] == (
        "“One” was merged into “Two”, and keeps what it has. Rate that one."
    )
    assert refused(root, address("change", study), {"location": "x"})[1] == STAYS


def test_steps_merging_and_returning_say_what_they_take(client, writer):
    client.force_login(writer)
    public, draft = ProgramFactory(), ProgramFactory(status=Status.IN_REVIEW)
    version = public.history.latest().pk

    assert refused(client, address("status", draft, "published"))[1] == (
        "This step takes the permission to publish programs. Ask somebody who has it."
    )
    assert refused(client, address("merge", public))[1] == MAY_NOT
    assert refused(client, address("return", public, version), {"reason": "x"})[1] == MAY_NOT_RETURN


def test_who_lacks_the_permission_is_told_whom_to_ask(client):
    client.force_login(UserFactory(is_staff=True))
    for path in ("/admin/catalog/program/", "/admin/catalog/program/import/", "/admin/auth/user/"):
        assert refused(client, path)[1] == LACKING
    entry = ProgramFactory(name="Secret", status=Status.DRAFT)
    page, said = refused(client, address("change", entry))
    assert said == LACKING
    assert "Secret" not in page.text
    assert Program.objects.count() == 1
