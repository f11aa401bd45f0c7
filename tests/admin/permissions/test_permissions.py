"""Who may what: every address that is not public, for each role and for each state that an entry can be in."""

import re
from collections import defaultdict
from contextlib import contextmanager
from itertools import chain, pairwise

import pytest
from django.db import connection
from django.urls import get_resolver

from catalog.models.about_entry import ENTRY_FIELDS

from ...routes import private_routes
from ...transactions import rolled_back, stored_once
from .acts import ACTS, BY_FILE, CHANGING, READ, link_of
from .case import Case
from .file_acts import prepare_export, prepare_import
from .matrix import LETTERS, LINES, MERGED, PROPOSAL_STATES, ROLES, STATES
from .team_acts import prepare_notification
from .world import World, digests

pytestmark = [pytest.mark.once, pytest.mark.django_db]

# All of it, in place; each request below is taken back.
world = stored_once(World)


# --- What becomes of it


DONE, SIGN_IN, REFUSED, NOTHING = "done", "sign in", "refused", "nothing"

RECORDS_OF_IMPORTS = {"catalog_import", "catalog_importedrow"}
PROPOSALS = {"catalog_proposal", "catalog_historicalproposal"}
# The rows of a program that have a page of their own.
ROWS = {"study", "finding", "externalrating", "contact"}
# What somebody may propose who may not do it.
PROPOSED = {"save", "cite", "uncite"}

# Statements that change nothing.
READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT")


def kind_of(act, route):
    """Return what kind of entry an address is about, "" for none."""
    if "token" in route:
        return act.partition(":")[2]
    if found := re.match(r"admin/(?:catalog|auth)/(\w+)/", route):
        return found[1]
    kinds = {"programs": "program", "topics": "topicarea", "<slug:slug>": "page"}
    return kinds.get(route.partition("/")[0], "")


def states_of(kind):
    if kind == "proposal":
        return [f"{state} of {field}" for field in ENTRY_FIELDS for state in PROPOSAL_STATES]
    if kind not in {"program", "topicarea", "page", "rating", *ROWS}:
        return [""]
    return [state for state in STATES if kind not in {"topicarea", "page"} or state not in MERGED]


def cells_of(act, route, *letters):
    """Return the lowest role for each state; where the state cannot matter, for one."""
    kind = kind_of(act, route)
    states = states_of(kind)
    if len(letters) == 1 and "<" not in route:
        states = states[:1]
    if len(letters) == 1:
        letters *= len(states)
    elif kind == "proposal":
        # It is the same for each kind of entry.
        letters *= len(ENTRY_FIELDS)
    return {state: LETTERS[letter] for state, letter in zip(states, letters, strict=True)}


def alike(cells):
    """Return the states in groups, of each of which one stands for all: what the same people may do.

    What may be done with proposals is tried with one for each kind of entry.
    """
    groups = defaultdict(list)
    for state, lowest in cells.items():
        groups[lowest, lowest != "nobody" and state.partition(" of ")[2]].append(state)
    return groups.values()


@contextmanager
def writing_statements():
    """Give the statements, as they are sent, that may change something."""
    written = []

    def listen(execute, sql, *args):
        if not sql.lstrip("(").startswith(READING):
            written.append(sql)
        return execute(sql, *args)

    with connection.execute_wrapper(listen):
        yield written


def outcome(world, role, act, route, state):
    """Return what becomes of an act of somebody of this role, with an entry in this state."""
    name, _, arg = act.partition(":")
    case = Case(world, role, route, kind=kind_of(act, route), state=state, arg=arg)

    with rolled_back(), writing_statements() as written:
        response = ACTS[name](case)
        if response.streaming:
            assert b"".join(response)
        # To compare all tables takes longer than most requests.
        after = digests() if written else case.before
    compared = set(after) - (RECORDS_OF_IMPORTS if name in BY_FILE else set())
    if name in {"propose", "propose_date"}:
        compared = PROPOSALS
    elif name == "date_check":
        compared = {"catalog_program"}
    elif name in PROPOSED:
        compared -= PROPOSALS
    is_changed = any(case.before[table] != after[table] for table in compared)
    if response.status_code == 302 and response["Location"].startswith("/admin/login/"):
        found = SIGN_IN
    elif response.status_code == 401:
        # A form is held until somebody has signed in.
        found = SIGN_IN
    elif response.status_code in {403, 404, 405, 409}:
        found = REFUSED
    elif name in CHANGING:
        return DONE if is_changed else NOTHING
    else:
        ways = {200} if name in READ else {200, 302} if name == "leave" else {301, 302}
        # A list without actions just shows itself.
        is_asked = name != "ask" or "cl" not in (response.context or {})
        found = DONE if response.status_code in ways and is_asked else NOTHING
    return f"{found}, and something has changed" if is_changed else found


