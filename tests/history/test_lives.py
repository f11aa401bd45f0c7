"""Random lives of a program: a day shows what visitors saw that day."""

from datetime import timedelta

from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.history.bulk_writer import BulkWriter
from catalog.models import ExternalRating, Finding, Program, Rating, Status, Study

from ..examples import few
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ..transactions import rolled_back
from .past import ago, change, content, days_pass, get

# --- Random lives ----------------------------------------------------------------------------------------------------

which = st.integers(0, 1)
statuses = st.sampled_from(Status.values)
levels = st.sampled_from(["1", "3", "NR"])
actions = st.one_of(
    st.tuples(st.just("write"), which),
    st.tuples(st.just("write_in_bulk"), which),
    st.tuples(st.just("rename"), which),
    st.tuples(st.just("set_status"), which, statuses),
    st.tuples(st.just("publish"), which),
    st.tuples(st.just("schedule"), which, st.integers(1, 3)),
    st.tuples(st.just("rate"), which, which, levels),
    st.tuples(st.just("correct"), which, which, levels),
    st.tuples(st.just("rename_area"), which),
    st.tuples(st.just("set_area_status"), which, statuses),
    st.tuples(st.just("schedule_area"), which, st.integers(1, 3)),
    st.tuples(st.just("cite"), which, which),
    st.tuples(st.just("leave_out"), which, which),
    st.tuples(st.just("find"), which, which, which, st.booleans()),
    st.tuples(st.just("correct_reference"), which),
    st.tuples(st.just("look_elsewhere"), which, which, st.booleans()),
    st.tuples(st.just("correct_registry"), which, st.sampled_from(["active", "closed"])),
    st.tuples(st.just("merge"), which),
)


class Life:
    """A small catalog whose every change is made by the ways that the site has."""

    def __init__(self):
        self.count = 0
        draft = {"status": Status.DRAFT}
        self.programs = [
            ProgramFactory(name=self.word()),
            ProgramFactory(name=self.word(), **draft),
        ]
        self.areas = [
            TopicAreaFactory(name=self.word()),
            TopicAreaFactory(name=self.word(), **draft),
        ]
        self.references = [ReferenceFactory(title=self.word()) for _ in range(2)]
        self.registries = [RegistryFactory(name=self.word()) for _ in range(2)]
        for area in self.areas:
            RatingFactory(program=self.programs[0], topic_area=area, rated_on="1900")
        StudyFactory(program=self.programs[0], reference=self.references[0])

    def word(self):
        self.count += 1
        return f"word{self.count}"

    def write(self, program):
        change(self.programs[program], name=self.word(), description=self.word())

    def write_in_bulk(self, program):
        entry = Program.objects.get(pk=self.programs[program].pk)
        entry.description = self.word()
        BulkWriter(user=None, reason="", record=None).change([entry], ["description"])

    def rename(self, program):
        change(self.programs[program], slug=self.word())

    def set_status(self, program, status):
        merged = {} if status == Status.RETIRED else {"merged_into": None}
        change(self.programs[program], status=status, **merged)

    def publish(self, program):
        self.set_status(program, Status.PUBLISHED)

    def schedule(self, program, days):
        self.schedule_entry(self.programs[program], days)

    def set_area_status(self, area, status):
        change(self.areas[area], status=status)

    def schedule_area(self, area, days):
        self.schedule_entry(self.areas[area], days)

    def schedule_entry(self, entry, days):
        entry.refresh_from_db()
        if not entry.was_public:
            # In the morning: visitors come at and the page as of a day shows its end.
            moment = timezone.now() + timedelta(days=days, hours=-3)
            entry.merged_into = None
            entry.status, entry.published_at = Status.PUBLISHED, moment
            entry.save()

    def rate(self, program, area, level):
        self.count += 1
        Rating.objects.create(
            program=self.programs[program],
            topic_area=self.areas[area],
            scientific_rating=level,
            rated_on=str(1900 + self.count),
        )

    def correct(self, program, area, level):
        current = Rating.objects.current().filter(
            program=self.programs[program], topic_area=self.areas[area]
        )
        for rating in current:
            change(rating, scientific_rating=level, rationale=self.word())

    def rename_area(self, area):
        change(self.areas[area], name=self.word(), slug=self.word(), rating_criteria=self.word())

    def cite(self, program, reference):
        Study.objects.get_or_create(
            program=self.programs[program],
            reference=self.references[reference],
            defaults={"summary": self.word()},
        )

    def leave_out(self, program, reference):
        for study in Study.objects.filter(
            program=self.programs[program], reference=self.references[reference]
        ):
            study.delete()

    def find(self, program, reference, area, counts):
        study = {"program": self.programs[program], "reference": self.references[reference]}
        if Study.objects.filter(**study).exists():
            place = {**study, "topic_area": self.areas[area]}
            finding = Finding.objects.filter(**place).first() or Finding(**place)
            finding.note, finding.counts = self.word(), counts
            finding.save()

    def correct_reference(self, reference):
        change(self.references[reference], title=self.word())

    def look_elsewhere(self, program, registry, is_said):
        place = {"program": self.programs[program], "registry": self.registries[registry]}
        stored = ExternalRating.objects.filter(**place).first()
        if is_said:
            rating = stored or ExternalRating(**place)
            rating.rating = self.word()
            rating.save()
        elif stored:
            stored.delete()

    def correct_registry(self, registry, state):
        change(self.registries[registry], name=self.word(), scale=self.word(), state=state)

    def merge(self, program):
        gone, stays = self.programs[program], self.programs[1 - program]
        stays.refresh_from_db()
        if stays.merged_into_id:
            return
        for rating in gone.ratings.all():
            has_current = stays.ratings.current().filter(topic_area=rating.topic_area_id).exists()
            change(rating, program=stays, is_current=rating.is_current and not has_current)
        for finding in gone.findings.all():
            place = {"reference": finding.reference_id, "topic_area": finding.topic_area_id}
            if not stays.findings.filter(**place).exists():
                change(finding, program=stays)
        for study in gone.studies.all():
            if stays.studies.filter(reference=study.reference_id).exists():
                study.delete()
            else:
                change(study, program=stays)
        for rating in gone.external_ratings.all():
            if not stays.external_ratings.filter(registry=rating.registry_id).exists():
                change(rating, program=stays)
        change(gone, status=Status.RETIRED, merged_into=stays)

    def seen(self):
        """Return what a visitor sees now of each program."""
        for entry in self.programs:
            entry.refresh_from_db()
        return [content(get(entry)) for entry in self.programs]


@given(st.lists(st.lists(actions, max_size=4), min_size=2, max_size=5))
# Ratings and research move from one public program to another.
@example([[("publish", 1)], [("merge", 0)], []])
@few
def test_as_of_a_day_shows_what_visitors_saw_that_day(db, days):
    with rolled_back():
        life = Life()
        seen = []
        for number, today in enumerate(days):
            if number:
                days_pass()
            for name, *values in today:
                getattr(life, name)(*values)
            seen.append(life.seen())

        for place, program in enumerate(life.programs):
            is_there = Program.objects.addressable().filter(pk=program.pk).exists()
            as_of = [get(program, ago(n).isoformat()) for n in reversed(range(len(days)))]
            then = [day[place] if is_there else None for day in seen]
            assert [content(response) for response in as_of] == then
            assert [response.status_code for response in as_of] == [
                200 if shown else 404 for shown in then
            ]
