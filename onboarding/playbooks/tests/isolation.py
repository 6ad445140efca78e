"""What the isolation suite needs to know about drafts of playbooks."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from onboarding.playbooks.document import STARTER, load
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, operation

ITEM = "risk-register"


@builds(order=12)
def drafts(home: Home, lane: Lane) -> None:
    """One draft to change and one to publish; the host's alone, the same for both lanes."""
    common = home.shared_things
    if "playbook_draft" not in common:
        by = home.actor("implementation_manager")
        base = PlaybookVersion.objects.get(pk=lane.things["playbook_version"])
        for name, number in (("playbook_draft", "7.1"), ("finished_draft", "7.2")):
            plain = {**base.plain(), "version": number, "summary": f"Draft {home.closed_token}"}
            common[name] = PlaybookDraft.begin(plain, by=by, made_from=f"File {home.closed_token}", base=base).pk
        common |= _own_and_newer(home, base)
    names = ("playbook_draft", "finished_draft", "own_line", "own_playbook", "above_own")
    lane.things |= {name: common[name] for name in names}


def _own_and_newer(home: Home, base: PlaybookVersion) -> dict[str, UUID]:
    """A playbook of the host's own, and a newer version of what it rests on."""
    by, starter = home.actor("implementation_manager"), load(STARTER)
    own = PlaybookVersion.publish(
        replace(starter, key="own-way", title=f"Own {home.open_token}"), by=by, source="organization", parent=base
    )
    newer = replace(starter, version="7.9", summary=f"Newer {home.open_token}")
    above = PlaybookVersion.adopt(newer, by=by, source="organization")
    return {"own_line": own.playbook_id, "own_playbook": own.pk, "above_own": above.pk}


def all_ours(lane: Values) -> dict[str, Any]:
    """Ours in every conflict there can be: canaries change what both sides say."""
    starter = load(STARTER)
    parts = [("Playbook", ""), ("Scorecard", ""), ("Runbook", "")]
    parts += [("Item", one.key) for one in starter.items] + [("Stage", str(one.number)) for one in starter.stages]
    parts += [("Role", one.code) for one in starter.roles] + [("Gate", one.key) for one in starter.gates]
    parts += [("Scorecard domain", one.key) for one in starter.scorecard.domains]
    parts += [("Cut-over step", one.key) for one in starter.runbook.steps]
    parts += [("Roll-back trigger", one.key) for one in starter.runbook.triggers]
    fields = ("", "title", "summary", "sources", "guidance", "description", "purpose", "meaning", "evidence", "tags",
              "criteria", "verification", "back_out", "when")  # fmt: skip
    return {"onto": str(lane["above_own"])} | {
        f"d:{kind}|{key}|{field}": "ours" for kind, key in parts for field in fields
    }


def of_draft(name: str = "playbook_draft", **more: Any) -> Filler:
    """The address of a draft, and of a part of it."""
    return lambda lane: {"draft": lane[name], **more}


def of_version(**more: Any) -> Filler:
    """The address of a published version."""
    return lambda lane: {"version": lane["playbook_version"], **more}


def item(lane: Values) -> dict[str, Any]:
    """An item's form."""
    return {"title": "Tabletop", "stage": "3", "anchor": "go-live"}


