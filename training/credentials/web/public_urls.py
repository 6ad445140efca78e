"""Where anybody checks a certificate, without signing in."""

from django.urls import path

from training.credentials.web.views import certificate

urlpatterns = [path("v/<slug:org>/<slug:code>/", certificate.verify, name="verify_certificate")]
