"""Addresses of upgrades, below `/o/<org>/`."""

from django.urls import path

from onboarding.upgrades.web.views import upgrades

app_name = "upgrades"

urlpatterns = [
    path("programs/<uuid:program>/upgrade/", upgrades.plan, name="plan"),
    path("upgrades/", upgrades.index, name="list"),
    path("upgrades/<uuid:upgrade>/", upgrades.detail, name="upgrade"),
    path("upgrades/<uuid:upgrade>/undo", upgrades.undo, name="undo"),
]
