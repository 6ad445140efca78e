"""What the rollback triggers read (domain.md, 3.5), as facts about a deployment."""

from datetime import timedelta

from facts.kinds import Kind, kind

FRESH = timedelta(hours=1)


def _figure(name: str, says: str, value_type: type, unit: str = "") -> Kind:
    return kind(
        f"cutover.{name}",
        says,
        subject="deployment",
        value_type=value_type,
        source="command center",
        fresh_for=FRESH,
        unit=unit,
        page="cutover:overview",
    )


CUTOVER: dict[str, Kind] = {
    "safety_events": _figure("safety_events", "Patient-safety events that may come from the tool", int),
    "wrong_patient_results": _figure("wrong_patient_results", "Results on the wrong patient", int),
    "crisis_alerts_undelivered": _figure("crisis_alerts_undelivered", "Crisis alerts not delivered", int),
    "message_failure_share": _figure("message_failure_share", "Share of messages failing", float, "share"),
    "sign_in_failure_share": _figure("sign_in_failure_share", "Share of users who cannot sign in", float, "share"),
}
