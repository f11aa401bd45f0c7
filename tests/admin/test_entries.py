"""The editors' side: who may do what in the admin, and what is kept of it."""

import csv
import html
import io
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from catalog.admin import ImportExportAdmin
from catalog.models import (
    DeliverySetting,
    Import,
    Outcome,
    Program,
    Rating,
    Reference,
    RelevanceLevel,
    Status,
    Study,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.models.status import Publishable

from ..conftest import catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

# The entries; the records of imports are no form (test_import_admin.py).
CATALOG = {
    model: model_admin
    for model, model_admin in admin.site._registry.items()
    if model._meta.app_label == "catalog" and model is not Import
}
each_model = pytest.mark.parametrize("model", CATALOG, ids=lambda model: model._meta.model_name)
FACTORIES = {
    factory._meta.model: factory
    for factory in (
        ProgramFactory,
        RatingFactory,
        ReferenceFactory,
        StudyFactory,
        TermFactory,
        TopicAreaFactory,
        TopicExpertFactory,
    )
}
# Those with a kind of file; the glossary has none.
IMPORTED = {m for m, options in CATALOG.items() if isinstance(options, ImportExportAdmin)}
each_imported_model = pytest.mark.parametrize(
    "model",
    [model for model in CATALOG if model in IMPORTED],
    ids=lambda model: model._meta.model_name,
)
each_publishable = pytest.mark.parametrize(
    "factory", [ProgramFactory, TopicAreaFactory], ids=["program", "topicarea"]
)


@pytest.fixture
def entries(db):
    """One entry of each model, by model."""
    expert = TopicExpertFactory(name="Ada Example", credentials="PhD", organization="Somewhere")
    reference = ReferenceFactory(
        authors="Bride, B. E.", year=2007, title="Prevalence", doi="10.1093/sw/52.1.63"
    )
    area = TopicAreaFactory(
        name="Secondary Traumatic Stress", abbreviation="STS", year_added=2024, definition="*What*."
    )
    area.experts.add(expert)
    area.further_reading.add(reference)
    program = ProgramFactory(
        name="Calm Corners®",
        acronym="CC",
        also_known_as=["Corners", "Calm"],
        description="First line.\n\nSecond & last.",
        child_age_min=3,
        child_age_max=12,
        relevance_level=RelevanceLevel.HIGH,
        delivery_settings=[DeliverySetting.SCHOOL, DeliverySetting.HOSPITAL],
        outcomes=[Outcome.SAFETY],
        languages=["English", "Español"],
        is_nonresponder=True,
        research_last_reviewed="2024-06",
        contact_email="calm@example.org",
        website="https://example.org/calm",
    )
    rating = RatingFactory(
        program=program, topic_area=area, scientific_rating="NR", not_rated_reason="measures"
    )
    study = StudyFactory(program=program, reference=reference, sample_size=184, location="Ohio")
    term = TermFactory(name="Usual care", definition="What they would get anyway.")
    made = (expert, reference, area, program, rating, study, term)
    return {type(entry): entry for entry in made}


@pytest.fixture
def viewer(db):
    """Staff who may look at everything, and change nothing."""
    user = UserFactory(username="viewer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view"))
    return user


def address(page, entry, *args):
    """Return the address of an admin page of a model or of one of its entries."""
    name = f"admin:{entry._meta.app_label}_{entry._meta.model_name}_{page}"
    return reverse(name, args=args if isinstance(entry, type) else (entry.pk, *args))


def text_of(response):
    """Return what a page says: its content without tags, runs of white space as one space."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())


def heading(response):
    content = response.content.decode()
    title = re.search(r'id="content"[^>]*>.*?<h1[^>]*>(.*?)</h1>', content, re.DOTALL)
    return html.unescape(title[1].strip())


def listed(response):
    return [str(entry) for entry in response.context["cl"].result_list]


def column(response, name):
    """Return the cells of a list's column, as text."""
    cells = re.findall(
        rf'<t[dh] class="field-{name}[^"]*">(.*?)</t[dh]>', response.content.decode()
    )
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


