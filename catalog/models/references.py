"""References."""

from collections.abc import Callable, Collection
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Lower

from ..values.citations import CitationPart, apa_parts, cite_in_text
from ..values.expressions import NameKey
from ..values.fields import DoiField
from ..values.links import WrongDoi, WrongLink
from ..values.names import slug_of
from .base import (
    LOST_SLUG,
    PERMISSIONS,
    AddressedQuerySet,
    CatalogModel,
    MergedKey,
    first_free,
    source_line,
)
from .history import history
from .status import is_live, is_public
from .studies import Study


class ReferenceType(models.TextChoices):
    JOURNAL_ARTICLE = "journal-article", "Journal article"
    BOOK = "book", "Book"
    CHAPTER = "chapter", "Book chapter"
    REPORT = "report", "Report"
    THESIS = "thesis", "Thesis or dissertation"
    CONFERENCE_PAPER = "conference-paper", "Conference paper"
    WEBSITE = "website", "Website"
    OTHER = "other", "Other"


MERGED_KEY = "A reference with this key was merged into “{}”, and files still use the key. Choose another one."
# What cannot be right in its form; an index holds the few.
WRONG_LINK = Q(WrongDoi("doi")) | Q(WrongLink("url"))


class ReferenceQuerySet(AddressedQuerySet):
    address_field = "key"

    def get_by_natural_key(self, key: str) -> Any:
        return self.get(key=key)

    def taken_keys(self, keys: Collection[str]) -> set[str]:
        """Return those of these keys that a reference has, or that one had which was merged into it or was public."""
        merged = MergedReferenceKey.objects.filter(entry__in=self.order_by())
        every = [self.order_by(), merged, self.lost()]
        present, *others = (
            found.filter(key__in=keys).values_list("key", flat=True) for found in every
        )
        return set(present.union(*others).order_by())

    def former_keys(self) -> dict[str, str]:
        """Return the keys of references that were merged into others, each with the key that stands for it now."""
        merged = MergedReferenceKey.objects.filter(entry__in=self.order_by())
        return dict(merged.values_list("key", "entry__key"))

    def published(self) -> Self:
        """Return the references that a public topic area reads or a public program cites."""
        return self.used_where(is_public)

    def once_public(self) -> models.QuerySet:
        """Return the primary keys of all references that were ever read or cited in public, of deleted ones too."""
        areas: Any = Reference.topic_areas.field.model
        programs: Any = Study.program.field.related_model
        public = areas.history.filter(is_public()).order_by()
        cited = Study.history.filter(program_id__in=programs.objects.once_public()).order_by()
        read: models.QuerySet = public.values("historicaltopicarea_further_reading__reference")
        return read.union(cited.values("reference_id"))

    def live(self) -> Self:
        """Return the references that take the permission to publish to be changed."""
        return self.used_where(is_live)

    def used_where(self, stands: Callable[[str], Q]) -> Self:
        """Return the references of areas and programs that stand so: ``is_public`` or ``is_live``."""
        links = Reference.topic_areas.through._default_manager.filter(reference=OuterRef("pk"))
        read = links.filter(stands("topicarea__"))
        cited = Study.objects.filter(stands("program__"), reference=OuterRef("pk"))
        return self.filter(Exists(read) | Exists(cited))

    def with_uses(self, areas: models.QuerySet) -> Self:
        """Fetch which of the areas read each, ``reading_areas``, and which public programs cite it.

        These are the programs of the studies in ``cited_by``.
        """
        cited_by = (
            Study.objects.published()
            .select_related("program")
            .only("reference", "program__name", "program__slug")
            .order_by(NameKey("program__name"), "program_id")
        )
        return self.prefetch_related(
            Prefetch("topic_areas", areas, to_attr="reading_areas"),
            Prefetch("studies", cited_by, to_attr="cited_by"),
        )


