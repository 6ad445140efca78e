"""Addresses of hypercare, below `/o/<org>/`."""

from django.urls import path

from onboarding.hypercare.web.views import command, overview, period, tickets

app_name = "hypercare"
urlpatterns = [
    path("deployments/<uuid:deployment>/hypercare/", overview.show, name="overview"),
    path("deployments/<uuid:deployment>/hypercare/terms", period.terms, name="terms"),
    path("deployments/<uuid:deployment>/hypercare/extension", period.ask_extension, name="extend"),
    path("deployments/<uuid:deployment>/hypercare/end", period.end, name="end"),
    path("hypercare-extensions/<uuid:extension>/approve", period.approve, name="approve_extension"),
    path("hypercare-extensions/<uuid:extension>/refuse", period.refuse, name="refuse_extension"),
    path("deployments/<uuid:deployment>/command-center/", command.log, name="command"),
    path("deployments/<uuid:deployment>/tickets/", tickets.register, name="tickets"),
    path("deployments/<uuid:deployment>/tickets/new", tickets.report, name="report"),
    path("deployments/<uuid:deployment>/tickets/articles", tickets.write_article, name="article"),
    path("deployments/<uuid:deployment>/tickets/<int:number>/", tickets.show, name="ticket"),
    path("deployments/<uuid:deployment>/tickets/<int:number>/change", tickets.change, name="change"),
    path("deployments/<uuid:deployment>/tickets/<int:number>/grade", tickets.grade, name="grade"),
    path("deployments/<uuid:deployment>/tickets/<int:number>/move", tickets.move, name="move"),
    path("deployments/<uuid:deployment>/tickets/<int:number>/safety", tickets.review_safety, name="safety"),
]
