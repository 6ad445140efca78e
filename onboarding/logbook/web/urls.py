"""Addresses of the log and of routines, below `/o/<org>/`."""

from django.urls import path

from onboarding.logbook.web.views import entries, routines

app_name = "logbook"
urlpatterns = [
    path("log/", entries.index, name="index"),
    path("log/<uuid:entry>/", entries.show, name="entry"),
    path("log/<uuid:entry>/change", entries.change, name="change"),
    path("log/<uuid:entry>/happened", entries.happened, name="happened"),
    path("log/<uuid:entry>/close", entries.close, name="close"),
    path("log/<uuid:entry>/reopen", entries.reopen, name="reopen"),
    path("programs/<uuid:program>/log/", entries.of_program, name="program"),
    path("programs/<uuid:program>/log/new", entries.write_for_program, name="write_for_program"),
    path("deployments/<uuid:deployment>/log/", entries.of_deployment, name="deployment"),
    path("deployments/<uuid:deployment>/log/new", entries.write, name="write"),
    path("deployments/<uuid:deployment>/routines/", routines.index, name="routines"),
    path("deployments/<uuid:deployment>/routines/usual", routines.usual, name="routines_usual"),
    path("deployments/<uuid:deployment>/routines/<uuid:routine>/end", routines.end, name="routine_end"),
]
