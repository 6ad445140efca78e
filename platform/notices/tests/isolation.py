"""What the isolation suite needs to know about reminders, jobs and the link that stops a digest."""

from datetime import timedelta

from django.utils import timezone

from audit.models import Reaction
from notices import kinds, unsubscribe
from notices.models import JobRun, MessageEvent, Reminder, Snooze, Suppression, WebhookEndpoint
from notices.models.message_event import Outcome
from notices.models.reminder import Wanted
from notices.web.forms import sla_field
from notices.weekly import WEEKLY
from tenancy.ids import uuid7
from testing.isolation.homes import SETUP, Home
from testing.isolation.registry import Lane, api, builds, operation, public_link

ADDRESS = "https://[2606:4700::1111]/causeway"
"""A public address that needs no name server."""


@builds(order=40)
def reminder_and_job(home: Home, lane: Lane) -> None:
    """A reminder that failed, a job's run, and the link in the manager's digest."""
    person, day = home.people["implementation_manager"], timezone.localdate() - timedelta(days=2)
    reason = f"You own it {home.closed_token}"
    Reminder.schedule([Wanted(person, WEEKLY, "tenancy.site", lane.things["site"], "0", day, reason)])
    JobRun.plan("reminder_times", day)
    reminder = Reminder.objects.get(subject_id=lane.things["site"], step="0")
    told = f"Come back {home.closed_token}"
    Reminder.objects.filter(pk=reminder.pk).update(
        state="failed", next_at=None, sent_at=None, message=reminder.pk, title=told, last_error=told
    )
    MessageEvent.tried(reminder.pk, 0, Outcome.REFUSED, told, home.organization.pk).save(force_insert=True)
    held = {"message": reminder.pk, "words": told, "by": SETUP}
    stopped = Suppression.begin(person, person.email, lane.token, Suppression.Cause.COMPLAINED, **held)
    assert stopped
    run = JobRun.objects.get(job="reminder_times")
    JobRun.objects.filter(pk=run.pk).update(state="done", next_at=None)
    Reminder.schedule([Wanted(person, WEEKLY, "tenancy.site", lane.things["site"], "put off", day, reason)])
    arrived = Reminder.objects.get(subject_id=lane.things["site"], step="put off")
    Reminder.objects.filter(pk=arrived.pk).update(
        channel="in_app", state="sent", message=arrived.pk, sent_at=timezone.now()
    )
    snooze = Snooze(
        user=person, kind=WEEKLY.name, subject_type="tenancy.site", subject_id=lane.things["site"],
        until=timezone.localdate() + timedelta(days=9), reason=reason,
    )  # fmt: skip
    snooze.save(force_insert=True)
    waits = Reminder.objects.get(subject_id=lane.things["site"], step="put off")
    waits.pk, waits.kind, waits.apart, waits.state, waits.message = uuid7(), "deployments.item_due", False, "due", None
    waits.next_at, waits.channel, waits.sent_at = timezone.now() + timedelta(days=2), "mail", None
    waits.save(force_insert=True)
    lane.things |= {"told": arrived.pk, "snooze": snooze.pk, "waits": waits.pk}
    if WebhookEndpoint.standing() is None:
        WebhookEndpoint.put(ADDRESS, by=home.actor("owner"))
    reaction = Reaction.objects.create(
        event_id=lane.things["site"], task="notices.tasks.plan_jobs", attempts=3,
        next_at=timezone.now() + timedelta(hours=1), last_error=f"ValueError {home.closed_token}",
    )  # fmt: skip
    address = unsubscribe.link(home.organization, person.pk)
    lane.things |= {
        "reminder": reminder.pk, "reminded": person.pk, "reminded_on": day.isoformat(), "suppression": stopped.pk,
        "job_run": run.pk, "reaction": reaction.pk, "slug": home.slug, "digest_token": address.rstrip("/").rsplit("/", 1)[1],
    }  # fmt: skip


operation(
    "org:notices:policy",
    body=lambda lane: {
        "ladder": "-7, 0, 3", "manager_after": "2", "sponsor_after": "5", "digest_at": "07:30", "quiet_from": "20:00",
        "quiet_until": "07:00", "weekly_digest": "on", "expiry": "90, 60", "binding": ["ladder"], "preview": "1",
        **{sla_field(kind): str(kind.sla) for kind in kinds.with_sla()},
    },
)  # fmt: skip
operation(
    "org:notices:ways", body=lambda lane: {f"ways:{kind.name}": ["mail"] for kind in kinds.every()} | {"preview": "1"}
)
operation("org:notices:webhook", body=lambda lane: {"url": ADDRESS})
operation("org:notices:webhook_secret", body=lambda lane: {}, get=False)
operation("org:notices:webhook_test", body=lambda lane: {}, get=False)
operation("org:notices:webhook_off", body=lambda lane: {}, get=False)
operation("org:notices:mine")
operation("org:notices:read", lambda lane: {"pk": lane["told"]}, body=lambda lane: {}, get=False)
operation("org:notices:read_all", body=lambda lane: {}, get=False)
operation("org:notices:digest", body=lambda lane: {"wish": "stop"}, get=False)
operation(
    "org:notices:snooze",
    lambda lane: {"pk": lane["waits"]},
    body=lambda lane: {"until": (timezone.localdate() + timedelta(days=3)).isoformat(), "reason": "Away."},
)
operation("org:notices:end_snooze", lambda lane: {"pk": lane["snooze"]}, body=lambda lane: {}, get=False)
operation("org:notices:deliveries", query=lambda lane: {"to": "cnry"})
operation("org:notices:resend", lambda lane: {"pk": lane["reminder"]}, body=lambda lane: {}, get=False)
operation("org:notices:delivery", lambda lane: {"pk": lane["reminder"]})
operation("org:notices:suppressions")
operation(
    "org:notices:lift_suppression",
    lambda lane: {"pk": lane["suppression"]},
    body=lambda lane: {"reason": "The mailbox was mended."},
    get=False,
)
operation("org:notices:my_messages")
operation(
    "org:notices:why", query=lambda lane: {"who": lane["reminded"], "about": lane["site"], "day": lane["reminded_on"]}
)
operation("org:notices:why_mine", query=lambda lane: {"about": lane["site"], "day": lane["reminded_on"]})
api("reminder-policy", body=lambda lane: {"manager_after": 4})
api("reminder-policy/preview", body=lambda lane: {"manager_after": 2})
api("messages", query=lambda lane: {"subject": lane["site"]})
api("messages/<uuid:pk>", lambda lane: {"pk": lane["reminder"]})
operation("org:notices:engine")
operation("org:notices:retry", lambda lane: {"kind": "jobs"}, body=lambda lane: {}, get=False)
operation("org:notices:retry_reaction", lambda lane: {"pk": lane["reaction"]}, body=lambda lane: {}, get=False)
operation("org:notices:jobs")
operation("org:notices:rerun_job", lambda lane: {"pk": lane["job_run"]}, body=lambda lane: {}, get=False)
public_link(
    "unsubscribe", lambda lane: {"org": lane["slug"], "token": lane["digest_token"]}, body=lambda lane: {"wish": "stop"}
)
