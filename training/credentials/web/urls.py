"""Certificates, below `/o/<org>/certificates/`; the public check is in `public_urls`."""

from django.urls import path

from training.credentials.web.views import certificate

app_name = "credentials"
urlpatterns = [path("<uuid:completion>/", certificate.download, name="certificate")]