class BrowserForm(HTMLParser):
    """The form of a change page as a browser sends it: names with the lists of their values."""

    def __init__(self, response):
        super().__init__()
        self.data = {}
        self.files = set()
        self.in_form = False
        self.select = self.text_area = None
        self.feed(response.content.decode())

    @property
    def fields(self):
        """The names of the entry's own fields, without those of the inlines."""
        names = {name.removeprefix("initial-") for name in self.data} | self.files
        return {name for name in names if "-" not in name} - {"csrfmiddlewaretoken"}

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.in_form = attrs.get("id", "").endswith("_form")
        name = attrs.get("name")
        if not self.in_form:
            return
        if tag == "input" and name and "disabled" not in attrs:
            self.handle_input(name, attrs)
        elif tag == "select":
            self.select = name
            self.options, self.first = [], None
            self.is_multiple = "multiple" in attrs
        elif tag == "option":
            self.first = attrs["value"] if self.first is None else self.first
            if "selected" in attrs:
                self.options.append(attrs["value"])
        elif tag == "textarea":
            self.text_area, self.text = name, ""

    def handle_input(self, name, attrs):
        kind = attrs.get("type", "text")
        if kind == "file":
            self.files.add(name)
        elif kind in {"checkbox", "radio"}:
            values = self.data.setdefault(name, [])
            if "checked" in attrs:
                values.append(attrs.get("value", "on"))
        elif kind != "submit":
            self.data[name] = [attrs.get("value", "")]

    def handle_data(self, data):
        if self.text_area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.in_form = False
        elif tag == "textarea" and self.text_area:
            # A line break right after the tag is not part of the text.
            self.data[self.text_area] = [self.text.removeprefix("\r\n").removeprefix("\n")]
            self.text_area = None
        elif tag == "select" and self.select:
            chosen = self.options
            if not chosen and not self.is_multiple and self.first is not None:
                chosen = [self.first]
            self.data[self.select] = chosen
            self.select = None


def submit(client, path, **changes):
    """Open the form at path, type the changes into it, and save it."""
    form = BrowserForm(client.get(path)).data
    return client.post(path, {**form, **changes, "_save": "Save"})


def run_action(client, action, entries):
    changelist = address("changelist", type(entries[0]))
    selected = {"action": action, "_selected_action": [entry.pk for entry in entries]}
    return client.post(changelist, selected, follow=True)


# --- Every page opens, and says what it should


def test_index_leads_to_every_model(editor_client):
    wanted = {address(page, model) for model in CATALOG for page in ("changelist", "add")}
    wanted.add(address("changelist", Import))

    index = editor_client.get("/admin/").content.decode()
    app_index = editor_client.get("/admin/catalog/").content.decode()

    links = r'href="(/admin/catalog/\w+/(?:add/)?)"'
    assert set(re.findall(links, index)) == wanted
    assert set(re.findall(links, app_index)) == wanted


@each_model
def test_list_shows_entry_with_link(editor_client, entries, model):
    entry = entries[model]

    response = editor_client.get(address("changelist", model))

    assert listed(response) == [str(entry)]
    assert f'href="{address("change", entry)}"' in response.content.decode()


@pytest.mark.parametrize("model", [model for model in CATALOG if model is not Rating])
def test_add_form_has_every_field(editor_client, model):
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    editable = {field.name for field in fields if field.editable and not field.primary_key}
    # Each new status is a step of its own (test_workflow.py).
    editable -= {"status"}

    response = editor_client.get(address("add", model))

    assert heading(response) == f"Add {model._meta.verbose_name}"
    assert BrowserForm(response).fields == editable


@each_model
def test_change_form_names_entry(editor_client, entries, model):
    entry = entries[model]

    response = editor_client.get(address("change", entry))

    titles = {Rating: "Correct a rating"}
    assert heading(response) == titles.get(model, f"Change {model._meta.verbose_name}")
    assert f"<h2>{html.escape(str(entry))}</h2>" in response.content.decode()


@each_model
def test_change_form_saved_untouched_changes_nothing(editor_client, entries, model):
    entry = entries[model]
    before = model.objects.values().get(pk=entry.pk)
    lists = {field: set(getattr(entry, field.name).all()) for field in model._meta.many_to_many}

    why = {"change_reason": "Looked at"} if model is Rating else {}
    response = submit(editor_client, address("change", entry), **why)

    assert response.url == address("changelist", model)
    assert model.objects.values().get(pk=entry.pk) == before
    assert {field: set(getattr(entry, field.name).all()) for field in lists} == lists
    assert model.objects.count() == 1


