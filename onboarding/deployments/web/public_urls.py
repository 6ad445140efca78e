"""Addresses that a mailed link opens without signing in; the organization stands in the path and in the signature."""

from django.urls import path

from onboarding.deployments.web.views import approve_by_link, status

urlpatterns = [
    path("s/<slug:org>/status/<str:token>/", status.public, name="status"),
    path("s/<slug:org>/status/<str:token>/pdf", status.public, {"kind": "pdf"}, name="status_pdf"),
    path("s/<slug:org>/status/<str:token>/xlsx", status.public, {"kind": "xlsx"}, name="status_xlsx"),
    path("a/<slug:org>/approve/<str:token>/", approve_by_link.answer, name="approval"),
    path(
        "a/<slug:org>/approve/<str:token>/evidence/<slug:sha256>",
        approve_by_link.evidence,
        name="approval_evidence",
    ),
]
