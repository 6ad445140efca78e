"""What is kept of a plan besides its dates."""

from onboarding.plans.models.baseline import Baseline
from onboarding.plans.models.blackout import BlackoutPeriod
from onboarding.plans.models.calendar_feed import CalendarFeed
from onboarding.plans.models.capacity import Capacity
from onboarding.plans.models.date_move import DateMove
from onboarding.plans.models.go_live_forecast import GoLiveForecast
from onboarding.plans.models.lesson import Lesson
from onboarding.plans.models.past_duration import PastDuration
from onboarding.plans.models.wave_run import WaveRun

__all__ = [
    "Baseline",
    "BlackoutPeriod",
    "CalendarFeed",
    "Capacity",
    "DateMove",
    "GoLiveForecast",
    "Lesson",
    "PastDuration",
    "WaveRun",
]
