"""What a program lacks and when it falls due: the same in Python, in the database, in filters and on the desk."""

from datetime import date, timedelta

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.models import (
    NOT_PROVIDED,
    Program,
    Reference,
    Status,
)
from catalog.models.completeness import NEEDS, missing, number_missing
from catalog.models.reviews import review_age
from catalog.values.links import WrongDoi, WrongLink

from ..examples import few
from ..factories import ContactFactory, RatingFactory, StudyFactory
from .desk_entries import area, reference, staff

LINKS = {
    "https://program.gov": False,
    "https://www.program.gov/a_(b)": False,
    "http://program.gov?x=1": False,
    "https://web.archive.org/web/2020/https:/program.gov": False,
    "https://program.gov/localhost": False,
    "": False,
    "program.gov": True,
    "https://program.gov/a b": True,
    "https://https://program.gov": True,
    "http://HTTPS://program.gov": True,
    "https://http//program.gov": True,
    "https://localhost:8000/a.html": True,
    "https://intranet/a.html": True,
    "https://Example.org/program": True,
    "https://www.example.com": True,
    "http://127.0.0.1/": True,
    "https://program.gov.": True,
    "https://program.gov/a)": True,
    "https://program.gov/a]": True,
    "https://program.gov/a,": True,
    "https://program.gov/“a”": True,
}

DOIS = {
    "10.1093/sw/52.1.63": False,
    "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2": False,
    "10.1016/s0140-6736(05)": False,
    "": False,
    "10.1093/https://doi.org/10.1093/sw": True,
    "10.1093/sw.": True,
    "10.1093/sw)": True,
    "10.1093/sw&amp;x": True,
    "10.1093/a b": True,
    "10./a": True,
    "10.1093/": True,
}


def test_links_are_wrong_by_their_form(db):
    Program.objects.bulk_create(
        Program(name=f"P {n}", slug=f"p-{n}", website=link) for n, link in enumerate(LINKS)
    )

    wrong = Program.objects.filter(WrongLink("website")).values_list("website", flat=True)

    assert set(wrong) == {link for link, is_wrong in LINKS.items() if is_wrong}


def test_dois_are_wrong_by_their_form(db):
    Reference.objects.bulk_create(
        Reference(key=f"r{n}", title="T", doi=doi) for n, doi in enumerate(DOIS)
    )

    wrong = Reference.objects.filter(WrongDoi("doi")).values_list("doi", flat=True)

    assert set(wrong) == {doi for doi, is_wrong in DOIS.items() if is_wrong}


known = st.sampled_from(["yes", "no", "not-known"])
texts = st.sampled_from(["", NOT_PROVIDED, "Something"])

dates = st.one_of(
    st.just(""),
    st.builds(
        lambda day, length: day.isoformat()[:length],
        st.dates(date(2022, 1, 1), date(2028, 12, 31)),
        st.sampled_from([4, 7, 10]),
    ),
)

ages = st.sampled_from([None, 0, 7])

programs = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("description", "target_population", "goals", "essential_components"), texts
        ),
        **dict.fromkeys(("intensity", "duration", "contact_name", "contact_phone"), texts),
        **dict.fromkeys(("child_services", "homework", "provider_qualifications"), texts),
        **dict.fromkeys(("cost", "adverse_effects"), texts),
        **dict.fromkeys(("logic_model", "fidelity_measures"), known),
        "website": st.sampled_from(["", "https://program.gov"]),
        "child_age_min": ages,
        "caregiver_child_age_max": ages,
        "delivery_settings": st.sampled_from([(), ("school",)]),
        "outcomes": st.sampled_from([(), ("safety", "permanency")]),
        "relevance_level": st.sampled_from(["", "low"]),
        "manual_available": known,
        "training_available": known,
        "is_nonresponder": st.booleans(),
        "research_last_reviewed": dates,
        "status": st.sampled_from(Status.values),
        "ahead": st.sampled_from([-1, 1]),
        "rated": st.sampled_from([None, "past", "current"]),
        "cited": st.booleans(),
        "other_contact": st.booleans(),
    }
)

catalogs = st.lists(programs, min_size=1, max_size=8)


