"""Which steps an entry may take, who may take them, and what stands in the way."""

import html
import re

import pytest

from catalog.editorial import requirements, transitions
from catalog.editorial.transitions import TRANSITIONS, WorkflowState
from catalog.editorial.workflow import Hindered, apply_transition
from catalog.models import Program, Rating, Status, TopicArea

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory, UserFactory
from ..pages import address, said, text_of
from .steps import MAY, WAYS, each_model, make, page, people, send, steps_offered

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_steps_are_these():
    found = {(step.source, step.target): (step.label, step.permission) for step in TRANSITIONS}

    assert found == WAYS
    assert len(found) == len(TRANSITIONS) == len({step.name for step in TRANSITIONS})


@each_model
def test_each_step_is_taken_by_those_who_may_and_no_other_by_anybody(model, some):
    outcomes, expected = {}, {}
    for role, user in some(people().items(), 2):
        for state in WorkflowState:
            for target in Status:
                entry = make(model, state)
                before = entry.history.count()
                try:
                    outcome = apply_transition(entry, target, user=user, reason="Why.").status
                except Hindered as hindered:
                    outcome = hindered.sentences
                    assert model.objects.get(pk=entry.pk).status == entry.status
                    assert entry.history.count() == before
                outcomes[role, state, target] = outcome
                way = WAYS.get((state, target))
                if way is None:
                    expected[role, state, target] = (transitions.no_way_to(entry, target),)
                elif way[1] in MAY[role]:
                    expected[role, state, target] = target
                else:
                    expected[role, state, target] = ("Your account may not do this.",)

    assert outcomes == expected


@each_model
def test_each_step_has_a_page_for_those_who_may_and_a_link_to_it(client, model, some):
    entries = {state: make(model, state) for state in WorkflowState}
    found, expected, links, expected_links = {}, {}, {}, {}
    for role, user in some(people().items(), 2):
        client.force_login(user)
        for state, entry in entries.items():
            labels = [WAYS[way][0] for way in WAYS if way[0] == state and WAYS[way][1] in MAY[role]]
            if role != "nobody":
                links[role, state] = set(steps_offered(client.get(address("change", entry))))
                expected_links[role, state] = set(labels)
            for target in Status:
                way = WAYS.get((state, target))
                needed = way[1] if way else transitions.permission_for(target)
                allowed = needed in MAY[role]
                expected[role, state, target] = 403 if not allowed else 200 if way else 302
                response = client.get(page(entry, target))
                found[role, state, target] = response.status_code
                if allowed and not way:
                    assert response.url == address("change", entry)

    assert found == expected
    assert links == expected_links


@each_model
def test_page_of_a_step_asks_for_a_login_and_for_an_entry_that_is_there(client, publisher, model):
    entry = make(model, WorkflowState.IN_REVIEW)

    assert client.get(page(entry, "published")).url.startswith("/admin/login/")
    client.force_login(publisher)
    assert client.get(page(entry, "nowhere")).status_code == 404
    assert client.get(page(entry, "published").replace(f"/{entry.pk}/", "/999/")).status_code == 404
    assert client.put(page(entry, "published")).status_code == 405


def test_no_step_from_where_an_entry_stands_says_from_where_there_is_one(publisher_client):
    draft = make(Program, WorkflowState.DRAFT, name="Calm")

    response = publisher_client.get(page(draft, "published"))

    assert said(response) == [
        "“Calm”: It is a draft; this can only be done with what is in review, scheduled or retired."
    ]


# --- What hinders


@pytest.mark.parametrize(
    ("model", "fields", "is_rated", "sentences"),
    [
        (Program, {"description": "What."}, True, []),
        (Program, {"description": " \n"}, True, [requirements.NO_DESCRIPTION.sentence]),
        (Program, {"description": "What."}, False, [requirements.NOT_RATED.sentence]),
        (
            Program,
            {},
            False,
            [requirements.NO_DESCRIPTION.sentence, requirements.NOT_RATED.sentence],
        ),
        (
            Program,
            {"description": "What.", "contact_email": "nobody"},
            True,
            ["Contact email: Enter a valid email address."],
        ),
        (TopicArea, {"definition": "What.", "rating_criteria": "Which."}, False, []),
        (TopicArea, {"rating_criteria": "Which."}, False, [requirements.NO_DEFINITION.sentence]),
        (TopicArea, {"definition": "What."}, False, [requirements.NO_CRITERIA.sentence]),
    ],
)
def test_what_lacks_something_is_not_published_and_the_page_says_so_first(
    publisher_client, model, fields, is_rated, sentences
):
    factory = ProgramFactory if model is Program else TopicAreaFactory
    entry = factory(status=Status.IN_REVIEW, **fields)
    if is_rated:
        RatingFactory(program=entry)
    user = UserFactory(is_superuser=True)

    response = publisher_client.get(page(entry, "published"))

    found = re.findall(r"<li>([^<]*?) <a href", response.content.decode())
    assert [html.unescape(sentence) for sentence in found] == sentences
    assert ('type="submit" class="default"' in response.content.decode()) is not bool(sentences)
    if sentences:
        with pytest.raises(Hindered) as hindered:
            apply_transition(entry, Status.PUBLISHED, user=user)
        assert list(hindered.value.sentences) == sentences
    else:
        assert apply_transition(entry, Status.PUBLISHED, user=user).is_published