operation("org:playbooks:export", of_version(kind="yaml"))
operation("org:playbooks:changes", of_version(), query=lambda lane: {"since": lane["playbook_version"]})
operation("org:playbooks:inheritance", of_version())
operation("org:playbooks:offers")
operation("org:playbooks:offer", of_version(), get=False, body=lambda lane: {"partner": str(lane["receiver"])})
operation(
    "org:playbooks:offer_withdraw", lambda lane: {"offer": lane["given_playbook"]}, get=False, body=lambda lane: {}
)
operation(
    "org:playbooks:offer_accept", lambda lane: {"received": lane["received_playbook"]}, get=False, body=lambda lane: {}
)
operation(
    "org:playbooks:offer_decline", lambda lane: {"received": lane["received_playbook"]}, get=False, body=lambda lane: {}
)
operation(
    "org:playbooks:rebase",
    lambda lane: {"version": lane["own_playbook"]},
    query=lambda lane: {"onto": lane["above_own"]},
    body=all_ours,
)
operation("org:playbooks:begin_draft", of_version(), get=False, body=lambda lane: {})
operation("org:playbooks:inherit", of_version(), body=lambda lane: {"title": "Our own", "key": "our-own"})
operation(
    "org:playbooks:import",
    body=lambda lane: {"file": SimpleUploadedFile("own.yaml", b"key: own\ntitle: Own\nversion: '1'\nitems: []\n")},
)  # fmt: skip
operation("org:playbooks:draft", of_draft())
operation("org:playbooks:draft_changes", of_draft())
operation("org:playbooks:draft_preview", of_draft())
operation("org:playbooks:draft_export", of_draft(kind="xlsx"))
operation("org:playbooks:draft_publish", of_draft("finished_draft"), get=False, body=lambda lane: {})
operation("org:playbooks:draft_discard", of_draft(), get=False, body=lambda lane: {})
operation(
    "org:playbooks:draft_about", of_draft(), body=lambda lane: {"title": "Ours", "version": "8", "summary": "", "sources": ""}
)  # fmt: skip
operation(
    "org:playbooks:draft_role", of_draft(code="EXS"),
    body=lambda lane: {"code": "EXS", "title": "Sponsor", "key": "executive-sponsor", "side": "host", "description": "Signs."},
)  # fmt: skip
operation(
    "org:playbooks:draft_stage", of_draft(number=3),
    body=lambda lane: {
        "title": "Design", "key": "plan", "epis": "preparation", "gate": "G3", "gate_title": "Plan signed",
        "kind": "automatic", "criteria": "fact: items.blocking_open\nstages: [3]\nop: eq\nvalue: 0\nsays: Open items",
    },
)  # fmt: skip
operation("org:playbooks:draft_reminders", of_draft(), body=lambda lane: {"ladder": "-7, 0", "manager_after": "2"})
operation(
    "org:playbooks:draft_scorecard", of_draft(),
    body=lambda lane: {"go": "90", "conditional_go": "80", "condition_expiry_days": "14", "domain-0-title": "All", "domain-0-weight": "100"},
)  # fmt: skip
operation("org:playbooks:draft_runbook", of_draft(), body=lambda lane: {"float_minutes": "20"})
operation("org:playbooks:draft_step", of_draft(place=1), body=lambda lane: {"title": "Freeze"})
operation("org:playbooks:draft_trigger", of_draft(place=1), body=lambda lane: {"title": "Safety", "for_minutes": "0"})
operation("org:playbooks:draft_arrange", of_draft(part="steps", place=1), get=False, body=lambda lane: {"do": "down"})
operation("org:playbooks:draft_text", of_draft(part="runbook"), body=lambda lane: {"text": "decides: OPS"})
operation("org:playbooks:draft_item_new", of_draft(), body=item)
operation("org:playbooks:draft_item", of_draft(key=ITEM), body=item)
operation("org:playbooks:draft_item_remove", of_draft(key=ITEM), get=False, body=lambda lane: {})
api(
    "playbooks/<uuid:playbook>/versions/<uuid:version>/up-to-date",
    lambda lane: {"playbook": lane["own_line"], "version": lane["own_playbook"]},
)
api("playbook-drafts", body=lambda lane: {"playbook_version": str(lane["playbook_version"])})
api("playbook-drafts/<uuid:pk>", lambda lane: {"pk": lane["playbook_draft"]})
api("playbook-drafts/<uuid:pk>/document", lambda lane: {"pk": lane["playbook_draft"]}, body=lambda lane: {"document": {
    "key": "behavioral-health", "title": "Own", "version": "9", "items": []}})  # fmt: skip
api("playbook-drafts/<uuid:pk>/publish", lambda lane: {"pk": lane["finished_draft"]}, get=False, body=lambda lane: {})
