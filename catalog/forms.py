"""The admin's forms: an entry that two people may have open, and the two steps of an import."""

from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from import_export import forms as import_export_forms


class EntryForm(forms.ModelForm):
    """Does not save over what somebody else has saved while the form was open, unless told so a second time."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "version" in self.fields:
            self.initial["version"] = self.latest_version()

    def latest_version(self) -> int | None:
        return self.instance.history.values_list("pk", flat=True).first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
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


class ImportForm(import_export_forms.ImportForm):
    """One file in one format; its size is checked before anything reads it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["format"].initial = "0"
        self.fields["import_file"].label = "CSV file"
        self.fields["import_file"].widget.attrs["accept"] = ".csv,text/csv"

    @property
    def media(self) -> forms.Media:
        """None of the package's scripts: they guess a format, and there is one."""
        return forms.Media()

    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
            raise forms.ValidationError(
                f"The file is larger than {limit} MB. Split it into smaller ones."
            )
        return file


class ConfirmImportForm(import_export_forms.ConfirmImportForm):
    """Names the stored upload, and what its preview showed, by a signature: nobody confirms anything else."""

    def __init__(self, *args: Any, owner: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signer = signing.Signer(salt=f"import:{owner}")

    def sign(self, plan: str) -> None:
        """Put the signature into the form that is about to be shown."""
        upload = [self.initial["import_file_name"], self.initial["original_file_name"], plan]
        self.initial["import_file_name"] = self.signer.sign_object(upload)

    def clean_import_file_name(self) -> str:
        try:
            stored, self.original, self.plan = self.signer.unsign_object(
                self.cleaned_data["import_file_name"]
            )
        except (signing.BadSignature, ValueError):
            raise forms.ValidationError(
                "This is not a preview of yours. Upload the file again."
            ) from None
        return stored

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "import_file_name" in cleaned:
            cleaned["original_file_name"] = self.original
        # There is one of each; what the browser sends of them is nobody's choice.
        return {**cleaned, "format": "0", "resource": "0"}
