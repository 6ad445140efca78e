"""Runs of a deployment's runbook, below `/o/<org>/`."""

from django.urls import path

from onboarding.cutover.web.views import overview, verbs

app_name = "cutover"
urlpatterns = [
    path("deployments/<uuid:deployment>/cut-over/", overview.overview, name="overview"),
    path("deployments/<uuid:deployment>/cut-over/plan/", overview.plan, name="plan"),
    path("cut-over-runs/<uuid:run>/start/", verbs.start, name="start"),
    path("cut-over-runs/<uuid:run>/steps/<int:number>/done/", verbs.done, name="done"),
    path("cut-over-runs/<uuid:run>/steps/<int:number>/skip/", verbs.skip, name="skip"),
    path("cut-over-runs/<uuid:run>/hold/", verbs.hold, name="hold"),
    path("cut-over-runs/<uuid:run>/resume/", verbs.resume, name="resume"),
    path("cut-over-runs/<uuid:run>/rollback/", verbs.roll_back, name="roll_back"),
    path("cut-over-runs/<uuid:run>/abandon/", verbs.abandon, name="abandon"),
    path("cut-over-runs/<uuid:run>/alarms/<uuid:alarm>/decision/", verbs.decide, name="decide"),
    path("cut-over-runs/<uuid:run>/log/", verbs.say, name="say"),
    path("cut-over-runs/<uuid:run>/figures/", verbs.figures, name="figures"),
]
