"""Addresses of windows."""

from django.urls import path

from onboarding.windows.api.windows import SeriesViewSet, WindowViewSet

urlpatterns = [
    path("window-series", SeriesViewSet.as_view({"get": "list", "post": "create"})),
    path("window-series/<uuid:pk>", SeriesViewSet.as_view({"get": "retrieve"})),
    path("window-series/<uuid:pk>/end", SeriesViewSet.as_view({"post": "end"})),
    path("window-series/<uuid:pk>/count-from", SeriesViewSet.as_view({"post": "count_from"})),
    path("windows", WindowViewSet.as_view({"get": "list"})),
    path("windows/<uuid:pk>", WindowViewSet.as_view({"get": "retrieve"})),
    path("windows/<uuid:pk>/meet", WindowViewSet.as_view({"post": "meet"})),
    path("windows/<uuid:pk>/correct", WindowViewSet.as_view({"post": "correct"})),
    path("windows/<uuid:pk>/take-back", WindowViewSet.as_view({"post": "take_back"})),
]
