"""Start a program together with the tool and the release that it brings."""

from typing import Any, cast

from django.db import transaction
from django.db.models import Field

from audit.actor import Actor
from onboarding.deployments.models import Program
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from tenancy.models import Organization


@transaction.atomic
def start_program(
    *,
    title: str,
    tool: str,
    version: str,
    playbook_version: PlaybookVersion,
    tier: str,
    by: Actor,
    vendor: Organization | None = None,
    **properties: Any,
) -> Program:
    """Register tool and release where they are new, and start the program.

    Raises ValueError for a title that is taken, and where the release is known with other properties: these decide
    which items apply, and must not be changed in passing.
    """
    if Program.objects.filter(title=title).exists():
        raise ValueError(f"There is a program called {title} already.")
    known = Tool.register(title=tool, vendor=vendor, by=by)
    release = ToolVersion.register(known, version=version, by=by, **properties)
    different = [name for name, value in properties.items() if getattr(release, name) != value]
    if different:
        names = ", ".join(
            str(cast("Field[Any, Any]", ToolVersion._meta.get_field(name)).verbose_name) for name in different
        )
        raise ValueError(f"{release} is registered with other properties ({names}): use them, or name another version.")
    return Program.start(title=title, tool_version=release, playbook_version=playbook_version, tier=tier, by=by)
