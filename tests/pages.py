"""Reading what the site sends: a page as a tree, and the parts of pages that many tests ask for."""

import gzip
import re
from html.parser import HTMLParser

# --- A page as a tree -------------------------------------------------------------------------------------------------

VOID = {"br", "hr", "img", "input", "link", "meta"}
INLINE = {"a", "abbr", "b", "code", "del", "em", "i", "ins", "mark", "span", "strong", "time"}
HEADINGS = ("h1", "h2", "h3", "h4")


class Element:
    """A part of a page, as a person with a screen reader meets it."""

    def __init__(self, tag, attributes=()):
        self.tag, self.attributes, self.children = tag, dict(attributes), []

    def all(self, *tags, **attributes):
        """Return the elements within this one that have one of the tags, and all of the attributes."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = []
        for child in self.children:
            if isinstance(child, str):
                continue
            if (not tags or child.tag in tags) and wanted.items() <= child.attributes.items():
                found.append(child)
            found += child.all(*tags, **attributes)
        return found

    def one(self, *tags, **attributes):
        """Return the only such element."""
        (element,) = self.all(*tags, **attributes)
        return element

    @property
    def text(self):
        """The words within, without what is hidden from screen readers."""
        return " ".join("".join(self._pieces()).split())

    def _pieces(self):
        if self.attributes.get("aria-hidden") == "true":
            return
        gap = "" if self.tag in INLINE else " "
        yield gap
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._pieces()
        yield gap

    @property
    def h1(self):
        return self.one("h1").text

    @property
    def main(self):
        return self.one("main")

    @property
    def links(self):
        """The links within, as words and address."""
        return [(link.text, link.attributes["href"]) for link in self.all("a")]

    @property
    def facts(self):
        """The terms of the description lists within, each with what is said of it."""
        terms, details = self.all("dt"), self.all("dd")
        return dict(zip([t.text for t in terms], [d.text for d in details], strict=True))

    def section(self, heading):
        """Return the only section under this heading."""
        (section,) = [
            part for part in self.all("section") if part.all(*HEADINGS)[0].text == heading
        ]
        return section


class Reader(HTMLParser):
    """Builds the tree, and fails on tags that are not closed in their order."""

    def __init__(self):
        super().__init__()
        self.open = [Element("document")]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs)
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Element(tag, attrs))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.open[-1].children.append(data)


def html_of(response):
    """Return the text of a response, which may be compressed."""
    is_packed = response.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(response.content) if is_packed else response.content).decode()


def read(response):
    """Return the page of a response as a tree."""
    assert response["Content-Type"] == "text/html; charset=utf-8"
    reader = Reader()
    reader.feed(html_of(response))
    reader.close()
    assert len(reader.open) == 1, f"not closed: {[element.tag for element in reader.open[1:]]}"
    return reader.open[0]


# --- What pages say --------------------------------------------------------------------------------------------------


def listed_programs(page):
    """Return the programs that a page lists, each with the words of its ratings."""
    return [
        (name.text, [r.text for r in item.all("span") if is_rating(r)])
        for programs in page.all("ol", class_="programs")
        for item in programs.all("li", class_="program")
        for name in [without_rating(item.all("h3", "h4")[0])]
    ]


def without_rating(heading):
    """Return a heading without the rating in it."""
    bare = Element(heading.tag, heading.attributes)
    bare.children = [c for c in heading.children if isinstance(c, str) or not is_rating(c)]
    return bare


def cards_of(page):
    """Return the programs of the program list, each with what its card says of each rating, those in sight first."""
    return [
        (item.one("h3").text, [r.text for r in ratings.all("p") + ratings.all("li")])
        for item in page.one("ol", class_="programs").all("li", class_="program")
        for ratings in item.all("div", class_="program-ratings")
    ]


def map_of(page):
    """Return the counts of the page's only evidence map, row by row: each level's, and those of all."""
    rows = page.one("table", class_="map").one("tbody").all("tr")
    return {
        row.one("th").text: [int(cell.text.partition(" ")[0]) for cell in row.all("td")]
        for row in rows
    }


def is_rating(element):
    return "rating" in element.attributes.get("class", "").split()


INTERNALS = re.compile(
    r"Traceback|[A-Z]\w+(?:Error|Exception)|\.py\b|site-packages|catalog\."
    r"|(?i:django|sqlite|psycopg|urlconf)"
)


def internals(response):
    """Return what a response gives away of how the site is built."""
    # The style sheet's address is the app's.
    text = re.sub(r"/?static/catalog/[\w.]+", "", html_of(response))
    return INTERNALS.findall(text)


PROMISING = "Scientific rating 3: Promising Research Evidence"
NOT_RATED = "Scientific rating NR: Not able to be Rated"
SCALE = [
    "Scientific rating 1: Well-Supported by Research Evidence",
    "Scientific rating 2: Supported by Research Evidence",
    PROMISING,
    "Scientific rating 4: Evidence Fails to Demonstrate Effect",
    "Scientific rating 5: Concerning Practice",
    NOT_RATED,
]

STS = "Secondary Traumatic Stress (STS) Prevention & Intervention Programs"
SEED_PROGRAMS = [
    ("Community Resiliency Model (CRM)", [PROMISING]),
    ("Compassion-Focused Therapy for Secondary Traumatic Stress", [PROMISING]),
    ("Emotion-Focused Training for Helping Professionals (EFT-HP)", [PROMISING]),
    ("Mockingbird Family™", [PROMISING]),
    ("Self-Compassion for Healthcare Communities (SCHC)", [PROMISING]),
    ("CE-CERT", [NOT_RATED]),
    ("Resilience Alliance", [NOT_RATED]),
    ("Resilience and Coping for the Healthcare Community (RCHC)", [NOT_RATED]),
    ("Resilience for Trauma-Informed Professionals", [NOT_RATED]),
    ("Restoring Resiliency Response (RRR)", [NOT_RATED]),
    ("Sanctuary Model", [NOT_RATED]),
    ("Stress-Less Initiative (SLI)", [NOT_RATED]),
    ("Therapeutic Group Sessions (TGS)", [NOT_RATED]),
]
SEED_READING = [
    (
        "Bride, B. E. (2007). Prevalence of secondary traumatic stress among social workers. "
        "Social Work, 52(1), 63–70. https://doi.org/10.1093/sw/52.1.63"
    ),
    (
        "Cieslak, R., Shoji, K., Douglas, A., Melville, E., Luszczynska, A., & Benight, C. C. (2014). "
        "A meta-analysis of the relationship between job burnout and secondary traumatic stress among "
        "workers with indirect exposure to trauma. Psychological Services, 11(1), 75–86. "
        "https://doi.org/10.1037/a0033798"
    ),
    (
        "Meadors, P., Lamson, A., Swanson, M., White, M., & Sira, N. (2010). Secondary traumatization "
        "in pediatric healthcare providers: Compassion fatigue, burnout, and secondary traumatic "
        "stress. Omega: Journal of Death and Dying, 60(2), 103–128. "
        "https://doi.org/10.2190/om.60.2.a"
    ),
    (
        "Ogińska-Bulik, N., Gurowiec, P. J., Michalska, P., & Kędra, E. (2021). Prevalence and "
        "predictors of secondary traumatic stress symptoms in health care professionals working with "
        "trauma victims: A cross-sectional study. PloS One, 16(2), Article e0247596. "
        "https://doi.org/10.1371/journal.pone.0247596"
    ),
    (
        "Sprang, G., Ford, J., Kerig, P., & Bride, B. (2018). Defining secondary traumatic stress and "
        "developing targeted assessments and interventions: Lessons learned from research and leading "
        "experts. Traumatology, 25(2), 72–81. https://doi.org/10.1037/trm0000180"
    ),
    (
        "Sprang, G., & Steckler, Z. (2023). Traumatic stress symptom expression following indirect "
        "exposure: A multidisciplinary investigation. Traumatology, 29(2), 224–232. "
        "https://doi.org/10.1037/trm0000386"
    ),
    (
        "Sprang, G., Whitt-Woosley, A., & Eslinger, J. (2022). Diagnostic and clinical utility of the "
        "Secondary Traumatic Stress Clinical Algorithm (STS-CA). Journal of Interpersonal Violence, "
        "37(21–22), NP19811-NP19826. https://doi.org/10.1177/08862605211044961"
    ),
]
