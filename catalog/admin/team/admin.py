"""What the team does at entries of all kinds."""

from .assigning import AssignedAdmin
from .notes import NotedAdmin


class TeamAdmin(AssignedAdmin, NotedAdmin):
    """Give people something to do at entries, and keep notes on them."""
