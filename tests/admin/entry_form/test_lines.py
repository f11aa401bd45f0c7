"""Studies are a line each until they are opened; what is not opened is neither sent nor touched."""

import re
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Program, Proposal, Reference, Status, Study

from ...conftest import catalog_permissions, group_user
from ...factories import ProgramFactory, ReferenceFactory, StudyFactory
from ...pages import read
from ..pages import BrowserForm, address, text_of
from .open_form import blank_study

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# What is typed into or chosen from; not the box by which a line goes.
CONTROL = r'<(?:input(?! type="checkbox" name="studies-ticked")|select|textarea)\b'


@pytest.fixture
def program():
    return ProgramFactory(status=Status.DRAFT, goals="Old")


@pytest.fixture
def three(program):
    """Three studies in the order of the page."""
    studies = StudyFactory.create_batch(3, program=program, location="Ohio")
    return sorted(studies, key=lambda study: study.place_on_page())


@pytest.fixture
def writer_client(client, program):
    """Somebody who may only propose changes to the program, which is public."""
    Program.objects.filter(pk=program.pk).update(
        status=Status.PUBLISHED, published_at=timezone.now()
    )
    writer = group_user("Editors")
    writer.user_permissions.add(*catalog_permissions("delete"))
    other = type(client)()
    other.force_login(writer)
    return other


class Page:
    """The form of a program as a browser without scripts has it."""

    def __init__(self, client, program, *opened):
        self.client, self.path = client, address("change", program)
        self.came(client.get(self.path, {"open": [f"studies-{study.pk}" for study in opened]}))

    def came(self, response):
        self.response = response
        if response.status_code == 200:
            self.data = BrowserForm(response).data
            self.html = response.content.decode()
        return response

    def press(self, button, value="x", **typed):
        return self.came(self.client.post(self.path, {**self.data, **typed, button: value}))

    def save(self, **typed):
        return self.press("_save", **typed).status_code == 302

    def edit(self, study, **typed):
        return self.press("_open", f"studies-{study.pk}", **typed)

    @property
    def opened(self):
        """The keys of the studies whose fields are sent."""
        names = sorted(name for name in self.data if re.fullmatch(r"studies-\d+-id", name))
        return [self.data[name][0] for name in names if self.data[name][0]]

    @property
    def ticks(self):
        """The values of the boxes that take away a line."""
        return re.findall(r'name="studies-ticked" value="([^"]+)"', self.html)


def tick_of(study):
    return f"{study.pk}-{study.history.latest().pk}"


def locations(program):
    return [study.location for study in program.studies.order_by("pk")]


# --- Opening


def test_stored_studies_are_lines_that_send_nothing(mine, program, three):
    page = Page(mine, program)

    assert page.opened == []
    assert [name for name in page.data if name.startswith("studies-0")] == []
    lines = [line.text for line in read(page.response).all("div", class_="line")]
    assert [line.partition(". ")[0] for line in lines] == ["1", "2", "3"]
    assert all("Ohio" in line for line in lines)


def test_address_opens_the_studies_that_it_names(mine, program, three):
    page = Page(mine, program, three[2], three[0])

    assert page.opened == [str(three[0].pk), str(three[2].pk)]
    assert page.ticks == [tick_of(three[1])]


def test_edit_opens_one_and_keeps_what_was_typed(mine, program, three):
    page = Page(mine, program, three[0])

    page.edit(three[1], goals="Mine", **{"studies-0-location": "Utah"})

    assert page.opened == [str(three[0].pk), str(three[1].pk)]
    assert (page.data["goals"], page.data["studies-0-location"]) == (["Mine"], ["Utah"])
    assert "Nothing is saved yet; all that you typed is still here." in text_of(page.response)
    assert (Program.objects.get().goals, set(locations(program))) == ("Old", {"Ohio"})


def test_edit_says_nothing_of_mistakes_yet(mine, program, three):
    page = Page(mine, program, three[0])

    page.edit(three[1], name="", **{"studies-0-follow_up_months": "x"})

    assert page.data["studies-0-follow_up_months"] == ["x"]
    assert "errornote" not in page.html
    assert not page.save()
    (section,) = read(page.response).all("section", class_="mistakes")
    assert "Reference 1, Follow-up, in months: Enter a whole number." in section.text