def test_obstacle_links_to_where_it_is_mended(publisher_client):
    program = ProgramFactory(status=Status.IN_REVIEW)
    change = address("change", program)

    response = publisher_client.get(page(program, "published"))
    form = publisher_client.get(change).content.decode()

    text = response.content.decode()
    assert re.findall(rf'href="{change}#([\w-]+)"', text) == ["id_description"]
    assert 'id="id_description"' in form
    assert f'href="{address("rate", program)}"' in text


def test_umbrella_area_needs_no_criteria(publisher):
    umbrella = TopicAreaFactory(status=Status.IN_REVIEW, definition="What.")
    TopicAreaFactory(parent=umbrella)

    assert apply_transition(umbrella, Status.PUBLISHED, user=publisher).is_published


def test_past_rating_is_none(publisher):
    program = make(Program, WorkflowState.IN_REVIEW)
    Rating.objects.update(is_current=False)

    assert requirements.blockers(program, Status.PUBLISHED) == [requirements.NOT_RATED]


def test_program_that_was_merged_into_another_is_not_taken_up_again(publisher):
    program = make(Program, WorkflowState.RETIRED, merged_into=ProgramFactory())

    with pytest.raises(Hindered) as hindered:
        apply_transition(program, Status.PUBLISHED, user=publisher)

    assert hindered.value.sentences == (requirements.MERGED.sentence,)


@pytest.mark.parametrize("reason", ["", " \r\n", "\u200b", "\u2060 \ufeff"])
@each_model
def test_retiring_needs_a_reason(publisher_client, publisher, model, reason):
    entry = make(model, WorkflowState.PUBLISHED)

    response = send(publisher_client, entry, "retired", reason=reason)
    with pytest.raises(Hindered) as hindered:
        apply_transition(entry, Status.RETIRED, user=publisher, reason=reason)

    assert response.context["form"].errors == {"reason": [requirements.NO_REASON]}
    assert hindered.value.sentences == (requirements.NO_REASON,)
    assert model.objects.get(pk=entry.pk).is_published


# --- What to know


def test_remark_names_the_areas_that_are_not_public(publisher_client):
    program = ProgramFactory(status=Status.IN_REVIEW, description="What.")
    RatingFactory(program=program, topic_area__name="Open")
    RatingFactory(program=program, topic_area__name="Closed", topic_area__status=Status.DRAFT)

    response = publisher_client.get(page(program, "published"))

    remark = "It is rated in “Closed”, which is not public: the rating shows when that area does."
    assert requirements.remarks(program, Status.PUBLISHED) == [remark]
    assert remark in text_of(response)
    assert requirements.blockers(program, Status.PUBLISHED) == []


@pytest.mark.parametrize(
    ("programs", "remarks"),
    [
        (0, []),
        (1, ["1 public program is rated in it, and loses its place there."]),
        (2, ["2 public programs are rated in it, and lose their place there."]),
    ],
)
def test_remark_counts_the_public_programs_of_an_area_that_goes(programs, remarks):
    area = make(TopicArea, WorkflowState.PUBLISHED)
    RatingFactory(topic_area=area, program__status=Status.DRAFT)
    for _ in range(programs):
        RatingFactory(topic_area=area)

    assert requirements.remarks(area, Status.RETIRED) == remarks
    assert requirements.remarks(area, Status.DRAFT) == remarks


def test_sending_to_review_says_what_is_lacking_and_lets_it_pass(publisher_client):
    program = ProgramFactory(status=Status.DRAFT)

    response = send(publisher_client, program, "in-review")

    assert requirements.remarks(program, Status.IN_REVIEW) == [
        "Before it can be published: It has no description, which visitors read first.",
        "Before it can be published: It has no current rating in any topic area.",
    ]
    assert response.url == address("change", program)
    assert Program.objects.get().status == Status.IN_REVIEW
