"""Pages of the agency's own: what it says of itself and of the site, and its news."""

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from ..values.expressions import NameKey
from ..values.fields import MOST_OF_LONG_TEXT, LimitedTextField
from ..values.site_url import own_parts
from .history import history
from .status import Publishable, PublishableQuerySet

NEWS = "news/"
TAKEN = "“/{}” is an address of the site itself. Choose another slug, such as “{}”."


class PagePlace(models.TextChoices):
    MENU = "menu", "In the menu"
    FOOTER = "footer", "In the footer"
    NONE = "none", "In neither: it has its address alone"


class PageQuerySet(PublishableQuerySet):
    def news(self) -> Self:
        """Return the news, the latest first."""
        return self.filter(news_on__isnull=False).order_by("-news_on", "-pk")

    def lasting(self) -> Self:
        """Return the pages that are no news."""
        return self.filter(news_on__isnull=True)


class Page(Publishable):
    """A page of the agency's own at an address of its choosing, or news, if it has a day."""

    name = models.CharField(
        "title", max_length=200, help_text="As a heading, and as menu and footer call it."
    )
    text = LimitedTextField(
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="In Markdown. Its headings stand below the title.",
    )
    shows_scale = models.BooleanField(
        "followed by the rating scale",
        default=False,
        help_text="The levels, and what each asks for, stand below the text: as the edition of the scale that is in "
        "use has them.",
    )
    place = models.CharField(
        "link to it",
        max_length=10,
        choices=PagePlace,
        default=PagePlace.NONE,
        help_text="On every public page. News is listed by its day besides.",
    )
    position = models.PositiveSmallIntegerField(
        "order", default=0, help_text="Links with a lower number come first, then by title."
    )
    language = models.CharField(
        max_length=35,
        default="en",
        validators=[
            RegexValidator(
                r"\A[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
                "This is no language tag. Write, for example, “en”, “es” or “zh-Hant”.",
            )
        ],
        help_text="In which the page is written, so that screen readers pronounce it: “en”, “es”, “zh-Hant”.",
    )
    news_on = models.DateField(
        "news of",
        null=True,
        blank=True,
        help_text="Only for news: its day. News stands at /news/, on the home page and in the feed.",
    )

    objects = PageQuerySet.as_manager()
    history = history()

    class Meta(Publishable.Meta):
        # Pages are neither imported nor exported.
        default_permissions = ("add", "change", "delete", "view", "publish")  # type: ignore[assignment]
        ordering = ["position", NameKey("name"), "pk"]
        constraints = [
            *Publishable.Meta.constraints,
            models.CheckConstraint(
                name="page_place_is_known",
                condition=Q(place__in=PagePlace.values),
                violation_error_message=f"The place is one of: {', '.join(PagePlace.values)}.",
            ),
            models.CheckConstraint(
                name="page_has_language",
                condition=~Q(language=""),
                violation_error_message="Say in which language the page is written.",
            ),
        ]

    def get_absolute_url(self) -> str:
        view = "catalog:news_item" if self.news_on else "catalog:page"
        return reverse(view, args=[self.slug])

    def clean(self) -> None:
        super().clean()
        below = NEWS if self.news_on else ""
        if self.slug.lower() in own_parts(below):
            raise ValidationError({"slug": TAKEN.format(below + self.slug, f"{self.slug}-page")})
