"""My learning, below `/o/<org>/learning/`: a learner's own pages."""

from django.urls import path

from training.learning.web.views import course, lesson, mine, observations, review, sessions, support

app_name = "learning"
urlpatterns = [
    path("", mine.mine, name="mine"),
    path("support/", support.mine, name="support"),
    path("observations/", observations.wanted, name="observations"),
    path("observations/<uuid:assignment>/", observations.observe, name="observe"),
    path("sessions/", sessions.mine, name="sessions"),
    path("sessions/<uuid:session>/seat/", sessions.sign_up, name="sign_up"),
    path("sessions/<uuid:session>/seat/give-up/", sessions.give_up, name="give_up"),
    path("sessions/<uuid:session>/session.ics", sessions.session_calendar, name="session_calendar"),
    path("sessions/<uuid:session>/attendance/", sessions.attendance, name="attendance"),
    path("<uuid:assignment>/", course.course, name="course"),
    path("<uuid:assignment>/next/", course.go_on, name="next"),
    path("<uuid:assignment>/media/<str:name>", course.media, name="media"),
    path("<uuid:assignment>/attestation/", course.attestation, name="attestation"),
    path("<uuid:assignment>/lessons/<slug:lesson>/", lesson.lesson, name="lesson"),
    path("<uuid:assignment>/lessons/<slug:lesson>/ahead/", lesson.ahead, name="ahead"),
    path("<uuid:assignment>/lessons/<slug:lesson>/read/", lesson.read, name="read"),
    path("<uuid:assignment>/lessons/<slug:lesson>/answers/", lesson.answer, name="answer"),
    path("<uuid:assignment>/lessons/<slug:lesson>/attempts/", lesson.again, name="again"),
    path("<uuid:assignment>/lessons/<slug:lesson>/review/", review.review, name="review"),
]