@pytest.mark.parametrize("model", [model for model in CATALOG if model is not Rating])
def test_delete_page_asks_about_entry(editor_client, model):
    drafted = {"status": Status.DRAFT} if issubclass(model, Publishable) else {}
    entry = FACTORIES[model](**drafted)

    response = editor_client.get(address("delete", entry))

    question = f"Are you sure you want to delete the {model._meta.verbose_name} “{entry}”?"
    assert question in text_of(response)


@each_model
def test_history_page_leads_to_version(editor_client, entries, model):
    entry = entries[model]
    latest = entry.history.first()

    page = editor_client.get(address("history", entry))
    version = editor_client.get(address("simple_history", entry, latest.history_id))

    assert heading(page) == "History"
    assert address("simple_history", entry, latest.history_id) in page.content.decode()
    assert heading(version).startswith("As it stood on ")


@each_imported_model
def test_import_page_leads_to_the_column_guide(editor_client, model):
    response = editor_client.get(address("import", model))

    assert heading(response) == f"Import {CATALOG[model].get_resource_classes(None)[0].kind}"
    assert f'href="{address("import_guide", model)}"' in response.content.decode()
    assert 'type="file"' in response.content.decode()


@each_imported_model
def test_export_holds_entry_under_columns(editor_client, entries, model):
    response = editor_client.get(address("export", model))

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Type"] == "text/csv"
    assert rows[0] == CATALOG[model].get_resource_classes(None)[0].columns()
    assert len(rows) == 2


def choosers():
    """Return every field of the admin's forms that chooses entries, with the form that it stands in."""
    found = []
    for model, model_admin in CATALOG.items():
        inlines = [inline(model, admin.site) for inline in model_admin.inlines]
        for options in [model_admin, *inlines]:
            if options.model is Rating:
                continue  # where a rating holds is chosen before its form (test_rerating.py)
            fields = [*options.model._meta.concrete_fields, *options.model._meta.many_to_many]
            parent = getattr(options, "parent_model", None)
            found += [
                (options, f) for f in fields if f.editable and f.related_model not in {None, parent}
            ]
    return found


CHOOSERS = choosers()


@pytest.mark.parametrize(
    ("options", "field"), CHOOSERS, ids=lambda part: getattr(part, "name", type(part).__name__)
)
def test_entry_is_chosen_by_autocomplete(editor_client, entries, options, field):
    wanted = entries[field.related_model]
    words = {Program: "corners", TopicArea: "sts", TopicExpert: "ada", Reference: "prevalence"}

    response = editor_client.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "catalog",
            "model_name": options.model._meta.model_name,
            "field_name": field.name,
            "term": words[field.related_model],
        },
    )

    assert field.name in options.get_autocomplete_fields(response.wsgi_request)
    assert response.json()["results"] == [{"id": str(wanted.pk), "text": str(wanted)}]


def test_no_link_of_an_editors_page_is_broken(editor_client, entries):
    area = entries[TopicArea]
    area.summary_document.save("sts.pdf", ContentFile(b"%PDF-1.7"))
    pages = ["/admin/", "/admin/catalog/"]
    for model, entry in entries.items():
        version = entry.history.first().history_id
        imports = ["import"] if model in IMPORTED else []
        pages += [address(page, model) for page in ("changelist", "add", *imports)]
        pages += [address(page, entry) for page in ("change", "history")]
        pages += [address("simple_history", entry, version)]

    links = {}
    for page in pages:
        hrefs = re.findall(r'<a\b[^>]*\bhref="([^"#?]+)"', editor_client.get(page).content.decode())
        links |= {urljoin(page, html.unescape(href)): page for href in hrefs}
    broken = {}
    for link, page in links.items():
        if link.startswith("/"):
            response = editor_client.get(link)
            b"".join(response)  # an open file is closed when it is read
            if response.status_code >= 400:
                broken[link] = f"{response.status_code}, linked from {page}"

    assert broken == {}


# --- Lists: what they cost, show, filter and find


