"""The matrix: who may do what at every address that is not public."""

from datetime import timedelta

from django.utils import timezone

from catalog.models import Status

NOW = timezone.now()

PAST, FUTURE = NOW - timedelta(days=9), NOW + timedelta(days=9)

# Each role may what those before it may. "staff" has no permission, "nobody" is no role at all.
ROLES = ["anonymous", "staff", "viewer", "editor", "publisher", "superuser", "nobody"]

LETTERS = dict(zip("ASVEPU-", ROLES, strict=True))

# Ratings and studies are in the state of their program. Topic areas and pages are never merged.
STATES = {
    "draft": {"status": Status.DRAFT},
    "in review": {"status": Status.IN_REVIEW},
    "scheduled": {"status": Status.PUBLISHED, "published_at": FUTURE},
    "withdrawn": {"status": Status.DRAFT, "published_at": PAST},
    "published": {"status": Status.PUBLISHED, "published_at": PAST},
    "retired": {"status": Status.RETIRED, "published_at": PAST, "retirement_reason": "Outdated."},
    "merged": {"status": Status.RETIRED, "published_at": PAST},
    "merged draft": {"status": Status.RETIRED},
}

MERGED = {"merged", "merged draft"}

# A proposal is for a program that is public.
PROPOSAL_STATES = {
    "draft": {},
    "submitted": {"is_minor": True},
    "approved": {"is_minor": True},
    "sent-back": {"is_minor": True},
    "published": {"is_minor": True, "published_at": NOW},
    "discarded": {},
    "scheduled": {"state": "approved", "is_minor": True, "publish_at": FUTURE},
}

