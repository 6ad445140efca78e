"""Where a calendar program reads a person's feed, without signing in."""

from django.urls import path

from onboarding.plans.web.views import feed

urlpatterns = [path("c/<slug:org>/<str:token>.ics", feed.read, name="calendar_feed")]