def complete_entries(number):
    """Make number programs, each with a topic area, an expert, a rating, a past rating, and a study."""
    for index in range(number):
        expert = TopicExpertFactory()
        umbrella = TopicAreaFactory()
        area = TopicAreaFactory(abbreviation=f"A{index}", parent=umbrella)
        area.experts.add(expert)
        program = ProgramFactory()
        RatingFactory(program=program, topic_area=area, rated_on="2023")
        RatingFactory(program=program, topic_area=area, rated_on="2024")
        StudyFactory(program=program)


# Each list asks for the session, the user, the user's and the groups' permissions, the number of
# entries, the keys of a page, and its entries: 7. What it asks for besides:
QUERIES = {
    Program: 7 + 2,  # the topic areas to filter by; the ratings with their areas
    TopicArea: 7 + 2,  # the years to filter by; the programs that are not public
    TopicExpert: 7 + 1,  # the topic areas of the experts
    Reference: 7,
    Rating: 7 + 1,  # the topic areas to filter by
    Study: 7,
    Term: 6,  # there are none here, so no page is asked for
}


@each_model
@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_one_and_three(
    editor_client, django_assert_num_queries, model, number
):
    complete_entries(number)
    page = address("changelist", model)
    editor_client.get(page)  # fills the cache of content types

    with django_assert_num_queries(QUERIES[model]):
        response = editor_client.get(page)

    assert len(listed(response)) == model.objects.count()


def test_program_form_costs_one_query_more_for_each_reference(editor_client):
    costs = []
    editor_client.get(reverse("admin:index"))  # what is looked up once for all is looked up
    for number in (1, 3):
        program = ProgramFactory()
        RatingFactory.create_batch(number, program=program)
        StudyFactory.create_batch(number, program=program)
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(address("change", program))
        costs.append(len(queries))

    # Two references more, whose autocomplete boxes each look up what they show.
    assert costs[1] == costs[0] + 2


@pytest.fixture
def rated(db):
    """Programs that differ in status, relevance, and where they are rated how."""
    stress = TopicAreaFactory(name="Stress", slug="stress")
    sleep = TopicAreaFactory(name="Sleep", slug="sleep", status=Status.DRAFT)
    both = ProgramFactory(name="Both", relevance_level="high")
    RatingFactory(program=both, topic_area=stress, scientific_rating="NR", rated_on="2020")
    RatingFactory(program=both, topic_area=stress, scientific_rating="2", rated_on="2024")
    RatingFactory(program=both, topic_area=sleep, scientific_rating="NR")
    one = ProgramFactory(name="One", status=Status.DRAFT, relevance_level="low")
    RatingFactory(program=one, topic_area=stress, scientific_rating="NR")
    gone = ProgramFactory(name="Gone", status=Status.RETIRED, is_nonresponder=True)
    RatingFactory(program=gone, topic_area=sleep, scientific_rating="5")
    ProgramFactory(name="Unrated", status=Status.IN_REVIEW, relevance_level="high")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Both", "Gone", "One", "Unrated"]),
        ("status__exact=draft", ["One"]),
        ("status__exact=in-review", ["Unrated"]),
        ("status__exact=published", ["Both"]),
        ("status__exact=retired", ["Gone"]),
        ("area=stress", ["Both", "One"]),
        ("area=sleep", ["Both", "Gone"]),
        ("area=nowhere", []),
        # A past rating is not what a program is rated.
        ("rating=NR", ["Both", "One"]),
        ("rating=2", ["Both"]),
        ("rating=5", ["Gone"]),
        ("rating=1", []),
        ("rating=none", ["Unrated"]),
        ("relevance_level__exact=high", ["Both", "Unrated"]),
        ("relevance_level__exact=low", ["One"]),
        ("is_nonresponder__exact=1", ["Gone"]),
        ("status__exact=published&relevance_level__exact=high", ["Both"]),
        # That rating in that topic area, as on the public list.
        ("area=stress&rating=NR", ["One"]),
        ("area=sleep&rating=NR", ["Both"]),
    ],
)
def test_program_list_filters(editor_client, rated, query, names):
    response = editor_client.get(f"/admin/catalog/program/?{query}")

    assert listed(response) == names


