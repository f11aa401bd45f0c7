"""Answers of programs' representatives on the desk, until an editor has dealt with them."""

from typing import Any

from django.db.models import prefetch_related_objects

from ...models import FactCheck, Program
from ...values.moments import day_in_words
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, DeskPart, Line, Section, section


class AnsweredFactChecks(DeskPart):
    """List the fact checks that were answered, for those who may deal with them."""

    def to_settle(self) -> list[Section]:
        """Return the answers that nobody has dealt with, the longest waiting first. Two queries."""
        if not (self.sees(Program) and self.may("change", Program)):
            return []
        checks = FactCheck.objects.unsettled().select_related("program")
        shown = checks.only("answered_by", "answered_at", "settled_at", "program__name")
        found: list[Any] = list(shown.order_by("answered_at", "pk")[: MOST + 1])
        prefetch_related_objects(found[:SHOWN], "answers")
        lines = [
            Line(
                check.program.name,
                admin_path(Program, "fact_checks", check.program_id),
                f"{check.in_short}. {check.answered_by}, {day_in_words(check.answered_at)}",
            )
            for check in found[:SHOWN]
        ]
        return [section("Fact checks answered", found, lines)]
