"""The reference for people and the document for programs, below `/o/<org>/api/v1/`."""

from django.urls import path

from api.web import views

app_name = "api"
urlpatterns = [
    path("docs/", views.reference, name="reference"),
    path("openapi.json", views.openapi, name="openapi"),
]
