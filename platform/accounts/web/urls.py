"""Addresses outside any organization: where one lands, one's own account, the second factor."""

from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from accounts.web.views import accept, development, home, me, second_factor, sessions, staff

app_name = "accounts"
urlpatterns = [
    path("", home.home, name="home"),
    path("organizations/", home.organizations, name="organizations"),
    path("me/", me.me, name="me"),
    path("me/sessions/end", sessions.end, name="end_session"),
    path("me/sessions/end-others", sessions.end_others, name="end_other_sessions"),
    path("invitations/<str:secret>/", accept.invitation, name="invitation"),
    path("accounts/sessions/", RedirectView.as_view(url=reverse_lazy("accounts:me")), name="sessions"),
    path("accounts/second-factor/", second_factor.second_factor, name="second_factor"),
    path("admin/session/", staff.session, name="staff_session"),
    path("admin/session/end", staff.end, name="end_staff_session"),
    path("dev/sign-in", development.sign_in, name="development_sign_in"),
]
