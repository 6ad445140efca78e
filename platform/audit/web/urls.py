"""The event log, under the organization's administration."""

from django.urls import path

from audit.web.views import holds, log, reads

app_name = "audit"
urlpatterns = [
    path("", log.event_log, name="log"),
    path("export.<slug:kind>", log.export, name="export"),
    path("holds/", holds.holds, name="holds"),
    path("holds/<uuid:hold>/release", holds.release, name="release_hold"),
    path("verify_log.py", log.verifier, name="verifier"),
    path("reads/", reads.reads, name="reads"),
    path("<uuid:event>/", log.event_detail, name="event"),
    path("<uuid:event>/proof.json", log.proof, name="proof"),
]
