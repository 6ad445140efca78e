"""Addresses of the design system, outside any organization."""

from django.urls import path

from web import views

urlpatterns = [
    path("appearance", views.appearance, name="appearance"),
    path("offline", views.offline, name="offline"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("dev/components", views.components, name="components"),
]
