"""Certificates and transcripts, below `/o/<org>/certificates/`; the public check is in `public_urls`."""

from django.urls import path

from training.credentials.web.views import certificate, transcript

app_name = "credentials"
urlpatterns = [
    path("transcript/", transcript.mine, name="transcript"),
    path("transcript.pdf", transcript.pdf, name="transcript_pdf"),
    path("credit/", transcript.credit, name="credit"),
    path("report/", transcript.report, name="report"),
    path("<uuid:completion>/", certificate.download, name="certificate"),
]
