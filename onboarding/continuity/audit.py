"""What happens to champions and to funding."""

from audit.vocabulary import action

HAND_OVER_BEGUN = action("champion.hand_over_begun", "began the champion's hand-over, last day {last_day}")
HAND_OVER_STEP = action("champion.hand_over_step", "finished “{title}” of the champion's hand-over")
HANDED_OVER = action("champion.handed_over", "handed the champion's role over")
HAND_OVER_WITHDRAWN = action("champion.hand_over_withdrawn", "withdrew the champion's hand-over")
SOURCE_NOTED = action("funding.source_noted", "noted the funding source “{title}”")
SOURCE_CHANGED = action("funding.source_changed", "changed the funding source “{title}”")
COST_NOTED = action("funding.cost_noted", "noted the monthly cost")
