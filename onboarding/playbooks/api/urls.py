"""Addresses of playbooks."""

from django.urls import path

from onboarding.playbooks.api.playbooks import PlaybookItemViewSet, PlaybookVersionViewSet, PlaybookViewSet

urlpatterns = [
    path("playbooks", PlaybookViewSet.as_view({"get": "list"})),
    path("playbooks/<uuid:pk>", PlaybookViewSet.as_view({"get": "retrieve"})),
    path("playbooks/<uuid:playbook>/versions", PlaybookVersionViewSet.as_view({"get": "list"})),
    path("playbooks/<uuid:playbook>/versions/<uuid:pk>", PlaybookVersionViewSet.as_view({"get": "retrieve"})),
    path("playbooks/<uuid:playbook>/versions/<uuid:version>/items", PlaybookItemViewSet.as_view({"get": "list"})),
]
