"""Forms of the reminder pages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from notices import kinds
from notices.channels import CHANNELS, DEFAULT
from notices.kinds import Kind
from notices.models import ReminderPolicy
from notices.rules import EXPIRY, FARTHEST, FARTHEST_EXPIRY, LONGEST_SLA, RULES, TITLES
from web.forms import DateInput, Form

SPONSOR_FIRST = "The sponsor hears after the manager, not before."
STEP = re.compile(r"^[+−-]?\d{1,3}$")


class Numbers(forms.CharField):
    """Steps as text: "-14, -7, 0, +3"."""

    def __init__(self, *args: Any, least: int, most: int, **kwargs: Any) -> None:
        """Take the smallest and the largest number that counts as one."""
        super().__init__(*args, **kwargs)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> Any:
        """Return the steps as numbers; raise ValidationError naming the word that is none."""
        words = [word for word in re.split(r"[\s,;]+", str(value or "")) if word]
        for word in words:
            if not STEP.match(word) or not self.least <= int(word.replace("−", "-")) <= self.most:
                bounds = f"{self.least} to {self.most:+d}" if self.least < 0 else f"{self.least} to {self.most}"
                raise forms.ValidationError(f"“{word}” is not a number from {bounds.replace('-', '−')}.")
        return sorted({int(word.replace("−", "-")) for word in words})


class Hour(forms.TimeField):
    """A time of day, 24 hours."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def sla_field(kind: Kind) -> str:
    """Return the name of the field that holds a kind's working days."""
    return f"sla_{kind.name.replace('.', '_')}"


def in_steps(ladder: Sequence[int]) -> str:
    """Return a ladder as it is typed: "−7, 0, +3"."""
    return ", ".join(f"{step:+d}" if step else "0" for step in ladder).replace("-", "−")


class RulesForm(Form):
    """The rules that a playbook says; one that is left empty is the organization's."""

    ladder = Numbers(
        label="Steps in working days",
        required=False,
        help_text="Before the due date with a minus, after it with a plus. A rule left empty is the organization’s own.",
        least=-FARTHEST,
        most=FARTHEST,
    )
    manager_after = forms.IntegerField(
        label="Tell the implementation manager after", required=False, min_value=1, max_value=FARTHEST,
        help_text="Working days late.",
    )  # fmt: skip
    sponsor_after = forms.IntegerField(
        label="Tell the sponsor after", required=False, min_value=1, max_value=FARTHEST, help_text="Working days late."
    )
    expiry = Numbers(
        label="Days before something expires", required=False, help_text="Calendar days.", least=1, most=FARTHEST_EXPIRY
    )

    def __init__(self, terms: Mapping[str, Any], data: Any = None) -> None:
        """Show what stands, and ask for the working days of every kind that waits for an answer."""
        initial = {name: terms[name] for name in ("manager_after", "sponsor_after") if name in terms}
        initial["ladder"] = in_steps(terms.get("ladder", ()))
        initial["expiry"] = ", ".join(str(days) for days in terms.get("expiry", ()))
        self.others = dict(terms.get("sla", {}))
        initial |= {sla_field(kind): self.others.pop(kind.name, None) for kind in kinds.with_sla()}
        super().__init__(data, initial=initial)
        for kind in kinds.with_sla():
            self.fields[sla_field(kind)] = forms.IntegerField(
                label=f"{kind.title}: working days", required=False, min_value=1, max_value=LONGEST_SLA
            )

    def clean(self) -> dict[str, Any]:
        """Keep the order of the escalation."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        manager, sponsor = found.get("manager_after"), found.get("sponsor_after")
        if manager and sponsor and sponsor < manager:
            self.add_error("sponsor_after", SPONSOR_FIRST)
        return found

    def terms(self) -> dict[str, Any]:
        """Return what is said, as a playbook keeps it; kinds that are not known here stay as they are."""
        given = dict(self.cleaned_data)
        sla = self.others | {kind.name: given[sla_field(kind)] for kind in kinds.with_sla() if given[sla_field(kind)]}
        given["expiry"] = sorted(given["expiry"], reverse=True)
        found = {name: given[name] for name in ("ladder", "manager_after", "sponsor_after", "expiry") if given[name]}
        return found | ({"sla": sla} if sla else {})


class PolicyForm(Form):
    """The reminder policy."""

    ladder = Numbers(
        label="Steps in working days",
        help_text="Before the due date with a minus, after it with a plus; 0 is the day itself.",
        error_messages={"required": "Name at least one step."},
        least=-FARTHEST,
        most=FARTHEST,
    )
    manager_after = forms.IntegerField(
        label="Tell the implementation manager after", min_value=1, max_value=FARTHEST, help_text="Working days late."
    )
    sponsor_after = forms.IntegerField(
        label="Tell the sponsor after", min_value=1, max_value=FARTHEST, help_text="Working days late."
    )
    expiry = Numbers(
        label="Days before something expires",
        help_text="Calendar days: evidence, papers, contracts, certificates, waivers, conditions, funding.",
        error_messages={"required": "Name at least one day."},
        least=1,
        most=FARTHEST_EXPIRY,
    )
    digest_at = Hour(label="Digest at", help_text="In each person’s own time zone.")
    quiet_from = Hour(label="No messages from", help_text="A person’s own quiet hours come first.")
    quiet_until = Hour(label="No messages until")
    weekly_digest = forms.BooleanField(
        label="Send the weekly digest on Mondays",
        required=False,
        help_text="To owners, administrators and implementation managers.",
    )
    binding = forms.MultipleChoiceField(
        label="Hold over what a playbook says",
        required=False,
        choices=[(name, TITLES[name]) for name in RULES],
        widget=forms.CheckboxSelectMultiple,
        help_text="Without a tick, a playbook’s own rule holds for its deployments.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for the working days of every kind that waits for an answer."""
        super().__init__(*args, **kwargs)
        for kind in kinds.with_sla():
            self.fields[sla_field(kind)] = forms.IntegerField(
                label=f"{kind.title}: working days",
                min_value=1,
                max_value=LONGEST_SLA,
                help_text="From the day on which it was asked.",
            )
        self.order_fields(["ladder", "manager_after", "sponsor_after", *map(sla_field, kinds.with_sla()), "expiry"])

    @classmethod
    def of(cls, policy: ReminderPolicy, data: Any = None) -> "PolicyForm":
        """Return the form of a policy, bound where there is data."""
        initial = {name: getattr(policy, name) for name in cls.base_fields}
        initial["ladder"] = in_steps(policy.ladder)
        initial["expiry"] = ", ".join(str(days) for days in policy.expiry or EXPIRY)
        initial |= {sla_field(kind): policy.sla.get(kind.name, kind.sla) for kind in kinds.with_sla()}
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Keep the order of the escalation, and write the working days as the policy keeps them."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        manager, sponsor = found.get("manager_after"), found.get("sponsor_after")
        if manager and sponsor and sponsor < manager:
            self.add_error("sponsor_after", SPONSOR_FIRST)
        days = {kind: found.pop(sla_field(kind), None) for kind in kinds.with_sla()}
        found["sla"] = {kind.name: value for kind, value in days.items() if value is not None and value != kind.sla}
        if "expiry" in found:
            found["expiry"] = sorted(found["expiry"], reverse=True)
        return found


