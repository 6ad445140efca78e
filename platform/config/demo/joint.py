"""The demo's joint program: the hub brings the rural clinics live together, the host takes part with one of them so far."""

from datetime import date

from access.permissions import Part
from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments import portfolio
from onboarding.deployments.models import Deployment
from onboarding.joint.actions import run_joint_wave
from onboarding.joint.actions.take_places import accept, offer_places
from onboarding.joint.models import JointLesson, JointProgram, JointWave, OwnPlace, PlaceStaff
from tenancy.models import Share
from tenancy.scope import scope

HUB = "northern-reach"


def lead_together(cast: Cast, today: date) -> None:
    """Two waves at the hub: the first at its canary, the second offered."""
    cities = {one.site.city: one.pk for one in Deployment.objects.select_related("site")}
    for pk in cities.values():
        portfolio.project(pk)
    shared = set(Share.objects.in_force().filter(part=Part.HUB).values_list("deployment_id", flat=True))
    hub, by = cast.organizations[HUB], cast.actor("implementation.manager", HUB)
    trainer = cast.people["implementation.manager@hub.example"]
    with scope(hub.pk), at(days_ago(today, 30), 15):
        program = JointProgram.begin("Rural clinics, first year", by=by)
        first = JointWave.objects.select_related("program").get(program=program)
        (canary,) = offer_places(first, [cities["Benton"]], by=by)
        first.set_rules(canaries=[canary.pk], stable_days=14, criteria=["accepted", "nothing_halts"], by=by)
    with at(days_ago(today, 28), 16):
        accept(OwnPlace.objects.select_related("leader").get(), by=cast.actor_for("IM"))
    with scope(hub.pk), at(days_ago(today, 21), 15):
        run_joint_wave.start(first, by=by)
        JointLesson.learn(first, "Ask for the on-call list before the alert drill, not on the day.", by=by)
        second = program.add_wave(by=by)
        wanted = sorted({cities["Siler City"], cities["Washburn"]} & shared)
        places = offer_places(second, wanted, by=by)
        for place in (canary, *places[:1]):
            PlaceStaff.give(place, trainer, role="trainer", hours=12, weeks_before=6, weeks_after=2, by=by)
