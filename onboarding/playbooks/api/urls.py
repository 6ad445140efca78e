"""Addresses of playbooks."""

from django.urls import path

from onboarding.playbooks.api.drafts import PlaybookDraftViewSet, RebaseViewSet
from onboarding.playbooks.api.playbooks import PlaybookItemViewSet, PlaybookVersionViewSet, PlaybookViewSet

urlpatterns = [
    path("playbooks", PlaybookViewSet.as_view({"get": "list"})),
    path("playbooks/<uuid:pk>", PlaybookViewSet.as_view({"get": "retrieve"})),
    path("playbooks/<uuid:playbook>/versions", PlaybookVersionViewSet.as_view({"get": "list"})),
    path("playbooks/<uuid:playbook>/versions/<uuid:pk>", PlaybookVersionViewSet.as_view({"get": "retrieve"})),
    path("playbooks/<uuid:playbook>/versions/<uuid:version>/items", PlaybookItemViewSet.as_view({"get": "list"})),
    path("playbooks/<uuid:playbook>/versions/<uuid:version>/up-to-date", RebaseViewSet.as_view({"get": "compare"})),
    path("playbook-drafts", PlaybookDraftViewSet.as_view({"get": "list", "post": "begin"})),
    path("playbook-drafts/<uuid:pk>", PlaybookDraftViewSet.as_view({"get": "retrieve"})),
    path("playbook-drafts/<uuid:pk>/document", PlaybookDraftViewSet.as_view({"get": "document", "post": "replace"})),
    path("playbook-drafts/<uuid:pk>/publish", PlaybookDraftViewSet.as_view({"post": "publish"})),
]
