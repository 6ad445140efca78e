"""What bodies have in common."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class Body(serializers.Serializer[Any]):
    """The body of a write: a field that it does not have is a mistake, not something to ignore."""

    def to_internal_value(self, data: Any) -> Any:
        """Refuse unknown fields by name."""
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := [name for name in data if name not in known]:
                listed = ", ".join(sorted(known)) or "none"
                raise serializers.ValidationError(
                    dict.fromkeys(unknown, f"This body has no such field; it has: {listed}.")
                )
        return super().to_internal_value(data)


class Nothing(Body):
    """A write that needs no words: an empty object, or no body at all."""


class Reason(Body):
    """Why, as it stands in the record."""

    reason = serializers.CharField(max_length=500)


class Mistake(serializers.Serializer[Any]):
    """One wrong value."""

    pointer = serializers.CharField(help_text="JSON pointer into the body; empty for the body as a whole")
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457). Nothing was saved."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = Mistake(many=True, required=False, help_text="Each wrong value of the body")  # type: ignore[assignment]
    parameter = serializers.CharField(required=False, help_text="The query parameter that is wrong")
    reference = serializers.CharField(required=False, help_text="To find a server error in the log")
