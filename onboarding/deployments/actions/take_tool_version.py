"""A running deployment moves to another release of its tool."""

from typing import cast

from django.db import transaction
from django.db.models import Field

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.deployment import CannotMove
from onboarding.playbooks.models import ToolVersion

PROPERTIES = ("ehr_launched", "substance_use_data", "generative_ai", "regulated_device")
"""They decide which items apply."""


@transaction.atomic
def take_tool_version(deployment: Deployment, version: str, *, by: Actor) -> bool:
    """Record that the site uses that release from now on; return whether it is another one.

    A release that is new here takes over the properties of the one in use. Raises CannotMove for a deployment that has
    ended and for a release with other properties, ValueError without a version.
    """
    version = version.strip()
    if not version:
        raise ValueError("Name the version.")
    locked = Deployment.locked(deployment.pk)
    if locked.state == Deployment.State.DISCONTINUED:
        raise CannotMove("The tool has left this site: start a program to bring it back.")
    before: ToolVersion = locked.tool_version
    if before.version == version:
        return False
    same = {name: getattr(before, name) for name in PROPERTIES}
    release = ToolVersion.register(before.tool, version=version, by=by, **same)
    if different := [name for name in PROPERTIES if getattr(release, name) != same[name]]:
        names = ", ".join(
            str(cast("Field[bool, bool]", ToolVersion._meta.get_field(name)).verbose_name) for name in different
        )
        raise CannotMove(f"{release} differs in what decides which items apply ({names}): start a program with it.")
    locked.tool_version = release
    locked.version += 1
    locked.save(update_fields=["tool_version", "version"])
    record(audit.TOOL_VERSION_TAKEN, by=by, subject=locked, before=before.version, after=version)
    deployment.tool_version, deployment.version = release, locked.version
    return True
