"""The demo's plans: dates committed to, waves with their rules and lessons, forecasts as of today."""

from datetime import date

from config.demo.cast import Cast
from config.demo.clock import at, days_ago
from onboarding.deployments.models import Deployment, Wave
from onboarding.plans.actions.commit_plan import commit_plan
from onboarding.plans.actions.compute_forecast import compute_forecast
from onboarding.plans.actions.keep_durations import keep_durations
from onboarding.plans.actions.run_wave import start_wave
from onboarding.plans.models import BlackoutPeriod, Lesson, WaveRun

LESSONS = (
    ("Rehearse the crisis alert with the night shift, not only by day: the on-call pool was another one.",
     "The drill of each site runs once after 20:00."),
    ("Book the trainer before the room: two clinics wanted the same week.",
     "The training lead holds three weeks per wave."),
)  # fmt: skip
"""Of the first wave, and what the second did about them."""


def commit_and_forecast(cast: Cast, today: date) -> None:
    """Commit to plans, set the waves' rules, and compute what the workers would have computed."""
    manager = cast.actor_for("IM")
    with at(days_ago(today, 90), 11):
        for one in Deployment.objects.filter(site__city__in=("Benton", "Siler City"), committed_on=None):
            commit_plan(one, by=manager)
        BlackoutPeriod.add(
            first=date(today.year, 12, 21), last=date(today.year + 1, 1, 3), title="Year-end freeze", by=manager
        )
    first, second, third = Wave.objects.filter(program__title="Stillwater CBT").order_by("number")[:3]
    with at(days_ago(today, 60), 10):
        for text, answer in LESSONS:
            Lesson.learn(first, text, by=manager).take_up(answer, by=manager)
    with at(days_ago(today, 40), 10):
        canary = Deployment.objects.get(wave=second, site__city="Lewistown")
        run = WaveRun.set_rules(
            second, canaries=[canary.pk], stable_days=5, criteria=["wave_before_live", "lessons"], by=manager
        )
        start_wave(run, by=manager)
    with at(days_ago(today, 3), 15):
        Lesson.learn(
            second, "Ask for the firewall change before the interface is built: it waited 13 days.", by=manager
        )
        WaveRun.set_rules(
            third, canaries=[], stable_days=14, criteria=["wave_before_live", "nothing_halts", "lessons"], by=manager
        )
    with at(today, 6):
        for pk in Deployment.objects.order_by("pk").values_list("pk", flat=True):
            keep_durations(pk)
            compute_forecast(pk, again=True)
