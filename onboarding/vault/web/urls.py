"""Addresses of the vault, below `/o/<org>/vault/`."""

from django.urls import path

from onboarding.vault.web.views import controls, offers, papers, reviews

app_name = "vault"
urlpatterns = [
    path("", papers.index, name="index"),
    path("new/", papers.add, name="add"),
    path("controls/", controls.overview, name="controls"),
    path("offers/", offers.overview, name="offers"),
    path("offers/<uuid:offer>/withdraw", offers.withdraw, name="offer_withdraw"),
    path("offers/received/<uuid:received>/accept", offers.accept, name="offer_accept"),
    path("offers/received/<uuid:received>/decline", offers.decline, name="offer_decline"),
    path("<uuid:paper>/", papers.detail, name="paper"),
    path("<uuid:paper>/describe/", papers.describe, name="describe"),
    path("<uuid:paper>/versions", papers.renew, name="renew"),
    path("<uuid:paper>/versions/<int:number>", papers.download, name="version"),
    path("<uuid:paper>/ready", reviews.ready, name="ready"),
    path("<uuid:paper>/unready", reviews.unready, name="unready"),
    path("<uuid:paper>/approve", reviews.approve, name="approve"),
    path("<uuid:paper>/flag", reviews.flag, name="flag"),
    path("<uuid:paper>/revoke", reviews.revoke, name="revoke"),
    path("<uuid:paper>/offer", offers.make, name="offer"),
]