def test_program_list_offers_every_filter(editor_client, rated):
    content = editor_client.get("/admin/catalog/program/").content.decode()

    offered = re.findall(
        r'href="\?((?:area|rating|status|review|relevance_level__exact)=[\w-]+)"', content
    )
    assert sorted(offered) == sorted(
        [
            *(
                f"status={status}"
                for status in ("draft", "in-review", "scheduled", "published", "retired", "merged")
            ),
            *(f"review={age}" for age in ("overdue", "due", "recent", "future", "unknown")),
            *(f"area={slug}" for slug in ("sleep", "stress")),
            *(f"rating={level}" for level in ("none", "1", "2", "3", "4", "5", "NR")),
            *(f"relevance_level__exact={level}" for level in ("high", "medium", "low")),
        ]
    )


def test_program_list_shows_current_ratings(editor_client, rated):
    response = editor_client.get("/admin/catalog/program/")

    assert column(response, "program_name") == ["Both", "Gone", "One", "Unrated"]
    assert column(response, "current_ratings") == [
        "2 in Stress, NR in Sleep",
        "5 in Sleep",
        "NR in Stress",
        "-",
    ]


@pytest.mark.parametrize(
    ("query", "levels"),
    [
        ("", ["2", "5", "NR", "NR", "NR"]),
        ("is_current__exact=1", ["2", "5", "NR", "NR"]),
        ("is_current__exact=0", ["NR"]),
        ("area=stress", ["2", "NR", "NR"]),
        ("area=stress&is_current__exact=0", ["NR"]),
        ("scientific_rating__exact=5", ["5"]),
    ],
)
def test_rating_list_filters(editor_client, rated, query, levels):
    response = editor_client.get(f"/admin/catalog/rating/?{query}")

    found = [rating.scientific_rating for rating in response.context["cl"].result_list]
    assert sorted(found) == levels


def test_topic_area_list_counts_programs(editor_client):
    area = TopicAreaFactory(name="Area")
    TopicAreaFactory(name="Empty")
    for status in Status:
        RatingFactory(program__status=status, topic_area=area)
    rerated = ProgramFactory()
    RatingFactory(program=rerated, topic_area=area, scientific_rating="3")
    RatingFactory(program=rerated, topic_area=area, scientific_rating="2")

    response = editor_client.get("/admin/catalog/topicarea/")

    assert column(response, "area_name") == ["Area", "Empty"]
    assert column(response, "program_count") == ["5", "0"]
    assert column(response, "public_count") == ["2", "0"]


@pytest.mark.parametrize("query", ["year_added__exact=2024", "status__exact=draft"])
def test_topic_area_list_filters(editor_client, query):
    TopicAreaFactory(name="New", year_added=2024, status=Status.DRAFT)
    TopicAreaFactory(name="Old", year_added=2010)

    response = editor_client.get(f"/admin/catalog/topicarea/?{query}")

    assert listed(response) == ["New"]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Program, "calm corners"),
        (Program, "CORNERS calm"),
        (Program, "cc"),
        (Program, "calm-corners"),
        (TopicArea, "sts"),
        (TopicArea, "traumatic"),
        (TopicExpert, "somewhere"),
        (Reference, "bride"),
        (Reference, "prevalence"),
        (Reference, "10.1093/SW"),
        (Rating, "corners"),
        (Study, "prevalence"),
        (Study, "calm"),
    ],
)
def test_search_finds_entry_and_no_other(editor_client, entries, model, words):
    other_program = ProgramFactory(name="Quiet", slug="quiet")
    StudyFactory(program=other_program)
    RatingFactory(program=other_program)
    TopicExpertFactory()

    found = editor_client.get(address("changelist", model), {"q": words})
    missed = editor_client.get(address("changelist", model), {"q": "nothing like it"})

    assert listed(found) == [str(entries[model])]
    assert listed(missed) == []


@pytest.mark.parametrize("words", ["(", "[a", "*", "\\", "calm (", "%", "_", "\0", "'", '"', "®"])
def test_search_takes_every_sign_for_itself(editor_client, words):
    ProgramFactory(name="Calm Corners")

    response = editor_client.get("/admin/catalog/program/", {"q": words})

    # Without ® and NUL, which nobody types into a search, nothing is left to look for.
    assert listed(response) == (["Calm Corners"] if words in {"®", "\0", "calm ("} else [])


