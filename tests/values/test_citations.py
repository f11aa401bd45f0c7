"""Citations in APA style: the seed's to the letter, and the cases that it does not have."""

import pytest

from catalog.models import Reference, TopicArea

SEED = [
    (
        "Bride, B. E. (2007). Prevalence of secondary traumatic stress among social workers. "
        "Social Work, 52(1), 63–70. https://doi.org/10.1093/sw/52.1.63"
    ),
    (
        "Cieslak, R., Shoji, K., Douglas, A., Melville, E., Luszczynska, A., & Benight, C. C. "
        "(2014). A meta-analysis of the relationship between job burnout and secondary "
        "traumatic stress among workers with indirect exposure to trauma. Psychological "
        "Services, 11(1), 75–86. https://doi.org/10.1037/a0033798"
    ),
    (
        "Meadors, P., Lamson, A., Swanson, M., White, M., & Sira, N. (2010). Secondary "
        "traumatization in pediatric healthcare providers: Compassion fatigue, burnout, and "
        "secondary traumatic stress. Omega: Journal of Death and Dying, 60(2), 103–128. "
        "https://doi.org/10.2190/om.60.2.a"
    ),
    (
        "Ogińska-Bulik, N., Gurowiec, P. J., Michalska, P., & Kędra, E. (2021). Prevalence and "
        "predictors of secondary traumatic stress symptoms in health care professionals "
        "working with trauma victims: A cross-sectional study. PloS One, 16(2), Article "
        "e0247596. https://doi.org/10.1371/journal.pone.0247596"
    ),
    (
        "Sprang, G., Ford, J., Kerig, P., & Bride, B. (2018). Defining secondary traumatic "
        "stress and developing targeted assessments and interventions: Lessons learned from "
        "research and leading experts. Traumatology, 25(2), 72–81. "
        "https://doi.org/10.1037/trm0000180"
    ),
    (
        "Sprang, G., & Steckler, Z. (2023). Traumatic stress symptom expression following "
        "indirect exposure: A multidisciplinary investigation. Traumatology, 29(2), 224–232. "
        "https://doi.org/10.1037/trm0000386"
    ),
    (
        "Sprang, G., Whitt-Woosley, A., & Eslinger, J. (2022). Diagnostic and clinical utility "
        "of the Secondary Traumatic Stress Clinical Algorithm (STS-CA). Journal of "
        "Interpersonal Violence, 37(21–22), NP19811-NP19826. "
        "https://doi.org/10.1177/08862605211044961"
    ),
]


def article(**kwargs):
    """An article in a journal, unsaved."""
    known = {
        "authors": "Bride, B. E.",
        "year": 2007,
        "title": "Social workers",
        "container": "Social Work",
        "volume": "52",
        "issue": "1",
        "pages": "63–70",
    }
    return Reference(**known | kwargs)


def people(number):
    return [f"Author{n}, A." for n in range(1, number + 1)]


def test_citations_of_the_seed_are_its_own(seed):
    area = TopicArea.objects.get(abbreviation="STS")

    citations = [reference.citation for reference in area.further_reading.all()]

    assert citations == SEED


@pytest.mark.parametrize(
    ("authors", "cited"),
    [
        ("Bride, B. E.", "Bride, B. E."),
        ("Sprang, G.; Steckler, Z.", "Sprang, G., & Steckler, Z."),
        (" Sprang, G. ;Steckler, Z.; ", "Sprang, G., & Steckler, Z."),
        ("Sprang, G.; Ford, J.; Kerig, P.", "Sprang, G., Ford, J., & Kerig, P."),
        ("World Health Organization", "World Health Organization."),
        ("Sprang, G.; World Health Organization", "Sprang, G., & World Health Organization."),
        ("; ".join(people(20)), f"{', '.join(people(19))}, & Author20, A."),
        ("; ".join(people(21)), f"{', '.join(people(19))}, . . . Author21, A."),
        ("; ".join(people(40)), f"{', '.join(people(19))}, . . . Author40, A."),
    ],
)
def test_citation_names_the_authors(authors, cited):
    reference = article(authors=authors)

    assert reference.citation == f"{cited} (2007). Social workers. Social Work, 52(1), 63–70."


