"""Addresses that a mailed link opens without signing in; the organization stands in the path and in the signature."""

from django.urls import path

from onboarding.deployments.web.views import approve_by_link

urlpatterns = [
    path("a/<slug:org>/approve/<str:token>/", approve_by_link.answer, name="approval"),
    path(
        "a/<slug:org>/approve/<str:token>/evidence/<uuid:evidence>/<int:number>",
        approve_by_link.evidence,
        name="approval_evidence",
    ),
]
