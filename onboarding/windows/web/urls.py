"""Addresses of the windows, below `/o/<org>/`."""

from django.urls import path

from onboarding.windows.web.views import windows

app_name = "windows"
urlpatterns = [
    path("windows/", windows.index, name="list"),
    path("windows/new/", windows.begin, name="begin"),
    path("windows/<uuid:series>/", windows.show, name="show"),
    path("windows/<uuid:series>/end", windows.end, name="end"),
    path("windows/<uuid:series>/start", windows.count_from, name="count_from"),
    path("windows/<uuid:series>/keeper", windows.hand_on, name="hand_on"),
    path("windows/<uuid:series>/<uuid:window>/meet", windows.meet, name="meet"),
    path("windows/<uuid:series>/<uuid:window>/correct", windows.correct, name="correct"),
    path("windows/<uuid:series>/<uuid:window>/take-back", windows.take_back, name="take_back"),
]
