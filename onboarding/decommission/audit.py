"""What happens when a deployment is ended."""

from audit.vocabulary import action

BEGUN = action("decommission.begun", "began the decommission: {why}")
WITHDRAWN = action("decommission.withdrawn", "withdrew the decommission: {why}")
STEP_DONE = action("decommission.step_done", "finished “{title}”")
STEP_REOPENED = action("decommission.step_reopened", "opened “{title}” again")
CERTIFIED = action("decommission.certified", "signed the certificate “{title}”")
COMPLETED = action("decommission.completed", "completed the decommission")
CERTIFICATE_OPENED = action("decommission.certificate_opened", "opened the certificate “{title}”", reads=True)
