"""The smallest sound playbook, and a folder of it to break one thing in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from onboarding.playbooks.document import PlaybookError, load

Content = dict[str, Any]

SMALL: Content = {
    "schema": 1,
    "key": "small",
    "title": "Small playbook",
    "version": "1.0",
    "summary": "Two stages, three items.",
    "sources": ["Own work"],
    "roles": [
        {"code": "IM", "key": "manager", "title": "Manager", "side": "hub", "description": "Runs it."},
        {"code": "EXS", "key": "sponsor", "title": "Sponsor", "side": "host", "description": "Signs it."},
    ],
    "stages": [
        {"number": 0, "key": "plan", "title": "Plan", "purpose": "Plan.", "gate": "G0", "epis": "preparation"},
        {
            "number": 1,
            "key": "live",
            "title": "Live",
            "purpose": "Go.",
            "gate": "G1",
            "epis": "implementation",
            "ama_steps": [10],
            "stage_metric": 6,
        },
    ],
    "gates": [
        {
            "key": "G0",
            "title": "Planned",
            "stage": 0,
            "kind": "automatic",
            "criteria": {"fact": "items.blocking_open", "stages": [0], "op": "eq", "value": 0, "says": "None open."},
        },
        {
            "key": "G1",
            "title": "Go",
            "stage": 1,
            "kind": "signed",
            "panel": ["EXS", "IM"],
            "quorum": 2,
            "meaning": "We go.",
            "criteria": {
                "all": [
                    {"fact": "items.blocking_open", "stages": [0, 1], "op": "eq", "value": 0, "says": "None open."},
                    {"fact": "training.coverage", "op": "ge", "value": 0.95, "max_age_days": 2, "says": "Trained."},
                ]
            },
        },
    ],
    "scorecard": {
        "go": 90,
        "conditional_go": 80,
        "condition_expiry_days": 14,
        "domains": [
            {"key": "technical", "title": "Technical", "weight": 60},
            {"key": "people", "title": "People", "weight": 40},
        ],
    },
    "runbook": {
        "decides": "EXS",
        "deputy": "IM",
        "float_minutes": 10,
        "steps": [
            {
                "number": 1,
                "key": "switch",
                "title": "Switch on",
                "owner": "IM",
                "deputy": "EXS",
                "minutes": 5,
                "verification": "It is on.",
                "back_out": "Switch off.",
                "point_of_no_return": True,
            }
        ],
        "triggers": [
            {
                "key": "failing",
                "title": "Messages failing",
                "for_minutes": 30,
                "when": {"fact": "cutover.message_failure_share", "op": "gt", "value": 0.05, "says": "Above 5 %."},
            }
        ],
    },
}

PLAN: Content = {
    "stage": 0,
    "items": [
        {
            "number": 1,
            "key": "write-plan",
            "title": "Plan written",
            "owner": "IM",
            "also": ["EXS"],
            "effort_hours": 4,
            "evidence": [{"key": "plan", "title": "Plan", "kind": "document"}],
            "offset_days": -30,
            "gate_class": "blocks",
            "gate": "G0",
            "tier": {"light": True},
            "core": True,
            "domain": "people",
            "guidance": "Write it.",
        },
        {
            "number": 2,
            "key": "tell-people",
            "title": "People told",
            "owner": "EXS",
            "effort_hours": 0.5,
            "evidence": [{"key": "mail", "title": "Mail", "kind": "log", "required": False}],
            "depends_on": [{"item": "write-plan", "lag_days": 5}],
            "offset_days": -20,
            "until_days": -10,
            "gate_class": "informs",
            "gate": "G0",
            "condition": {
                "all": [
                    {"fact": "site.kind", "op": "in", "value": ["school", "clinic"]},
                    {"not": {"fact": "tool.generative_ai", "op": "eq", "value": True}},
                ]
            },
            "guidance": "Tell them.",
        },
    ],
}

LIVE: Content = {
    "stage": 1,
    "items": [
        {
            "number": 3,
            "key": "decide",
            "title": "Decision",
            "owner": "EXS",
            "effort_hours": 1,
            "evidence": [{"key": "record", "title": "Record", "kind": "decision"}],
            "depends_on": ["write-plan"],
            "offset_days": -3,
            "gate_class": "blocks",
            "gate": "G1",
            "completed_by": "gate",
            "epis": "preparation",
            "guidance": "Decide.",
        }
    ],
}


class Folder:
    """A playbook folder to break one thing in."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = {"playbook.yaml": SMALL, "items-00-plan.yaml": PLAN, "items-01-live.yaml": LIVE}
        for name, content in self.files.items():
            (path / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def edit(self, name: str, change: Callable[[Content], object]) -> None:
        content = yaml.safe_load((self.path / name).read_text(encoding="utf-8"))
        change(content)
        (self.path / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def problems(self) -> list[str]:
        with pytest.raises(PlaybookError) as caught:
            load(self.path)
        assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
        return [str(problem) for problem in caught.value.problems]


def first(content: Content) -> Content:
    return content["items"][0]


def second(content: Content) -> Content:
    return content["items"][1]


ITEMS, MAIN = "items-00-plan.yaml", "playbook.yaml"
WRITE = "items-00-plan.yaml: item 'write-plan': "
TELL = "items-00-plan.yaml: item 'tell-people': "
DECIDE = "items-01-live.yaml: item 'decide': "
