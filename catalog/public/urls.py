"""The public addresses. A thing is known by its slug, never by its number."""

from django.urls import path

from ..models import SubmissionKind
from .caching import VersionOf, of_everything, of_lists, of_program, of_site, public_page
from .views import (
    agency,
    as_of,
    comparison,
    fact_checks,
    home,
    link_pictures,
    look,
    pages,
    previews,
    programs,
    submissions,
    topic_areas,
)

app_name = "catalog"

urlpatterns = [
    path("", home.home, name="home"),
    path("topics/", topic_areas.TopicAreaListView.as_view(), name="topic_areas"),
    path("topics/<slug:slug>/", topic_areas.TopicAreaView.as_view(), name="topic_area"),
    path(
        "topics/<slug:slug>/summary.pdf",
        topic_areas.TopicAreaSummaryView.as_view(),
        name="topic_area_summary",
    ),
    path(
        "topics/<slug:slug>/preview.png",
        link_pictures.TopicAreaPictureView.as_view(),
        name="topic_area_picture",
    ),
    path("evidence-map/", topic_areas.evidence_map, name="evidence_map"),
    path("programs/", programs.ProgramListView.as_view(), name="programs"),
    path("programs/<slug:slug>/", as_of.program, name="program"),
    path("programs/<slug:slug>.ris", as_of.program_ris, name="program_ris"),
    path("programs/<slug:slug>.bib", as_of.program_bibtex, name="program_bibtex"),
    path(
        "programs/<slug:slug>/logic-model.pdf",
        programs.LogicModelView.as_view(),
        name="logic_model",
    ),
    path(
        "programs/<slug:slug>/preview.png",
        link_pictures.ProgramPictureView.as_view(),
        name="program_picture",
    ),
    path("compare/", comparison.compare, name="compare"),
    path("experts/", pages.TopicExpertListView.as_view(), name="experts"),
    path("experts/<slug:slug>/", pages.TopicExpertView.as_view(), name="expert"),
    path("references/", pages.ReferenceListView.as_view(), name="references"),
    path("rating-scale/", pages.RatingScaleView.as_view(), name="rating_scale"),
    path("glossary/", pages.GlossaryView.as_view(), name="glossary"),
    path("planned-reviews/", submissions.PlannedReviewListView.as_view(), name="planned_reviews"),
    path("news/", agency.NewsView.as_view(), name="news"),
    path("news/feed/", agency.news_feed, name="news_feed"),
    path("news/<slug:slug>/", agency.PageView.as_view(), name="news_item"),
    # A slug has no dot: no page of the agency's own is hidden by these.
    path("logo-<str:name>", look.picture, {"field": "logo"}, name="logo"),
    path("sharing-<str:name>", look.picture, {"field": "sharing_image"}, name="sharing_image"),
    path("preview.png", link_pictures.site_picture, name="site_picture"),
    path("colors-<str:version>.css", look.colors, name="colors"),
    # Last: whatever is no address of the site may be the agency's.
    path("<slug:slug>/", agency.PageView.as_view(), name="page"),
]
VERSIONS: dict[str | None, VersionOf] = {
    "program": of_program,
    "program_ris": of_program,
    "program_bibtex": of_program,
    "logic_model": of_program,
    "program_picture": of_program,
    "compare": of_everything,
    "references": of_everything,
    "logo": of_site,
    "sharing_image": of_site,
    "colors": of_site,
    "site_picture": of_site,
    "planned_reviews": of_site,
    "news": of_site,
    "news_feed": of_site,
    "news_item": of_site,
    "page": of_site,
}
for route in urlpatterns:
    route.callback = public_page(route.callback, VERSIONS.get(route.name, of_lists))

# Not for everybody, or to be filled in, and so kept by no cache.
urlpatterns[:0] = [
    path("preview/<str:token>/", previews.preview, name="preview"),
    path("fact-check/<str:token>/", fact_checks.fact_check, name="fact_check"),
    path(
        "programs/<slug:slug>/correction/",
        submissions.write,
        {"kind": SubmissionKind.CORRECTION},
        name="suggest_correction",
    ),
    path("write/", submissions.write, {"kind": SubmissionKind.MESSAGE}, name="write"),
    path(
        "write/program/",
        submissions.write,
        {"kind": SubmissionKind.PROGRAM},
        name="nominate_program",
    ),
    path(
        "write/topic-area/",
        submissions.write,
        {"kind": SubmissionKind.TOPIC_AREA},
        name="nominate_topic_area",
    ),
    path("write/sent/<str:receipt>/", submissions.sent, name="submission_sent"),
]
