"""What a run looks like, and what its verbs take."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers import Body
from onboarding.cutover.facts import CUTOVER
from onboarding.cutover.models import Alarm, LogEntry, Run, Step

LATEST = 100
"""Entries of the command log that a run is shown with."""


class RunSerializer(serializers.ModelSerializer[Run]):
    """A rehearsal, or the cut-over itself."""

    class Meta:
        model = Run
        fields = (
            "id",
            "deployment_id",
            "kind",
            "number",
            "state",
            "starts_at",
            "started_at",
            "ended_at",
            "float_minutes",
            "decides",
            "deputy",
            "decide_minutes",
            "reason",
            "version",
        )


class StepSerializer(serializers.ModelSerializer[Step]):
    """A step: planned minutes, when it ran, who closed it, and how it is taken back."""

    way = serializers.ChoiceField(choices=["forward", "back"], source="direction")

    class Meta:
        model = Step
        fields = (
            "way",
            "number",
            "title",
            "owner",
            "deputy",
            "minutes",
            "verification",
            "back_out",
            "point_of_no_return",
            "state",
            "started_at",
            "ended_at",
            "ended_by_id",
            "note",
        )


class AlarmSerializer(serializers.ModelSerializer[Alarm]):
    """A rollback trigger that fired: until when somebody decides, whether that lapsed, and what was decided."""

    class Meta:
        model = Alarm
        fields = (
            "id",
            "trigger",
            "title",
            "state",
            "since",
            "fired_at",
            "decide_by",
            "escalated_at",
            "decision",
            "reason",
            "decided_by_id",
            "decided_at",
        )


class EntrySerializer(serializers.ModelSerializer[LogEntry]):
    """A line of the command log; without an author the run itself noted it."""

    class Meta:
        model = LogEntry
        fields = ("at", "author_id", "text")


class RunDetailSerializer(RunSerializer):
    """A run with its steps (forward first, then the way back, each in its order), its alarms and its command log."""

    steps = serializers.SerializerMethodField()
    alarms = serializers.SerializerMethodField()
    log = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "steps", "alarms", "log")  # type: ignore[assignment]

    @extend_schema_field(StepSerializer(many=True))
    def get_steps(self, run: Run) -> Any:
        """Every step."""
        return StepSerializer(Step.objects.of_run(run), many=True).data

    @extend_schema_field(AlarmSerializer(many=True))
    def get_alarms(self, run: Run) -> Any:
        """Every trigger that fired, the first one first."""
        return AlarmSerializer(Alarm.objects.of_run(run), many=True).data

    @extend_schema_field(EntrySerializer(many=True))
    def get_log(self, run: Run) -> Any:
        """The newest entries of the command log, the newest first."""
        return EntrySerializer(LogEntry.objects.filter(run=run).order_by("-at", "-id")[:LATEST], many=True).data


class Done(Body):
    """What showed that the step is done, and when it was, where that is not now."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    at = serializers.DateTimeField(required=False, default=None, help_text="When it was done; not in the future")


class Plan(Body):
    """Which kind, and when it starts."""

    kind = serializers.ChoiceField(Run.Kind.choices)
    starts_at = serializers.DateTimeField()


class LogLine(Body):
    """A line of the command log. Never patient data."""

    text = serializers.CharField(max_length=1000)


class CutOverFigures(Body):
    """What the rollback triggers read; what is left out is not reported. Shares go from 0 to 1."""

    safety_events = serializers.IntegerField(min_value=0, required=False, help_text=CUTOVER["safety_events"].says)
    wrong_patient_results = serializers.IntegerField(
        min_value=0, required=False, help_text=CUTOVER["wrong_patient_results"].says
    )
    crisis_alerts_undelivered = serializers.IntegerField(
        min_value=0, required=False, help_text=CUTOVER["crisis_alerts_undelivered"].says
    )
    message_failure_share = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text=CUTOVER["message_failure_share"].says
    )
    sign_in_failure_share = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text=CUTOVER["sign_in_failure_share"].says
    )


class AlarmDecision(Body):
    """What is done about a trigger that fired, and why."""

    decision = serializers.ChoiceField(Alarm.Decision.choices)
    reason = serializers.CharField(max_length=500)
