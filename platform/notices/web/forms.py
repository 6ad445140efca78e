"""Forms of the reminder pages."""

import re
from typing import Any

from django import forms

from notices.models import ReminderPolicy
from notices.models.policy import FARTHEST
from web.forms import Form

STEP = re.compile(r"^[+−-]?\d{1,3}$")


class Ladder(forms.CharField):
    """Steps as text: "-14, -7, 0, +3"."""

    def to_python(self, value: Any) -> Any:
        """Return the steps as numbers; raise ValidationError naming the word that is none."""
        words = [word for word in re.split(r"[\s,;]+", str(value or "")) if word]
        for word in words:
            if not STEP.match(word) or abs(int(word.replace("−", "-"))) > FARTHEST:
                raise forms.ValidationError(f"“{word}” is not a number from −{FARTHEST} to +{FARTHEST}.")
        return sorted({int(word.replace("−", "-")) for word in words})


class Hour(forms.TimeField):
    """A time of day, 24 hours."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PolicyForm(Form):
    """The reminder policy."""

    ladder = Ladder(
        label="Steps in working days",
        help_text="Before the due date with a minus, after it with a plus; 0 is the day itself.",
        error_messages={"required": "Name at least one step."},
    )
    manager_after = forms.IntegerField(
        label="Tell the implementation manager after", min_value=1, max_value=FARTHEST, help_text="Working days late."
    )
    sponsor_after = forms.IntegerField(
        label="Tell the sponsor after", min_value=1, max_value=FARTHEST, help_text="Working days late."
    )
    digest_at = Hour(label="Digest at", help_text="In each person’s own time zone.")
    quiet_from = Hour(label="No messages from", help_text="A person’s own quiet hours come first.")
    quiet_until = Hour(label="No messages until")
    weekly_digest = forms.BooleanField(
        label="Send the weekly digest on Mondays",
        required=False,
        help_text="To owners, administrators and implementation managers.",
    )

    @classmethod
    def of(cls, policy: ReminderPolicy, data: Any = None) -> "PolicyForm":
        """Return the form of a policy, bound where there is data."""
        initial = {name: getattr(policy, name) for name in cls.base_fields}
        initial["ladder"] = ", ".join(f"{step:+d}" if step else "0" for step in policy.ladder).replace("-", "−")
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Keep the order of the escalation."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        manager, sponsor = found.get("manager_after"), found.get("sponsor_after")
        if manager and sponsor and sponsor < manager:
            self.add_error("sponsor_after", "The sponsor hears after the manager, not before.")
        return found
