"""What happens in a cut-over."""

from audit.vocabulary import action

RUN_PLANNED = action("run.planned", "planned {kind} {number} for {starts}")
RUN_STARTED = action("run.started", "started {kind} {number}")
RUN_HELD = action("run.held", "held {kind} {number}: {reason}")
RUN_RESUMED = action("run.resumed", "went on with {kind} {number}")
RUN_FINISHED = action("run.finished", "finished {kind} {number}")
RUN_ROLLING_BACK = action("run.rolling_back", "started the rollback of {kind} {number}: {reason}")
RUN_ROLLED_BACK = action("run.rolled_back", "finished the rollback of {kind} {number}")
RUN_ABANDONED = action("run.abandoned", "abandoned {kind} {number}: {reason}")
STEP_DONE = action("run.step_done", "marked step {step} of {kind} {number} done")
STEP_SKIPPED = action("run.step_skipped", "skipped step {step} of {kind} {number}: {reason}")
FIGURES_REPORTED = action("run.figures_reported", "reported the figures that the rollback triggers read")
ALARM_RAISED = action("run.alarm_raised", "raised the rollback trigger “{title}”: decide until {until}")
ALARM_ESCALATED = action("run.alarm_escalated", "escalated the rollback trigger “{title}”: nobody decided in time")
ALARM_DECIDED = action("run.alarm_decided", "decided on the rollback trigger “{title}”: {decision}")
