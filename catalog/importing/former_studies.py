"""Columns that files of studies had before there were codes and findings, and what they become."""

from collections.abc import Collection
from typing import Any

from ..models import Finding
from ..resources import StudyResource
from ..resources.cells import FieldWidget
from ..values.fields import tidy_value
from ..values.studies import design_note_of, design_of, not_counted_reason_of
from .plans import CellChange
from .rows import SheetRow

NOTICES = {
    "role": (
        "Notice. Findings say this now. In each topic area in which the program is rated, relevant becomes a finding "
        "that counts, not-used one that does not, and additional none. A study with findings keeps those that it has."
    ),
    "exclusion_reason": (
        "Notice. This becomes the note of the findings that do not count, and their reason as a code."
    ),
    "population": "Notice. This is kept in design_note, in place of what is recorded there.",
    "sample_size": "Notice. This is called enrolled now.",
    "design": (
        "Notice. Texts that are none of the codes are kept in design_note, in place of what is recorded there. Where a "
        "text names a design and nothing more, the code is filled in."
    ),
}
BOTH = "The file has “enrolled” as well, which is the same. Leave out one of the two."
# Codes and labels.
ROLES = {
    "relevant": "relevant",
    "relevant published, peer-reviewed research": "relevant",
    "not-used": "not-used",
    "not used in the rating": "not-used",
    "additional": "additional",
    "additional reference": "additional",
}
REASON_NEEDS_ROLE = "Only a study whose role is not-used takes a reason."
DESIGN = FieldWidget(StudyResource.model_field("design"))
NOTE = FieldWidget(Finding._meta.get_field("note"))


def columns_today(header: Collection[str]) -> set[str]:
    """Return today's columns that a file with this header may fill."""
    columns = {"enrolled" if name == "sample_size" else name for name in header}
    return columns | ({"design_note"} if {"design", "population"} & columns else set())


def translate(row: SheetRow) -> bool:
    """Give a row today's cells of sample size, design and population; return whether its design was a text.

    What a text does not say for certain stays as it is recorded.
    """
    if "sample_size" in row:
        row["enrolled"] = row.pop("sample_size")
    text = row.get("design", "")
    text = "" if text.casefold() in DESIGN.codes else text
    if text and not (code := design_of(text)):
        del row["design"]
    elif text:
        row["design"] = code
    if said := design_note_of(text, row.pop("population", "")):
        row["design_note"] = "\n".join(filter(None, (row.get("design_note"), said)))
    return bool(text)


def finding_said(row: SheetRow, errors: dict[str, str]) -> dict[str, Any] | None:
    """Return what a row's role says of a finding in each topic area, None if nothing; add to errors what is wrong."""
    cell, reason = row.get("role", ""), tidy_value(NOTE.field, row.get("exclusion_reason", ""))
    role = ROLES.get(cell.strip().casefold(), "")
    if cell and not role:
        errors["role"] = "Use one of: relevant, not-used, additional."
    elif reason and role != "not-used":
        errors["exclusion_reason"] = REASON_NEEDS_ROLE
    elif role == "relevant":
        return {"counts": True}
    elif role == "not-used":
        try:
            NOTE.clean(reason)
        except ValueError as error:
            errors["exclusion_reason"] = str(error)
        code = not_counted_reason_of(reason) if reason else ""
        return {"counts": False, "not_counted_reason": code, "note": reason}
    return None


def shown_finding(area: str, finding: Finding) -> CellChange:
    """Return a finding that a row adds, as the preview shows it."""
    reason = finding.get_not_counted_reason_display()
    why = f" ({reason})" if reason else ""
    counts = "counts in the rating" if finding.counts else f"does not count in the rating{why}"
    return CellChange("finding", "", f"{area}: {counts}")