class Reference(CatalogModel):
    """A publication. Its citation is made from these fields."""

    key = models.SlugField(
        max_length=100,
        unique=True,
        blank=True,
        help_text="A short name such as “bride-2007”; made from author and year when left blank.",
    )
    authors = models.CharField(
        max_length=2000,
        blank=True,
        help_text="Family name, initials; the next author after a semicolon: “Bride, B. E.; Sprang, G.”. "
        "An organization by its name alone.",
    )
    year = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1500), MaxValueValidator(2100)],
        help_text="Of publication; in print rather than online, if they differ. Blank for “n.d.”.",
    )
    title = models.CharField(
        max_length=1000,
        help_text="As a sentence: capitals only at the beginning and for names. No stop at the end.",
    )
    reference_type = models.CharField(
        "type", max_length=20, choices=ReferenceType, default=ReferenceType.JOURNAL_ARTICLE
    )
    container = models.CharField(
        "journal or book",
        max_length=500,
        blank=True,
        help_text="In which it appeared, in full: “Journal of Traumatic Stress”. Of a report, who published it.",
    )
    volume = models.CharField(max_length=50, blank=True)
    issue = models.CharField(max_length=50, blank=True)
    pages = models.CharField(
        "pages or article number",
        max_length=100,
        blank=True,
        help_text="For example “63–70”, “Article e0247596”.",
    )
    doi = DoiField(
        help_text="For example “10.1093/sw/52.1.63”. “doi:10.1093/…” and a link such as https://doi.org/10.1093/… are "
        "understood too. No two references have the same."
    )
    url = models.URLField(
        "URL", max_length=1000, blank=True, help_text="Only where there is no DOI."
    )
    source = source_line()

    objects = ReferenceQuerySet.as_manager()
    history = history()

    class Meta:
        # By author string, then year: the order of a reference list.
        ordering = [NameKey("authors"), F("year").asc(nulls_last=True), NameKey("title"), "pk"]
        default_permissions = (*PERMISSIONS, "publish")
        constraints = [
            models.UniqueConstraint(
                fields=["doi"],
                condition=~Q(doi=""),
                name="reference_doi_is_unique",
                violation_error_message="There is a reference with this DOI already.",
            ),
            models.CheckConstraint(
                name="reference_doi_is_normalised",
                condition=Q(doi="") | Q(doi__startswith="10.", doi__contains="/", doi=Lower("doi")),
                violation_error_message="A DOI looks like 10.1093/sw/52.1.63, in lower case.",
            ),
            models.CheckConstraint(
                name="reference_type_is_known",
                condition=Q(reference_type__in=ReferenceType.values),
                violation_error_message=f"The type is one of: {', '.join(ReferenceType.values)}.",
            ),
            models.CheckConstraint(
                name="reference_year_is_plausible",
                condition=Q(year__isnull=True) | Q(year__range=(1500, 2100)),
                violation_error_message="The year lies between 1500 and 2100.",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=WRONG_LINK, name="reference_wrong_link")]

    def __str__(self) -> str:
        return self.citation

    def save(self, **kwargs: Any) -> None:
        self.set_key()
        super().save(**kwargs)

    def natural_key(self) -> tuple[str, ...]:
        return (self.key,)

    def clean(self) -> None:
        super().clean()
        self.set_key()
        # The constraint says it too, but cannot say in which field.
        if self.doi and Reference.objects.filter(doi=self.doi).exclude(pk=self.pk).exists():
            raise ValidationError({"doi": "There is a reference with this DOI already."})
        self.check_former_keys()

    def check_former_keys(self) -> None:
        """Raise ValidationError for a key that stands for another reference, or for one that was public."""
        merged = MergedReferenceKey.objects.filter(key=self.key).exclude(entry=self.pk)
        other = merged.select_related("entry").first()
        lost = not other and Reference.objects.lost().filter(key=self.key).exclude(id=self.pk)
        if not (other or lost) or self.has_stored("key"):
            return
        others = Reference.objects.exclude(pk=self.pk)
        free = first_free(self.key, others.taken_keys)
        why = MERGED_KEY.format(other.entry.key) if other else LOST_SLUG.format("key", free)
        raise ValidationError({"key": why})

    def set_key(self) -> None:
        """Make "bride-2007" from the first author's family name and the year."""
        if not self.key:
            first = self.authors.partition(",")[0] or self.title
            others = Reference.objects.exclude(pk=self.pk)
            self.key = first_free(slug_of(f"{first} {self.year or 'nd'}"), others.taken_keys)

    @property
    def citation_parts(self) -> list[CitationPart]:
        """Return the APA citation without its link, as runs of text that are italic or not."""
        return apa_parts(self)

    @property
    def citation_in_text(self) -> str:
        """Return how a sentence names the publication: "Bride et al., 2007"."""
        return cite_in_text(self.authors, self.year, self.title)

    @property
    def link(self) -> str:
        """Return the address of the publication: its DOI's at the resolver, else its own, else ""."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def citation(self) -> str:
        """Return the whole APA citation as plain text."""
        text = "".join(part.text for part in self.citation_parts)
        return f"{text} {self.link}" if self.link else text


class MergedReferenceKey(MergedKey):
    """A key of a reference that was in the catalog twice."""

    entry = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="merged_keys")
