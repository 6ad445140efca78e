"""The sections over what lies below this room: audits, messages, who read what, the event log with its proofs."""

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from assurance.models import Run
from assurance.packs.sections import Folder, Wanted, section
from audit import proofs, retention
from audit.models import Batch, Event, Leaf
from audit.timeline import names
from audit.vocabulary import UnknownAction, find
from notices.models import Reminder


def audits(wanted: Wanted, folder: Folder) -> int:
    """The scheduled audits of the organization, each as it stands or as it was signed."""
    if wanted.deployment_id:
        return 0
    found = Run.objects.filter(**wanted.within("began_at")).select_related("definition").order_by("began_at", "pk")
    return folder.rows("audits.json", ({**one.as_data(), "sha256": one.sha256} for one in found))


def messages(wanted: Wanted, folder: Folder) -> int:
    """What was said to whom, and whether it arrived."""
    found = Reminder.objects.filter(**wanted.of_deployment(), **wanted.within("due_at")).order_by("due_at", "pk")
    rows = (
        {
            "id": one.pk, "kind": one.kind, "step": one.step, "to": one.recipient_id, "on": one.on, "why": one.reason,
            "about": f"{one.subject_type} {one.subject_id}", "state": one.state, "sent_at": one.sent_at,
        }
        for one in found.iterator(chunk_size=500)
    )  # fmt: skip
    return folder.rows("messages.json", rows)


def events(wanted: Wanted, folder: Folder) -> int:
    """Every event of the period: readable, and with the proof that the sealed log holds it."""
    found = Event.objects.filter(**wanted.of_deployment(), **wanted.within("at")).order_by("id")
    count = folder.rows("events.json", _readable(found))
    if over := ended(wanted):
        folder.bytes("ended.json", json.dumps(over, indent=1).encode())
    if wanted.deployment_id is None:
        first, last = _batches(found)
        if last:
            folder.lines("log.jsonl", proofs.export(wanted.organization_id, after=first - 1, through=last))
        return count
    for proof in proofs.inclusions(found.values_list("pk", flat=True)):
        folder.bytes(f"proofs/event-{proof['number']:08}.json", json.dumps(proof, ensure_ascii=False).encode())
    return count


def ended(wanted: Wanted) -> dict[str, Any] | None:
    """Say what of the period is no longer in the log, because its term is over; None where all of it still is."""
    last = Batch.objects.filter(number=retention.expired_through()).first()
    if last is None or last.sealed_at < wanted.since:
        return None
    return {
        "through_batch": last.number,
        "sealed_until": last.sealed_at.isoformat(),
        "head": bytes(last.head).hex(),
        "says": f"Events sealed until {last.sealed_at:%Y-%m-%d} (batches 1 to {last.number:,}) are no longer in the log: their term"
        f" of {settings.AUDIT_RETENTION_YEARS} years is over. Their heads are, and this one follows them.",
    }


def people(wanted: Wanted, folder: Folder) -> int:
    """The names behind the ids: the log and the records hold none."""
    found = Event.objects.filter(**wanted.of_deployment(), **wanted.within("at"))
    known = names({pk for pk in found.values_list("actor_id", flat=True) if pk})
    return folder.rows("people.json", ({"id": pk, "name": name} for pk, name in sorted(known.items())))


def _readable(found: Any) -> Iterator[dict[str, Any]]:
    numbers = dict(Leaf.objects.filter(event_id__in=found.values("pk")).values_list("event_id", "number"))
    for one in found.iterator(chunk_size=500):
        try:
            says = find(one.action).read(one.data)
        except UnknownAction:
            says = one.action
        yield {
            "id": one.pk, "number": numbers.get(one.pk), "at": one.at.isoformat(), "action": one.action, "says": says,
            "actor": one.actor_id or one.actor_process or one.actor_kind, "subject": f"{one.subject_type} {one.subject_id}",
            "deployment": one.deployment_id, "data": one.data,
        }  # fmt: skip


def _batches(found: Any) -> tuple[int, int]:
    numbers = Leaf.objects.filter(event_id__in=found.values("pk")).values_list("batch__number", flat=True)
    known = sorted(set(numbers))
    return (known[0], known[-1]) if known else (0, 0)


section("audits", "Scheduled audits", order=80, collect=audits)
section("messages", "Messages", order=85, collect=messages)
section("events", "Events and proofs", order=90, collect=events)
section("people", "People", order=95, collect=people)
