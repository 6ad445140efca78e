"""Addresses of saved views, below `/o/<org>/views/`."""

from django.urls import path

from web import saved

app_name = "views"
urlpatterns = [
    path("", saved.keep, name="keep"),
    path("<uuid:view>/<slug:do>", saved.change, name="change"),
]
