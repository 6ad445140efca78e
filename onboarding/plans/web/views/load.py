"""Workload: who has how much to do in which week."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from accounts.models import User
from onboarding.deployments.models import TeamRole
from onboarding.deployments.people import host_people
from onboarding.plans.models import Capacity
from onboarding.plans.workload import workload
from web.formats import day
from web.render import page, redirect_or_refresh, toast


@require(Permission.DEPLOYMENT_PLAN)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """Everybody's coming eight weeks against the hours they have."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_PLAN)
    load = workload(today=timezone.localdate())
    over = sum(load.over(person, week) for person in load.people for week in load.weeks)
    people = [
        {
            "person": person,
            "roles": ", ".join(sorted(person.roles)),
            "cells": [
                {
                    "week": week,
                    "load": person.weeks.get(week),
                    "allowed": load.allowed(person, week),
                    "over": load.over(person, week),
                }
                for week in load.weeks
            ],
        }
        for person in load.people
    ]
    heads = [(f"{day(week)}, {load.days[week]} d", "num") for week in load.weeks]
    return page(request, "plans/workload.html", {"load": load, "people": people, "over": over, "heads": heads})


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def capacity(request: HttpRequest, org: str, person: UUID) -> HttpResponse:
    """Say how many hours a week a person has for onboarding."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_PLAN)
    known = person in {one.id for one in host_people()} or TeamRole.objects.filter(person_id=person).exists()
    found = User.objects.filter(pk=person).first() if known else None
    if found is None:
        raise Http404
    text = request.POST.get("hours", "")
    try:
        Capacity.set_hours(found, int(text), by=request.actor)  # type: ignore[attr-defined]
    except ValueError:
        toast(request, "Nothing was changed. Give hours a week between 0 and 60.")
    else:
        toast(request, f"{found} has {text} hours a week")
    return redirect_or_refresh(request, reverse("org:plans:workload", kwargs={"org": org}))
