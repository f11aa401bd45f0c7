"""The admin's forms: an entry that two people may have open, and the upload of an import."""

from typing import Any

from django import forms

from .resources import ReadError, check_size


class EntryForm(forms.ModelForm):
    """Does not save over what somebody else has saved while the form was open, unless told so a second time."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "version" in self.fields:
            self.initial["version"] = self.latest_version()

    def latest_version(self) -> int | None:
        return self.instance.history.values_list("pk", flat=True).first()

    def wait_for_others(self) -> None:
        """Let whoever is saving the entry, an import too, finish first; nobody else saves it before this form does."""
        if self.instance.pk:
            entries = type(self.instance)._default_manager.filter(pk=self.instance.pk)
            entries.select_for_update().values_list("pk").first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.wait_for_others()
        latest = self.latest_version() if self.instance.pk else None
        if "version" in self.fields and latest != cleaned.get("version"):
            change = self.instance.history.first()
            # The next attempt knows of that change.
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix("version")] = str(latest)
            self.data = data
            who = change.history_user or "Somebody"
            raise forms.ValidationError(
                f"{who} has saved this entry while you had it open. Nothing of yours is saved yet, and all that you "
                "typed is below. See under History what was changed; saving again keeps your text in its place."
            )
        return cleaned


class UploadForm(forms.Form):
    """A file to be imported; whether it is a workbook or CSV, its content tells."""

    file = forms.FileField(
        label="CSV or Excel file (.xlsx)", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"})
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_size(file.size)
        except ReadError as error:
            raise forms.ValidationError(str(error)) from None
        return file