# Act, address, and the lowest role that may: one for all states, or one for each in the order above. An address that
# has no line fails a test below, and so does a POST that does something and has none.
# What was public cannot be scheduled: whoever sends a date all the same publishes it at once.
MATRIX = """
see             admin/                                                          S
see             admin/^(?P<app_label>auth|catalog)/$                            V
see:auth        admin/^(?P<app_label>auth|catalog)/$                            U
see             admin/(?P<url>.*)$                                              -
see             admin/search/                                                   S
see             admin/jsi18n/                                                   S
see             admin/password_change/                                          S
change_password admin/password_change/                                          S
see             admin/password_change/done/                                     S
leave           admin/logout/                                                   A
see             admin/logout/                                                   -
sign_in         admin/login/                                                    A
see:program     admin/autocomplete/                                             V
see:topicarea   admin/autocomplete/                                             V
see:expert      admin/autocomplete/                                             V
see:reference   admin/autocomplete/                                             V
see             admin/markdown/                                                 -
render          admin/markdown/                                                 V
see             admin/session/                                                  A

see:program     preview/<str:token>/                                            A A A A - - - -
see:topicarea   preview/<str:token>/                                            A A A A - -
follow:program  preview/<str:token>/                                            - - - - A A A -
follow:topicarea preview/<str:token>/                                           - - - - A A
see_closed:program preview/<str:token>/                                         -
see_expired:program preview/<str:token>/                                        -
see:page        preview/<str:token>/                                            A A A A - -
follow:page     preview/<str:token>/                                            - - - - A A
see_closed:topicarea preview/<str:token>/                                       -
see_expired:topicarea preview/<str:token>/                                      -
see:program     fact-check/<str:token>/                                         A A A A A - - -
answer:program  fact-check/<str:token>/                                         A A A A A - - -
see_closed:program fact-check/<str:token>/                                      -
see_expired:program fact-check/<str:token>/                                     -
answer_closed:program fact-check/<str:token>/                                   -
see             programs/<slug:slug>/                                           V V V V A A - -
follow          programs/<slug:slug>/                                           - - - - - - A A
see             topics/<slug:slug>/                                             V V V V A A
see             topics/<slug:slug>/summary.pdf                                  V V V V A -
see             <slug:slug>/                                                    V V V V A A

see             admin/catalog/program/                                          V
ask:review      admin/catalog/program/                                          E
ask:draft       admin/catalog/program/                                          E
ask:publish     admin/catalog/program/                                          P
ask:withdraw    admin/catalog/program/                                          P
ask:retire      admin/catalog/program/                                          P
ask:export_csv  admin/catalog/program/                                          V
ask:export_xlsx admin/catalog/program/                                          V
delete_many     admin/catalog/program/                                          P P P - - - - -
see             admin/catalog/program/export/                                   V
see             admin/catalog/program/import/                                   E
upload          admin/catalog/program/import/                                   E
import_text     admin/catalog/program/import/                                   E E P E P P - -
import_rating   admin/catalog/program/import/                                   E E P P P P - -
import_status:published admin/catalog/program/import/                           P P - P - P - -
import_status:draft     admin/catalog/program/import/                           - E P - P P - -
import_status:retired   admin/catalog/program/import/                           P P P P P - - -
see             admin/catalog/program/import/guide/                             E
see             admin/catalog/program/import/guide.csv                          E
see             admin/catalog/program/import/template.csv                       E
see             admin/catalog/program/import/template.xlsx                      E
see             admin/catalog/program/add/                                      E
add             admin/catalog/program/add/                                      E
follow          admin/catalog/program/<path:object_id>/                         S
see             admin/catalog/program/<path:object_id>/change/                  V
save            admin/catalog/program/<path:object_id>/change/                  E E P E P P - -
propose         admin/catalog/program/<path:object_id>/change/                  - - E - E E - -
cite            admin/catalog/program/<path:object_id>/change/                  E E P E P P - -
uncite          admin/catalog/program/<path:object_id>/change/                  E E P E P P - -
see             admin/catalog/program/<path:object_id>/delete/                  P P P - - - - -
delete          admin/catalog/program/<path:object_id>/delete/                  P P P - - - - -
delete_rated    admin/catalog/program/<path:object_id>/delete/                  -
see             admin/catalog/program/<path:object_id>/history/                 V
see             admin/catalog/program/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/program/<path:object_id>/history/<int:version_id>/return/ E E P E P P - -
see             admin/catalog/program/<path:object_id>/notes/                   V
note            admin/catalog/program/<path:object_id>/notes/                   E E E E E E - -
see             admin/catalog/program/<path:object_id>/assign/                  E E E E E E - -
assign          admin/catalog/program/<path:object_id>/assign/                  E E E E E E - -
take_over       admin/catalog/program/<path:object_id>/assign/                  E E E E E E - -
end             admin/catalog/program/<path:object_id>/assign/                  E E E E E E - -
follow          admin/catalog/program/assign/                                   E
assign_many     admin/catalog/program/assign/                                   E E E E E E - -
ask:assign_selected admin/catalog/program/                                          E
signal          admin/catalog/program/<int:pk>/presence/                        E E E E E E - -
see             admin/catalog/program/<path:object_id>/previews/                E E E E E E - -
share           admin/catalog/program/<path:object_id>/previews/                E E E E - - - -
close           admin/catalog/program/<path:object_id>/previews/                E E E E E E - -
see             admin/catalog/program/<path:object_id>/fact-checks/             E
ask_for_check   admin/catalog/program/<path:object_id>/fact-checks/             E E E E E - - -
close_check     admin/catalog/program/<path:object_id>/fact-checks/             E
settle_check    admin/catalog/program/<path:object_id>/fact-checks/             E
date_check      admin/catalog/program/<path:object_id>/fact-checks/             E E P E P - - -
propose_date    admin/catalog/program/<path:object_id>/fact-checks/             - - E - E - - -
see             admin/catalog/program/<path:object_id>/rate/                    E E P P P P - -
rate            admin/catalog/program/<path:object_id>/rate/                    E E P P P P - -
rerate          admin/catalog/program/<path:object_id>/rate/                    E E P P P P - -
see             admin/catalog/program/<path:object_id>/merge/                   E E P P P P - -
merge           admin/catalog/program/<path:object_id>/merge/                   E E P P P P - -
merge_into      admin/catalog/program/<path:object_id>/merge/                   E E P P P - - -
see_merged      admin/catalog/program/<path:object_id>/unmerge/                 E E P P P P - -
unmerge         admin/catalog/program/<path:object_id>/unmerge/                 E E P P P P - -
see:in-review   admin/catalog/program/<path:object_id>/status/<slug:target>/    E - P E - - - -
see:draft       admin/catalog/program/<path:object_id>/status/<slug:target>/    - E - - P - - -
see:published   admin/catalog/program/<path:object_id>/status/<slug:target>/    - P P - - P P P
see:retired     admin/catalog/program/<path:object_id>/status/<slug:target>/    - - - - P - - -
step:in-review  admin/catalog/program/<path:object_id>/status/<slug:target>/    E - P E - - - -
step:draft      admin/catalog/program/<path:object_id>/status/<slug:target>/    - E - - P - - -
step:published  admin/catalog/program/<path:object_id>/status/<slug:target>/    - P P - - P - -
schedule:published admin/catalog/program/<path:object_id>/status/<slug:target>/ - P P - - P - -
step:retired    admin/catalog/program/<path:object_id>/status/<slug:target>/    - - - - P - - -
follow:review   admin/catalog/program/status/<slug:name>/                       E
follow:publish  admin/catalog/program/status/<slug:name>/                       P
steps:review    admin/catalog/program/status/<slug:name>/                       E - - E - - - -
steps:draft     admin/catalog/program/status/<slug:name>/                       - E - - - - - -
steps:publish   admin/catalog/program/status/<slug:name>/                       - P - - - - - -
steps:withdraw  admin/catalog/program/status/<slug:name>/                       - - - - P - - -
steps:retire    admin/catalog/program/status/<slug:name>/                       - - - - P - - -

see             admin/catalog/topicarea/                                        V
ask:review      admin/catalog/topicarea/                                        E
ask:draft       admin/catalog/topicarea/                                        E
ask:publish     admin/catalog/topicarea/                                        P
ask:withdraw    admin/catalog/topicarea/                                        P
ask:retire      admin/catalog/topicarea/                                        P
ask:export_csv  admin/catalog/topicarea/                                        V
ask:export_xlsx admin/catalog/topicarea/                                        V
delete_many     admin/catalog/topicarea/                                        P P P - - -
see             admin/catalog/topicarea/export/                                 V
see             admin/catalog/topicarea/import/                                 E
upload          admin/catalog/topicarea/import/                                 E
import_text     admin/catalog/topicarea/import/                                 E E P E P P
import_status:published admin/catalog/topicarea/import/                         P P - P - P
import_status:draft     admin/catalog/topicarea/import/                         - E P - P P
import_status:retired   admin/catalog/topicarea/import/                         P P P P P -
see             admin/catalog/topicarea/import/guide/                           E
see             admin/catalog/topicarea/import/guide.csv                        E
see             admin/catalog/topicarea/import/template.csv                     E
see             admin/catalog/topicarea/import/template.xlsx                    E
see             admin/catalog/topicarea/add/                                    E
add             admin/catalog/topicarea/add/                                    E
follow          admin/catalog/topicarea/<path:object_id>/                       S
see             admin/catalog/topicarea/<path:object_id>/change/                V
save            admin/catalog/topicarea/<path:object_id>/change/                E E P E P P
propose         admin/catalog/topicarea/<path:object_id>/change/                - - E - E E
see             admin/catalog/topicarea/<path:object_id>/delete/                P P P - - -
delete          admin/catalog/topicarea/<path:object_id>/delete/                P P P - - -
delete_rated    admin/catalog/topicarea/<path:object_id>/delete/                -
see             admin/catalog/topicarea/<path:object_id>/history/               V
see             admin/catalog/topicarea/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/topicarea/<path:object_id>/history/<int:version_id>/return/ E E P E P P
see             admin/catalog/topicarea/<path:object_id>/notes/                 V
note            admin/catalog/topicarea/<path:object_id>/notes/                 E
see             admin/catalog/topicarea/<path:object_id>/assign/                E
assign          admin/catalog/topicarea/<path:object_id>/assign/                E
take_over       admin/catalog/topicarea/<path:object_id>/assign/                E
end             admin/catalog/topicarea/<path:object_id>/assign/                E
follow          admin/catalog/topicarea/assign/                                 E
assign_many     admin/catalog/topicarea/assign/                                 E
ask:assign_selected admin/catalog/topicarea/                                        E
signal          admin/catalog/topicarea/<int:pk>/presence/                      E
see             admin/catalog/topicarea/<path:object_id>/previews/              E
share           admin/catalog/topicarea/<path:object_id>/previews/              E E E E - -
close           admin/catalog/topicarea/<path:object_id>/previews/              E
see             admin/catalog/topicarea/<path:object_id>/rate/                  E
see:in-review   admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  E - P E - -
see:draft       admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - E - - P -
see:published   admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - P P - - P
see:retired     admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - - - - P -
step:in-review  admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  E - P E - -
step:draft      admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - E - - P -
step:published  admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - P P - - P
schedule:published admin/catalog/topicarea/<path:object_id>/status/<slug:target>/ - P P - - P
step:retired    admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - - - - P -
follow:review   admin/catalog/topicarea/status/<slug:name>/                     E
follow:publish  admin/catalog/topicarea/status/<slug:name>/                     P
steps:review    admin/catalog/topicarea/status/<slug:name>/                     E - - E - -
steps:draft     admin/catalog/topicarea/status/<slug:name>/                     - E - - - -
steps:publish   admin/catalog/topicarea/status/<slug:name>/                     - P - - - -
steps:withdraw  admin/catalog/topicarea/status/<slug:name>/                     - - - - P -
steps:retire    admin/catalog/topicarea/status/<slug:name>/                     - - - - P -

see             admin/catalog/rating/                                           V
ask:export_csv  admin/catalog/rating/                                           V
ask:export_xlsx admin/catalog/rating/                                           V
delete_many     admin/catalog/rating/                                           -
see             admin/catalog/rating/export/                                    V
see             admin/catalog/rating/import/                                    E
upload          admin/catalog/rating/import/                                    E
import_rating   admin/catalog/rating/import/                                    E E P P P P - -
import_correction admin/catalog/rating/import/                                  E E P P P P - -
see             admin/catalog/rating/import/guide/                              E
see             admin/catalog/rating/import/guide.csv                           E
see             admin/catalog/rating/import/template.csv                        E
see             admin/catalog/rating/import/template.xlsx                       E
see             admin/catalog/rating/add/                                       E
follow          admin/catalog/rating/<path:object_id>/                          S
see             admin/catalog/rating/<path:object_id>/change/                   V
save            admin/catalog/rating/<path:object_id>/change/                   E E P P P P - -
save_past       admin/catalog/rating/<path:object_id>/change/                   -
see             admin/catalog/rating/<path:object_id>/delete/                   -
delete          admin/catalog/rating/<path:object_id>/delete/                   -
see             admin/catalog/rating/<path:object_id>/history/                  V
see             admin/catalog/rating/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/rating/<path:object_id>/history/<int:version_id>/return/ E E P P P P - -
signal          admin/catalog/rating/<int:pk>/presence/                         E E P P P P - -

see             admin/catalog/study/                                            V
ask:export_csv  admin/catalog/study/                                            V
ask:export_xlsx admin/catalog/study/                                            V
delete_many     admin/catalog/study/                                            E E P E P P - -
see             admin/catalog/study/export/                                     V
see             admin/catalog/study/import/                                     E
upload          admin/catalog/study/import/                                     E
import_text     admin/catalog/study/import/                                     E E P E P P - -
see             admin/catalog/study/import/guide/                               E
see             admin/catalog/study/import/guide.csv                            E
see             admin/catalog/study/import/template.csv                         E
see             admin/catalog/study/import/template.xlsx                        E
see             admin/catalog/study/add/                                        E
add             admin/catalog/study/add/                                        E E P E P P - -
follow          admin/catalog/study/<path:object_id>/                           S
see             admin/catalog/study/<path:object_id>/change/                    V
save            admin/catalog/study/<path:object_id>/change/                    E E P E P P - -
move            admin/catalog/study/<path:object_id>/change/                    E E P E P P - -
move_to         admin/catalog/study/<path:object_id>/change/                    E E P E P P - -
see             admin/catalog/study/<path:object_id>/delete/                    E E P E P P - -
delete          admin/catalog/study/<path:object_id>/delete/                    E E P E P P - -
see             admin/catalog/study/<path:object_id>/history/                   V
see             admin/catalog/study/<path:object_id>/history/<int:version_id>/  V
restore         admin/catalog/study/<path:object_id>/history/<int:version_id>/return/ E E P E P P - -
signal          admin/catalog/study/<int:pk>/presence/                          E E P E P P - -
see             admin/catalog/finding/                                          V
ask:export_csv  admin/catalog/finding/                                          V
ask:export_xlsx admin/catalog/finding/                                          V
delete_many     admin/catalog/finding/                                          E E P E P P - -
see             admin/catalog/finding/export/                                   V
see             admin/catalog/finding/import/                                   E
upload          admin/catalog/finding/import/                                   E
import_text     admin/catalog/finding/import/                                   E E P E P P - -
see             admin/catalog/finding/import/guide/                             E
see             admin/catalog/finding/import/guide.csv                          E
see             admin/catalog/finding/import/template.csv                       E
see             admin/catalog/finding/import/template.xlsx                      E
see             admin/catalog/finding/add/                                      E
add             admin/catalog/finding/add/                                      E E P E P P - -
follow          admin/catalog/finding/<path:object_id>/                         S
see             admin/catalog/finding/<path:object_id>/change/                  V
save            admin/catalog/finding/<path:object_id>/change/                  E E P E P P - -
move            admin/catalog/finding/<path:object_id>/change/                  E E P E P P - -
move_to         admin/catalog/finding/<path:object_id>/change/                  E E P E P P - -
see             admin/catalog/finding/<path:object_id>/delete/                  E E P E P P - -
delete          admin/catalog/finding/<path:object_id>/delete/                  E E P E P P - -
see             admin/catalog/finding/<path:object_id>/history/                 V
see             admin/catalog/finding/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/finding/<path:object_id>/history/<int:version_id>/return/ E E P E P P - -
signal          admin/catalog/finding/<int:pk>/presence/                        E E P E P P - -
see             admin/catalog/contact/                                          V
ask:export_csv  admin/catalog/contact/                                          V
ask:export_xlsx admin/catalog/contact/                                          V
delete_many     admin/catalog/contact/                                          E E P E P P - -
see             admin/catalog/contact/export/                                   V
see             admin/catalog/contact/import/                                   E
upload          admin/catalog/contact/import/                                   E
import_text     admin/catalog/contact/import/                                   E E P E P P - -
see             admin/catalog/contact/import/guide/                             E
see             admin/catalog/contact/import/guide.csv                          E
see             admin/catalog/contact/import/template.csv                       E
see             admin/catalog/contact/import/template.xlsx                      E
see             admin/catalog/contact/add/                                      E
add             admin/catalog/contact/add/                                      E E P E P P - -
follow          admin/catalog/contact/<path:object_id>/                         S
see             admin/catalog/contact/<path:object_id>/change/                  V
save            admin/catalog/contact/<path:object_id>/change/                  E E P E P P - -
move            admin/catalog/contact/<path:object_id>/change/                  E E P E P P - -
move_to         admin/catalog/contact/<path:object_id>/change/                  E E P E P P - -
see             admin/catalog/contact/<path:object_id>/delete/                  E E P E P P - -
delete          admin/catalog/contact/<path:object_id>/delete/                  E E P E P P - -
see             admin/catalog/contact/<path:object_id>/history/                 V
see             admin/catalog/contact/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/contact/<path:object_id>/history/<int:version_id>/return/ E E P E P P - -
signal          admin/catalog/contact/<int:pk>/presence/                        E E P E P P - -

see             admin/catalog/externalrating/                                   V
ask:export_csv  admin/catalog/externalrating/                                   V
ask:export_xlsx admin/catalog/externalrating/                                   V
delete_many     admin/catalog/externalrating/                                   E E P E P P - -
see             admin/catalog/externalrating/export/                            V
see             admin/catalog/externalrating/import/                            E
upload          admin/catalog/externalrating/import/                            E
import_text     admin/catalog/externalrating/import/                            E E P E P P - -
see             admin/catalog/externalrating/import/guide/                      E
see             admin/catalog/externalrating/import/guide.csv                   E
see             admin/catalog/externalrating/import/template.csv                E
see             admin/catalog/externalrating/import/template.xlsx               E
see             admin/catalog/externalrating/add/                               E
add             admin/catalog/externalrating/add/                               E E P E P P - -
follow          admin/catalog/externalrating/<path:object_id>/                  S
see             admin/catalog/externalrating/<path:object_id>/change/           V
save            admin/catalog/externalrating/<path:object_id>/change/           E E P E P P - -
move            admin/catalog/externalrating/<path:object_id>/change/           E E P E P P - -
move_to         admin/catalog/externalrating/<path:object_id>/change/           E E P E P P - -
see             admin/catalog/externalrating/<path:object_id>/delete/           E E P E P P - -
delete          admin/catalog/externalrating/<path:object_id>/delete/           E E P E P P - -
see             admin/catalog/externalrating/<path:object_id>/history/          V
see             admin/catalog/externalrating/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/externalrating/<path:object_id>/history/<int:version_id>/return/ E E P E P P - -
signal          admin/catalog/externalrating/<int:pk>/presence/                 E E P E P P - -

see             admin/catalog/registry/                                         V
ask:export_csv  admin/catalog/registry/                                         V
ask:export_xlsx admin/catalog/registry/                                         V
delete_many     admin/catalog/registry/                                         P
see             admin/catalog/registry/export/                                  V
see             admin/catalog/registry/import/                                  E
upload          admin/catalog/registry/import/                                  E
import_text     admin/catalog/registry/import/                                  E
import_text:live admin/catalog/registry/import/                                  P
see             admin/catalog/registry/import/guide/                            E
see             admin/catalog/registry/import/guide.csv                         E
see             admin/catalog/registry/import/template.csv                      E
see             admin/catalog/registry/import/template.xlsx                     E
see             admin/catalog/registry/add/                                     E
add             admin/catalog/registry/add/                                     E
follow          admin/catalog/registry/<path:object_id>/                        S
see             admin/catalog/registry/<path:object_id>/change/                 V
save            admin/catalog/registry/<path:object_id>/change/                 E
save:live       admin/catalog/registry/<path:object_id>/change/                 P
see             admin/catalog/registry/<path:object_id>/delete/                 P
delete          admin/catalog/registry/<path:object_id>/delete/                 P
delete_rated    admin/catalog/registry/<path:object_id>/delete/                 -
see             admin/catalog/registry/<path:object_id>/history/                V
see             admin/catalog/registry/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/registry/<path:object_id>/history/<int:version_id>/return/ E
restore:live    admin/catalog/registry/<path:object_id>/history/<int:version_id>/return/ P
signal          admin/catalog/registry/<int:pk>/presence/                       E

see             admin/catalog/reference/                                        V
ask:export_csv  admin/catalog/reference/                                        V
ask:export_xlsx admin/catalog/reference/                                        V
delete_many     admin/catalog/reference/                                        P
see             admin/catalog/reference/export/                                 V
see             admin/catalog/reference/import/                                 E
upload          admin/catalog/reference/import/                                 E
import_text     admin/catalog/reference/import/                                 E
import_text:live admin/catalog/reference/import/                                 P
see             admin/catalog/reference/import/guide/                           E
see             admin/catalog/reference/import/guide.csv                        E
see             admin/catalog/reference/import/template.csv                     E
see             admin/catalog/reference/import/template.xlsx                    E
see             admin/catalog/reference/add/                                    E
add             admin/catalog/reference/add/                                    E
follow          admin/catalog/reference/<path:object_id>/                       S
see             admin/catalog/reference/<path:object_id>/change/                V
save            admin/catalog/reference/<path:object_id>/change/                E
save:live       admin/catalog/reference/<path:object_id>/change/                P
propose:live    admin/catalog/reference/<path:object_id>/change/                E
see             admin/catalog/reference/<path:object_id>/delete/                P
delete          admin/catalog/reference/<path:object_id>/delete/                P
delete_linked   admin/catalog/reference/<path:object_id>/delete/                -
delete_cited    admin/catalog/reference/<path:object_id>/delete/                -
see             admin/catalog/reference/<path:object_id>/history/               V
see             admin/catalog/reference/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/reference/<path:object_id>/history/<int:version_id>/return/ E
restore:live    admin/catalog/reference/<path:object_id>/history/<int:version_id>/return/ P
see             admin/catalog/reference/<path:object_id>/notes/                 V
note            admin/catalog/reference/<path:object_id>/notes/                 E
see             admin/catalog/reference/<path:object_id>/assign/                E
assign          admin/catalog/reference/<path:object_id>/assign/                E
take_over       admin/catalog/reference/<path:object_id>/assign/                E
end             admin/catalog/reference/<path:object_id>/assign/                E
follow          admin/catalog/reference/assign/                                 E
assign_many     admin/catalog/reference/assign/                                 E
ask:assign_selected admin/catalog/reference/                                        E
signal          admin/catalog/reference/<int:pk>/presence/                      E
see_join        admin/catalog/reference/<path:object_id>/merge/                 E
see_join:live   admin/catalog/reference/<path:object_id>/merge/                 P
join            admin/catalog/reference/<path:object_id>/merge/                 E
join:live       admin/catalog/reference/<path:object_id>/merge/                 P
see_joined      admin/catalog/reference/<path:object_id>/unmerge/               E
see_joined:live admin/catalog/reference/<path:object_id>/unmerge/               P
part            admin/catalog/reference/<path:object_id>/unmerge/               E
part:live       admin/catalog/reference/<path:object_id>/unmerge/               P

see             admin/catalog/topicexpert/                                      V
ask:export_csv  admin/catalog/topicexpert/                                      V
ask:export_xlsx admin/catalog/topicexpert/                                      V
delete_many     admin/catalog/topicexpert/                                      P
see             admin/catalog/topicexpert/export/                               V
see             admin/catalog/topicexpert/import/                               E
upload          admin/catalog/topicexpert/import/                               E
import_text     admin/catalog/topicexpert/import/                               E
import_text:live admin/catalog/topicexpert/import/                               P
see             admin/catalog/topicexpert/import/guide/                         E
see             admin/catalog/topicexpert/import/guide.csv                      E
see             admin/catalog/topicexpert/import/template.csv                   E
see             admin/catalog/topicexpert/import/template.xlsx                  E
see             admin/catalog/topicexpert/add/                                  E
add             admin/catalog/topicexpert/add/                                  E
follow          admin/catalog/topicexpert/<path:object_id>/                     S
see             admin/catalog/topicexpert/<path:object_id>/change/              V
save            admin/catalog/topicexpert/<path:object_id>/change/              E
save:live       admin/catalog/topicexpert/<path:object_id>/change/              P
propose:live    admin/catalog/topicexpert/<path:object_id>/change/              E
see             admin/catalog/topicexpert/<path:object_id>/delete/              P
delete          admin/catalog/topicexpert/<path:object_id>/delete/              P
delete_linked   admin/catalog/topicexpert/<path:object_id>/delete/              -
see             admin/catalog/topicexpert/<path:object_id>/history/             V
see             admin/catalog/topicexpert/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/topicexpert/<path:object_id>/history/<int:version_id>/return/ E
restore:live    admin/catalog/topicexpert/<path:object_id>/history/<int:version_id>/return/ P
see             admin/catalog/topicexpert/<path:object_id>/notes/               V
note            admin/catalog/topicexpert/<path:object_id>/notes/               E
see             admin/catalog/topicexpert/<path:object_id>/assign/              E
assign          admin/catalog/topicexpert/<path:object_id>/assign/              E
take_over       admin/catalog/topicexpert/<path:object_id>/assign/              E
end             admin/catalog/topicexpert/<path:object_id>/assign/              E
follow          admin/catalog/topicexpert/assign/                               E
assign_many     admin/catalog/topicexpert/assign/                               E
ask:assign_selected admin/catalog/topicexpert/                                      E
signal          admin/catalog/topicexpert/<int:pk>/presence/                    E
see_join        admin/catalog/topicexpert/<path:object_id>/merge/               E
see_join:live   admin/catalog/topicexpert/<path:object_id>/merge/               P
join            admin/catalog/topicexpert/<path:object_id>/merge/               E
join:live       admin/catalog/topicexpert/<path:object_id>/merge/               P
see_joined      admin/catalog/topicexpert/<path:object_id>/unmerge/             E
see_joined:live admin/catalog/topicexpert/<path:object_id>/unmerge/             P
part            admin/catalog/topicexpert/<path:object_id>/unmerge/             E
part:live       admin/catalog/topicexpert/<path:object_id>/unmerge/             P

see             admin/catalog/scaleedition/                                             V
delete_many     admin/catalog/scaleedition/                                             P
see             admin/catalog/scaleedition/add/                                         P
add             admin/catalog/scaleedition/add/                                         P
follow          admin/catalog/scaleedition/<path:object_id>/                            S
see             admin/catalog/scaleedition/<path:object_id>/change/                     V
save            admin/catalog/scaleedition/<path:object_id>/change/                     P
see             admin/catalog/scaleedition/<path:object_id>/delete/                     P
delete          admin/catalog/scaleedition/<path:object_id>/delete/                     P
see             admin/catalog/scaleedition/<path:object_id>/history/                    V
see             admin/catalog/scaleedition/<path:object_id>/history/<int:version_id>/   V
restore         admin/catalog/scaleedition/<path:object_id>/history/<int:version_id>/return/ P
signal          admin/catalog/scaleedition/<int:pk>/presence/                           P
see             admin/catalog/synonymgroup/                                             V
delete_many     admin/catalog/synonymgroup/                                             P
see             admin/catalog/synonymgroup/add/                                         P
add             admin/catalog/synonymgroup/add/                                         P
follow          admin/catalog/synonymgroup/<path:object_id>/                            S
see             admin/catalog/synonymgroup/<path:object_id>/change/                     V
save            admin/catalog/synonymgroup/<path:object_id>/change/                     P
see             admin/catalog/synonymgroup/<path:object_id>/delete/                     P
delete          admin/catalog/synonymgroup/<path:object_id>/delete/                     P
see             admin/catalog/synonymgroup/<path:object_id>/history/                    V
see             admin/catalog/synonymgroup/<path:object_id>/history/<int:version_id>/   V
restore         admin/catalog/synonymgroup/<path:object_id>/history/<int:version_id>/return/ P
signal          admin/catalog/synonymgroup/<int:pk>/presence/                           P
see             admin/catalog/synonymgroup/import/                                      P
take_in         admin/catalog/synonymgroup/import/                                      P
see             admin/catalog/synonymgroup/synonyms.csv                                 V
see             admin/catalog/term/                                             V
delete_many     admin/catalog/term/                                             P
see             admin/catalog/term/add/                                         E
add             admin/catalog/term/add/                                         E
follow          admin/catalog/term/<path:object_id>/                            S
see             admin/catalog/term/<path:object_id>/change/                     V
save            admin/catalog/term/<path:object_id>/change/                     P
propose         admin/catalog/term/<path:object_id>/change/                     E
see             admin/catalog/term/<path:object_id>/delete/                     P
delete          admin/catalog/term/<path:object_id>/delete/                     P
see             admin/catalog/term/<path:object_id>/history/                    V
see             admin/catalog/term/<path:object_id>/history/<int:version_id>/   V
restore         admin/catalog/term/<path:object_id>/history/<int:version_id>/return/ P
see             admin/catalog/term/<path:object_id>/notes/                      V
note            admin/catalog/term/<path:object_id>/notes/                      E
see             admin/catalog/term/<path:object_id>/assign/                     E
assign          admin/catalog/term/<path:object_id>/assign/                     E
take_over       admin/catalog/term/<path:object_id>/assign/                     E
end             admin/catalog/term/<path:object_id>/assign/                     E
follow          admin/catalog/term/assign/                                      E
assign_many     admin/catalog/term/assign/                                      E
signal          admin/catalog/term/<int:pk>/presence/                           E

see             admin/catalog/page/                                        V
ask:review      admin/catalog/page/                                        E
ask:draft       admin/catalog/page/                                        E
ask:publish     admin/catalog/page/                                        P
ask:withdraw    admin/catalog/page/                                        P
ask:retire      admin/catalog/page/                                        P
delete_many     admin/catalog/page/                                        P P P - - -
see             admin/catalog/page/add/                                    E
add             admin/catalog/page/add/                                    E
follow          admin/catalog/page/<path:object_id>/                       S
see             admin/catalog/page/<path:object_id>/change/                V
save            admin/catalog/page/<path:object_id>/change/                E E P E P P
propose         admin/catalog/page/<path:object_id>/change/                - - E - E E
see             admin/catalog/page/<path:object_id>/delete/                P P P - - -
delete          admin/catalog/page/<path:object_id>/delete/                P P P - - -
see             admin/catalog/page/<path:object_id>/history/               V
see             admin/catalog/page/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/page/<path:object_id>/history/<int:version_id>/return/ E E P E P P
see             admin/catalog/page/<path:object_id>/notes/                 V
note            admin/catalog/page/<path:object_id>/notes/                 E
see             admin/catalog/page/<path:object_id>/assign/                E
assign          admin/catalog/page/<path:object_id>/assign/                E
take_over       admin/catalog/page/<path:object_id>/assign/                E
end             admin/catalog/page/<path:object_id>/assign/                E
follow          admin/catalog/page/assign/                                 E
assign_many     admin/catalog/page/assign/                                 E
ask:assign_selected admin/catalog/page/                                        E
signal          admin/catalog/page/<int:pk>/presence/                      E
see             admin/catalog/page/<path:object_id>/previews/              E
share           admin/catalog/page/<path:object_id>/previews/              E E E E - -
close           admin/catalog/page/<path:object_id>/previews/              E
see:in-review   admin/catalog/page/<path:object_id>/status/<slug:target>/  E - P E - -
see:draft       admin/catalog/page/<path:object_id>/status/<slug:target>/  - E - - P -
see:published   admin/catalog/page/<path:object_id>/status/<slug:target>/  - P P - - P
see:retired     admin/catalog/page/<path:object_id>/status/<slug:target>/  - - - - P -
step:in-review  admin/catalog/page/<path:object_id>/status/<slug:target>/  E - P E - -
step:draft      admin/catalog/page/<path:object_id>/status/<slug:target>/  - E - - P -
step:published  admin/catalog/page/<path:object_id>/status/<slug:target>/  - P P - - P
schedule:published admin/catalog/page/<path:object_id>/status/<slug:target>/ - P P - - P
step:retired    admin/catalog/page/<path:object_id>/status/<slug:target>/  - - - - P -
follow:review   admin/catalog/page/status/<slug:name>/                     E
follow:publish  admin/catalog/page/status/<slug:name>/                     P
steps:review    admin/catalog/page/status/<slug:name>/                     E - - E - -
steps:draft     admin/catalog/page/status/<slug:name>/                     - E - - - -
steps:publish   admin/catalog/page/status/<slug:name>/                     - P - - - -
steps:withdraw  admin/catalog/page/status/<slug:name>/                     - - - - P -
steps:retire    admin/catalog/page/status/<slug:name>/                     - - - - P -

see             admin/catalog/proposal/                                         V
see             admin/catalog/proposal/add/                                     -
follow          admin/catalog/proposal/<path:object_id>/                        S
see             admin/catalog/proposal/<path:object_id>/change/                 V
see             admin/catalog/proposal/<path:object_id>/delete/                 -
see             admin/catalog/proposal/<path:object_id>/history/                V
take:submit     admin/catalog/proposal/<path:object_id>/change/                 E - - E - - -
take:approve    admin/catalog/proposal/<path:object_id>/change/                 - P - - - - -
take:publish    admin/catalog/proposal/<path:object_id>/change/                 - - P - - - P
take:schedule   admin/catalog/proposal/<path:object_id>/change/                 - - P - - - P
take:unschedule admin/catalog/proposal/<path:object_id>/change/                 - - - - - - P
take:send-back  admin/catalog/proposal/<path:object_id>/change/                 - P P - - - P
take:discard    admin/catalog/proposal/<path:object_id>/change/                 E E E E - - E
take:take-up    admin/catalog/proposal/<path:object_id>/change/                 - - - - - E -
comment         admin/catalog/proposal/<path:object_id>/change/                 E

see             admin/catalog/notification/                                     S
mark            admin/catalog/notification/                                     S
prefer          admin/catalog/notification/                                     S
see             admin/catalog/notification/add/                                 -
follow          admin/catalog/notification/<path:object_id>/                    S
open            admin/catalog/notification/<path:object_id>/change/             S
open:foreign    admin/catalog/notification/<path:object_id>/change/             -
see             admin/catalog/notification/<path:object_id>/delete/             -
see             admin/catalog/notification/<path:object_id>/history/            S

see             admin/catalog/staffnote/                                        V
see             admin/catalog/staffnote/add/                                    -
follow          admin/catalog/staffnote/<path:object_id>/                       S
see             admin/catalog/staffnote/<path:object_id>/change/                V
save            admin/catalog/staffnote/<path:object_id>/change/                E
save:foreign    admin/catalog/staffnote/<path:object_id>/change/                U
see             admin/catalog/staffnote/<path:object_id>/delete/                E
delete          admin/catalog/staffnote/<path:object_id>/delete/                E
delete:foreign  admin/catalog/staffnote/<path:object_id>/delete/                U
see             admin/catalog/staffnote/<path:object_id>/history/               V
see             admin/recent-changes/                                           V

see             admin/catalog/export/                                           V
see             admin/catalog/export/add/                                       -
follow          admin/catalog/export/<path:object_id>/                          S
see             admin/catalog/export/<path:object_id>/change/                   V
see:foreign     admin/catalog/export/<path:object_id>/change/                   -
see             admin/catalog/export/<path:object_id>/history/                  V
see             admin/catalog/export/<path:object_id>/file/                     V
see:foreign     admin/catalog/export/<path:object_id>/file/                     -
see             admin/catalog/export/<path:object_id>/delete/                   V
delete          admin/catalog/export/<path:object_id>/delete/                   V
delete:foreign  admin/catalog/export/<path:object_id>/delete/                   -
delete_many     admin/catalog/export/                                           V

see             admin/catalog/import/                                           E
see             admin/catalog/import/add/                                       -
follow          admin/catalog/import/<path:object_id>/                          S
see             admin/catalog/import/<path:object_id>/change/                   E
see             admin/catalog/import/<path:object_id>/history/                  E
see             admin/catalog/import/<path:object_id>/delete/                   -
delete          admin/catalog/import/<path:object_id>/delete/                   -
delete_many     admin/catalog/import/                                           -
see             admin/catalog/import/<path:object_id>/file/                     E
see:broken      admin/catalog/import/<path:object_id>/mistakes/                 E
confirm         admin/catalog/import/<path:object_id>/confirm/                  E
confirm:foreign admin/catalog/import/<path:object_id>/confirm/                  -
cancel          admin/catalog/import/<path:object_id>/cancel/                   E
cancel:foreign  admin/catalog/import/<path:object_id>/cancel/                   -
run:confirmed   admin/catalog/import/<path:object_id>/run-again/                E
run:undoing     admin/catalog/import/<path:object_id>/run-again/                P
see:done        admin/catalog/import/<path:object_id>/undo/                     P
undo:done       admin/catalog/import/<path:object_id>/undo/                     P

see             admin/auth/group/                                               U
delete_many     admin/auth/group/                                               U
see             admin/auth/group/add/                                           U
add             admin/auth/group/add/                                           U
follow          admin/auth/group/<path:object_id>/                              S
see             admin/auth/group/<path:object_id>/change/                       U
save            admin/auth/group/<path:object_id>/change/                       U
see             admin/auth/group/<path:object_id>/delete/                       U
delete          admin/auth/group/<path:object_id>/delete/                       U
see             admin/auth/group/<path:object_id>/history/                      U
see             admin/auth/user/                                                U
delete_many     admin/auth/user/                                                U
see             admin/auth/user/add/                                            U
add             admin/auth/user/add/                                            U
follow          admin/auth/user/<path:object_id>/                               S
see             admin/auth/user/<path:object_id>/change/                        U
save            admin/auth/user/<path:object_id>/change/                        U
see             admin/auth/user/<path:object_id>/delete/                        U
delete          admin/auth/user/<path:object_id>/delete/                        U
see             admin/auth/user/<path:object_id>/history/                       U
see             admin/auth/user/<id>/password/                                  U
set_password    admin/auth/user/<id>/password/                                  U
"""

LINES = [line.split() for line in MATRIX.splitlines() if line]
