"""Addresses of continuity, below `/o/<org>/`."""

from django.urls import path

from onboarding.continuity.web.views import continuity

app_name = "continuity"
urlpatterns = [
    path("deployments/<uuid:deployment>/continuity/", continuity.show, name="show"),
    path("deployments/<uuid:deployment>/continuity/hand-over", continuity.begin, name="begin"),
    path("deployments/<uuid:deployment>/continuity/hand-over/steps/<slug:step>", continuity.tick, name="tick"),
    path("deployments/<uuid:deployment>/continuity/hand-over/finish", continuity.finish, name="finish"),
    path("deployments/<uuid:deployment>/continuity/hand-over/withdraw", continuity.withdraw, name="withdraw"),
    path("deployments/<uuid:deployment>/continuity/funding", continuity.note_source, name="source"),
    path("deployments/<uuid:deployment>/continuity/cost", continuity.note_cost, name="cost"),
]
