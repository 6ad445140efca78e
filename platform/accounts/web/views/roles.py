"""Who may do what: the roles as they are in the code, nothing typed in beside it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from access.permissions import PARTS, ROLES, SAYS, SECOND_FACTOR_ROLES, Part, Permission, Role
from access.require import require
from web.render import page

GROUPS = {
    "deployment": "Deployments",
    "item": "Checklist items",
    "comment": "Checklist items",
    "evidence": "Evidence",
    "gate": "Gates",
    "waiver": "Gates",
    "playbook": "Playbooks",
    "site": "Sites",
    "import": "Sites",
    "training": "Training",
    "billing": "Contracts and statements",
}
REST = "Administration"


@require(Permission.PEOPLE_READ)
@require_safe
def roles(request: HttpRequest, org: str) -> HttpResponse:
    """The matrix of permissions by role and by part."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for permission in Permission:
        line: dict[str, Any] = {
            "says": SAYS[permission],
            "roles": [permission in ROLES[role] for role in Role],
            "parts": [permission in PARTS[part] for part in Part],
        }
        groups.setdefault(GROUPS.get(permission.value.partition(".")[0], REST), []).append(line)
    context = {
        "groups": sorted(groups.items(), key=lambda group: group[0] == REST),
        "roles": [(role.title, role in SECOND_FACTOR_ROLES) for role in Role],
        "parts": [part.value.capitalize() for part in Part],
    }
    return page(request, "accounts/console/roles.html", context)
