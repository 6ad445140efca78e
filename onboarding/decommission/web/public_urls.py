"""Where anybody checks a certificate of a decommission, without signing in."""

from django.urls import path

from onboarding.decommission.web.views import certificates

urlpatterns = [path("d/<slug:org>/<slug:code>/", certificates.verify, name="verify_decommission")]
