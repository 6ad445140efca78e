"""What training puts into an audit pack: who had to learn what, and what they passed and signed."""

from assurance.packs.sections import Folder, Wanted, section
from training.learning.models import Assignment, Completion
from training.learning.models.attestation import Attestation


def training(wanted: Wanted, folder: Folder) -> int:
    """Assignments made before the period ended, with the passes and the signed statements of the period."""
    assigned = Assignment.objects.filter(**wanted.of_deployment(), assigned_at__lt=wanted.until)
    fields = (
        "id", "deployment_id", "user_id", "learner__job_role", "course__title", "required", "assigned_at", "due_on", "cycle",
        "withdrawn_at",
    )  # fmt: skip
    count = folder.rows("assignments.json", assigned.order_by("assigned_at", "pk").values(*fields))
    scope = wanted.of_deployment("assignment__deployment_id")
    passed = Completion.objects.filter(**scope, **wanted.within("passed_at")).order_by("passed_at", "pk")
    names = ("id", "assignment_id", "user_id", "printed_name", "course__title", "kind", "cycle", "passed_at", "expires_on",
             "revoked_at", "revoked_because", "code")  # fmt: skip
    count += folder.rows("completions.json", passed.values(*names))
    signed = Attestation.objects.filter(**scope, **wanted.within("signed_at")).order_by("signed_at", "pk")
    words = ("id", "assignment_id", "title", "text", "typed_name", "signed_at", "sha256")
    return count + folder.rows("attestations.json", signed.values(*words))


section("training", "Training", order=50, collect=training)