def test_edit_in_a_new_row_keeps_it(mine, program, three):
    page = Page(mine, program)
    row = {"studies-TOTAL_FORMS": "1", "studies-0-reference": ReferenceFactory().pk}

    page.edit(three[1], **row, **{"studies-0-location": "New"})

    assert page.opened == [str(three[1].pk)]
    assert page.data["studies-1-location"] == ["New"]
    assert page.save()
    assert sorted(locations(program)) == ["New", "Ohio", "Ohio", "Ohio"]


def test_who_may_only_read_is_led_to_the_page_of_the_study(
    client, program, three, django_user_model
):
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.set(catalog_permissions("view"))
    client.force_login(reader)

    page = Page(client, program, three[0])

    assert page.opened == []
    links = [address_ for _, address_ in read(page.response).one("div", id="studies-group").links]
    assert links == [address("change", study) for study in three]


@pytest.mark.alike(5)
@pytest.mark.parametrize(
    "place",
    ["studies-abc", "studies-" + "9" * 30, "studies-", "-", "", "studies", "ratings-1", "\0"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_cannot_be_opened_is_left_alone(mine, program, three, method, place):
    page = Page(mine, program)
    if method == "get":
        page.came(mine.get(page.path, {"open": place}))
    else:
        page.press("_open", place, goals="Mine")
        assert page.data["goals"] == ["Mine"]

    assert (page.response.status_code, page.opened) == (200, [])


def test_edit_in_a_form_of_a_new_entry_saves_nothing(mine):
    sent = {"name": "New", "_open": "studies-1", "_save": "Save"}
    sent |= {"studies-TOTAL_FORMS": "3", "studies-INITIAL_FORMS": "3", "studies-0-id": "1"}

    page = mine.post(address("add", Program), sent)

    assert (page.status_code, Program.objects.count()) == (200, 0)
    assert BrowserForm(page).data["name"] == ["New"]


# --- Saving


def test_save_changes_the_opened_study_alone(mine, other, program, three):
    page = Page(mine, program, three[1])
    other(three[2], location="Iowa")
    before = Study.history.count()

    assert page.save(**{"studies-0-location": "Utah"})

    for study in three:
        study.refresh_from_db()
    assert [study.location for study in three] == ["Ohio", "Utah", "Iowa"]
    assert Study.history.count() == before + 1
    assert Study.history.latest().id == three[1].pk


def test_save_and_continue_has_the_same_studies_open(mine, program, three):
    page = Page(mine, program)
    opened = " ".join(f"studies-{study.pk}" for study in three[1:])
    query = urlencode({"open": opened})

    response = mine.post(f"{page.path}?{query}", {**page.data, "_continue": "x"})

    assert urlsplit(response.url).query == query
    page.came(mine.get(response.url))
    assert page.opened == [str(study.pk) for study in three[1:]]


def test_mistake_shows_its_study_open_with_its_text(mine, program, three):
    page = Page(mine, program, three[1])

    assert not page.save(**{"studies-0-follow_up_months": "x", "studies-0-summary": "Mine"})

    assert page.opened == [str(three[1].pk)]
    assert page.data["studies-0-summary"] == ["Mine"]
    (item,) = read(page.response).one("section", class_="mistakes").all("li")
    assert item.text == "Reference 2, Follow-up, in months: Enter a whole number."


def test_order_in_which_rows_were_opened_does_not_matter(mine, program, three):
    """A script gives a row that is opened the next number, after new ones too."""
    page = Page(mine, program, three[1])
    row = {name: v for name, v in page.data.items() if name.startswith("studies-0-")}
    moved = {name.replace("-0-", "-1-"): value for name, value in row.items()}
    new = {**blank_study(0), "studies-0-reference": ReferenceFactory().pk}
    rest = {name: value for name, value in page.data.items() if name not in row}
    page.data = {**rest, **moved, **new, "studies-TOTAL_FORMS": "2", "studies-INITIAL_FORMS": "0"}

    assert page.save(**{"studies-0-location": "New", "studies-1-location": "Utah"})

    three[1].refresh_from_db()
    assert three[1].location == "Utah"
    assert sorted(locations(program)) == ["New", "Ohio", "Ohio", "Utah"]


# --- Deleting a line


def test_ticked_line_goes(mine, program, three):
    page = Page(mine, program)
    assert page.ticks == [tick_of(study) for study in three]

    assert page.save(**{"studies-ticked": [tick_of(three[0]), tick_of(three[2])]})

    assert list(program.studies.all()) == [three[1]]


def test_ticked_line_stays_a_ticked_line_beside_a_mistake(mine, program, three):
    page = Page(mine, program)

    assert not page.save(name="", **{"studies-ticked": tick_of(three[0])})

    assert (page.opened, page.data["studies-ticked"]) == ([], [tick_of(three[0])])
    assert page.save(name="New")
    assert program.studies.count() == 2


def test_ticked_line_that_is_opened_keeps_its_tick(mine, program, three):
    page = Page(mine, program)

    page.edit(three[0], **{"studies-ticked": tick_of(three[0])})

    assert (page.opened, page.data["studies-0-DELETE"]) == ([str(three[0].pk)], ["on"])


def test_line_changed_meanwhile_is_not_deleted_unseen(mine, other, program, three):
    page = Page(mine, program)
    tick = tick_of(three[0])
    other(three[0], location="Iowa")

    assert not page.save(**{"studies-ticked": tick})

    assert "You had ticked “Delete”. Tick it again" in text_of(page.response)
    assert (page.data["studies-0-location"], page.data["studies-0-DELETE"]) == (["Iowa"], [])
    assert program.studies.count() == 3


def test_line_is_not_deleted_without_permission(mine, publisher, program, three):
    publisher.groups.clear()
    publisher.user_permissions.set(catalog_permissions("view", "change"))
    page = Page(mine, program)

    assert page.ticks == []
    assert page.save(**{"studies-ticked": tick_of(three[0])})
    assert program.studies.count() == 3


@pytest.mark.alike(3)
@pytest.mark.parametrize("tick", ["", "-", "abc", "9" * 30, "1-2-3", "\0-1", "-" * 50])
def test_forged_tick_takes_nothing(mine, program, three, tick):

    Page(mine, program).save(**{"studies-ticked": tick})

    assert program.studies.count() == 3


# --- Proposals


def test_proposal_holds_the_opened_study_alone(writer_client, program, three):
    page = Page(writer_client, program, three[1])

    page.press("_propose", **{"studies-0-location": "Utah"})

    assert Proposal.objects.get().rows == {
        "studies": {str(three[1].pk): {"location": ["Ohio", "Utah"]}}
    }


def test_proposal_keeps_what_is_proposed_to_other_studies(writer_client, program, three):
    Page(writer_client, program, three[0]).press("_propose", **{"studies-0-location": "Utah"})
    page = Page(writer_client, program, three[1])
    assert "Changed in the proposal" in text_of(page.response)

    page.press("_propose", **{"studies-0-location": "Iowa"})

    rows = Proposal.objects.get().rows["studies"]
    assert rows == {
        str(three[0].pk): {"location": ["Ohio", "Utah"]},
        str(three[1].pk): {"location": ["Ohio", "Iowa"]},
    }


def test_proposed_deletion_is_a_ticked_line_and_is_taken_back_there(writer_client, program, three):
    gone, kept = (str(study.pk) for study in three[:2])
    ticks = [tick_of(study) for study in three[:2]]
    Page(writer_client, program).press("_propose", **{"studies-ticked": ticks})
    assert set(Proposal.objects.get().rows["studies"]) == {gone, kept}
    page = Page(writer_client, program)
    assert page.data["studies-ticked"] == ticks
    assert "To be deleted in the proposal" in text_of(page.response)

    page.press("_propose", **{"studies-ticked": ticks[:1]})

    assert set(Proposal.objects.get().rows["studies"]) == {gone}
    assert program.studies.count() == 3


def test_deletion_proposed_meanwhile_stays(writer_client, program, three):
    Page(writer_client, program).press("_propose", goals="Rest.")
    page = Page(writer_client, program)
    Page(writer_client, program).press("_propose", **{"studies-ticked": tick_of(three[0])})

    page.press("_propose", duration="A week")

    proposal = Proposal.objects.get()
    assert set(proposal.rows["studies"]) == {str(three[0].pk)}
    assert set(proposal.changes) == {"goals", "duration"}


# --- A hundred studies


def test_form_and_its_saving_do_not_grow_with_the_studies(mine, program):
    def add(number):
        first = Reference.objects.count()
        keys = [f"r-{first + n}" for n in range(number)]
        made = Reference.objects.bulk_create([Reference(title=k, key=k) for k in keys])
        Study.objects.bulk_create([Study(program=program, reference=one) for one in made])

    def costs(place):
        with CaptureQueriesContext(connection) as reading:
            page = Page(mine, program, study)
        controls = len(re.findall(CONTROL, page.html))
        size = len(page.data)
        with CaptureQueriesContext(connection) as saving:
            assert page.save(**{"studies-0-location": place})
        return len(reading), controls, size, len(saving)

    add(2)
    study = program.studies.last()
    costs("Ohio")  # its first save also enters how it stood before into the history
    few = costs("Iowa")
    add(98)

    assert costs("Utah") == few


def test_many_studies_are_folded_away_but_where_one_is_open(mine, program):
    studies = StudyFactory.create_batch(106, program=program)
    last = max(studies, key=lambda study: study.place_on_page())

    folds = read(Page(mine, program, last).response).all("details", class_="fold")

    assert [fold.one("summary").text for fold in folds] == [
        "References and what was studied, 6 to 105",
        "References and what was studied, 106",
    ]
    assert ["open" in fold.attributes for fold in folds] == [False, True]


# --- Blank rows


def blank_rows(page):
    """The new rows of studies: the places that their fields have."""
    found = {re.match(r"studies-(\d+)-location$", name) for name in page.data}
    numbers = sorted(int(match[1]) for match in found if match)
    return [number for number in numbers if page.data[f"studies-{number}-id"] == [""]]


def test_form_has_no_blank_row_until_one_is_asked_for(mine, program, three):
    page = Page(mine, program, three[1])
    assert blank_rows(page) == []
    assert "__prefix__" not in page.html

    page.press("_open", "studies-new", goals="Mine", **{"studies-0-location": "Utah"})
    page.press("_open", "studies-new", **{"studies-1-location": "Iowa"})

    assert blank_rows(page) == [1, 2]
    assert page.data["studies-2-peer_reviewed"] == ["not-known"]
    typed = [page.data[name] for name in ("goals", "studies-0-location", "studies-1-location")]
    assert typed == [["Mine"], ["Utah"], ["Iowa"]]
    # The one in which nothing is typed is not saved.
    assert page.save(**{"studies-1-reference": ReferenceFactory().pk})
    assert sorted(locations(program)) == ["Iowa", "Ohio", "Ohio", "Utah"]


def test_address_asks_for_blank_rows_and_not_for_too_many(mine, program, three):
    page = Page(mine, program)
    page.came(mine.get(page.path, {"open": f"studies-new studies-{three[0].pk} studies-new"}))
    assert (page.opened, blank_rows(page)) == ([str(three[0].pk)], [1, 2])

    page.came(mine.get(page.path, {"open": "studies-new " * 999}))
    assert len(blank_rows(page)) == 50


def test_new_entry_has_blank_rows_too(mine):
    sent = {"name": "New", "studies-TOTAL_FORMS": "0", "studies-INITIAL_FORMS": "0"}

    page = mine.post(address("add", Program), {**sent, "_open": "studies-new"})

    data = BrowserForm(page).data
    assert (data["name"], data["studies-0-location"]) == (["New"], [""])
    assert Program.objects.count() == 0


def test_row_that_was_let_go_leaves_a_gap_that_is_passed_over(mine):
    sent = {"name": "New", "studies-TOTAL_FORMS": "3", "studies-INITIAL_FORMS": "0"}
    sent |= {**blank_study(2), "studies-2-reference": ReferenceFactory().pk}

    mine.post(
        address("add", Program), {**BrowserForm(mine.get(address("add", Program))).data, **sent}
    )

    assert Program.objects.get().studies.count() == 1


def test_script_gets_the_rows_alone(mine, program, three):
    page = Page(mine, program)
    rows = [f"studies-{three[1].pk}", "studies-new", "contacts-new"]

    alone = mine.get(page.path, {"open": rows, "rows-only": ""})

    content = alone.content.decode()
    assert re.findall(r'<div class="inline-related[^"]*" id="([^"]+)"', content) == [
        "studies-0",
        "studies-1",
        "contacts-0",
    ]
    assert "<form" not in content


def test_nobody_gets_a_blank_row_who_may_not_add_one(mine, publisher, program, three):
    publisher.groups.clear()
    publisher.user_permissions.set(catalog_permissions("view", "change"))
    page = Page(mine, program)
    assert "studies-new" not in page.html

    page.came(mine.get(page.path, {"open": "studies-new"}))
    assert blank_rows(page) == []
    page.press("_open", "studies-new")
    assert blank_rows(page) == []
