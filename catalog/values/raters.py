"""Those who gave a rating, as one column keeps them: experts by their slugs, others by their names."""

import re
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError

from .fields import ListField, Values, split_values

NOT_PUBLIC = "(not public)"
MARK = re.compile(r" ?\( ?not public ?\)\Z", re.IGNORECASE)
MOST_OF_NAME = 200


class Rater(NamedTuple):
    """Name somebody who gave a rating: ``who`` is the slug of a topic expert, or a name."""

    who: str
    is_public: bool

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the rater that a text such as "Jane Doe (not public)" names."""
        text = " ".join(text.split())
        who = MARK.sub("", text)
        return cls(who, who == text)

    def __str__(self) -> str:
        return self.who if self.is_public else f"{self.who} {NOT_PUBLIC}".lstrip()


def raters_of(values: Values) -> list[Rater]:
    """Return the raters that a column, a cell or a form names, each text once."""
    return list(dict.fromkeys(map(Rater.of, split_values(values))))


class RatersField(ListField):
    """Field for those who gave a rating, in the order given; "(not public)" stands behind whom visitors do not see."""

    def to_python(self, value: Values) -> tuple[str, ...]:
        return tuple(map(str, raters_of(value)))

    def validate(self, value: tuple[str, ...], model_instance: Any) -> None:
        super().validate(value, model_instance)
        raters = raters_of(value)
        for rater in raters:
            if not rater.who:
                raise ValidationError(f"“{NOT_PUBLIC}” stands behind a name; here is none.")
            if len(rater.who) > MOST_OF_NAME:
                raise ValidationError(
                    f"“{rater.who[:40]}…” has {len(rater.who)} characters; a name may have {MOST_OF_NAME} at most."
                )
            if rater._replace(is_public=not rater.is_public) in raters:
                raise ValidationError(
                    f"“{rater.who}” stands here twice: once as public, once as not public."
                )
