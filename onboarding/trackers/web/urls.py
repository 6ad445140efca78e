"""Addresses of tracker imports, below `/o/<org>/`."""

from django.urls import path

from onboarding.trackers.web import views

app_name = "trackers"
urlpatterns = [
    path("deployments/<uuid:deployment>/tracker/", views.index, name="index"),
    path("trackers/<uuid:tracker>/", views.show, name="show"),
    path("trackers/<uuid:tracker>/columns", views.columns, name="columns"),
    path("trackers/<uuid:tracker>/sheet", views.sheet, name="sheet"),
    path("trackers/<uuid:tracker>/rows", views.rows, name="rows"),
    path("trackers/<uuid:tracker>/apply", views.apply_, name="apply"),
]
