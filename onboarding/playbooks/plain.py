"""A playbook as one plain mapping in the file format, items included: what drafts hold and files are written from.

`written` gives the shortest spelling of a checked document: what equals its default is left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from onboarding.playbooks.shape import DECIDE_WITHIN, GO_LIVE, PlaybookDocument, as_data

Plain = dict[str, Any]
HEAD = (
    "schema",
    "key",
    "title",
    "version",
    "summary",
    "sources",
    "roles",
    "stages",
    "gates",
    "scorecard",
    "runbook",
    "reminders",
)
ITEM = (
    "stage", "number", "key", "title", "owner", "also", "effort_hours", "evidence", "depends_on", "anchor", "offset_days",
    "offset_from", "until_days", "gate_class", "gate", "completed_by", "condition", "tier", "core", "domain", "epis",
    "stage_metric", "tags", "guidance",
)  # fmt: skip
"""The fields of an item in the order in which they are written; files by stage say `stage` once, at the top."""


def written(document: PlaybookDocument) -> Plain:
    """Return the document as it would be written."""
    data = as_data(document)
    return written_from(data, data["items"])


def written_from(content: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> Plain:
    """Return the mapping for content and items as a published version keeps them (defaults filled in)."""
    stages = {stage["number"]: stage for stage in content["stages"]}
    return {
        **{name: content[name] for name in ("schema", "key", "title", "version", "summary", "sources", "roles")},
        "stages": [_without(stage, ama_steps=[], stage_metric=None) for stage in content["stages"]],
        "gates": [_without(gate, panel=[], quorum=0, meaning="") for gate in content["gates"]],
        "scorecard": {
            **content["scorecard"],
            "domains": [
                {name: value for name, value in one.items() if name != "items"}
                for one in content["scorecard"]["domains"]
            ],
        },
        "runbook": _without(content["runbook"], decide_within_minutes=DECIDE_WITHIN),
        **({"reminders": content["reminders"]} if content.get("reminders") else {}),
        "items": [written_item(item, stages.get(item["stage"], {})) for item in items],
    }


def written_item(item: Mapping[str, Any], stage: Mapping[str, Any]) -> Plain:
    """Return one item as it would be written in its stage."""
    plain = _without(
        item, also=[], depends_on=[], anchor="go-live", offset_from=GO_LIVE, until_days=None, condition=None, core=False,
        domain="", tags=[], epis=stage.get("epis"), stage_metric=stage.get("stage_metric"),
    )  # fmt: skip
    plain["evidence"] = [_without(one, required=True) for one in item["evidence"]]
    if "depends_on" in plain:
        plain["depends_on"] = [one if one["lag_days"] else one["item"] for one in item["depends_on"]]
    if item["completed_by_gate"]:
        plain["completed_by"] = "gate"
    if item["light"]:
        plain["tier"] = {"light": True}
    return {name: plain[name] for name in ITEM if name in plain}


def _without(part: Mapping[str, Any], **defaults: Any) -> Plain:
    return {name: value for name, value in part.items() if name not in defaults or value != defaults[name]}


def mapping(value: Any) -> Plain:
    """Return a part of a draft that should be a mapping; an empty one for whatever else a file brought."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Plain]:
    """Return the mappings of a part of a draft that should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
