"""Addresses of decommissions, below `/o/<org>/`."""

from django.urls import path

from onboarding.decommission.web.views import certificates, decommission

app_name = "decommission"
urlpatterns = [
    path("deployments/<uuid:deployment>/decommission/", decommission.show, name="show"),
    path("deployments/<uuid:deployment>/decommission/withdraw", decommission.withdraw, name="withdraw"),
    path("deployments/<uuid:deployment>/decommission/complete", decommission.complete, name="complete"),
    path("deployments/<uuid:deployment>/decommission/steps/<slug:key>/done", decommission.finish, name="finish"),
    path("deployments/<uuid:deployment>/decommission/steps/<slug:key>/reopen", decommission.reopen, name="reopen"),
    path("deployments/<uuid:deployment>/decommission/steps/<slug:key>/certify", certificates.sign, name="certify"),
    path("decommission-certificates/<uuid:certificate>/", certificates.download, name="certificate"),
]
