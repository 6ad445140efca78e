"""Addresses of playbooks, below `/o/<org>/playbooks/`."""

from django.urls import path

from onboarding.playbooks.web.views import playbooks

app_name = "playbooks"

urlpatterns = [
    path("", playbooks.index, name="index"),
    path("adopt", playbooks.adopt, name="adopt"),
    path("<uuid:version>/", playbooks.version, name="version"),
]
