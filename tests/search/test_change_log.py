"""The log tells of every write which pages and sets are no longer right, and of nothing else."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from catalog import search
from catalog.models import (
    Contact,
    ExternalRating,
    Finding,
    Page,
    Program,
    Proposal,
    ProposalState,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    Status,
    Study,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.search import upkeep
from catalog.search.change_log import ChangeLog, versions
from catalog.search.watched_tables import LISTED_COLUMNS

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    RelatedProgramFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import read
from ..processes import begin_process
from ..transactions import committed_later, rolled_back


@pytest.fixture
def program(db):
    """A program, beside one entry of each kind, an expert of no area and a draft."""
    TopicExpertFactory(slug="spare")
    area = TopicAreaFactory()
    area.experts.add(TopicExpertFactory())
    rating = RatingFactory(topic_area=area, program__slug="rated")
    FindingFactory(program=rating.program, topic_area=area)
    ExternalRatingFactory(program=rating.program, registry=RegistryFactory(slug="index"))
    area.further_reading.add(ReferenceFactory(title="Further"))
    Term.objects.create(name="Term", definition="What it means.")
    PageFactory(slug="about")
    PageFactory(slug="to-come", status=Status.DRAFT)
    ReferenceFactory(title="Of nothing")
    draft = ProgramFactory(slug="draft", status=Status.DRAFT)
    StudyFactory(program=draft)
    ContactFactory(program=rating.program)
    for other in (draft, ProgramFactory(slug="related")):
        RelatedProgramFactory(program=rating.program, other=other)
    ExternalRatingFactory(program=draft, rating="Of a draft")
    return rating.program


def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)


def propose(state, **entry):
    """Store a proposal for an entry, which is published in one of the states alone."""
    when = timezone.now() if state == ProposalState.PUBLISHED else None
    fields = {"state": state, "published_at": when, "change_note": "New"}
    return Proposal.objects.create(**entry, **fields)


def deferred_write():
    with search.deferred():
        Program.objects.update(contact_phone="3")


# What is no longer right: all that is public; lists; the page of the program; that of any other one.
NOTHING = (False, False, False, False)
PAGE = (True, False, True, False)
LISTED = (True, True, True, False)
ALL = (True, True, True, True)
WRITES = {
    "nothing new": (lambda: Program.objects.get(slug="rated").save(), NOTHING),
    "unlisted": (lambda: Program.objects.update(contact_phone="1"), PAGE),
    "unlisted, by SQL": (lambda: sql("UPDATE catalog_program SET contact_phone = '2'"), PAGE),
    "unlisted, by an import": (deferred_write, ALL),
    "text": (lambda: Program.objects.update(goals="Other"), LISTED),
    "address": (lambda: Program.objects.filter(slug="rated").update(slug="other"), LISTED),
    "retirement": (
        lambda: Program.objects.filter(slug="rated").update(
            status=Status.RETIRED, retired_at="2026-01-01T00:00Z", retirement_reason="Old."
        ),
        LISTED,
    ),
    "draft": (lambda: Program.objects.filter(slug="draft").update(goals="Other"), NOTHING),
    "new draft": (
        lambda: Program.objects.bulk_create([Program(name="New", slug="new")]),
        NOTHING,
    ),
    "new draft, ignoring conflicts": (
        lambda: Program.objects.bulk_create(
            [Program(name="New", slug="new")], ignore_conflicts=True
        ),
        NOTHING,
    ),
    "page": (lambda: Page.objects.filter(slug="about").update(name="Us"), ALL),
    "draft of a page": (lambda: Page.objects.filter(slug="to-come").update(name="X"), NOTHING),
    "another program": (ProgramFactory, (True, True, False, False)),
    "rating": (lambda: Rating.objects.update(rationale="Other"), LISTED),
    "rating, in bulk": (
        lambda: Rating.objects.bulk_update(
            [*rationales(Rating.objects.all())], fields=["rationale"]
        ),
        LISTED,
    ),
    "re-rating": (
        lambda: RatingFactory(
            program=Program.objects.get(slug="rated"),
            topic_area=TopicArea.objects.get(),
            scientific_rating="1",
        ),
        LISTED,
    ),
    "study": (lambda: Study.objects.update(summary="Other"), PAGE),
    "design of a study": (lambda: Study.objects.update(design="rct"), LISTED),
    "finding": (lambda: Finding.objects.update(effect="benefit"), LISTED),
    "note on a finding": (lambda: Finding.objects.update(note="Other"), PAGE),
    "no finding": (lambda: Finding.objects.all().delete(), LISTED),
    "contact": (lambda: Contact.objects.update(title="Other"), LISTED),
    "contact's phone": (lambda: Contact.objects.update(phone="1"), PAGE),
    "no contact": (lambda: Contact.objects.all().delete(), LISTED),
    "relation": (lambda: RelatedProgram.objects.update(kind="family"), PAGE),
    "no relation": (lambda: RelatedProgram.objects.all().delete(), PAGE),
    "related program": (
        lambda: Program.objects.filter(slug="related").update(contact_phone="1"),
        PAGE,
    ),
    "rating elsewhere": (lambda: ExternalRating.objects.update(rating="Effective"), PAGE),
    "rating elsewhere of a draft": (
        lambda: ExternalRating.objects.filter(rating="Of a draft").delete(),
        NOTHING,
    ),
    "no rating elsewhere": (lambda: ExternalRating.objects.all().delete(), LISTED),
    "by another registry": (
        lambda: ExternalRatingFactory(program=Program.objects.get(slug="rated")),
        ALL,
    ),
    "registry": (lambda: Registry.objects.update(scale="Other"), ALL),
    "registry's name": (lambda: Registry.objects.filter(slug="index").update(name="Other"), ALL),
    "no study": (lambda: Study.objects.all().delete(), LISTED),
    "title": (lambda: Reference.objects.exclude(title="Further").update(title="Other"), LISTED),
    "year": (lambda: Reference.objects.exclude(title="Further").update(year=1999), PAGE),
    "reference of nothing": (
        lambda: Reference.objects.filter(title="Of nothing").update(year=1999),
        NOTHING,
    ),
    "reading": (lambda: Reference.objects.filter(title="Further").update(year=1999), ALL),
    "no reading": (lambda: TopicArea.objects.get().further_reading.set([]), ALL),
    "topic area": (lambda: TopicArea.objects.update(definition="Other"), ALL),
    "expert": (lambda: TopicExpert.objects.update(position="Other"), ALL),
    "no expert": (lambda: TopicArea.objects.get().experts.set([]), ALL),
    # Django writes INSERT OR IGNORE for it.
    "new expert of an area": (
        lambda: TopicArea.objects.get().experts.add(TopicExpert.objects.get(slug="spare")),
        ALL,
    ),
    "term": (lambda: Term.objects.update(definition="Other"), ALL),
    "proposal": (
        lambda: propose(ProposalState.SUBMITTED, program=Program.objects.get(slug="rated")),
        NOTHING,
    ),
    "published proposal": (
        lambda: propose(ProposalState.PUBLISHED, program=Program.objects.get(slug="rated")),
        PAGE,
    ),
    "published proposal for a topic area": (
        lambda: propose(ProposalState.PUBLISHED, topic_area=TopicArea.objects.get()),
        ALL,
    ),
    "published proposal for a draft": (
        lambda: propose(ProposalState.PUBLISHED, program=Program.objects.get(slug="draft")),
        NOTHING,
    ),
    "mending": (lambda: upkeep.install(connection), ALL),
}


def rationales(ratings):
    for rating in ratings:
        rating.rationale = "Other"
        yield rating


def known():
    now = versions()
    return now.whole, now.lists, now.of_program("rated"), now.of_program("another")


@pytest.mark.alike(12)
@pytest.mark.parametrize(("write", "ended"), WRITES.values(), ids=WRITES)
def test_write_ends_what_shows_it_and_nothing_else(program, write, ended):
    before = known()
    assert known() == before

    write()

    after = known()
    assert tuple(new != old for new, old in zip(after, before, strict=True)) == ended
    # Every process knows the same, whatever it read before.
    begin_process()
    assert known() == after


def test_proposal_ends_the_page_when_it_is_published(program):
    proposal = propose(ProposalState.SUBMITTED, program=program)
    before = known()
    proposal.change_note = "Newer"
    proposal.save()
    assert known() == before

    proposal.state, proposal.published_at = ProposalState.PUBLISHED, timezone.now()
    proposal.save()

    assert tuple(new != old for new, old in zip(known(), before, strict=True)) == PAGE


def test_minor_proposal_ends_no_page(program):
    before = known()

    Proposal.objects.create(
        program=program,
        state=ProposalState.PUBLISHED,
        published_at=timezone.now(),
        is_minor=True,
    )

    assert known() == before


def test_columns_that_lists_do_not_show_change_no_list(client, program):
    columns = {
        field.name: "2020"
        if field.get_internal_type() in {"CharField", "TextField", "FileField"}
        else None
        for field in Program._meta.concrete_fields
        if field.column
        not in {*LISTED_COLUMNS, "id", "retired_at", "retirement_reason", "not_provided"}
        and (field.null or field.empty_strings_allowed)
        and not field.choices
    }
    assert {"contact_phone", "cost_year", "source"} <= columns.keys()
    columns["not_provided"] = ["goals"]
    addresses = ["/programs/", "/programs/?q=program", "/", "/evidence-map/", "/topics/"]
    addresses.append(TopicArea.objects.get().get_absolute_url())
    before = [client.get(address).content for address in addresses]

    for name, value in columns.items():
        with rolled_back():
            # The address and the file are those of one.
            given = {"logic_model": "yes"} if name.startswith("logic_model_") else {}
            Program.objects.filter(pk=program.pk).update(**{name: value}, **given)
            assert [client.get(address).content for address in addresses] == before, name


def test_version_goes_back_with_what_is_rolled_back(program):
    before = known()
    with transaction.atomic():
        Program.objects.update(goals="Other")
        assert known() != before
        transaction.set_rollback(True)

    begin_process()
    assert known() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_writers_neither_wait_for_each_other_nor_hide_each_other():
    first, second = ProgramFactory(), ProgramFactory()
    log = ChangeLog()
    start = log.read().position

    with committed_later(lambda: Program.objects.filter(pk=first.pk).update(goals="First")):
        Program.objects.filter(pk=second.pk).update(goals="Second")
        between = log.read()
        log.read()
    after = log.read()
    log.read()

    # The older transaction ended last, and still shows; each is read once.
    assert log.touched[start:] == [second.pk, first.pk]
    assert len({between.lists, after.lists}) == 2
    assert after.lists == ChangeLog().read().lists


@pytest.mark.django_db(transaction=True)
def test_version_survives_an_emptied_database():
    ProgramFactory()
    call_command("flush", interactive=False, verbosity=0)
    before = known()

    ProgramFactory()

    assert known() != before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite tells each row alone")
def test_statement_that_touches_very_many_programs_is_one_row(db, monkeypatch):
    ProgramFactory.create_batch(201)
    before = versions()

    Program.objects.update(contact_phone="1")
    after = versions()

    assert after.log.touched[before.position :] == [None]


def test_log_that_begins_anew_is_read_anew(program):
    before = versions()

    upkeep.install(connection)
    after = versions()

    assert after.log is not before.log
    assert after.log.touched == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_change")
        assert cursor.fetchone() == (0,)


def test_long_log_is_emptied(program, monkeypatch):
    Program.objects.update(contact_phone="1")
    before = versions()
    upkeep.prune_log()
    assert versions().log is before.log

    monkeypatch.setattr(upkeep, "MOST_CHANGES", 0)
    upkeep.prune_log()

    assert versions().whole != before.whole
    assert versions().log.touched == []


def test_loaded_fixture_is_told(client, program):
    before = known()

    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)

    assert known() != before
    listed = read(client.get("/programs/")).one("h2", id="count").text
    assert listed == f"{Program.objects.published().count()} programs"
