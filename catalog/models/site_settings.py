"""What the agency says of itself on every page: names, pictures, colours, and the words around the catalog."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import PurePath
from secrets import token_hex
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.safestring import SafeString

from ..values.colors import check_contrast
from ..values.documents import check_picture
from ..values.fields import MOST_OF_TEXT, LimitedTextField, ListField
from ..values.richtext import render
from .base import CatalogModel
from .history import history

# What site.css has text of the accent color stand on, and the text that stands on it, as on buttons.
TOGETHER_WITH = {
    "accent": ("#ffffff", "#f5f7f8", "#fff6dd", "#ffe9a8"),
    "accent_in_dark": ("#14181d", "#1c2229", "#332a12", "#5b4a12", "#0d1b26"),
}
DEFAULT_ACCENTS = {"accent": "#155a87", "accent_in_dark": "#86c3ec"}
ADVICE = {"accent": "a darker one", "accent_in_dark": "a lighter one"}

is_color = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", "This is no color. Write it as “#155a87”.")


def picture_name(site: models.Model, name: str) -> str:
    """Return where to store a picture: under a name that no other one has or had, so that it may be kept for ever."""
    path = PurePath(name)
    return f"site/{path.stem}-{token_hex(4)}{path.suffix.lower()}"


class SiteSettingsQuerySet(models.QuerySet["SiteSettings"]):
    def live(self) -> Self:
        """Return none: nobody proposes changes to the settings, and whoever may change them may at once."""
        return self.none()

    def current(self) -> "SiteSettings":
        """Return the settings; those that a site begins with where nobody has stored any."""
        return self.first() or SiteSettings()

    def get_by_natural_key(self) -> "SiteSettings":
        return self.get()


class SiteSettings(CatalogModel):
    """The settings of the site: one row. Names and address that are blank here are those set on the server."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    site_name = models.CharField(
        "name of the site",
        max_length=100,
        blank=True,
        help_text="In the header, titles, citations and summaries. Blank: the server's SITE_NAME.",
    )
    agency = models.CharField(
        "name of the agency",
        max_length=200,
        blank=True,
        help_text="Who publishes the site: at the foot of every page.",
    )
    logo = models.FileField(
        upload_to=picture_name,
        max_length=200,
        blank=True,
        validators=[check_picture],
        help_text="Before the name of the site, on a dark ground: PNG, JPEG or WebP, 500 KB at most.",
    )
    sharing_image = models.FileField(
        "picture for link previews",
        upload_to=picture_name,
        max_length=200,
        blank=True,
        validators=[check_picture],
        help_text="What messengers and networks show beside a link: PNG, JPEG or WebP, best with 1200 × 630 pixels. "
        "Blank: a picture with the name of the site. Programs and topic areas have pictures of their own.",
    )
    accent = models.CharField(
        "accent color",
        max_length=7,
        blank=True,
        validators=[is_color],
        help_text="Of links, buttons and, darkened, the header: “#155a87”. Blank: ours.",
    )
    accent_in_dark = models.CharField(
        "accent color in dark",
        max_length=7,
        blank=True,
        validators=[is_color],
        help_text="Of links and buttons for those who read light on dark: “#86c3ec”. Blank: ours.",
    )
    headline = models.CharField(
        max_length=150,
        default="Which programs work, and how sure is anyone?",
        help_text="The heading of the home page.",
    )
    introduction = LimitedTextField(
        blank=True,
        max_length=1_000,
        default="Programs for children, families and the people who serve them, each reviewed against its published "
        "research and, where that allows it, rated within a topic area. Every rating says what it rests on, when it "
        "was given and how it has changed.",
        help_text="Below the headline: whose site it is, what it is for, and why to trust it; in Markdown.",
    )
    example_searches = ListField(
        max_length=MOST_OF_TEXT,
        default=("burned out", "parenting", "ages 6 to 12", "home visiting"),
        help_text="Offered below the search box of the home page, separated by |.",
    )
    social_text = models.CharField(
        "text for link previews",
        max_length=200,
        blank=True,
        default="Programs for children and families, rated by the research behind them.",
        help_text="What search engines and link previews say of pages that have no words of their own for that.",
    )
    disclaimer = LimitedTextField(
        blank=True,
        max_length=1_000,
        default="A rating says how strong the research on a program is; it does not say which program to choose.",
        help_text="At the foot of every page; in Markdown.",
    )
    footer = LimitedTextField(
        "footer text",
        blank=True,
        max_length=1_000,
        help_text="Below the disclaimer, such as who funds the site; in Markdown.",
    )
    contact = LimitedTextField(
        blank=True,
        max_length=1_000,
        help_text="Address, phone and hours, at the foot of every page; in Markdown.",
    )
    contact_email = models.EmailField(
        "contact e-mail",
        blank=True,
        help_text="Whom visitors write to, at the foot of every page. Blank: the server's CONTACT_EMAIL.",
    )

    nominations_from = models.DateField(
        "nominations from",
        null=True,
        blank=True,
        help_text="The first day on which visitors may nominate programs and topic areas; before it, the page says so.",
    )
    nominations_until = models.DateField(
        "nominations until", null=True, blank=True, help_text="The last day. Both blank: always."
    )
    submissions_kept_months = models.PositiveSmallIntegerField(
        "months that submissions are kept",
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="After so many months, what visitors have written is deleted; their form says so.",
    )

    objects = SiteSettingsQuerySet.as_manager()
    history = history()

    class Meta:
        # The first save makes the row; nobody deletes it.
        default_permissions = ("change", "view")
        verbose_name = verbose_name_plural = "site settings"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="sitesettings_is_one_row",
                condition=Q(id=1),
                violation_error_message="The site has one row of settings.",
            ),
            models.CheckConstraint(
                name="sitesettings_has_headline",
                condition=~Q(headline=""),
                violation_error_message="The home page needs a headline.",
            ),
            models.CheckConstraint(
                name="sitesettings_nominations_end_after_they_begin",
                condition=Q(nominations_from__isnull=True)
                | Q(nominations_until__isnull=True)
                | Q(nominations_until__gte=F("nominations_from")),
                violation_error_message="Nominations end before they begin.",
            ),
            models.CheckConstraint(
                name="sitesettings_keeps_submissions_for_a_time",
                condition=Q(submissions_kept_months__range=(1, 120)),
                violation_error_message="Submissions are kept for 1 to 120 months.",
            ),
        ]

    def __str__(self) -> str:
        return "Site settings"

    def natural_key(self) -> tuple[str, ...]:
        return ()

    def clean(self) -> None:
        """Raise ValidationError for colors that somebody could not read."""
        super().clean()
        wrong = {}
        for name, others in TOGETHER_WITH.items():
            color = getattr(self, name)
            if color and is_color.regex.match(color):  # type: ignore[union-attr]
                try:
                    check_contrast(color, others, ADVICE[name])
                except ValidationError as error:
                    wrong[name] = error
        if wrong:
            raise ValidationError(wrong)

    # --- What pages show

    @property
    def name(self) -> str:
        """Return the name of the site."""
        return self.site_name or settings.SITE_NAME

    @property
    def email(self) -> str:
        """Return the address that visitors write to, "" for none."""
        return self.contact_email or settings.CONTACT_EMAIL

    @cached_property
    def foot(self) -> Sequence[SafeString]:
        """Return the texts at the foot of every page, as HTML."""
        return [render(text) for text in (self.disclaimer, self.footer, self.contact) if text]

    def address_of(self, field: str) -> str:
        """Return the address of one of the pictures, "" where there is none."""
        file: FieldFile = getattr(self, field)
        if not file:
            return ""
        return reverse(f"catalog:{field}", args=[PurePath(str(file.name)).name])

    @property
    def logo_address(self) -> str:
        return self.address_of("logo")

    @property
    def colors(self) -> dict[str, str]:
        """Return both accent colors where one of them is the agency's, none where both are ours."""
        own = {name: getattr(self, name) for name in DEFAULT_ACCENTS}
        return (
            {name: own[name] or DEFAULT_ACCENTS[name] for name in own} if any(own.values()) else {}
        )

    @property
    def colors_address(self) -> str:
        """Return the address of the style sheet with the agency's colors, which has a version; "" for ours."""
        if not self.colors:
            return ""
        version = sha256(repr(self.colors).encode()).hexdigest()[:12]
        return reverse("catalog:colors", args=[version])
