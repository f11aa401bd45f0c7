"""The public addresses. A thing is known by its slug, never by its number."""

from django.urls import path
from django.views.generic import TemplateView

from . import views
from .caching import public_page

app_name = "catalog"

urlpatterns = [
    path("", views.home, name="home"),
    path("topics/", views.TopicAreaListView.as_view(), name="topic_areas"),
    path("topics/<slug:slug>/", views.TopicAreaView.as_view(), name="topic_area"),
    path(
        "topics/<slug:slug>/summary.pdf",
        views.TopicAreaSummaryView.as_view(),
        name="topic_area_summary",
    ),
    path("evidence-map/", views.evidence_map, name="evidence_map"),
    path("programs/", views.ProgramListView.as_view(), name="programs"),
    path("programs/<slug:slug>/", views.program, name="program"),
    path("compare/", views.compare, name="compare"),
    path("experts/<slug:slug>/", views.TopicExpertView.as_view(), name="expert"),
    path("references/", views.ReferenceListView.as_view(), name="references"),
    path("rating-scale/", views.RatingScaleView.as_view(), name="rating_scale"),
    path("glossary/", views.GlossaryView.as_view(), name="glossary"),
    path(
        "accessibility/",
        TemplateView.as_view(template_name="public/accessibility.html"),
        name="accessibility",
    ),
]
for route in urlpatterns:
    route.callback = public_page(route.callback)

# Not for everybody, and so kept by no cache.
urlpatterns.append(path("preview/<str:token>/", views.preview, name="preview"))
