"""Addresses of upgrades."""

from django.urls import path

from onboarding.upgrades.api.upgrades import ProgramUpgradeViewSet, UpgradeViewSet

urlpatterns = [
    path("programs/<uuid:program>/upgrades", ProgramUpgradeViewSet.as_view({"get": "preview", "post": "move"})),
    path("upgrades", UpgradeViewSet.as_view({"get": "list"})),
    path("upgrades/<uuid:pk>", UpgradeViewSet.as_view({"get": "retrieve"})),
    path("upgrades/<uuid:pk>/undo", UpgradeViewSet.as_view({"post": "undo"})),
]
