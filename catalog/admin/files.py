"""Files in forms: where a stored one is served, and that a browser sends a file once, so that it is asked for anew."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.db.models.fields.files import FieldFile

CHOOSE_AGAIN = "Choose “{}” again: a browser does not send a file twice."


def files_to_choose_again(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """Yield the names of the fields for which a file was sent, each with the sentence that asks for it again."""
    files: Any = form.files
    for name, field in form.fields.items():
        file = files.get(form.add_prefix(name))
        if isinstance(field, forms.FileField) and file:
            yield name, CHOOSE_AGAIN.format(file.name)


def ask_for_files_again(form: forms.BaseForm) -> None:
    """Say at each field for which a file was sent that it is to be chosen again, unless the file is what is wrong."""
    for name, sentence in files_to_choose_again(form):
        if name not in form.errors:
            form.add_error(name, sentence)


class Upload(NamedTuple):
    """Show an uploaded file by its name and address, as the file widget's template asks for them."""

    name: str
    url: str

    def __str__(self) -> str:
        return self.name


class UploadedFileInput(AdminFileWidget):
    """Input of a file, with a link to the address that serves it; its folder is private, and no address leads there."""

    def address_of(self, file: FieldFile) -> str:
        """Return the address that serves a stored file."""
        raise NotImplementedError

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, object]:
        """Return what the template shows, with the address that serves the file."""
        context = super().get_context(name, value, attrs)
        if context["widget"]["is_initial"]:
            context["widget"]["value"] = Upload(str(value), self.address_of(value))
        return context
