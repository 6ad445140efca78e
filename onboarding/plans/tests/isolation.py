"""What the isolation suite needs to know about plans."""

from datetime import timedelta

from django.utils import timezone

from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.tests.isolation import DEPLOYMENT, ITEM, at_item
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.plans.actions.move_dates import move_item
from onboarding.plans.actions.move_many import Target, digest, look
from onboarding.plans.models import BlackoutPeriod, CalendarFeed, Lesson, WaveRun
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, Values, api, builds, ids, operation, public_link


@builds(order=40)
def plan(home: Home, lane: Lane) -> None:
    """A move that can be undone, a forecast, and a blackout period."""
    by = home.actor("implementation_manager")
    deployment = Deployment.objects.get(pk=lane.things["deployment"])
    free = Item.objects.filter(deployment=deployment, state="todo", holds_up=None).order_by("-number")[0]
    moved = move_item(deployment, free.pk, free.due_on + timedelta(days=3), by=by, reason=f"Later {lane.token}")
    assert moved is not None
    compute_forecast(deployment.pk)
    first = timezone.localdate() + timedelta(days=300 + len(home.lanes))
    period = BlackoutPeriod.add(first=first, last=first, title=f"Freeze {home.open_token}", by=by)
    wave = deployment.wave
    wave_run = WaveRun.objects.filter(wave=wave).first() or WaveRun.set_rules(
        wave, canaries=[], stable_days=7, criteria=["nothing_halts"], by=by
    )
    lesson = Lesson.learn(wave, f"Learned {home.closed_token}", by=by)
    feed = CalendarFeed.make(home.people["contributor"], by=by)
    lane.things |= {
        "move": moved.pk, "period": period.pk, "wave": wave.pk, "wave_run": wave_run.pk, "wave_lesson": lesson.pk,
        "feed_token": feed.token, "slug": home.organization.slug,
    }  # fmt: skip


def later(lane: Values) -> str:
    """A day that differs from every date of the plan."""
    return (timezone.localdate() + timedelta(days=150)).isoformat()


def sooner(lane: Values) -> str:
    """A kick-off before that of the plan."""
    return (timezone.localdate() - timedelta(days=9)).isoformat()


@builds(order=950)
def seen_moves(home: Home, lane: Lane) -> None:
    """The mark of the preview of a move, when nothing changes dates any more."""
    lines = look([lane.things["deployment"]], Target(days=7), today=timezone.localdate())
    lane.things["moves_seen"] = digest(lines)


operation("org:plans:timeline", ids("deployment"))
operation("org:plans:board", ids("deployment"))
operation("org:plans:card", at_item("moving_item"), body=lambda lane: {"to": "in_progress"})
operation("org:plans:calendar", ids("deployment"))
operation("org:plans:program_timeline", ids("program"))
operation("org:plans:waves", ids("program"))
operation(
    "org:plans:wave_rules", ids("program", "wave"), get=False,
    body=lambda lane: {"stable_days": "9", "criteria": ["lessons"]},
)  # fmt: skip
operation(
    "org:plans:wave_run", lambda lane: {**ids("program", "wave")(lane), "do": "start"}, get=False, body=lambda lane: {}
)
operation("org:plans:lesson_learn", ids("program", "wave"), get=False, body=lambda lane: {"text": "Test on a Tuesday"})
operation(
    "org:plans:lesson_take_up", lambda lane: {"program": lane["program"], "lesson": lane["wave_lesson"]}, get=False,
    body=lambda lane: {"answer": "We do"},
)  # fmt: skip
operation("org:plans:workload")
operation("org:plans:capacity", ids("person"), get=False, body=lambda lane: {"hours": "12"})
operation("org:plans:feed")
operation("org:plans:feed_make", get=False, body=lambda lane: {})
operation("org:plans:feed_revoke", get=False, body=lambda lane: {})
public_link("calendar_feed", lambda lane: {"org": lane["slug"], "token": lane["feed_token"]}, lends_eyes=True)
operation(
    "org:plans:move", ids("deployment"),
    body=lambda lane: {"item": "", "to": later(lane), "reason": "Later"},
)  # fmt: skip
operation(
    "org:plans:move_many", query=lambda lane: {"wave": str(lane["wave"]), "days": "7"},
    body=lambda lane: {"wave": str(lane["wave"]), "days": "7"},
)  # fmt: skip
operation("org:plans:forward", ids("deployment"), body=lambda lane: {})
operation("org:plans:undo", ids("deployment", "move"), get=False, body=lambda lane: {})
operation("org:plans:commit", ids("deployment"), get=False, body=lambda lane: {"reason": "Agreed"})
operation(
    "org:plans:closed_days",
    body=lambda lane: {"day": "2027-07-05", "title": "Holiday", "site": str(lane["site"])},
)
operation("org:plans:day_open", ids("day"), get=False, body=lambda lane: {})
operation(
    "org:plans:blackouts", get=False,
    body=lambda lane: {
        "blackout-first": "2027-12-20", "blackout-last": "2027-12-31", "blackout-title": "Freeze",
        "blackout-site": str(lane["site"]),
    },
)  # fmt: skip
operation("org:plans:blackout_remove", ids("period"), get=False, body=lambda lane: {})
api(f"{DEPLOYMENT}/schedule", ids("deployment"))
api(
    "go-live-moves", query=lambda lane: {"deployments": str(lane["deployment"]), "days": "7"},
    body=lambda lane: {"deployments": [str(lane["deployment"])], "days": 7, "reason": "Later", "seen": lane["moves_seen"]},
)  # fmt: skip
api(f"{DEPLOYMENT}/forecast", ids("deployment"))
api(
    f"{DEPLOYMENT}/move-go-live", ids("deployment"), query=lambda lane: {"go_live_on": later(lane)},
    body=lambda lane: {"go_live_on": later(lane), "reason": "Later"},
)  # fmt: skip
api(
    f"{DEPLOYMENT}/move-kick-off", ids("deployment"), query=lambda lane: {"kick_off_on": sooner(lane)},
    body=lambda lane: {"kick_off_on": sooner(lane), "reason": "Sooner"},
)  # fmt: skip
api(
    f"{ITEM}/move", at_item("moving_item"), query=lambda lane: {"due_on": later(lane)},
    body=lambda lane: {"due_on": later(lane), "reason": "Later"},
)  # fmt: skip
