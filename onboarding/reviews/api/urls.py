"""Addresses of reviews."""

from django.urls import path

from onboarding.reviews.api.reviews import SiteReviewViewSet

urlpatterns = [
    path("deployments/<uuid:deployment>/reviews", SiteReviewViewSet.as_view({"get": "list"})),
    path("reviews/<uuid:pk>", SiteReviewViewSet.as_view({"get": "retrieve"})),
    path("reviews/<uuid:pk>/hold", SiteReviewViewSet.as_view({"post": "hold"})),
    path("reviews/<uuid:pk>/decide", SiteReviewViewSet.as_view({"post": "decide"})),
]
