"""Files in a form that is shown again: a browser sends a file once, and the form has to ask for it anew."""

from collections.abc import Iterator
from typing import Any

from django import forms

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
