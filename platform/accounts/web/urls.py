"""Addresses outside any organization: where one lands, one's own account, the second factor."""

from django.urls import path

from accounts.web.views import development, home, me, second_factor, sessions

app_name = "accounts"
urlpatterns = [
    path("", home.home, name="home"),
    path("organizations/", home.organizations, name="organizations"),
    path("me/", me.me, name="me"),
    path("me/sessions/end", sessions.end, name="end_session"),
    path("me/sessions/end-others", sessions.end_others, name="end_other_sessions"),
    path("accounts/second-factor/", second_factor.second_factor, name="second_factor"),
    path("dev/sign-in", development.sign_in, name="development_sign_in"),
]