@pytest.mark.parametrize(
    ("unlike", "citation"),
    [
        ({"year": None}, "Bride, B. E. (n.d.). Social workers. Social Work, 52(1), 63–70."),
        ({"authors": ""}, "Social workers. (2007). Social Work, 52(1), 63–70."),
        ({"authors": "", "title": "Why?"}, "Why? (2007). Social Work, 52(1), 63–70."),
        ({"authors": "", "year": None}, "Social workers. (n.d.). Social Work, 52(1), 63–70."),
        ({"volume": ""}, "Bride, B. E. (2007). Social workers. Social Work, (1), 63–70."),
        ({"issue": ""}, "Bride, B. E. (2007). Social workers. Social Work, 52, 63–70."),
        ({"volume": "", "issue": ""}, "Bride, B. E. (2007). Social workers. Social Work, 63–70."),
        ({"pages": ""}, "Bride, B. E. (2007). Social workers. Social Work, 52(1)."),
        (
            {"volume": "", "issue": "", "pages": ""},
            "Bride, B. E. (2007). Social workers. Social Work.",
        ),
        ({"title": "Why?"}, "Bride, B. E. (2007). Why? Social Work, 52(1), 63–70."),
        ({"title": "Help now!"}, "Bride, B. E. (2007). Help now! Social Work, 52(1), 63–70."),
        ({"title": "In brief."}, "Bride, B. E. (2007). In brief. Social Work, 52(1), 63–70."),
    ],
)
def test_citation_of_an_article_leaves_out_what_is_not_known(unlike, citation):
    assert article(**unlike).citation == citation


@pytest.mark.parametrize(
    ("unlike", "citation"),
    [
        ({}, "Bride, B. E. (2007). Social workers. In Trauma at Work (pp. 63–70)."),
        ({"pages": ""}, "Bride, B. E. (2007). Social workers. In Trauma at Work."),
        ({"pages": "63"}, "Bride, B. E. (2007). Social workers. In Trauma at Work (p. 63)."),
        (
            {"volume": "2"},
            "Bride, B. E. (2007). Social workers. In Trauma at Work (Vol. 2, pp. 63–70).",
        ),
    ],
)
def test_citation_of_a_chapter_names_its_book(unlike, citation):
    known = {"reference_type": "chapter", "container": "Trauma at Work", "volume": "", "issue": ""}

    assert article(**known | unlike).citation == citation


def test_citation_of_a_book_stands_alone():
    book = Reference(
        authors="Figley, C. R.", year=2002, title="Compassion fatigue", reference_type="book"
    )

    assert book.citation == "Figley, C. R. (2002). Compassion fatigue."


@pytest.mark.parametrize(
    ("doi", "url", "link"),
    [
        ("10.1093/sw/52.1.63", "", " https://doi.org/10.1093/sw/52.1.63"),
        ("10.1093/sw/52.1.63", "https://example.org/", " https://doi.org/10.1093/sw/52.1.63"),
        ("", "https://example.org/paper", " https://example.org/paper"),
        ("", "", ""),
    ],
)
def test_citation_ends_in_the_doi_or_else_the_address(doi, url, link):
    reference = article(doi=doi, url=url)

    assert (
        reference.citation
        == f"Bride, B. E. (2007). Social workers. Social Work, 52(1), 63–70.{link}"
    )


@pytest.mark.parametrize(
    ("reference", "italic"),
    [
        (article(), ["Social Work", "52"]),
        (article(authors=""), ["Social Work", "52"]),
        (article(volume=""), ["Social Work"]),
        (article(reference_type="chapter", volume=""), ["Social Work"]),
        (article(reference_type="book", container=""), ["Social workers"]),
        (article(reference_type="report", container="", authors=""), ["Social workers"]),
    ],
)
def test_citation_sets_the_work_and_its_volume_in_italics(reference, italic):
    parts = reference.citation_parts

    assert [part.text for part in parts if part.is_italic] == italic
    assert "".join(part.text for part in parts) == reference.citation


@pytest.mark.parametrize(
    ("pages", "cited"),
    [
        ("32-41", "32–41"),
        ("32 - 41", "32–41"),
        ("32--41", "32–41"),
        ("132-41", "132–41"),
        ("S32-S41", "S32–S41"),
        ("xi-xv", "xi–xv"),
        ("32-41, 50-52", "32–41, 50–52"),
        ("32–41", "32–41"),
        ("12-1–12-8", "12-1–12-8"),
        ("e2021-0045", "e2021-0045"),
        ("105-A", "105-A"),
        ("63", "63"),
    ],
)
def test_citation_shows_pages_with_an_en_dash_and_leaves_what_is_stored(pages, cited):
    reference = article(pages=pages)

    assert (
        reference.citation == f"Bride, B. E. (2007). Social workers. Social Work, 52(1), {cited}."
    )
    assert reference.pages == pages
    chapter = article(reference_type="chapter", volume="", issue="", pages="32-41")
    assert chapter.citation == "Bride, B. E. (2007). Social workers. In Social Work (pp. 32–41)."