def lacks(fields):
    """Return what a program lacks, told field by field."""
    asked = not fields["is_nonresponder"]
    contact = ("website", "contact_name", "contact_phone", "other_contact")
    told = [
        ("description", fields["description"] == "Something"),
        ("target population", fields["target_population"] or not asked),
        (
            "ages",
            fields["child_age_min"] is not None or fields["caregiver_child_age_max"] is not None,
        ),
        ("goals", fields["goals"] or not asked),
        ("essential components", fields["essential_components"] or not asked),
        ("delivery settings", fields["delivery_settings"]),
        ("intensity", fields["intensity"] or not asked),
        ("duration", fields["duration"] or not asked),
        ("relevance level", fields["relevance_level"]),
        ("child-welfare outcomes", fields["outcomes"]),
        ("manual", fields["manual_available"] != "not-known" or not asked),
        ("training", fields["training_available"] != "not-known" or not asked),
        ("services and format", fields["child_services"] or fields["homework"] or not asked),
        ("resources and qualifications", fields["provider_qualifications"] or not asked),
        (
            "implementation",
            {fields["logic_model"], fields["fidelity_measures"]} != {"not-known"} or not asked,
        ),
        ("cost", fields["cost"] or not asked),
        ("adverse effects", fields["adverse_effects"] or not asked),
        ("date of the last research review", fields["research_last_reviewed"]),
        ("contact or website", any(fields[name] for name in contact) or not asked),
        ("rating", fields["rated"] == "current"),
        ("reference", fields["cited"]),
    ]
    return [label for label, is_told in told if not is_told]


def write(catalog):
    """Write a catalog; return what each program was made of, by its slug."""
    now, made, stress = timezone.now(), {}, area()
    for n, fields in enumerate(catalog):
        elsewhere = {"ahead", "rated", "cited", "other_contact"}
        own = {k: v for k, v in fields.items() if k not in elsewhere}
        dated = own["status"] in {"published", "retired"}
        program = Program(name=f"P {n}", slug=f"p-{n}", **own)
        if dated:
            ahead = fields["ahead"] if own["status"] == "published" else -1
            program.published_at = now + timedelta(days=ahead)
        program.save()
        if fields["rated"]:
            RatingFactory(
                program=program, topic_area=stress, is_current=fields["rated"] == "current"
            )
        if fields["other_contact"]:
            ContactFactory(program=program)
        if fields["cited"]:
            StudyFactory(program=program, reference=reference())
        made[program.slug] = fields
    return made


class TestByChance(TestCase):
    @few
    @given(catalogs)
    def test_python_and_database_agree_on_what_a_program_lacks(self, catalog):
        made = write(catalog)
        programs = Program.objects.with_needs().annotate(number=number_missing())

        assert {p.slug: (missing(p), p.number) for p in programs} == {
            slug: (lacks(fields), len(lacks(fields))) for slug, fields in made.items()
        }
        for need in NEEDS:
            assert set(Program.objects.lacking(need).values_list("slug", flat=True)) == {
                slug for slug, fields in made.items() if need.label in lacks(fields)
            }

    @few
    @given(catalogs)
    def test_filters_of_the_list_find_what_they_say(self, catalog):
        made = write(catalog)
        self.client.force_login(staff("Viewers"))

        def listed(query):
            response = self.client.get(f"/admin/catalog/program/?{query}")
            return {program.slug for program in response.context["cl"].result_list}

        def expected(condition):
            return {slug for slug, fields in made.items() if condition(fields)}

        def age(fields):
            return review_age(fields["research_last_reviewed"], timezone.localdate(), 24)

        def stands(fields):
            return fields["status"] != "retired"

        conditions = {
            "status=draft": lambda f: f["status"] == "draft",
            "status=in-review": lambda f: f["status"] == "in-review",
            "status=published": lambda f: f["status"] == "published" and f["ahead"] < 0,
            "status=scheduled": lambda f: f["status"] == "published" and f["ahead"] > 0,
            "status=retired": lambda f: not stands(f),
            "status=merged": lambda f: False,
            "status=unknown": lambda f: True,
            "review=overdue": lambda f: stands(f) and age(f).is_overdue,
            "review=unknown": lambda f: stands(f) and not age(f).when,
            "review=future": lambda f: stands(f) and bool(age(f).when) and not age(f).ago,
            "complete=yes": lambda f: stands(f) and not lacks(f),
            "complete=no": lambda f: stands(f) and bool(lacks(f)),
            "complete=no-goals": lambda f: stands(f) and "goals" in lacks(f),
            "complete=no-contact-or-website": lambda f: (
                stands(f) and "contact or website" in lacks(f)
            ),
            "complete=no-rating": lambda f: stands(f) and "rating" in lacks(f),
            "rating=none": lambda f: f["rated"] != "current",
            "area=stress": lambda f: f["rated"] == "current",
        }
        for query, condition in conditions.items():
            assert (query, listed(query)) == (query, expected(condition))

    @given(st.lists(dates, min_size=1, max_size=12))
    def test_what_falls_due_is_what_will_be_overdue(self, reviewed):
        today = timezone.localdate()
        Program.objects.bulk_create(
            Program(name=f"P {n}", slug=f"p-{n}", research_last_reviewed=day)
            for n, day in enumerate(reviewed)
        )

        def found(programs):
            return sorted(programs.values_list("research_last_reviewed", flat=True))

        def beyond(months):
            return sorted(day for day in reviewed if review_age(day, today, months).is_overdue)

        overdue = found(Program.objects.review_overdue())
        due = found(Program.objects.review_due_within(3))
        assert overdue == beyond(24)
        assert sorted(overdue + due) == beyond(21)