class WaysForm(Form):
    """How messages of each kind go out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for each kind: on which ways, and whether at once."""
        super().__init__(*args, **kwargs)
        for kind in kinds.every():
            self.fields[f"ways:{kind.name}"] = forms.MultipleChoiceField(
                label=kind.title,
                choices=list(CHANNELS.items()),
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": f"{kind.title}: choose at least one way."},
            )
            self.fields[f"alone:{kind.name}"] = forms.BooleanField(
                label=f"{kind.title}: at once", required=False, disabled=kind.apart or kind.urgent
            )

    @classmethod
    def of(cls, policy: ReminderPolicy, data: Any = None) -> "WaysForm":
        """Return the form of a policy, bound where there is data."""
        initial: dict[str, Any] = {}
        for kind in kinds.every():
            initial[f"ways:{kind.name}"] = list(policy.channels_of(kind))
            initial[f"alone:{kind.name}"] = policy.goes_alone(kind)
        return cls(data, initial=initial)

    def rows(self) -> list[dict[str, Any]]:
        """Return the fields of each kind, by title."""
        listed = [
            {
                "title": kind.title,
                "name": kind.name,
                "ways": self[f"ways:{kind.name}"],
                "alone": self[f"alone:{kind.name}"],
                "fixed": kind.apart,
            }
            for kind in kinds.every()
        ]
        return sorted(listed, key=lambda row: row["title"])

    def chosen(self) -> dict[str, Any]:
        """Return what the policy keeps: only what differs from mail, and from the kind's own urgency."""
        data = self.cleaned_data
        ways = {kind.name: [one for one in CHANNELS if one in data[f"ways:{kind.name}"]] for kind in kinds.every()}
        return {
            "channels": {name: chosen for name, chosen in ways.items() if tuple(chosen) != DEFAULT},
            "urgent": [
                kind.name for kind in kinds.every() if not (kind.apart or kind.urgent) and data[f"alone:{kind.name}"]
            ],
        }


class SnoozeForm(Form):
    """When one wants to hear of it again, and why not before."""

    until = forms.DateField(label="Remind me again on", widget=DateInput())
    reason = forms.CharField(
        label="Why it can wait",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stays in the record, and others see it. What is late still goes up to manager and sponsor.",
    )


class WebhookForm(Form):
    """Where messages go by webhook."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="Begins with https://. Your own program, or an incoming webhook of a chat.",
    )
