"""Every page of the admin opens, says what it should, and costs no more for many entries."""

import csv
import html
import io
import re
from urllib.parse import urljoin

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import (
    Contact,
    Export,
    ExternalRating,
    Finding,
    Import,
    Notification,
    Page,
    PlannedReview,
    Program,
    Proposal,
    Rating,
    Reference,
    Registry,
    ScaleEdition,
    SiteSettings,
    StaffNote,
    Status,
    Study,
    Submission,
    SynonymGroup,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.models.status import Publishable

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .pages import BrowserForm, address, heading, listed, submit, text_of
from .registered_models import (
    CATALOG,
    FACTORIES,
    IMPORTED,
    LISTED,
    each_imported_model,
    each_listed_model,
    each_model,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_index_leads_to_every_model(editor_client):
    wanted = {address(page, model) for model in CATALOG for page in ("changelist", "add")}
    kept = (Export, Import, Notification, Proposal, StaffNote, Submission)
    wanted |= {address("changelist", model) for model in kept}
    # There is one row, which its list leads to.
    wanted.remove(address("add", SiteSettings))

    index = editor_client.get("/admin/").content.decode()
    app_index = editor_client.get("/admin/catalog/").content.decode()

    links = r'href="(/admin/catalog/\w+/(?:add/)?)"'
    assert set(re.findall(links, index)) == wanted
    assert set(re.findall(links, app_index)) == wanted


@each_listed_model
def test_list_shows_entry_with_link(editor_client, entries, model):
    entry = entries[model]

    response = editor_client.get(address("changelist", model))

    assert listed(response) == [str(entry)]
    assert f'href="{address("change", entry)}"' in response.content.decode()


@pytest.mark.parametrize("model", [model for model in CATALOG if model is not Rating])
def test_add_form_has_every_field(editor_client, model):
    fields = [*model._meta.concrete_fields, *model._meta.many_to_many]
    editable = {field.name for field in fields if field.editable and not field.primary_key}
    # Each new status is a step of its own (tests/admin/workflow).
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


@pytest.mark.parametrize("model", [model for model in LISTED if model is not Rating])
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

    rows = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
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
                continue  # where a rating holds is chosen before its form (tests/admin/workflow)
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
    words[Registry] = "index"

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
    """Make number programs, each with an area, an expert, ratings of now and before, and rows of each other kind."""
    for index in range(number):
        expert = TopicExpertFactory()
        umbrella = TopicAreaFactory()
        area = TopicAreaFactory(abbreviation=f"A{index}", parent=umbrella)
        area.experts.add(expert)
        program = ProgramFactory()
        RatingFactory(program=program, topic_area=area, rated_on="2023")
        RatingFactory(program=program, topic_area=area, rated_on="2024")
        FindingFactory(program=program, topic_area=area)
        ExternalRatingFactory(program=program)
        ContactFactory(program=program)
        PageFactory()


# Each list asks for the session, the user, the user's and the groups' permissions, the number of
# entries, the keys of a page, its entries, and the name of the site: 8. What it asks for besides:
QUERIES = {
    Program: 8
    + 4,  # who has something to do; the topic areas to filter by; the ratings with their areas; who changed them last
    TopicArea: 8
    + 4,  # who has something to do; the years to filter by; the programs that are not public; who changed them last
    TopicExpert: 8
    + 3,  # who has something to do; the topic areas of the experts; who changed them last
    Reference: 8 + 2,  # who has something to do; who changed them last
    Rating: 8 + 1,  # the topic areas to filter by
    Study: 8,
    Finding: 8,
    Contact: 8,
    ExternalRating: 8 + 1,  # the registries to filter by
    Registry: 8 + 1,  # who changed them last
    ScaleEdition: 8,
    PlannedReview: 7,  # there are none here, so no page is asked for
    SynonymGroup: 7,  # there are none here, so no page is asked for
    Page: 8 + 2,  # who has something to do; who changed them last
    Term: 7 + 1,  # there are none here, so no page is asked for; who has something to do
}


@pytest.mark.alike(10)
@each_listed_model
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


def test_program_form_costs_the_same_for_one_reference_and_three(editor_client):
    costs = []
    editor_client.get(
        address("change", ProgramFactory())
    )  # what is looked up once for all is looked up
    for number in (1, 3):
        program = ProgramFactory()
        RatingFactory.create_batch(number, program=program)
        StudyFactory.create_batch(number, program=program)
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(address("change", program))
        costs.append(len(queries))

    assert costs[1] == costs[0]


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
