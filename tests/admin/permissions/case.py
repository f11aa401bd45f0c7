"""Who is about to do something, and with what."""

import re

from ...factories import ExternalRatingFactory
from .world import digests


class Case:
    """Somebody who is about to do something, with an entry in some state."""

    def __init__(self, world, role, route, *, kind, state, arg):
        self.world, self.role, self.route, self.arg = world, role, route, arg
        self.kind, self.state = kind, state
        self.client, self.user = world.client(role), world.users[role]
        self.entry = world.entries.get((kind, state))
        self.before = world.before

    def prepared(self):
        """Say that something was written on behalf of the case, which is not its doing."""
        self.before = digests()

    def address(self, **values):
        """Return the address that the route leads to."""
        values = {"app_label": self.arg or "catalog", "url": "nothing/", **values}
        if self.entry:
            pk = self.entry.pk
            values = {
                "object_id": pk,
                "pk": pk,
                "id": pk,
                "slug": getattr(self.entry, "slug", ""),
            } | values
        if "version_id" in self.route:
            values["version_id"] = self.entry.history.earliest().pk
        values |= {"target": self.arg, "name": self.arg}
        route = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)", r"<\1>", self.route).removesuffix("$")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), route)

    def get(self, query=None, **values):
        return self.client.get(self.address(**values), query)

    def post(self, data=None, query="", **values):
        return self.client.post(self.address(**values) + query, data or {})

    def form(self, query="", **values):
        return self.world.form(self.address(**values) + query)


def go_live(case):
    """Let a public topic area use the entry, or a public program its rating, if the line says so."""
    if case.arg == "live" and case.kind == "registry":
        ExternalRatingFactory(program=case.world.survivor, registry=case.entry)
        case.prepared()
    elif case.arg == "live":
        relation = "experts" if case.kind == "topicexpert" else "further_reading"
        getattr(case.world.area, relation).add(case.entry)
        case.prepared()
