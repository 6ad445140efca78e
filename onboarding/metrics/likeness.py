"""Who is compared with whom: first with tools of the same class on the same track, then of the same class, then with all.

The classes are what makes an onboarding long or short; they follow from the properties of the tool version.
"""

from collections.abc import Iterator
from typing import Any

from onboarding.deployments.models import Deployment, Program
from onboarding.playbooks.models import ToolVersion

ALL = ""
CLASSES = {
    "device": "regulated devices",
    "ai": "tools with generative AI",
    "record": "tools opened from the health record",
    "alone": "tools that stand alone",
}
TRACKS = {Program.Tier.FULL: "full track", Program.Tier.LIGHT: "light track"}


def class_of(version: ToolVersion) -> str:
    """Return the class of a tool version; the first that holds, the longest way first."""
    if version.regulated_device:
        return "device"
    if version.generative_ai:
        return "ai"
    return "record" if version.ehr_launched else "alone"


def chain(one: Deployment | Program) -> tuple[str, ...]:
    """Return the groups that a deployment or program is compared with, the closest first."""
    kind = class_of(one.tool_version)
    return f"{kind}/{one.tier}", kind, ALL


def around(group: str) -> tuple[str, ...]:
    """Return the groups that hold all of a group, the closest first; none around all."""
    if group == ALL:
        return ()
    return (group.partition("/")[0], ALL) if "/" in group else (ALL,)


def groups(deployments: list[Deployment]) -> Iterator[tuple[str, list[Any]]]:
    """Give every group that has one of these deployments, with those."""
    found: dict[str, list[Any]] = {ALL: deployments}
    for one in deployments:
        for group in chain(one)[:-1]:
            found.setdefault(group, []).append(one)
    yield from sorted(found.items())


def in_words(group: str) -> str:
    """Return whom a group holds."""
    kind, _, track = group.partition("/")
    if not kind:
        return "all tools and tracks"
    return CLASSES[kind] + (f", {TRACKS[Program.Tier(track)]}" if track else ", either track")
