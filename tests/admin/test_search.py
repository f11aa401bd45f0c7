"""The search for everything: what it finds, who sees what, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.admin.desk.lines import SHOWN
from catalog.admin.desk.search import KINDS
from catalog.models import (
    Import,
    ImportKind,
    ImportStatus,
    Program,
    Proposal,
    StaffNote,
    Status,
)

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    PageFactory,
    ProgramFactory,
    ReferenceFactory,
    RegistryFactory,
    ScaleEditionFactory,
    SynonymGroupFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..hostile_inputs import HOSTILE
from ..pages import read
from .desk_entries import staff
from .pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def found(client, words):
    """Return what a search shows: for each heading the lines, in words and with their addresses."""
    page = read(client.get("/admin/search/", {"q": words}))
    return {
        section.one("h2").text: [(li.text, li.links[0][1]) for li in section.all("li")]
        for section in page.main.all("section")
    }


@pytest.fixture
def calm(db):
    """Something of each kind that has “calm” in its name."""
    imported = Import.objects.create(
        kind=ImportKind.PROGRAMS,
        file_name="calm.csv",
        status=ImportStatus.DONE,
        finished_at=timezone.now(),
    )
    return [
        ProgramFactory(name="Calm Corners", acronym="CC", status=Status.DRAFT),
        TopicAreaFactory(name="Calm staff"),
        ReferenceFactory(key="calm-2019", title="Being calm", authors="Rand", year=2019),
        TopicExpertFactory(name="Ada Calm", organization="Rand"),
        TermFactory(name="Calm", definition="No storm."),
        PageFactory(name="How to stay calm"),
        imported,
    ]


def test_everything_that_has_the_words_is_found_with_what_tells_it(root, calm):
    program, area, reference, expert, term, page, imported = calm
    rated = ExternalRatingFactory(
        program=ProgramFactory(name="Other"), rating="Calming", scope="All"
    )
    rated.registry.name = "Index"
    rated.registry.save()
    registry = RegistryFactory(name="Calm index")
    group = SynonymGroupFactory(name="Rest", synonyms=["calm", "quiet"])
    edition = ScaleEditionFactory(name="Calm years")
    changes = {"program": program, "changes": {"goals": ["", "Sleep."]}}
    proposal = Proposal.objects.create(**changes, change_note="New goals")
    note = StaffNote.objects.create(topic_area=area, text="They wrote, calmly.")
    contact = ContactFactory(program=rated.program, name="Kim Calm")

    assert found(root, "CALM") == {
        "Programs 1": [("Calm Corners CC; draft", address("change", program))],
        "Topic areas 1": [("Calm staff published", address("change", area))],
        "References 1": [("calm-2019 Rand. (2019). Being calm.", address("change", reference))],
        "Topic experts 1": [("Ada Calm Rand", address("change", expert))],
        "Glossary terms 1": [("Calm No storm.", address("change", term))],
        "Pages 1": [("How to stay calm published", address("change", page))],
        "Proposals 1": [("Calm Corners draft; New goals", proposal.get_absolute_url())],
        "Staff notes 1": [("Calm staff They wrote, calmly.", address("change", note))],
        "Contacts 1": [("Kim Calm Other", address("change", contact))],
        "Registries 1": [("Calm index", address("change", registry))],
        "External ratings 1": [("Other Index; All; Calming", address("change", rated))],
        "Synonyms 1": [("Rest calm · quiet", address("change", group))],
        "Editions of the rating scale 1": [("Calm years", address("change", edition))],
        "Imports 1": [(f"{imported} imported", imported.get_absolute_url())],
    }


def test_nobody_finds_what_they_may_not_view(client, calm):
    client.force_login(staff("Viewers"))
    assert "Imports 1" not in found(client, "calm")
    client.force_login(UserFactory(is_staff=True))

    page = client.get("/admin/search/", {"q": "calm"})

    assert "Calm" not in read(page).main.text
    assert "Your account may not view anything." in read(page).main.text


def test_many_are_counted_and_all_of_them_are_a_list_away(root):
    for n in range(SHOWN + 2):
        ProgramFactory(name=f"Calm {n}")

    page = read(root.get("/admin/search/", {"q": "calm"}))

    (section,) = page.main.all("section")
    assert [li.text.partition(" ")[2][0] for li in section.all("li")] == [
        str(n) for n in range(SHOWN)
    ]
    words, link = section.links[-1]
    assert words == f"All {SHOWN + 2} programs"
    assert len(root.get(link).context["cl"].result_list) == SHOWN + 2


def test_without_words_and_without_a_find_it_says_what_to_do(root, calm):
    empty = read(root.get("/admin/search/")).main
    assert "Words of names, titles, authors, synonyms and staff notes" in empty.text
    kinds = (
        "programs, topic areas, references, topic experts, glossary terms, pages, proposals, "
        "staff notes, contacts, registries, external ratings, synonyms, "
        "editions of the rating scale and imports"
    )
    assert kinds in empty.text
    assert "Nothing that you may view holds “xyzzy”." in (
        read(root.get("/admin/search/", {"q": "xyzzy"})).main.text
    )


def test_the_desk_has_the_search(root):
    form = read(root.get("/admin/")).one("form", class_="search-all")

    assert (form.attributes["action"], form.one("label").text) == (
        "/admin/search/",
        "Search everything",
    )


# The test client takes what looks like a template for a fault.
TYPED = [words for words in HOSTILE if "{{" not in words]


@pytest.mark.alike(50)
@pytest.mark.parametrize("words", TYPED, ids=range(len(TYPED)))
def test_whatever_is_typed_is_answered(words, root):
    assert root.get("/admin/search/", {"q": words}).status_code == 200


def test_it_costs_as_much_for_many(root, calm):
    costs = []
    for number in (1, 9):
        for n in range(number):
            ReferenceFactory(title=f"Calm {number}{n}")
            expert = TopicExpertFactory(name=f"Calm {number}{n}")
            Proposal.objects.create(expert=expert, changes={"position": ["", "New."]})
            StaffNote.objects.create(expert=expert, text="Calm.")
            ContactFactory(name="Calm", program__name=f"Calm {number}{n}")
            ExternalRatingFactory(rating="Calm")
        with CaptureQueriesContext(connection) as queries:
            root.get("/admin/search/", {"q": "calm"})
        costs.append(len(queries))

    # Person, session and the site's name; two for each kind; on SQLite one more where documents are searched.
    assert costs[0] == costs[1] <= 3 + 2 * len(KINDS) + 3
    assert Program.objects.filter(name__startswith="Calm").count() == 11
