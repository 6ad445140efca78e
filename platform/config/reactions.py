"""What happens because something else happened: the one place where the three domains meet.

The action of an event, and the tasks that follow from it. A task takes `(organization_id, event_id)` as text, runs in that
organization's scope in one transaction, and may be called more than once for the same event.
"""

REACTIONS: dict[str, list[str]] = {
    "contract.activated": ["billing.statements.tasks.open_lines"],
    "contract.ended": ["billing.statements.tasks.open_lines"],
    "deployment.discontinued": ["training.learning.tasks.close_rollout", "onboarding.hypercare.tasks.break_off"],
    "deployment.go_live_moved": ["training.learning.tasks.follow_go_live"],
    "deployment.planned": ["training.learning.tasks.open_rollout"],
    "deployment.rolled_back": ["billing.statements.tasks.open_lines", "onboarding.hypercare.tasks.break_off"],
    "deployment.tool_version_taken": ["training.learning.tasks.follow_release"],
    "deployment.went_live": [
        "training.learning.tasks.note_live",
        "billing.statements.tasks.open_lines",
        "onboarding.hypercare.tasks.begin",
        "onboarding.reviews.tasks.plan",
    ],
    "gate.passed": ["billing.statements.tasks.open_lines", "onboarding.hypercare.tasks.follow_gate"],
    "member.added": ["training.learning.tasks.enroll_invited"],
    "reminder_policy.changed": ["notices.tasks.plan_anew"],
    "site.edited": ["onboarding.deployments.tasks.follow_site"],
    "site.time_zone_set": ["onboarding.deployments.tasks.follow_site"],
}

for _action in (
    "deployment.planned", "deployment.go_live_moved", "deployment.dates_moved", "deployment.committed", "deployment.shared", "deployment.share_withdrawn", "deployment.went_live",
    "deployment.rolled_back", "deployment.discontinued", "item.completed", "item.reopened", "item.blocked", "item.unblocked",
    "item.not_applicable", "item.waived", "item.due_moved", "item.restored", "item.added", "item.taken_over",
    "gate.passed", "gate.reopened", "gate.lapsed", "gate.holds_again", "deployment.upgraded", "deployment.upgrade_undone", "item.adapted",
    "deployment.tool_version_taken", "run.alarm_raised", "run.alarm_decided",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.deployments.tasks.carry_portfolio")

for _action in (
    "deployment.planned", "deployment.go_live_moved", "deployment.dates_moved", "item.started", "item.submitted", "item.completed", "item.returned",
    "item.reopened", "item.assigned", "item.blocked", "item.unblocked", "item.not_applicable", "item.waived", "item.due_moved",
    "item.restored", "item.taken_over", "team.role_filled", "team.role_vacated", "team.deputy_lost", "comment.added",
    "deployment.upgraded", "deployment.upgrade_undone",
    "approval.asked", "approval.given", "approval.refused", "approval.withdrawn", "member.removed", "member.left", "member.roles_changed",
    "item.adapted", "item.added",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.deployments.tasks.remind")

for _action in (
    "deployment.planned", "deployment.go_live_moved", "deployment.dates_moved", "deployment.went_live", "deployment.rolled_back",
    "deployment.discontinued", "item.started", "item.completed", "item.reopened", "item.blocked", "item.unblocked",
    "item.not_applicable", "item.waived", "item.due_moved",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.plans.tasks.follow")

for _action in (
    "deployment.rolled_back", "deployment.went_live", "gate.passed", "gate.reopened", "gate.lapsed", "gate.holds_again",
    "gate_review.decided", "hypercare.reported", "ticket.reported", "ticket.graded", "ticket.moved",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.plans.tasks.watch")

for _action in (
    "deployment.rolled_back", "deployment.went_live", "deployment.discontinued", "deployment.share_withdrawn", "gate.passed",
    "gate.reopened", "gate.lapsed", "gate.holds_again", "gate_review.decided", "hypercare.reported", "ticket.reported", "ticket.graded", "ticket.moved",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.joint.tasks.follow")

for _action in ("contract.activated", "contract.ended", "statement.line_opened", "statement.line_corrected"):
    REACTIONS.setdefault(_action, []).append("billing.statements.tasks.state_money")

for _action in ("run.alarm_raised", "run.alarm_escalated", "run.alarm_decided"):
    REACTIONS.setdefault(_action, []).append("onboarding.cutover.tasks.follow_alarm")

for _action in (
    "joint_offer.received", "joint_offer.accepted", "joint_offer.declined", "joint_offer.left", "joint_offer.ended",
    "joint_offer.told", "joint_place.answered",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.joint.tasks.remind")

for _action in ("ticket.reported", "ticket.graded", "ticket.changed", "ticket.moved"):
    REACTIONS.setdefault(_action, []).append("onboarding.hypercare.tasks.remind")

for _action in ("review.held", "deployment.rolled_back", "deployment.discontinued"):
    REACTIONS.setdefault(_action, []).append("onboarding.reviews.tasks.follow")

for _action in (
    "decommission.begun", "decommission.step_done", "decommission.step_reopened", "decommission.withdrawn",
    "decommission.completed",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.decommission.tasks.remind")

for _action in ("team.role_filled", "team.role_vacated", "team.deputy_lost"):
    REACTIONS.setdefault(_action, []).append("onboarding.continuity.tasks.follow_team")

for _action in ("member.removed", "member.left"):
    REACTIONS.setdefault(_action, []).append("onboarding.deployments.tasks.follow_leaver")

for _action in (
    "assurance.begun", "assurance.signed_off", "assurance.finding_raised", "assurance.finding_handed_over",
    "assurance.finding_corrected", "assurance.finding_retested", "assurance.finding_closed",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("assurance.tasks.remind")

for _action in (
    "window_series.begun", "window_series.ended", "window_series.completed", "window_series.handed_on", "window_series.counted_anew",
    "window.met", "window.missed", "window.corrected", "window.taken_back",
):  # fmt: skip
    REACTIONS.setdefault(_action, []).append("onboarding.windows.tasks.remind")
