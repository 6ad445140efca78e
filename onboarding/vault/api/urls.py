"""Addresses of the vault."""

from django.urls import path

from onboarding.vault.api.papers import PaperViewSet, ReceivedPaperViewSet

urlpatterns = [
    path("papers", PaperViewSet.as_view({"get": "list", "post": "submit"})),
    path("papers/<uuid:pk>", PaperViewSet.as_view({"get": "retrieve"})),
    path("papers/<uuid:pk>/versions", PaperViewSet.as_view({"post": "renew"})),
    *(
        path(f"papers/<uuid:pk>/{verb}", PaperViewSet.as_view({"post": verb}))
        for verb in ("ready", "unready", "approve", "flag", "revoke")
    ),
    path("received-papers", ReceivedPaperViewSet.as_view({"get": "list"})),
    path("received-papers/<uuid:pk>/accept", ReceivedPaperViewSet.as_view({"post": "accept"})),
    path("received-papers/<uuid:pk>/decline", ReceivedPaperViewSet.as_view({"post": "decline"})),
]
