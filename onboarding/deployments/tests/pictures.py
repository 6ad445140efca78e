"""How the pages of programs, deployments and work are pictured."""

from urllib.parse import urlsplit

from onboarding.deployments.approval_links import path_of
from onboarding.deployments.status.links import address_of
from testing.pictures.registry import DARK, EVERY, LIGHT, MANAGER, NOBODY, OWNER, SMALL, SMALL_DARK, picture

DEPLOYMENT = {"deployment": "onboarding"}

picture("inbox", MANAGER, "deployments:inbox", query="?who=everyone", looks=(*EVERY, SMALL_DARK))
picture("portfolio", MANAGER, "deployments:portfolio", looks=EVERY)
picture("programs", MANAGER, "deployments:programs")
picture("program", MANAGER, "deployments:program", {"program": "program"}, looks=(LIGHT, SMALL))
picture("program-new", MANAGER, "deployments:program_start")
picture("program-sites", MANAGER, "deployments:program_sites", {"program": "program"})
picture(
    "deployment",
    MANAGER,
    "deployments:item",
    {**DEPLOYMENT, "item": lambda demo: demo.blocked.number},
    looks=(LIGHT, DARK),
)
picture("deployment", MANAGER, "deployments:checklist", DEPLOYMENT, looks=(SMALL,))
picture("views", MANAGER, "deployments:checklist", DEPLOYMENT, query=lambda demo: demo.view("This fortnight by owner"))
picture("bulk", MANAGER, "deployments:change_undo", {"change": "change"})
picture("bulk-changes", MANAGER, "deployments:changes")
picture("stages", MANAGER, "deployments:overview", {"deployment": "live"})
picture("tool-version", MANAGER, "deployments:tool_version", {"deployment": "live"})
picture("as-of", MANAGER, "deployments:as_of", DEPLOYMENT)
picture("history", MANAGER, "deployments:history", DEPLOYMENT, looks=(LIGHT, SMALL))
picture("team", MANAGER, "deployments:team", DEPLOYMENT, looks=(LIGHT, SMALL))
picture("sharing", MANAGER, "deployments:sharing", DEPLOYMENT)
picture("status", MANAGER, "deployments:deployment_status", DEPLOYMENT, looks=(LIGHT, SMALL))
picture("status-program", MANAGER, "deployments:program_status", {"program": "program"})
picture(
    "status-without-account",
    NOBODY,
    "status",
    within=False,
    at=lambda demo: urlsplit(address_of(demo.status_link, demo.org)).path,
    looks=(LIGHT, SMALL),
)
picture(
    "ask-approval",
    MANAGER,
    "deployments:item",
    {"deployment": lambda demo: demo.asked.deployment_id, "item": lambda demo: demo.asked.item.number},
)
picture("approvals-by-mail", OWNER, "deployments:approval_policy")
picture("approve", NOBODY, "approval", within=False, at=lambda demo: path_of(demo.asked, demo.org), looks=EVERY)
picture("not-found", MANAGER, "deployments:item", {**DEPLOYMENT, "item": lambda demo: 9999}, looks=(LIGHT, SMALL))
