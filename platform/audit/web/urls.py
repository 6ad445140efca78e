"""The event log, under the organization's administration."""

from django.urls import path

from audit.web.views import log

app_name = "audit"
urlpatterns = [
    path("", log.event_log, name="log"),
    path("export.<slug:kind>", log.export, name="export"),
    path("verify_log.py", log.verifier, name="verifier"),
    path("<uuid:event>/", log.event_detail, name="event"),
    path("<uuid:event>/proof.json", log.proof, name="proof"),
]
