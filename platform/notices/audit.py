"""What people do to reminders, and what happens to messages."""

from audit.vocabulary import action


def _job(name: str) -> str:
    from notices import jobs  # it records these very actions

    return jobs.name_in_words(name)


REMINDER_RESENT = action("reminder.resent", "sent the message {message_id} again")
REMINDER_CANCELLED = action("reminder.cancelled", "cancelled {count} reminders: {reason}")
REMINDER_FAILED = action("reminder.failed", "could not deliver the message {message_id}: {reason}")
ADDRESS_SUPPRESSED = action("address.suppressed", "stopped mail to an address: {cause}")
ADDRESS_RELEASED = action("address.released", "allowed mail to an address again: {reason}")
REMINDER_SNOOZED = action("reminder.snoozed", "put a reminder off until {until}: {reason}")
REMINDER_SNOOZE_ENDED = action("reminder.snooze_ended", "took a reminder up again that was put off")
POLICY_CHANGED = action("reminder_policy.changed", "changed the reminder policy: {changes}")
WEBHOOK_SET = action("webhook.set", "set the webhook to {url}")
WEBHOOK_SECRET_RENEWED = action("webhook.secret_renewed", "renewed the signing secret of the webhook")
WEBHOOK_TURNED_OFF = action("webhook.turned_off", "turned the webhook off: {reason}")
DIGEST_STOPPED = action("digest.stopped", "stopped their digest")
DIGEST_PAUSED = action("digest.paused", "paused their digest until {until}")
DIGEST_RESUMED = action("digest.resumed", "turned their digest on again")
JOB_RERUN = action("job.rerun", "asked for the job “{job}” of {on} to run again", words={"job": _job})
JOB_FINISHED = action("job.finished", "ran the job “{job}” of {on}", words={"job": _job})
JOB_FAILED = action("job.failed", "could not run the job “{job}” of {on}", words={"job": _job})
REACTION_RETRIED = action("reaction.retried", "asked for the follow-up {task} to be tried again now")
