"""How parts of a playbook are said on its pages."""

from collections.abc import Iterable, Mapping
from typing import Any

from facts.criteria import OPERATORS
from facts.kinds import unit_of
from notices.web.words import said as reminder_words
from onboarding.playbooks.diff import ADDED, CHANGED, REMOVED, Difference
from onboarding.playbooks.expressions import CONDITION_FACTS
from onboarding.playbooks.plain import mappings
from onboarding.playbooks.shape import GO_LIVE, KICK_OFF
from web.formats import MINUS, plural

LOOKS = {ADDED: ("done", "Added"), CHANGED: ("in_progress", "Changed"), REMOVED: ("not_needed", "Taken out")}
FACTS = {
    "site.kind": "Kind of site",
    "site.ehr": "Health record system",
    "site.serves_minors": "Serves minors",
    "site.country": "Country of the site",
    "site.region": "State or province",
    "site.rural": "Rural site",
    "organization.country": "Country of the organization",
    "organization.kind": "Kind of organization",
    "tool.substance_use_data": "Tool holds substance use records",
    "tool.generative_ai": "Tool uses generative AI",
    "tool.regulated_device": "Tool is a regulated device",
    "tool.ehr_launched": "Tool opens inside the health record",
}
CLASSES = {"blocks": "Blocks", "conditional": "Conditional", "informs": "Informs"}
EPIS = {
    "exploration": "Exploration",
    "preparation": "Preparation",
    "implementation": "Implementation",
    "sustainment": "Sustainment",
}
METRICS = {
    1: "1 Engagement",
    2: "2 Feasibility",
    3: "3 Readiness planning",
    4: "4 Staff trained",
    5: "5 Monitoring in place",
    6: "6 Services begin",
    7: "7 Ongoing services",
    8: "8 Competency",
}
KINDS = {
    "document": "Document",
    "test-run": "Test run",
    "decision": "Decision",
    "form": "Form",
    "log": "Log",
    "link": "Link",
    "none": "Nothing to upload",
}
FIELDS = {
    "also": "Further roles",
    "ama_steps": "AMA steps",
    "anchor": "Appears with",
    "back_out": "Back-out",
    "completed_by": "Completed by",
    "conditional_go": "Conditional go from",
    "condition_expiry_days": "A condition expires after",
    "core": "Core item",
    "depends_on": "Waits for",
    "domain": "Scorecard domain",
    "decide_within_minutes": "Decide within, minutes",
    "decides": "Decides on a rollback",
    "effort_hours": "Effort, hours",
    "epis": "EPIS phase",
    "evidence": "Evidence",
    "float_minutes": "Float, minutes",
    "for_minutes": "For how many minutes",
    "gate_class": "What it does to its gate",
    "go": "Go from",
    "minutes": "Planned minutes",
    "offset_days": "Days",
    "offset_from": "Counted from",
    "stage_metric": "Stage metric",
    "tier": "Light track",
    "until_days": "Until",
    "verification": "What shows that it is done",
    "when": "Fires when",
}


def field_words(name: str) -> str:
    """Say the name of a field."""
    return FIELDS.get(name, name.replace("_", " ").capitalize())


def offset_words(item: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Say when an item is due: "go-live − 49 days", "kick-off + 3 days", "#12 Contract + 5 days"."""
    if item.get("anchor", GO_LIVE) == "decommission":
        start = "decommissioning"
    else:
        source = item.get("offset_from", GO_LIVE)
        start = {GO_LIVE: "go-live", KICK_OFF: "kick-off"}.get(source) or titles.get(source, source)
    days = item.get("until_days") if item.get("until_days") is not None else item.get("offset_days")
    if not isinstance(days, int):
        return "no date yet"
    return f"on {start}" if days == 0 else f"{start} {MINUS if days < 0 else '+'} {plural(abs(days), 'day')}"


def condition_words(expression: Any) -> str:
    """Say a condition: "kind of site is school, and tool uses generative AI"."""
    if not isinstance(expression, Mapping):
        return ""
    for kind, joint in (("all", ", and "), ("any", ", or ")):
        if isinstance(expression.get(kind), list):
            return joint.join(condition_words(part) for part in expression[kind])
    if "not" in expression:
        return f"not ({condition_words(expression['not'])})"
    fact, value = str(expression.get("fact", "")), expression.get("value")
    said = FACTS.get(fact, fact)
    said = said[:1].lower() + said[1:]
    negative = expression.get("op") == "ne"
    if CONDITION_FACTS.get(fact) is bool:
        return said if bool(value) != negative else f"not: {said}"
    values = value if isinstance(value, list) else [value]
    return f"{said} is {'not ' if negative else ''}{' or '.join(map(str, values))}"


def value_words(name: str, value: Any) -> str:
    """Say the value of a field in a comparison."""
    if value is None or value in ("", []):
        return "–"
    if name in ("condition", "criteria", "when"):
        return condition_words(value) if name == "condition" else criteria_words(value)
    if name == "reminders":
        return "; ".join(f"{title}: {words}" for title, words in reminder_words(value))
    if name == "depends_on":
        return ", ".join(one if isinstance(one, str) else f"{one['item']} + {one['lag_days']}" for one in value)
    if name == "evidence":
        return ", ".join(str(one.get("title")) + ("" if one.get("required", True) else " (optional)") for one in value)
    if name == "tier":
        return "Yes"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def criteria_words(expression: Any) -> str:
    """Say a gate's criteria or what a trigger watches: "Share of messages failing is more than 5 %"."""
    if not isinstance(expression, Mapping):
        return "–"
    for kind in ("all", "any"):
        if isinstance(expression.get(kind), list):
            return ("; " if kind == "all" else " or ").join(criteria_words(part) for part in expression[kind])
    if "not" in expression:
        return f"not ({criteria_words(expression['not'])})"
    fact, op, value = str(expression.get("fact", "")), str(expression.get("op", "")), expression.get("value", "")
    if unit_of(fact) == "share" and isinstance(value, (int, float)):
        value = f"{100 * value:.10g} %"
    compared = OPERATORS[op][1] if op in OPERATORS else op
    return f"{expression.get('says') or fact} {compared} {value}".strip()


def triggers_told(runbook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a runbook's triggers, each with what it asks for in words."""
    return [{**one, "asks": criteria_words(one.get("when"))} for one in mappings(runbook.get("triggers"))]


def told(found: Iterable[Difference]) -> list[dict[str, Any]]:
    """Return differences as a page shows them: what, how it changed, and each field before and after."""
    return [
        {
            "kind": one.kind,
            "title": f"#{one.number} {one.title}" if one.kind == "Item" else one.title,
            "change": one.change,
            "look": LOOKS[one.change],
            "fields": []
            if one.change == ADDED
            else [
                {
                    "name": field_words(field.field),
                    "before": value_words(field.field, field.before),
                    "after": value_words(field.field, field.after),
                }
                for field in one.fields
            ],
        }
        for one in found
    ]