def test_search_ignores_case_of_accented_letters(editor_client):
    ProgramFactory(name="Élan vital")

    response = editor_client.get("/admin/catalog/program/", {"q": "élan"})

    assert listed(response) == ["Élan vital"]


# --- Publish and retire, from the list


def actions(response):
    """Return the actions that a list offers."""
    menu = re.search(r'<select name="action".*?</select>', response.content.decode(), re.DOTALL)
    return re.findall(r'<option value="(\w+)"', menu[0]) if menu else []


@pytest.mark.parametrize("model", [Program, TopicArea])
def test_only_publishers_are_offered_publish_and_retire(client, entries, editor, writer, model):
    offered = {}
    for user in (editor, writer):
        client.force_login(user)
        offered[user.username] = actions(client.get(address("changelist", model)))

    exports = ["export_csv", "export_xlsx"]
    steps = ["review", "draft"]
    assert {name: sorted(found) for name, found in offered.items()} == {
        "editor": sorted(["delete_selected", *exports, *steps, "publish", "withdraw", "retire"]),
        "writer": sorted(steps),
    }


@each_publishable
@pytest.mark.parametrize("action", ["publish", "retire", "delete_selected"])
def test_posted_action_is_refused_to_writer(client, writer, factory, action):
    entry = factory(status=Status.DRAFT)
    client.force_login(writer)

    run_action(client, action, [entry])

    entry.refresh_from_db()
    assert entry.status == Status.DRAFT
    assert entry.history.count() == 1
    assert not LogEntry.objects.exists()


# --- A program with its ratings and references


def test_program_is_added_with_reference(editor_client, editor):
    reference = ReferenceFactory()
    study = {"reference": reference.pk, "role": "relevant", "sample_size": "184"}

    response = submit(
        editor_client,
        "/admin/catalog/program/add/",
        name="Calm Corners",
        outcomes=["permanency", "safety"],
        research_last_reviewed="October 2016",
        **{f"studies-0-{name}": value for name, value in study.items()},
        **{"studies-TOTAL_FORMS": "1"},
    )

    assert response.url == "/admin/catalog/program/"
    program = Program.objects.get()
    assert (program.slug, program.status) == ("calm-corners", Status.DRAFT)
    assert program.outcomes == ("safety", "permanency")
    assert program.research_last_reviewed == "2016-10"
    assert program.studies.get().sample_size == 184
    for entry in (program, program.studies.get()):
        assert [change.history_user for change in entry.history.all()] == [editor]


# --- Ratings on their own


def test_past_rating_is_shown_and_cannot_be_changed(editor_client):
    past = RatingFactory(scientific_rating="3", rated_on="2020", rationale="One trial.")
    RatingFactory(program=past.program, topic_area=past.topic_area, rated_on="2024")
    path = address("change", past)

    page = editor_client.get(path)
    response = editor_client.post(path, {"scientific_rating": "1", "rated_on": "2020"})

    past.refresh_from_db()
    assert heading(page) == "View rating"
    assert "One trial." in text_of(page)
    assert BrowserForm(page).fields == set()
    assert response.status_code == 403
    assert (past.scientific_rating, past.is_current) == ("3", False)


def test_current_rating_cannot_move_to_another_program(editor_client):
    rating = RatingFactory()

    other = ProgramFactory()
    submit(editor_client, address("change", rating), program=other.pk, change_reason="Moved")

    assert Rating.objects.get().program == rating.program


def test_no_rating_can_be_deleted(editor_client):
    past = RatingFactory(rated_on="2020")
    current = RatingFactory(program=past.program, topic_area=past.topic_area)

    menu = actions(editor_client.get("/admin/catalog/rating/"))
    run_action(editor_client, "delete_selected", [past, current])
    answers = [
        editor_client.post(address("delete", rating), {"post": "yes"}).status_code
        for rating in (past, current)
    ]

    assert "delete_selected" not in menu
    assert answers == [403, 403]
    assert Rating.objects.count() == 2


# --- Deleting


def delete_by_page(client, entry):
    return client.post(address("delete", entry), {"post": "yes"}, follow=True)


def delete_by_action(client, entry):
    selected = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    return client.post(address("changelist", type(entry)), selected, follow=True)


