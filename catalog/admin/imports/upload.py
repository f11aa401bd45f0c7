"""The form that takes a file to be imported."""

from django import forms
from django.core.files.uploadedfile import UploadedFile

from ...resources import ReadError, check_size


class UploadForm(forms.Form):
    """Take a file to be imported; whether it is a workbook or CSV, its content tells."""

    file = forms.FileField(
        label="CSV or Excel file (.xlsx)", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"})
    )

    def clean_file(self) -> UploadedFile:
        """Return the file, and refuse one that is too large."""
        file = self.cleaned_data["file"]
        try:
            check_size(file.size)
        except ReadError as error:
            raise forms.ValidationError(str(error)) from None
        return file
