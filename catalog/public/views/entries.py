"""What the pages of single entries share: former addresses, previews for staff, retired entries."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.generic import DetailView

from ...models import Proposal, Rating
from ...models.base import Slugged
from ...models.ratings import RatingQuerySet
from ...models.status import PublishableQuerySet


class AddressedView(DetailView):
    """Shows one object, with what changed of it; redirects from an address that it had before it was renamed."""

    def get(self, request: HttpRequest, *args: object, slug: str, **kwargs: object) -> HttpResponse:
        try:
            return super().get(request, *args, slug=slug, **kwargs)
        except Http404:
            moved = self.moved_to(slug)
            if moved is None:
                raise
            return redirect(self.address_of(moved), permanent=True)

    def address_of(self, entry: Slugged) -> str:
        """Return the address of this view for another object."""
        return reverse(self.request.resolver_match.view_name, args=[entry.slug])  # type: ignore[union-attr]

    def moved_to(self, slug: str) -> Slugged | None:
        """Return the object whose page stands for this former slug, or None."""
        entries: Any = self.get_queryset()
        return entries.with_former_slug(slug).first()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        notes = Proposal.objects.of(self.object).notes_for_visitors()
        return super().get_context_data(**kwargs, change_notes=notes)


class EntryView(AddressedView):
    """Shows one entry that has a status.

    What is public shows; what was public and is retired says so; what is neither shows only to staff who may
    view it in the admin, under a banner.
    """

    model: Any
    retired_template = "public/retired.html"

    def get(self, request: HttpRequest, *args: object, slug: str, **kwargs: object) -> HttpResponse:
        response = super().get(request, *args, slug=slug, **kwargs)
        if hasattr(self, "object") and not self.object.is_published:
            add_never_cache_headers(response)
            response["X-Robots-Tag"] = "noindex"
        return response

    def get_queryset(self) -> PublishableQuerySet:
        if self.may_preview():
            return self.model.objects.all()
        return self.model.objects.addressable()

    def may_preview(self) -> bool:
        """Return whether the visitor may see this kind of entry before it is published."""
        user = self.request.user
        return user.is_staff and user.has_perm(f"catalog.view_{self.model._meta.model_name}")

    def get_template_names(self) -> list[str]:
        if self.object.is_retired and not self.may_preview():
            return [self.retired_template]
        return super().get_template_names()

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(
            **{"link": None, "left_out": 0, "first_day": None, **kwargs}
        )

    def ratings(self) -> RatingQuerySet:
        """Return the ratings to show with this entry: public ones, or all of them in a preview."""
        ratings = Rating.objects.all()
        is_preview = self.may_preview() and not self.object.is_published
        return ratings if is_preview else ratings.published()