each_way_to_delete = pytest.mark.parametrize("delete", [delete_by_page, delete_by_action])


@pytest.mark.parametrize("model", [Program, TopicArea, Reference])
@each_way_to_delete
def test_deleting_takes_no_rating_and_no_reference_along(editor_client, entries, model, delete):
    # As drafts that never were public, so that nothing but what hangs on them keeps them.
    for model_of_status in (Program, TopicArea):
        model_of_status.objects.update(status=Status.DRAFT, published_at=None)
    entry = model.objects.get()

    response = delete(editor_client, entry)

    assert "were deleted" not in text_of(response)
    assert {kept: kept.objects.count() for kept in entries} == dict.fromkeys(entries, 1)
    assert not LogEntry.objects.filter(action_flag=DELETION).exists()


@each_publishable
@pytest.mark.parametrize("status", Status)
@each_way_to_delete
def test_what_was_ever_public_cannot_be_deleted(editor_client, factory, status, delete):
    entry = factory(status=status, published_at=timezone.now())

    delete(editor_client, entry)

    assert type(entry).objects.get() == entry


@each_publishable
@each_way_to_delete
def test_draft_can_be_deleted(editor_client, factory, delete):
    entry = factory(status=Status.DRAFT)

    delete(editor_client, entry)

    assert not type(entry).objects.exists()
    assert LogEntry.objects.get().action_flag == DELETION


@pytest.mark.parametrize("name", ["experts", "further_reading"])
def test_topic_area_loses_nothing_behind_its_history(editor_client, name):
    area = TopicAreaFactory()
    entry = FACTORIES[area._meta.get_field(name).related_model]()
    getattr(area, name).add(entry)
    before = area.history.count()

    delete_by_page(editor_client, entry)

    # Either what an area names cannot be deleted, or the area's own history says that it is gone.
    is_kept = getattr(area, name).filter(pk=entry.pk).exists()
    assert is_kept or area.history.count() > before


def test_deleted_program_keeps_its_history(editor_client, editor):
    program = ProgramFactory(name="Mistake", status=Status.DRAFT)

    editor_client.post(address("delete", program), {"post": "yes"})

    assert not Program.objects.exists()
    deletion, creation = Program.history.filter(id=program.pk)
    assert (deletion.history_type, deletion.history_user) == ("-", editor)
    assert creation.name == "Mistake"


# --- Links to the site, and the history


@each_publishable
def test_view_on_site_leads_to_preview_of_draft(editor_client, factory):
    entry = factory(name="Not out yet", status=Status.DRAFT)
    page = editor_client.get(address("change", entry)).content.decode()

    (link,) = re.findall(r'href="([^"]+)" class="viewsitelink"', page)
    response = editor_client.get(link)

    assert link == entry.get_absolute_url()

    assert "<h1>Not out yet</h1>" in response.content.decode()
    assert "Draft. Only staff see this page" in text_of(response)


@each_model
@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_old_version_cannot_be_put_back(client, request, entries, model, who):
    client.force_login(request.getfixturevalue(who))
    entry = entries[model]
    before = model.objects.values().get(pk=entry.pk)
    version = address("simple_history", entry, entry.history.last().history_id)
    texts = dict.fromkeys(("name", "title", "location"), "Overwritten")
    level = {"scientific_rating": "1", "not_rated_reason": ""}
    data = BrowserForm(client.get(version)).data

    client.post(version, {**data, **texts, **level, "_save": "Revert"})

    assert model.objects.values().get(pk=entry.pk) == before
    assert not LogEntry.objects.exists()


@each_model
def test_form_opened_before_another_change_is_not_saved(editor_client, entries, model):
    entry = entries[model]
    path = address("change", entry)
    form = BrowserForm(editor_client.get(path)).data
    entry.save()
    before = entry.history.count()

    response = editor_client.post(path, {**form, "_save": "Save"})

    assert response.status_code == 200
    assert entry.history.count() == before


# --- Pages at two thousand entries


