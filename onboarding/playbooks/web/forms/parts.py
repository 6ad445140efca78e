"""Forms of the other parts of a draft: what it is called, its roles, its stages with their gates, and the rest as YAML."""

from typing import Any

from django import forms

from onboarding.playbooks.plain import Plain
from onboarding.playbooks.shape import EPIS_PHASES, GATE_KINDS, SIDES
from onboarding.playbooks.web.forms.rows import read_yaml
from onboarding.playbooks.web.words import EPIS, METRICS
from web.forms import NEAR, DateInput, Form

LARGEST_FILE = 5_000_000


class AboutForm(Form):
    """What the playbook is called and says of itself."""

    title = forms.CharField(max_length=120)
    version = forms.CharField(max_length=20, help_text="As people will say it: 1.1, or 2026-11.")
    summary = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4}))
    sources = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 6}), help_text="What it rests on, one source a line."
    )

    def __init__(self, data: Any = None, *, head: Plain) -> None:
        """Show the head's own words."""
        super().__init__(data, initial={**head, "sources": "\n".join(head.get("sources") or [])})

    def values(self) -> Plain:
        """Return the fields of the head."""
        found = self.cleaned_data
        return {**found, "sources": [line.strip() for line in found["sources"].splitlines() if line.strip()]}


class RoleForm(Form):
    """An owner role of the team."""

    code = forms.CharField(max_length=3, help_text="At most three letters; items and gates name it.")
    title = forms.CharField(max_length=60)
    key = forms.SlugField(max_length=80)
    side = forms.ChoiceField(choices=[(one, one.capitalize()) for one in SIDES])
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))


class StageForm(Form):
    """A stage together with the gate at its end."""

    title = forms.CharField(max_length=40)
    key = forms.SlugField(max_length=80)
    purpose = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    epis = forms.ChoiceField(label="EPIS phase", choices=[(one, EPIS[one]) for one in EPIS_PHASES])
    stage_metric = forms.TypedChoiceField(
        label="Stage metric", required=False, coerce=int, empty_value=None, choices=[("", "None"), *METRICS.items()]
    )
    gate = forms.CharField(label="Gate", max_length=4, help_text="Its short name, for example G3.")
    gate_title = forms.CharField(label="Gate title", max_length=40)
    kind = forms.ChoiceField(
        label="How it closes", choices=[(one, "By signature" if one == "signed" else "By itself") for one in GATE_KINDS]
    )
    panel = forms.MultipleChoiceField(label="Panel", required=False, widget=forms.CheckboxSelectMultiple)
    quorum = forms.IntegerField(required=False, min_value=1, max_value=40)
    meaning = forms.CharField(label="What a signature says", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Any = None, *, head: Plain, stage: Plain, gate: Plain) -> None:
        """Show the stage and its gate."""
        initial = {**stage, "panel": gate.get("panel"), "quorum": gate.get("quorum"), "meaning": gate.get("meaning")}
        initial |= {"gate": stage.get("gate"), "gate_title": gate.get("title"), "kind": gate.get("kind")}
        super().__init__(data, initial=initial)
        roles = [(one.get("code", ""), one.get("title", "")) for one in head.get("roles") or []]
        self.fields["panel"].choices = roles  # type: ignore[attr-defined]

    def parts(self, stage: Plain, standing: Plain) -> tuple[Plain, Plain]:
        """Return the stage and the gate in the file format; the criteria stay, and a new gate asks for its items."""
        found = self.cleaned_data
        own = {name: found[name] for name in ("key", "title", "purpose", "gate", "epis")}
        metric = {"stage_metric": found["stage_metric"]} if found["stage_metric"] else {}
        steps = {"ama_steps": stage["ama_steps"]} if stage.get("ama_steps") else {}
        gate: Plain = {
            "key": found["gate"],
            "title": found["gate_title"],
            "stage": stage["number"],
            "kind": found["kind"],
            "criteria": standing.get("criteria") or _nothing_open(stage["number"]),
        }
        if found["kind"] == "signed":
            gate |= {"panel": found["panel"], "quorum": found["quorum"], "meaning": found["meaning"]}
        return {"number": stage["number"], **own, **steps, **metric}, gate


class TextForm(Form):
    """The scorecard or the runbook as YAML, for who would rather write it."""

    text = forms.CharField(label="As YAML", widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"}))

    def clean_text(self) -> Any:
        """Read the mapping."""
        wanted = "Write a mapping: names with a colon, and what belongs to them below."
        found = read_yaml(self.cleaned_data["text"], wanted)
        if found is None:
            raise forms.ValidationError(wanted)
        return found


class ImportForm(Form):
    """A playbook file."""

    file = forms.FileField(label="File", max_length=200, help_text="A playbook as YAML or as a workbook (.xlsx).")

    def clean_file(self) -> Any:
        """Refuse what is too large to be a playbook."""
        found = self.cleaned_data["file"]
        if found.size > LARGEST_FILE:
            raise forms.ValidationError("At most 5 MB are read.")
        return found


class OwnForm(Form):
    """What a playbook that inherits from another is called."""

    title = forms.CharField(max_length=120)
    key = forms.SlugField(max_length=80, help_text="Lower case letters, digits and hyphens; stays the same for good.")


class PreviewForm(Form):
    """Dates to try a playbook with."""

    go_live_on = forms.DateField(label="Go-live", widget=DateInput, validators=NEAR)
    kick_off_on = forms.DateField(label="Kick-off", widget=DateInput, validators=NEAR)


def _nothing_open(stage: int) -> Plain:
    """The criterion that every gate begins with."""
    says = f"Open blocking items of stage {stage}"
    return {"fact": "items.blocking_open", "stages": [stage], "op": "eq", "value": 0, "says": says}
