"""Addresses of waves over organizations."""

from django.urls import path

from onboarding.joint.api.joint import JointOfferViewSet, JointPlaceViewSet, JointProgramViewSet, JointWaveViewSet

urlpatterns = [
    path("joint-programs", JointProgramViewSet.as_view({"get": "list", "post": "begin"})),
    path("joint-programs/<uuid:pk>", JointProgramViewSet.as_view({"get": "retrieve"})),
    path("joint-programs/<uuid:pk>/waves", JointProgramViewSet.as_view({"post": "add_wave"})),
    path("joint-waves/<uuid:pk>", JointWaveViewSet.as_view({"get": "retrieve"})),
    *(
        path(f"joint-waves/<uuid:pk>/{verb}", JointWaveViewSet.as_view({"post": verb}))
        for verb in ("offer", "rules", "start", "expand", "halt", "resume")
    ),
    path("joint-places/<uuid:pk>/take-back", JointPlaceViewSet.as_view({"post": "take_back"})),
    path("joint-offers", JointOfferViewSet.as_view({"get": "list"})),
    *(
        path(f"joint-offers/<uuid:pk>/{verb}", JointOfferViewSet.as_view({"post": verb}))
        for verb in ("accept", "decline", "leave")
    ),
]
