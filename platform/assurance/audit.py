"""What happens in scheduled audits."""

from audit.vocabulary import action


def _over(lines: str) -> str:
    return {"0": "", "1": " over one line"}.get(lines, f" over {lines} lines")


SCHEDULED = action("assurance.scheduled", "scheduled the audit “{title}”, {rhythm}, first on {next_on}")
CHANGED = action("assurance.changed", "changed the audit “{title}”: {fields}")
RETIRED = action("assurance.retired", "ended the audit “{title}”: {reason}")
BEGUN = action("assurance.begun", "began audit {number} of “{title}”: {sampled} of {population} looked at")
NOT_BEGUN = action("assurance.not_begun", "could not begin the audit “{title}”: {why}")
OVERDUE = action("assurance.overdue", "audit {number} of “{title}” was due on {due_on} and is not signed off")
KEPT = action("assurance.kept", "kept the access of a member in audit {number}")
REVOKED = action("assurance.revoked", "revoked the access of a member in audit {number}")
RAISED = action("assurance.finding_raised", "raised a finding{lines}, due {due_on}", words={"lines": _over})
HANDED_OVER = action("assurance.finding_handed_over", "gave a finding another owner or day: {reason}")
CORRECTED = action("assurance.finding_corrected", "said what was done about a finding")
RETESTED = action("assurance.finding_retested", "looked at a finding again: {says}")
CLOSED = action("assurance.finding_closed", "signed off a finding")
SIGNED_OFF = action("assurance.signed_off", "signed off audit {number} of “{title}”: {statement}")
PACK_ASKED = action("assurance.pack_asked", "asked for the audit pack of {title}, {since} to {until}")
PACK_MADE = action("assurance.pack_made", "made the audit pack of {title}")
PACK_RETRIED = action("assurance.pack_retried", "tried the audit pack of {title} again")
PACK_OPENED = action("assurance.pack_opened", "downloaded the audit pack of {title}", reads=True)
PACK_GONE = action("assurance.pack_gone", "removed the file of the audit pack of {title}; it can be made again")
