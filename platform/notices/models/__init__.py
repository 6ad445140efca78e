"""Reminders, how an organization sends them, and the jobs that run by the clock."""

from notices.models.digest_choice import DigestChoice
from notices.models.endpoint import WebhookEndpoint
from notices.models.job_run import JobRun
from notices.models.message_event import MessageEvent
from notices.models.policy import ReminderPolicy
from notices.models.push_subscription import PushSubscription
from notices.models.reading import Reading
from notices.models.reminder import Reminder, Wanted
from notices.models.snooze import Snooze
from notices.models.suppression import Suppression

__all__ = [
    "DigestChoice",
    "JobRun",
    "MessageEvent",
    "PushSubscription",
    "Reading",
    "Reminder",
    "ReminderPolicy",
    "Snooze",
    "Suppression",
    "Wanted",
    "WebhookEndpoint",
]