def test_forms_do_not_grow_with_the_catalog(editor_client, entries):
    # To add a rating is to choose from a list.
    pages = [address("add", model) for model in entries if model is not Rating]
    pages += [address("change", entry) for entry in entries.values()]
    before = {page: len(editor_client.get(page).content) for page in pages}
    numbers = range(2000)
    Program.objects.bulk_create([Program(name=f"P {n}", slug=f"p-{n}") for n in numbers])
    Reference.objects.bulk_create([Reference(title=f"R {n}", key=f"r-{n}") for n in numbers])
    TopicArea.objects.bulk_create([TopicArea(name=f"T {n}", slug=f"t-{n}") for n in numbers])
    TopicExpert.objects.bulk_create([TopicExpert(name=f"E {n}", slug=f"e-{n}") for n in numbers])

    after = {page: len(editor_client.get(page).content) for page in pages}

    # A message's or a token's length may differ; two thousand options would be 100,000 characters.
    assert {
        page: after[page] - before[page] for page in pages if after[page] > before[page] + 200
    } == {}


# --- Who gets in


def admin_addresses(patterns=None, prefix="/admin/"):
    """Return an address for every pattern of the admin."""
    found = []
    for pattern in admin.site.urls[0] if patterns is None else patterns:
        route = str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            found += admin_addresses(pattern.url_patterns, prefix + route)
            continue
        route = re.sub(r"\(\?P<app_label>[^)]*\)", "catalog", route)
        route = route.replace("(?P<url>.*)", "nothing-here").strip("^$")
        found.append(prefix + re.sub(r"<[^>]*>|\(\[\^/\]\+\)", "1", route))
    return found


def test_every_admin_address_is_known():
    paths = admin_addresses()

    assert len(paths) > 10 * len(CATALOG)
    assert all(re.fullmatch(r"/admin/[\w/.-]*", path) and resolve(path) for path in paths)


@pytest.mark.parametrize("who", ["anonymous", "not staff"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_admin_address_sends_strangers_to_the_login(client, who, method):
    if who == "not staff":
        user = UserFactory()
        user.user_permissions.set(catalog_permissions("view", "add", "change", "import", "publish"))
        client.force_login(user)
    login = reverse("admin:login")

    answers = {}
    for path in set(admin_addresses()) - {login, reverse("admin:logout")}:
        response = getattr(client, method)(path)
        answers[path] = (response.status_code, response.get("Location"))

    assert answers == {path: (302, f"{login}?next={path}") for path in answers}


@each_model
def test_viewer_sees_and_cannot_change(client, viewer, entries, model):
    client.force_login(viewer)
    entry = entries[model]
    before = model.objects.values().get(pk=entry.pk)

    changelist = client.get(address("changelist", model))
    page = client.get(address("change", entry))
    history = client.get(address("history", entry))

    assert listed(changelist) == [str(entry)]
    assert actions(changelist) == []
    assert address("add", model) not in changelist.content.decode()
    assert heading(page) == f"View {model._meta.verbose_name}"
    assert BrowserForm(page).fields == set()
    assert heading(history) == "History"
    refused = {address("change", entry): "post"}
    refused |= {address("add", model): "get", address("delete", entry): "get"}
    if model in IMPORTED:
        refused |= {address(name, model): "get" for name in ("import", "export")}
    answers = {path: getattr(client, how)(path).status_code for path, how in refused.items()}
    assert answers == dict.fromkeys(refused, 403)
    assert model.objects.values().get(pk=entry.pk) == before


@each_model
def test_staff_without_permission_sees_nothing(client, entries, model):
    client.force_login(UserFactory(is_staff=True))
    entry = entries[model]
    imports = ["import", "export"] if model in IMPORTED else []
    pages = [address(page, model) for page in ("changelist", "add", *imports)]
    pages += [address(page, entry) for page in ("change", "history", "delete")]
    pages += [address("simple_history", entry, entry.history.first().history_id)]

    answers = {page: client.get(page).status_code for page in pages}

    assert answers == dict.fromkeys(pages, 403)
    assert "You don’t have permission to view or edit anything." in text_of(client.get("/admin/"))


def test_autocomplete_is_refused_without_permission_to_view(client, entries):
    client.force_login(UserFactory(is_staff=True))
    query = {"app_label": "catalog", "model_name": "rating", "field_name": "program", "term": "c"}

    response = client.get(reverse("admin:autocomplete"), query)

    assert response.status_code == 403
