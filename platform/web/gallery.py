"""What the development gallery shows: every component in every state, in the wording of the product."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from web.charts import Axis, Stage
from web.forms import DateInput, Form
from web.statuses import STATUSES

NAMES = (
    "Engage",
    "Feasibility",
    "Governance",
    "Plan",
    "Build",
    "Train",
    "Readiness",
    "Cut-over",
    "Hypercare",
    "Adopt",
    "Sustain",
)
TOTALS = (6, 13, 17, 16, 18, 10, 10, 3, 3, 3, 3)
GATES = {1: "signed", 2: "signed", 4: "due", 6: "later", 8: "later", 9: "later"}


class GoLive(Form):
    """The form of the gallery: a date, an owner, a choice, a tick and a file."""

    go_live = forms.DateField(
        label="Go-live", widget=DateInput(), help_text="A working day outside the change freeze, 19 Dec to 3 Jan"
    )
    owner = forms.CharField(label="Rollback owner", error_messages={"required": "Name a rollback owner"})
    wave = forms.ChoiceField(
        label="Wave", choices=[("1", "1, Main Street"), ("2", "2, Ferry Road and Mill Lane")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    tell = forms.BooleanField(label="Tell the team", required=False, help_text="One message each, in their next digest")

    def clean_go_live(self) -> date:
        """Refuse the day the reference page refuses."""
        value: date = self.cleaned_data["go_live"]
        if value <= timezone.localdate():
            raise forms.ValidationError("Enter a go-live after today")
        return value


def examples(request: HttpRequest) -> dict[str, Any]:
    """Return the gallery's context."""
    today = timezone.localdate()
    now = timezone.now()
    return {
        "statuses": STATUSES,
        "tracks": [stages(1, 40), stages(4, 33, "risk"), stages(7, 50)],
        "stages": stages(4, 33),
        "gates": _gates(),
        "axis": Axis(today, today + timedelta(days=150)),
        "forecasts": [
            (today + timedelta(days=50), today + timedelta(days=64), today + timedelta(days=50), ""),
            (today + timedelta(days=71), today + timedelta(days=92), today + timedelta(days=57), "risk"),
            (today + timedelta(days=100), today + timedelta(days=140), today + timedelta(days=64), "stop"),
        ],
        "empty_form": GoLive(auto_id="new_%s"),
        "wrong_form": GoLive({"go_live": "2020-11-20", "owner": "", "wave": "2", "note": ""}, auto_id="bad_%s"),
        "history": _history(now),
        "lines": _lines(),
        "totals": [
            ("Subtotal", Decimal(78842), "subtotal"),
            ("Tax, exempt under certificate on file", Decimal(0), "plain"),
            ("To pay", Decimal(78842), "total"),
        ],
        "now": now,
        "today": today,
        "steps": [
            ("Measured", "49.0 %", "49 responders of 100 measured twice"),
            ("Floor to target", "40 → 55 %", "nothing below, all at 55 and over"),
            ("Share earned", "9 ÷ 15 = 60 %", "rounded half up to 0.1 %"),
            ("Amount", "60,000.00", "40,000.00 stays withheld"),
        ],
    }


def stages(current: int, percent: int, tone: str = "") -> list[Stage]:
    """Return eleven stages of which those before `current` are done and it is done by `percent`."""
    return [
        Stage(
            name,
            accepted=total if number < current else total * percent // 100 if number == current else 0,
            total=total,
            current=number == current,
            gate=GATES.get(number, ""),
            tone=tone if number == current else "",
            address=f"#stage-{number}",
        )
        for number, (name, total) in enumerate(zip(NAMES, TOTALS, strict=True))
    ]


def _gates() -> list[dict[str, str]]:
    return [
        {"code": "G1", "name": "Adopt", "text": "Signed 12 Jun", "address": "#gates", "status": "signed"},
        {
            "code": "G2",
            "name": "Governance clear",
            "text": "Signed 9 Oct, 1 waiver",
            "address": "#gates",
            "status": "waived",
        },
        {
            "code": "G4",
            "name": "Technical ready",
            "text": "28 Dec, needed by 29",
            "address": "#gates",
            "status": "at_risk",
        },
        {"code": "G6", "name": "Go/no-go", "text": "Meeting 8 Jan", "address": "#gates", "status": "later"},
        {"code": "G8", "name": "Hypercare exit", "text": "26 Jan at best", "address": "#gates", "status": "later"},
        {
            "code": "G9",
            "name": "Scale, fix or stop",
            "text": "12 Apr, 90-day review",
            "address": "#gates",
            "status": "later",
        },
    ]


def _history(now: datetime) -> list[dict[str, Any]]:
    return [
        {"who": "System", "text": "marked this blocked: #58 is overdue", "at": now - timedelta(days=13)},
        {
            "who": "EHR integration analyst",
            "role": "integration analyst",
            "say": "Write-back works from the test client on our side of the firewall. Ready to run the other nine cases the hour the allow-list change lands.",
            "at": now - timedelta(days=11),
        },
        {
            "who": "Reminder",
            "text": "sent to the security officer, owner of #58",
            "icon": "bell",
            "at": now - timedelta(hours=5),
        },
    ]


def _lines() -> list[dict[str, Any]]:
    return [
        {
            "line": "Platform subscription",
            "line_note": "October 2026",
            "rule": "Flat per live site",
            "rule_note": "Agreement §3.1",
            "data": "2 live sites",
            "data_note": "Site register, 31 Oct",
            "formula": "2 × 1,450.00",
            "amount": Decimal(2900),
        },
        {
            "line": "Engaged members",
            "line_note": "Nightjar, wave 1",
            "rule": "Paid when ≥ 2 sessions in the month",
            "rule_note": "§3.2, tariff 4",
            "data": "618 of 871 activated",
            "data_note": "Snapshot 7c1e, frozen 2 Nov",
            "formula": "618 × 14.00",
            "amount": Decimal(8652),
        },
        {
            "line": "Go-live milestone",
            "line_note": "Harbour annex",
            "rule": "After acceptance, not at go-live",
            "rule_note": "§4.1",
            "data": "G8 exit signed 21 Oct",
            "data_note": "Gate record 2211",
            "formula": "1 × 7,290.00",
            "amount": Decimal(7290),
        },
        {
            "line": "Outcome payment",
            "line_note": "Response rate, quarter 3",
            "rule": "Withhold 100,000 · floor 40 % · target 55 %",
            "rule_note": "§5, linear between",
            "data": "49 of 100, 95 % CI 39.4 – 58.7",
            "data_note": "PHQ-9 cohort Q3, n ≥ 11",
            "formula": "100,000 × (49 − 40) ÷ (55 − 40)",
            "amount": Decimal(60000),
        },
    ]