def right_outcomes(role, lowest, act, route):
    """Return what may become of an act for which this is the lowest role."""
    if lowest != "nobody" and ROLES.index(role) >= ROLES.index(lowest):
        return {DONE}
    if lowest == "nobody":
        # A page may say why not, or lead back.
        return {REFUSED, NOTHING, SIGN_IN} if role == "anonymous" else {REFUSED, NOTHING}
    if role == "anonymous" and route.startswith("admin/"):
        return {SIGN_IN}
    if re.fullmatch(
        r"admin/catalog/(import|export|proposal|staffnote)/<path:object_id>/history/",
        route,
    ):
        # Django's own page, which finds nothing for who may not see it.
        return {NOTHING}
    # An action that a list does not offer to somebody is as none; a file is refused when it has been read.
    lets_in = {"ask": "viewer", "delete_many": "viewer", "run": "editor"}
    lets_in |= dict.fromkeys(("take", "take_own", "take_alone"), "viewer")
    # Who may not publish dates by a proposal.
    lets_in |= dict.fromkeys(("date_check", *BY_FILE), "editor")
    if kind_of(act, route) in {
        *("program", "topicarea", "reference", "topicexpert", "term", "page")
    }:
        lets_in |= dict.fromkeys(PROPOSED, "editor")
    elif kind_of(act, route) in ROWS:
        # The form says why.
        lets_in |= dict.fromkeys(("add", "move_to"), "editor")
    is_in = ROLES.index(role) >= ROLES.index(lets_in.get(act.partition(":")[0], "nobody"))
    is_in &= not route.startswith("admin/auth/")
    if act == "delete_many" and is_in:
        # The list does not offer it, or refuses some of what was selected.
        return {NOTHING, REFUSED}
    return {NOTHING} if is_in else {REFUSED}


def test_every_address_that_is_not_public_is_in_the_matrix():
    routes = {route for _, route, *_ in LINES}

    assert routes >= private_routes(get_resolver().url_patterns)
    assert {
        r for r in routes if r.startswith(("admin/", "preview/", "fact-check/"))
    } <= private_routes(get_resolver().url_patterns)


def test_no_other_post_does_anything(world, some):
    """What is sent to an address without a line for it changes nothing, whoever sends it."""
    acting = {r for act, r, *_ in LINES if act.partition(":")[0] in {*CHANGING, "leave", "signal"}}
    routes = {(act, r) for act, r, *_ in LINES if r not in acting and r != "admin/login/"}
    changed = []

    for act, route in some(sorted(routes), 50):
        kind = kind_of(act, route)
        for state in some(states_of(kind), len(STATES)):
            arg = act.partition(":")[2]
            case = Case(world, "superuser", route, kind=kind, state=state, arg=arg)
            with rolled_back():
                if kind == "import":
                    prepare_import(case)
                if kind == "export":
                    prepare_export(case)
                if kind == "notification":
                    prepare_notification(case)
                data = {"post": "yes", "reason": "x", "days": "7", "_save": "Save"}
                address = link_of(case).get_absolute_url() if "token" in route else case.address()
                with writing_statements() as written:
                    b"".join(case.client.post(address, data))
                if written and digests() != case.before:
                    changed.append((route, state))

    assert changed == []


def roles_about(lowest):
    """Return the lowest role that may do something and the one below it; where nobody may, both ends."""
    if lowest == "nobody":
        return ["anonymous", "superuser"]
    place = ROLES.index(lowest)
    return ROLES[max(place - 1, 0) : place + 1]


def test_each_role_has_the_permissions_of_the_one_below_it(world):
    held = [set(user.get_all_permissions()) for user in world.users.values() if user]

    assert all(below < above for below, above in pairwise(held))


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:2]))
def test_who_may(world, line, is_thorough, some):
    act, route, *letters = line
    cells = cells_of(act, route, *letters)
    found = {}
    for state in chain(*(some(states, 1) for states in alike(cells))):
        lowest = cells[state]
        for role in world.users if is_thorough else roles_about(lowest):
            became = outcome(world, role, act, route, state)
            if became not in right_outcomes(role, lowest, act, route):
                found[state, role] = became

    assert found == {}
