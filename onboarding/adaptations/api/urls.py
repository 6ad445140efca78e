"""Addresses of adaptations and proposals."""

from django.urls import path

from onboarding.adaptations.api.adaptations import AdaptationViewSet, ProposalViewSet

urlpatterns = [
    path("adaptations", AdaptationViewSet.as_view({"get": "list"})),
    path("adaptations/<uuid:pk>", AdaptationViewSet.as_view({"get": "retrieve"})),
    *(
        path(f"adaptations/<uuid:pk>/{verb}", AdaptationViewSet.as_view({"post": verb}))
        for verb in ("offer", "propose", "take", "decline")
    ),
    path("playbook-proposals", ProposalViewSet.as_view({"get": "list"})),
    path("playbook-proposals/<uuid:pk>/take", ProposalViewSet.as_view({"post": "take"})),
    path("playbook-proposals/<uuid:pk>/decline", ProposalViewSet.as_view({"post": "decline"})),
]
