"""The site's addresses, and the naive page."""

from django.urls import include, path

from .naive import program_list

urlpatterns = [path("naive/programs/", program_list), path("", include("config.urls"))]
