"""A summary, as a reader, a screen reader and a browser find it."""

import io
import re

from pypdf import PdfReader

from ...conftest import StrictClient

# Of a summary that has everything, below its title.
HEADINGS = [
    "Definition",
    "Criteria",
    "Target population",
    "Services/types that fit",
    "Delivered by",
    "In order to be included",
    "In order to be rated",
    "Topic expert",
    "Rating scale",
    "Programs",
    "Further reading",
]


class Summary:
    """What a reader, a screen reader and a browser find in a PDF."""

    def __init__(self, response):
        assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
        self.content = b"".join(response)
        self.reader = PdfReader(io.BytesIO(self.content))
        self.root = self.reader.trailer["/Root"]
        self.text = squeezed("".join(page.extract_text() for page in self.reader.pages))

    @property
    def headings(self):
        return [entry["/Title"] for entry in flat(self.reader.outline)]

    @property
    def links(self):
        return [
            str(annotation.get_object()["/A"]["/URI"])
            for page in self.reader.pages
            for annotation in page.get("/Annots", [])
        ]

    @property
    def tags(self):
        return set(structure_types(self.root["/StructTreeRoot"]))

    def missing(self, texts):
        """Return those of the texts that are not in the summary."""
        return [text for text in texts if squeezed(text) not in self.text]


def squeezed(text):
    """Return text without white space, which a PDF has wherever a line ends."""
    return re.sub(r"[\s\u00ad\u200b]", "", text)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def structure_types(node):
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from structure_types(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        if "/K" in node:
            yield from structure_types(node["/K"])


def summary_of(area, client=None):
    return Summary((client or StrictClient()).get(f"{area.get_absolute_url()}summary.pdf"))
