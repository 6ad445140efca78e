"""Addresses of the reviews, below `/o/<org>/`."""

from django.urls import path

from onboarding.reviews.web.views import reviews

app_name = "reviews"
urlpatterns = [
    path("reviews/", reviews.calendar, name="calendar"),
    path("reviews/<uuid:review>/", reviews.show, name="show"),
    path("reviews/<uuid:review>/decision", reviews.decide, name="decide"),
    path("deployments/<uuid:deployment>/reviews/", reviews.index, name="index"),
]
