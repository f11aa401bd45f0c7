"""Imports: the upload of a file, the preview of what it would do, and the record of what it did."""
