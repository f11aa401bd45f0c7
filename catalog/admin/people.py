"""Choosing people: in forms, and to filter lists by."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from ..history.diff import person
from ..models import Assignment
from ..models.assignments import assignment_field, nobodys
from .lists import KEY

# So many people are offered at most.
MOST_PEOPLE = 50


class PersonField(forms.ModelChoiceField):
    """Offer people by the names that pages call them by."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name by which pages call somebody."""
        return person(obj)


def people(keys: QuerySet) -> list[tuple[str, str]]:
    """Return people by their keys, each with the name that pages call them by."""
    found = User.objects.filter(pk__in=keys).order_by("first_name", "last_name", "username")
    return [(str(user.pk), person(user)) for user in found[:MOST_PEOPLE]]


class WorkFilter(admin.SimpleListFilter):
    """Find entries, or proposals, at which one person, nobody, or somebody too late has something to do."""

    title = "work"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return what there is to choose, with the people who have something to do."""
        field = assignment_field(model_admin.model)
        found = Assignment.objects.open().filter(**{f"{field}__isnull": False})
        fixed = [("mine", "Mine"), ("nobody", "Nobody’s"), ("overdue", "Overdue")]
        return [*fixed, *people(found.order_by().values("person"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return what the chosen value finds; by an unknown value, everything."""
        value = str(self.value() or "")
        found: Any = Assignment.objects.open()
        if value == "nobody":
            return nobodys(queryset)
        if value == "overdue":
            found = found.overdue()
        elif value == "mine" or KEY.fullmatch(value):
            found = found.filter(person=request.user.pk if value == "mine" else value)
        else:
            return queryset
        field = assignment_field(queryset.model)
        return queryset.filter(
            pk__in=found.filter(**{f"{field}__isnull": False}).order_by().values(field)
        )


class AuthorFilter(admin.SimpleListFilter):
    title = "author"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return those who have written something in the list."""
        return people(model_admin.get_queryset(request).order_by().values("author"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return what the chosen person has written; by an unknown value, everything."""
        value = str(self.value() or "")
        return queryset.filter(author=value) if KEY.fullmatch(value) else queryset
