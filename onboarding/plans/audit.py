"""What happens to plans beyond the dates of a deployment (those are in `deployments/audit.py`)."""

from audit.vocabulary import action

BLACKOUT_ADDED = action("blackout.added", "closed {first} to {last} for go-lives: {title}")
BLACKOUT_REMOVED = action("blackout.removed", "opened {first} to {last} for go-lives again: {title}")
WAVE_RULES_SET = action("wave.rules_set", "set the rules of {title}")
WAVE_STARTED = action("wave.started", "started {title}")
WAVE_EXPANDED = action("wave.expanded", "let all sites of {title} follow the canary sites")
WAVE_HALTED = action("wave.halted", "halted {title}: {why}")
WAVE_RESUMED = action("wave.resumed", "let {title} go on")
WAVE_DONE = action("wave.done", "finished {title}")
LESSON_LEARNED = action("wave.lesson_learned", "wrote down a lesson of {title}")
LESSON_TAKEN_UP = action("wave.lesson_taken_up", "took up a lesson of {title}")
CAPACITY_SET = action("capacity.set", "set a person's time for onboarding to {hours} hours a week")
FEED_MADE = action("calendar_feed.made", "made a calendar feed")
FEED_REVOKED = action("calendar_feed.revoked", "revoked a calendar feed")
