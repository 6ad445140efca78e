"""The form of an item. A draft may be unfinished: only a title and a stage are asked for, the check tells the rest."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from django import forms
from django.core.validators import validate_slug
from django.utils.text import slugify

from onboarding.playbooks.expressions import CONDITION_FACTS
from onboarding.playbooks.likeness import alike
from onboarding.playbooks.plain import ITEM, Plain
from onboarding.playbooks.reachable import CLOSED
from onboarding.playbooks.shape import EPIS_PHASES, EVIDENCE_KINDS, GO_LIVE, KICK_OFF
from onboarding.playbooks.web.forms.rows import RowForm, free, read_yaml
from onboarding.playbooks.web.words import CLASSES, EPIS, FACTS, KINDS, METRICS
from tenancy.models import Site

ANY, ALL = "any", "all"


class ItemForm(RowForm):
    """An item of a draft, with rows for evidence, dependencies and conditions."""

    title = forms.CharField(max_length=70)
    key = forms.CharField(
        max_length=80,
        required=False,
        help_text="Stays the same in every version. Left empty, it is made from the title.",
        validators=[validate_slug],
    )
    stage = forms.TypedChoiceField(coerce=int)
    owner = forms.ChoiceField(label="Owner role", required=False)
    also = forms.MultipleChoiceField(label="Further roles", required=False, widget=forms.CheckboxSelectMultiple)
    effort_hours = forms.FloatField(label="Effort, hours", required=False, min_value=0.1, max_value=2000)
    guidance = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Markdown: what to do, with whom, what good looks like, the usual trap.",
    )
    offset_from = forms.ChoiceField(label="Counted from", required=False)
    offset_days = forms.IntegerField(
        label="Days",
        required=False,
        min_value=-2000,
        max_value=4000,
        help_text="Calendar days; negative is before.",
    )
    until_days = forms.IntegerField(
        label="Until", required=False, min_value=-2000, max_value=4000, help_text="For a window: its last day."
    )
    anchor = forms.ChoiceField(
        label="Appears", choices=[("go-live", "With the plan"), ("decommission", "When decommissioning starts")]
    )
    gate = forms.ChoiceField(required=False)
    gate_class = forms.ChoiceField(
        label="What it does to its gate", required=False, choices=[("", "Not said yet"), *CLASSES.items()]
    )
    completed_by_gate = forms.BooleanField(label="Is completed by its gate alone", required=False)
    core = forms.BooleanField(label="Core: a change at a site is recorded as an adaptation", required=False)
    light = forms.BooleanField(label="Part of the light track", required=False)
    domain = forms.ChoiceField(label="Scorecard domain", required=False)
    epis = forms.ChoiceField(
        label="EPIS phase", required=False, choices=[("", "As its stage"), *((one, EPIS[one]) for one in EPIS_PHASES)]
    )
    stage_metric = forms.TypedChoiceField(
        label="Stage metric",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "As its stage"), *METRICS.items()],
    )
    tags = forms.CharField(required=False, max_length=200, help_text="Separated by commas: safety, privacy, equity.")
    condition_match = forms.ChoiceField(
        label="Applies where", choices=[(ALL, "all of these hold"), (ANY, "any of these holds")], required=False
    )
    condition_text = forms.CharField(
        label="Condition as an expression",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="YAML, see the playbook format. It takes the place of the rows.",
    )

    def __init__(self, data: Any = None, *, plain: Plain, item: Plain | None = None, key_fixed: bool = False) -> None:
        """`plain`: the draft, to choose from; `item`: the item as it stands; `key_fixed`: it is in a published version."""
        self.item = item or {}
        self.rows = _rows_of(self.item)
        super().__init__(data, initial=_initial(self.item, self.rows))
        others = [one for one in plain.get("items") or [] if one["key"] != self.item.get("key")]
        self._others = others
        self._choose(plain, others)
        self._add_rows(others, data)
        if key_fixed:
            self.fields["key"].disabled = True
            self.fields["key"].help_text = "Published: deployments hang on it, so it stays."

    def _choose(self, plain: Plain, others: list[Plain]) -> None:
        roles = [(one.get("code", ""), one.get("title", "")) for one in plain.get("roles") or []]
        named = [(one["key"], f"#{one['number']} {one.get('title', one['key'])}") for one in others]
        gates = [(one.get("key", ""), f"{one.get('key')} {one.get('title', '')}") for one in plain.get("gates") or []]
        stages = [(one["number"], f"{one['number']} {one.get('title', '')}") for one in plain.get("stages") or []]
        domains = [
            (one.get("key", ""), one.get("title", "")) for one in (plain.get("scorecard") or {}).get("domains") or []
        ]
        self._options("stage", stages)
        self._options("owner", [("", "Nobody yet"), *roles])
        self._options("also", roles)
        self._options("gate", [("", "None yet"), *gates])
        self._options("domain", [("", "None"), *domains])
        self._options("offset_from", [(GO_LIVE, "Go-live"), (KICK_OFF, "Kick-off"), *named])

    def _options(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _add_rows(self, others: list[Plain], data: Any) -> None:
        named = [("", "–"), *((one["key"], f"#{one['number']} {one.get('title', one['key'])}") for one in others)]
        for number in self.numbers("evidence", data):
            self.fields[f"evidence-{number}-title"] = forms.CharField(label="Evidence", required=False, max_length=100)
            self.fields[f"evidence-{number}-kind"] = forms.ChoiceField(
                label="Kind", required=False, choices=[(one, KINDS[one]) for one in EVIDENCE_KINDS]
            )
            self.fields[f"evidence-{number}-optional"] = forms.BooleanField(label="Optional", required=False)
            self.fields[f"evidence-{number}-key"] = forms.CharField(required=False, widget=forms.HiddenInput)
        for number in self.numbers("waits", data):
            self.fields[f"waits-{number}-item"] = forms.ChoiceField(label="Waits for", required=False, choices=named)
            self.fields[f"waits-{number}-lag"] = forms.IntegerField(
                label="Working days between", required=False, min_value=0, max_value=400
            )
        for number in self.numbers("condition", data):
            self.fields[f"condition-{number}-fact"] = forms.ChoiceField(
                label="Fact", required=False, choices=[("", "–"), *((one, FACTS[one]) for one in CONDITION_FACTS)]
            )
            self.fields[f"condition-{number}-op"] = forms.ChoiceField(
                label="Comparison", required=False, choices=[("eq", "is"), ("ne", "is not")]
            )
            self.fields[f"condition-{number}-value"] = forms.CharField(
                label="Value",
                required=False,
                max_length=200,
                help_text="Yes, no, or one or more values with commas.",
                widget=forms.TextInput(attrs={"list": "condition-values"}),
            )

    @staticmethod
    def suggestions() -> list[str]:
        """What a condition may compare with: the closed lists by name, and the record systems of the sites."""
        named = [str(title) for choices in CLOSED.values() for _, title in choices]
        systems = Site.objects.exclude(ehr="").order_by("ehr").values_list("ehr", flat=True).distinct()
        return [*named, *systems[:50]]

    def clean_condition_text(self) -> Any:
        """Read the expression."""
        return read_yaml(self.cleaned_data["condition_text"], "Write a mapping with all, any, not or fact.")

    def plain(self, number: int) -> Plain:
        """Return the item in the file format; what is left empty is left out."""
        values = self.cleaned_data
        stage = values["stage"]
        data: Plain = {
            "stage": stage,
            "number": number,
            "key": values["key"] or slugify(values["title"])[:80] or f"item-{number}",
            "title": values["title"],
            "owner": values["owner"],
            "also": [code for code in values["also"] if code != values["owner"]],
            "effort_hours": values["effort_hours"],
            "evidence": list(self._evidence()),
            "depends_on": list(self._dependencies()),
            "anchor": values["anchor"] if values["anchor"] != "go-live" else None,
            "offset_days": values["offset_days"],
            "offset_from": values["offset_from"] if values["offset_from"] != GO_LIVE else None,
            "until_days": values["until_days"],
            "gate_class": values["gate_class"],
            "gate": values["gate"],
            "completed_by": "gate" if values["completed_by_gate"] else None,
            "condition": values["condition_text"] or self._condition(),
            "tier": {"light": True} if values["light"] else None,
            "core": values["core"] or None,
            "domain": values["domain"],
            "epis": values["epis"],
            "stage_metric": values["stage_metric"],
            "tags": [tag.strip() for tag in values["tags"].split(",") if tag.strip()],
            "guidance": values["guidance"].replace("\r\n", "\n"),
        }
        return {
            name: data[name]
            for name in ITEM
            if data[name] not in (None, "") and (data[name] != [] or name == "evidence")
        }

    def _evidence(self) -> Iterator[Plain]:
        taken: set[str] = set()
        for title, kind, optional, key in self.written("evidence", "title", "kind", "optional", "key"):
            if not title:
                continue
            key = free(key or slugify(title)[:60], taken)
            one: Plain = {"key": key, "title": title, "kind": kind}
            yield one | ({"required": False} if optional else {})

    def _dependencies(self) -> Iterator[Any]:
        for key, lag in self.written("waits", "item", "lag"):
            if key:
                yield {"item": key, "lag_days": lag} if lag else key

    def _condition(self) -> Plain | None:
        leaves = [_leaf(fact, op, text) for fact, op, text in self.written("condition", "fact", "op", "value") if fact]
        if len(leaves) < 2:
            return leaves[0] if leaves else None
        return {self.cleaned_data["condition_match"] or ALL: leaves}


def _leaf(fact: str, op: str, text: str) -> Plain:
    if CONDITION_FACTS[fact] is bool:
        return {"fact": fact, "op": op, "value": text.strip().lower() not in ("no", "false", "0")}
    values = [_value(fact, one.strip()) for one in text.split(",") if one.strip()]
    if len(values) > 1:
        leaf: Plain = {"fact": fact, "op": "in", "value": values}
        return {"not": leaf} if op == "ne" else leaf
    return {"fact": fact, "op": op, "value": values[0] if values else ""}


def _value(fact: str, text: str) -> str:
    """Return the value that somebody means by its name on screen: "Federally qualified health center" is fqhc."""
    return next((value for value, title in CLOSED.get(fact, ()) if alike(fact, str(title), text)), text)


def _rows_of(item: Plain) -> dict[str, list[Any]]:
    flat = _flat(item.get("condition"))
    return {
        "evidence": list(item.get("evidence") or []),
        "waits": list(item.get("depends_on") or []),
        "condition": flat[1] if flat else [],
    }


def _flat(condition: Any) -> tuple[str, list[tuple[str, str, str]]] | None:
    """Return a condition as rows; None where it is nested deeper than rows can say."""
    if condition is None:
        return ALL, []
    match, parts = ALL, [condition]
    for kind in (ALL, ANY):
        if isinstance(condition.get(kind), list):
            match, parts = kind, condition[kind]
    rows = [_row(part) for part in parts]
    return None if None in rows else (match, [row for row in rows if row])


def _row(part: Any) -> tuple[str, str, str] | None:
    negative = isinstance(part, Mapping) and isinstance(part.get("not"), Mapping)
    leaf = part["not"] if negative else part
    if not isinstance(leaf, Mapping) or leaf.get("fact") not in CONDITION_FACTS or set(leaf) - {"fact", "op", "value"}:
        return None
    op, value = leaf.get("op"), leaf.get("value")
    if op not in ("eq", "ne", "in") or (op == "ne" and negative):
        return None
    words = ", ".join(map(str, value)) if isinstance(value, list) else value
    if isinstance(value, bool):
        words = "yes" if value else "no"
    return str(leaf["fact"]), "ne" if negative or op == "ne" else "eq", str(words)


def _initial(item: Plain, rows: dict[str, list[Any]]) -> dict[str, Any]:
    found = {name: item[name] for name in item if name not in ("evidence", "depends_on", "condition", "tier", "tags")}
    found |= {
        "tags": ", ".join(item.get("tags") or []),
        "light": bool((item.get("tier") or {}).get("light")),
        "completed_by_gate": item.get("completed_by") == "gate",
        "offset_from": item.get("offset_from", GO_LIVE),
        "anchor": item.get("anchor", "go-live"),
    }
    for number, one in enumerate(rows["evidence"]):
        found |= {f"evidence-{number}-{name}": one.get(name) for name in ("title", "kind", "key")}
        found[f"evidence-{number}-optional"] = not one.get("required", True)
    for number, wait in enumerate(rows["waits"]):
        found[f"waits-{number}-item"] = wait if isinstance(wait, str) else wait.get("item")
        found[f"waits-{number}-lag"] = None if isinstance(wait, str) else wait.get("lag_days")
    flat = _flat(item.get("condition"))
    if flat is None:
        found["condition_text"] = yaml.safe_dump(item["condition"], sort_keys=False, default_flow_style=None)
    else:
        found["condition_match"] = flat[0]
        for number, row in enumerate(flat[1]):
            found |= {f"condition-{number}-{name}": row[place] for place, name in enumerate(("fact", "op", "value"))}
    return found
