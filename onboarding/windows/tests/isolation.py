"""What the isolation suite needs to know about windows."""

from datetime import timedelta

from django.utils import timezone

from onboarding.deployments.models import Deployment
from onboarding.windows.chains import ACCESS
from onboarding.windows.models import Series
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, api, builds, operation


@builds(order=870)
def windows(home: Home, lane: Lane) -> None:
    """A series with an open window, kept by the manager."""
    deployment = Deployment.objects.get(pk=lane.things["deployment"])
    by, keeper = home.actor("implementation_manager"), home.people["implementation_manager"]
    series = Series.begin(
        ACCESS, title=f"Cohort {home.closed_token} {lane.token}", starts_on=timezone.localdate() - timedelta(days=5),
        keeper=keeper, deployment=deployment, by=by,
    )  # fmt: skip
    window = series.windows.get(key="baseline")
    handed_in = Series.begin(
        ACCESS, title=f"Reported {home.closed_token} {lane.token}", starts_on=timezone.localdate() - timedelta(days=9),
        keeper=keeper, deployment=deployment, by=by,
    )  # fmt: skip
    met = handed_in.meet(handed_in.windows.get(key="baseline"), on=timezone.localdate() - timedelta(days=2), by=by)
    lane.things |= {"window_series": series.pk, "window": window.pk, "keeper": keeper.pk}
    lane.things |= {"met_series": handed_in.pk, "met_window": met.pk}


def today() -> str:
    """The day as forms write it."""
    return timezone.localdate().isoformat()


def yesterday() -> str:
    """The day before, as forms write it."""
    return (timezone.localdate() - timedelta(days=1)).isoformat()


operation("org:windows:list")
operation(
    "org:windows:begin",
    body=lambda lane: {
        "chain": "drr-e", "title": "Another cohort", "starts_on": today(), "keeper": str(lane["keeper"]),
    },
)  # fmt: skip
operation("org:windows:show", lambda lane: {"series": lane["window_series"]})
operation(
    "org:windows:meet",
    lambda lane: {"series": lane["window_series"], "window": lane["window"]},
    body=lambda lane: {"on": yesterday()},
)
operation(
    "org:windows:correct",
    lambda lane: {"series": lane["met_series"], "window": lane["met_window"]},
    body=lambda lane: {"on": yesterday(), "why": "Read wrongly."},
)
operation(
    "org:windows:take_back",
    lambda lane: {"series": lane["met_series"], "window": lane["met_window"]},
    body=lambda lane: {"reason": "Refused."},
    get=False,
)
operation(
    "org:windows:count_from",
    lambda lane: {"series": lane["window_series"]},
    body=lambda lane: {"starts_on": yesterday(), "why": "Aligned later."},
    get=False,
)
operation(
    "org:windows:hand_on",
    lambda lane: {"series": lane["window_series"]},
    body=lambda lane: {"keeper": str(lane["keeper"])},
    get=False,
)
operation(
    "org:windows:end", lambda lane: {"series": lane["window_series"]}, body=lambda lane: {"reason": "Over."}, get=False
)
api(
    "window-series",
    body=lambda lane: {"chain": "cms159", "title": "March", "starts_on": today(), "keeper": str(lane["keeper"])},
)
api("window-series/<uuid:pk>", lambda lane: {"pk": lane["window_series"]})
api(
    "window-series/<uuid:pk>/end",
    lambda lane: {"pk": lane["window_series"]},
    get=False,
    body=lambda lane: {"reason": "Over."},
)
api("windows")
api("windows/<uuid:pk>", lambda lane: {"pk": lane["window"]})
api("windows/<uuid:pk>/meet", lambda lane: {"pk": lane["window"]}, get=False, body=lambda lane: {"on": yesterday()})
api(
    "window-series/<uuid:pk>/count-from",
    lambda lane: {"pk": lane["window_series"]},
    get=False,
    body=lambda lane: {"starts_on": yesterday(), "reason": "Aligned later."},
)
api(
    "windows/<uuid:pk>/correct",
    lambda lane: {"pk": lane["met_window"]},
    get=False,
    body=lambda lane: {"on": yesterday(), "reason": "Read wrongly."},
)
api(
    "windows/<uuid:pk>/take-back",
    lambda lane: {"pk": lane["met_window"]},
    get=False,
    body=lambda lane: {"reason": "Refused."},
)
