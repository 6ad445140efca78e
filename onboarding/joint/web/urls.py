"""Addresses of joint waves, below `/o/<org>/joint/`."""

from django.urls import path

from onboarding.joint.web.views import leading, taking_part

app_name = "joint"

urlpatterns = [
    path("", taking_part.index, name="index"),
    path("begin", leading.begin, name="begin"),
    path("places/<uuid:place>/accept", taking_part.accept, name="accept"),
    path("places/<uuid:place>/decline", taking_part.decline, name="decline"),
    path("places/<uuid:place>/leave", taking_part.leave, name="leave"),
    path("<uuid:program>/", leading.program, name="program"),
    path("<uuid:program>/waves", leading.add_wave, name="wave_add"),
    path("<uuid:program>/waves/<uuid:wave>/places", leading.offer, name="offer"),
    path("<uuid:program>/waves/<uuid:wave>/rules", leading.rules, name="rules"),
    path("<uuid:program>/waves/<uuid:wave>/lessons", leading.learn, name="learn"),
    path("<uuid:program>/waves/<uuid:wave>/<str:do>", leading.run, name="run"),
    path("<uuid:program>/lessons/<uuid:lesson>/take-up", leading.take_up, name="take_up"),
    path("<uuid:program>/places/<uuid:place>/take-back", leading.take_back, name="take_back"),
    path("<uuid:program>/places/<uuid:place>/staff", leading.give_staff, name="staff"),
    path("<uuid:program>/staff/<uuid:staff>/take-off", leading.take_off, name="staff_off"),
]
