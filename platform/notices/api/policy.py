"""How the organization reminds its people: read, changed, and tried before it is changed."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.idempotency import once
from api.serializers import Body
from api.viewsets import ScopedViewSet
from notices import forecast, kinds
from notices.channels import CHANNELS, DEFAULT
from notices.forecast import Coming
from notices.models import ReminderPolicy
from notices.rules import RULES

WAYS = list(CHANNELS)


class ReminderPolicySerializer(serializers.ModelSerializer[ReminderPolicy]):
    """The policy in force; the defaults where nobody ever chose."""

    ladder = serializers.ListField(child=serializers.IntegerField(), help_text="Working days from the due date")
    expiry = serializers.ListField(child=serializers.IntegerField(), help_text="Calendar days before the last day")
    sla = serializers.DictField(child=serializers.IntegerField(), help_text="Working days to an answer, by kind")
    binding = serializers.ListField(
        child=serializers.ChoiceField(RULES), help_text="Rules that hold over what a playbook says"
    )
    channels = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(WAYS)),
        help_text="Ways by kind; a kind that is missing goes by mail, and by push to whoever turned it on",
    )
    urgent = serializers.ListField(child=serializers.CharField(), help_text="Kinds that wait for no digest")

    class Meta:
        model = ReminderPolicy
        fields = (
            "ladder", "manager_after", "sponsor_after", "expiry", "sla", "binding", "digest_at", "quiet_from", "quiet_until",
            "weekly_digest", "channels", "urgent",
        )  # fmt: skip


def a_kind(name: str) -> None:
    """Raise ValidationError for a kind that no app declares."""
    if name not in {kind.name for kind in kinds.every()}:
        raise serializers.ValidationError(f"There is no kind {name}.")


class PolicyChange(Body):
    """What is to be different; what is left out stays."""

    ladder = serializers.ListField(child=serializers.IntegerField(), required=False)
    manager_after = serializers.IntegerField(required=False)
    sponsor_after = serializers.IntegerField(required=False)
    expiry = serializers.ListField(child=serializers.IntegerField(), required=False)
    sla = serializers.DictField(child=serializers.IntegerField(), required=False)
    binding = serializers.ListField(child=serializers.ChoiceField(RULES), required=False)
    digest_at = serializers.TimeField(required=False)
    quiet_from = serializers.TimeField(required=False)
    quiet_until = serializers.TimeField(required=False)
    weekly_digest = serializers.BooleanField(required=False)
    channels = serializers.DictField(
        child=serializers.ListField(child=serializers.ChoiceField(WAYS), allow_empty=False), required=False
    )
    urgent = serializers.ListField(child=serializers.CharField(max_length=40, validators=[a_kind]), required=False)

    def validate_sla(self, value: dict[str, int]) -> dict[str, int]:
        """Refuse kinds that do not wait for an answer."""
        answered = [kind.name for kind in kinds.with_sla()]
        for name in value:
            if name not in answered:
                raise serializers.ValidationError(
                    f"{name} does not wait for an answer; what does is {', '.join(answered)}."
                )
        return value

    def validate_channels(self, value: dict[str, list[str]]) -> dict[str, list[str]]:
        """Keep what differs from the ways that hold without a choice, in their own order."""
        for name in value:
            a_kind(name)
        ordered = {name: [way for way in WAYS if way in ways] for name, ways in value.items()}
        return {name: ways for name, ways in ordered.items() if tuple(ways) != DEFAULT}


class ComingSerializer(serializers.Serializer[Coming]):
    """A reminder that will go out."""

    due_at = serializers.DateTimeField(source="row.due_at")
    recipient = serializers.UUIDField(source="row.recipient_id")
    kind = serializers.CharField(source="row.kind")
    subject_type = serializers.CharField(source="row.subject_type")
    subject_id = serializers.UUIDField(source="row.subject_id")
    title = serializers.CharField(source="about.title")
    step = serializers.CharField(source="row.step")
    reason = serializers.CharField(source="row.reason")
    channel = serializers.ChoiceField(WAYS, source="row.channel")
    apart = serializers.BooleanField(source="row.apart", help_text="Goes out alone, in no digest")


class PreviewSerializer(serializers.Serializer[Any]):
    """Who gets what in the next 14 days, the earliest first."""

    count = serializers.IntegerField()
    reminders = ComingSerializer(many=True)


class PersonChangeSerializer(serializers.Serializer[Any]):
    """What another policy changes for one person; a reminder that moves is taken away and added."""

    person = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    added = ComingSerializer(many=True)
    removed = ComingSerializer(many=True)


class WhatIfSerializer(serializers.Serializer[Any]):
    """What another policy would change within 14 days."""

    before = serializers.IntegerField()
    after = serializers.IntegerField()
    changes = PersonChangeSerializer(many=True)


class ReminderPolicyViewSet(ScopedViewSet):
    """The one policy of the organization."""

    serializer_class = ReminderPolicySerializer
    needs = dict.fromkeys(("show", "change", "preview", "try_out"), Permission.POLICY_MANAGE)
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=ReminderPolicySerializer)
    def show(self, request: Request, **kwargs: Any) -> Response:
        """Show the reminder policy."""
        return Response(ReminderPolicySerializer(ReminderPolicy.current()).data)

    @extend_schema(request=PolicyChange, responses=ReminderPolicySerializer)
    @once
    def change(self, request: Request, **kwargs: Any) -> Response:
        """Change the reminder policy; everything open is planned anew within seconds."""
        policy = ReminderPolicy.change(by=self.by, **self.body(PolicyChange))
        return Response(ReminderPolicySerializer(policy).data)

    @extend_schema(responses=PreviewSerializer)
    def preview(self, request: Request, **kwargs: Any) -> Response:
        """Show who gets what in the next 14 days under the policy in force."""
        coming = forecast.coming()
        return Response(PreviewSerializer({"count": len(coming), "reminders": coming}).data)

    @extend_schema(request=PolicyChange, responses=WhatIfSerializer)
    def try_out(self, request: Request, **kwargs: Any) -> Response:
        """Show what a changed policy would change within 14 days. Nothing is saved."""
        found = forecast.what_if(ReminderPolicy.current(), self.body(PolicyChange))
        return Response(WhatIfSerializer(found).data)
