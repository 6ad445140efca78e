"""How the playbook studio is pictured."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, picture

VERSION = {"version": "playbook_version"}
DRAFT = {"draft": "draft"}

picture("playbooks", MANAGER, "playbooks:index")
picture("playbook", MANAGER, "playbooks:version", VERSION, looks=(LIGHT, SMALL))
picture("playbook-import", MANAGER, "playbooks:import")
picture("playbook-own", MANAGER, "playbooks:inherit", VERSION)
picture("playbook-changes", MANAGER, "playbooks:changes", {"version": "own_version"})
picture("playbook-inheritance", MANAGER, "playbooks:inheritance", {"version": "own_version"})
picture("draft", MANAGER, "playbooks:draft", DRAFT, looks=EVERY)
picture("draft-about", MANAGER, "playbooks:draft_about", DRAFT)
picture("draft-changes", MANAGER, "playbooks:draft_changes", DRAFT)
picture(
    "draft-item", MANAGER, "playbooks:draft_item", {**DRAFT, "key": lambda demo: "support-model"}, looks=(LIGHT, SMALL)
)
picture("draft-item-new", MANAGER, "playbooks:draft_item_new", DRAFT)
picture("draft-preview", MANAGER, "playbooks:draft_preview", DRAFT)
picture("draft-role", MANAGER, "playbooks:draft_role", {**DRAFT, "code": lambda demo: "IM"})
picture("draft-stage", MANAGER, "playbooks:draft_stage", {**DRAFT, "number": lambda demo: 3})
picture("draft-reminders", MANAGER, "playbooks:draft_reminders", {**DRAFT})
picture("draft-scorecard", MANAGER, "playbooks:draft_scorecard", DRAFT, looks=(LIGHT, SMALL))
picture("draft-runbook", MANAGER, "playbooks:draft_runbook", DRAFT, looks=EVERY)
picture("draft-step", MANAGER, "playbooks:draft_step", {**DRAFT, "place": lambda demo: 12})
picture("draft-trigger", MANAGER, "playbooks:draft_trigger", {**DRAFT, "place": lambda demo: 4})
picture("draft-text", MANAGER, "playbooks:draft_text", {**DRAFT, "part": lambda demo: "runbook"})
picture("playbook-rebase", MANAGER, "playbooks:rebase", {"version": "own_version"})
picture("playbook-offers", MANAGER, "playbooks:offers")
