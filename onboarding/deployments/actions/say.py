"""Say something on an item, from a page or by mail: who may, who may read it, and who is named in it."""

from access.permissions import Permission
from access.require import NotAllowed
from audit.actor import Actor
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Comment, Item, TeamRole
from onboarding.deployments.people import everyone, host_people, mentioned


def say(lens: Lens, item: Item, body: str, *, by: Actor, internal: bool = False) -> Comment:
    """Add a remark; who is named must be able to see the deployment.

    Raises NotAllowed for those who may not write here, or not internally; ValueError for an empty remark.
    """
    if internal and not lens.reads_internal:
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    if not (lens.can(Permission.ITEM_WORK) or lens.can(Permission.ITEM_REVIEW)):
        raise NotAllowed(Permission.ITEM_WORK)
    candidates = host_people(item.deployment_id) if internal else everyone(item.deployment_id)
    team = TeamRole.objects.filter(deployment_id=item.deployment_id).values_list("code", "person_id", "deputy_id")
    roles = {code: [one for one in people if one] for code, *people in team}
    return Comment.add(item, body=body, by=by, internal=internal, mentions=mentioned(body, candidates, roles))
