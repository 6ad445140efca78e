"""Addresses of windows."""

from django.urls import path

from onboarding.windows.api.windows import SeriesViewSet, WindowViewSet

urlpatterns = [
    path("window-series", SeriesViewSet.as_view({"get": "list", "post": "create"})),
    path("window-series/<uuid:pk>", SeriesViewSet.as_view({"get": "retrieve"})),
    path("window-series/<uuid:pk>/end", SeriesViewSet.as_view({"post": "end"})),
    path("windows", WindowViewSet.as_view({"get": "list"})),
    path("windows/<uuid:pk>", WindowViewSet.as_view({"get": "retrieve"})),
    path("windows/<uuid:pk>/meet", WindowViewSet.as_view({"post": "meet"})),
]
