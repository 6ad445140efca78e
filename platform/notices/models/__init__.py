"""Reminders, how an organization sends them, and the jobs that run by the clock."""

from notices.models.digest_choice import DigestChoice
from notices.models.job_run import JobRun
from notices.models.policy import ReminderPolicy
from notices.models.reminder import Reminder, Wanted

__all__ = ["DigestChoice", "JobRun", "Reminder", "ReminderPolicy", "Wanted"]
