"""Undoing any import into any catalog, after any edits."""

from collections import defaultdict
from contextlib import suppress

import pytest
from django.db import connection
from django.db.models import ProtectedError
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing.jobs import request_undo
from catalog.models import (
    Finding,
    ImportStatus,
    Program,
    Rating,
    Reference,
    Study,
    TopicArea,
)
from catalog.resources import KINDS
from catalog.search.upkeep import stale_documents

from ..examples import few
from ..factories import (
    UserFactory,
)
from ..transactions import rolled_back
from .catalogs import CATALOGS, INDEXES, empty, keep, store
from .loading import LOADING_ORDER, exported, load
from .undoing import MODELS, TEXTS, bring_in, entries, history_is_complete

pytestmark = pytest.mark.django_db


def files_of(catalog):
    """Return the files that the export makes of a catalog."""
    with rolled_back():
        empty()
        store(catalog)
        return {kind: exported(kind) for kind in LOADING_ORDER}


def is_referred_to(model, pk):
    if model is Study:
        study = Study.objects.get(pk=pk)
        return Finding.objects.filter(program=study.program, reference=study.reference).exists()
    return any(
        relation.related_model.objects.filter(**{relation.field.name: pk}).exists()
        for relation in model._meta.related_objects
    )


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["save", "delete", "rate", "cite", "find", "part"]), INDEXES, INDEXES
    ),
    min_size=1,
    max_size=6,
)


def is_named_by_an_area(entry):
    """Return whether another area names an area as related: the site refuses to delete it, as links leave no record."""
    return isinstance(entry, TopicArea) and entry.related_from.exists()


def edit(kind, action, one, two):
    """Let somebody do something to the catalog."""

    def at(model, index):
        found = model.objects.order_by("pk")
        return found[index % len(found)] if found else None

    model = KINDS[kind]._meta.model
    entry = at(model, one)
    if action == "save" and entry:
        setattr(entry, TEXTS[model], f"{getattr(entry, TEXTS[model])[:50]} edited")
        entry.save()
    elif action == "delete" and entry and not is_named_by_an_area(entry):
        with suppress(ProtectedError):
            entry.delete()
    elif action == "part" and (parent := at(TopicArea, one)):
        keep(TopicArea(name=f"Part {one} {two} {TopicArea.objects.count()}", parent=parent))
    elif action == "find" and (study := at(Study, one)) and (area := at(TopicArea, two)):
        keep(Finding(program=study.program, reference=study.reference, topic_area=area))
    elif action in {"rate", "cite"} and (program := at(Program, one)):
        if action == "rate" and (area := at(TopicArea, two)):
            keep(
                Rating(program=program, topic_area=area, scientific_rating="2", rated_on="2026-11")
            )
        elif action == "cite" and (reference := at(Reference, two)):
            keep(Study(program=program, reference=reference))


def without_status(values):
    with_it = {"status", "retired_at", "retirement_reason"}
    return {k: v for k, v in values.items() if k not in with_it}


def bound_to(touched, own, before, imported):
    """Return the ratings that share a place, or a new program, with one that is touched, and that program."""
    new_programs = {pk for m, pk in own if m is Program and (m, pk) not in before}
    places = defaultdict(set)
    for model, pk in own:
        if model is Rating:
            program = imported[model, pk]["program_id"]
            if program in new_programs:
                places[program,] |= {(model, pk), (Program, program)}
            else:
                places[program, imported[model, pk]["topic_area_id"]].add((model, pk))
    bound = set()
    for keys in places.values():
        if keys & touched:
            bound |= keys
    return bound


def without_gone(entry, catalog):
    """Return an entry without its relations to topic areas that are not in the catalog."""
    if not entry or "related_areas" not in entry:
        return entry
    related = {pk for pk in entry["related_areas"] if (TopicArea, pk) in catalog}
    return {**entry, "related_areas": related}


def check_undone(record, before, imported, edited, undone):
    """Compare the catalog before and after the import, after the edits, and after the undo, entry by entry."""
    own = {
        (m, pk)
        for m in MODELS
        for pk in m.history.filter(history_import=record).values_list("id", flat=True)
    }
    touched = {key for key in own if edited.get(key) != imported.get(key)}
    touched |= bound_to(touched, own, before, imported)
    stay = set()
    for key in edited.keys() | undone.keys() | before.keys():
        was, now = edited.get(key), undone.get(key)
        if key not in own:
            assert now == was
        elif key in touched:
            assert now == was
            stay.add(key)
        elif key in before and key not in imported:
            # A relation that the import took out comes back, unless a program that it is about is gone.
            ends = {(Program, before[key]["program_id"]), (Program, before[key]["other_id"])}
            assert now == (before[key] if ends <= undone.keys() else None)
        elif key in before:
            if was.get("published_at") and not before[key]["published_at"]:
                assert (now["status"], without_status(now)) == ("retired", without_status(was))
            elif now != before[key]:
                # Only the umbrella areas of others can be in the way of it.
                assert (now, key[0]) == (was, TopicArea)
                assert before[key]["parent_id"] not in {None, was["parent_id"]}
                stay.add(key)
        elif now == without_gone(was, undone):
            if key[0] is Rating:
                assert (Program, now["program_id"]) in undone
            else:
                assert is_referred_to(*key)
                stay.add(key)
        elif now is not None:
            assert (now["status"], without_status(now)) == ("retired", without_status(was))
            assert was["published_at"]
    return stay


@few
@given(catalog=CATALOGS, other=CATALOGS)
def test_undo_makes_any_catalog_what_it_was(catalog, other):
    ann = UserFactory(is_superuser=True)
    with rolled_back():
        files = files_of(other)
        store(catalog)
        for kind in LOADING_ORDER:
            with rolled_back():
                before = entries()
                record = bring_in(kind, files[kind], ann)
                imported = entries()
                request_undo(record, ann)
                if record.status == ImportStatus.UNDONE:
                    stay = check_undone(record, before, imported, imported, entries())
                    assert sorted(str(m.objects.get(pk=pk)) for m, pk in stay) == sorted(
                        item["entry"] for item in record.kept
                    )
                    assert {m for m, _ in stay} <= {TopicArea}
                else:
                    assert entries() == before
                assert stale_documents(connection) == 0
                assert history_is_complete()
            load(kind, files[kind])


@few
@given(catalog=CATALOGS, other=CATALOGS, edits=EDITS)
def test_undo_keeps_what_was_edited_and_what_depends_on_it(catalog, other, edits):
    ann = UserFactory(is_superuser=True)
    with rolled_back():
        files = files_of(other)
        store(catalog)
        for kind in LOADING_ORDER:
            with rolled_back():
                before = entries()
                record = bring_in(kind, files[kind], ann)
                imported = entries()
                if record.status == ImportStatus.DONE:
                    for action in edits:
                        edit(kind, *action)
                    edited = entries()
                    lines = {m: m.history.count() for m in MODELS}
                    request_undo(record, ann)
                    assert record.status == ImportStatus.UNDONE
                    stay = check_undone(record, before, imported, edited, entries())
                    named = sorted(item["entry"] for item in record.kept)
                    here = [
                        m.objects.get(pk=pk)
                        for m, pk in stay
                        if (m, pk) in edited and m is not Rating
                    ]
                    assert [name for name in map(str, here) if name not in named] == []
                    assert all(m.history.count() >= lines[m] for m in MODELS)
                assert stale_documents(connection) == 0
            load(kind, files[kind])
