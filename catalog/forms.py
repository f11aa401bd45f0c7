"""The two forms of an import in the admin: the upload, and the confirmation of what was previewed."""

from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from import_export import forms as import_export_forms


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
    """Names the stored upload by a signature: nobody confirms a file that is not their own preview."""

    def __init__(self, *args: Any, owner: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signer = signing.Signer(salt=f"import:{owner}")
        if name := self.initial.get("import_file_name"):
            names = [name, self.initial["original_file_name"]]
            self.initial["import_file_name"] = self.signer.sign_object(names)

    def clean_import_file_name(self) -> str:
        try:
            stored, self.original = self.signer.unsign_object(self.cleaned_data["import_file_name"])
        except signing.BadSignature:
            raise forms.ValidationError(
                "This is not a preview of yours. Upload the file again."
            ) from None
        return stored

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "import_file_name" in cleaned:
            cleaned["original_file_name"] = self.original
        return cleaned
