"""The form that takes a file to be imported."""

from typing import Any

from django import forms

from ...resources import ReadError, check_size


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
