"""The operators' page of the engine, below `/admin/`: `accounts.staff` asks for a staff session before any of it."""

from django.urls import path

from notices.web.views import engine_for_staff

app_name = "engine"
urlpatterns = [
    path("", engine_for_staff.engine, name="engine"),
    path("retry/<slug:kind>", engine_for_staff.retry, name="retry"),
]
