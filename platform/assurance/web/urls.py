"""Addresses of scheduled audits, below `/o/<org>/audits/`."""

from django.urls import path

from assurance.web.views import definitions, findings, packs, runs

app_name = "assurance"
urlpatterns = [
    path("", definitions.index, name="index"),
    path("new", definitions.new, name="new"),
    path("<uuid:definition>/", definitions.show, name="definition"),
    path("<uuid:definition>/change", definitions.change, name="change"),
    path("<uuid:definition>/begin", definitions.begin, name="begin"),
    path("<uuid:definition>/end", definitions.retire, name="retire"),
    path("runs/<uuid:run>/", runs.show, name="run"),
    path("runs/<uuid:run>/record.json", runs.signed_record, name="record"),
    path("runs/<uuid:run>/lines/<int:number>", runs.decide, name="decide"),
    path("runs/<uuid:run>/findings", runs.raise_finding, name="raise"),
    path("runs/<uuid:run>/sign", runs.sign_off, name="sign"),
    path("findings/", findings.index, name="findings"),
    path("findings/<uuid:finding>/", findings.show, name="finding"),
    path("findings/<uuid:finding>/correct", findings.correct, name="correct"),
    path("findings/<uuid:finding>/retest", findings.retest, name="retest"),
    path("findings/<uuid:finding>/close", findings.close, name="close"),
    path("findings/<uuid:finding>/hand-over", findings.hand_over, name="hand_over"),
    path("packs/", packs.index, name="packs"),
    path("packs/<uuid:pack>/", packs.show, name="pack"),
    path("packs/<uuid:pack>/retry", packs.retry, name="pack_retry"),
    path("packs/file/<str:token>", packs.download, name="pack_file"),
]
