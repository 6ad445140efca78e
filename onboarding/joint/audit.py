"""What happens in waves over several organizations, at whoever leads them and at whoever takes part."""

from audit.vocabulary import action

PROGRAM_BEGUN = action("joint_program.begun", "began the joint program {title}")
WAVE_ADDED = action("joint_wave.added", "added {title} to a joint program")
RULES_SET = action("joint_wave.rules_set", "set the rules of {title}")
STARTED = action("joint_wave.started", "started {title}")
EXPANDED = action("joint_wave.expanded", "let all sites of {title} follow the canary sites")
HALTED = action("joint_wave.halted", "halted {title}: {why}")
RESUMED = action("joint_wave.resumed", "let {title} go on")
DONE = action("joint_wave.done", "finished {title}")
LESSON_LEARNED = action("joint_wave.lesson_learned", "wrote down a lesson of {title}")
LESSON_TAKEN_UP = action("joint_wave.lesson_taken_up", "took up a lesson of {title}")
PLACE_OFFERED = action("joint_place.offered", "offered {site} of {host} a place in {title}")
PLACE_TAKEN_BACK = action("joint_place.taken_back", "took back the place of {site} of {host} in {title}")
PLACE_ANSWERED = action("joint_place.answered", "carried back that {host} {answered} the place of {site} in {title}")
STAFFED = action("joint_place.staffed", "gave {site} {hours} hours a week of a person as {role}")
UNSTAFFED = action("joint_place.unstaffed", "took a person off {site}")

OFFER_RECEIVED = action("joint_offer.received", "was offered a place in {title} of {leader}")
OFFER_ACCEPTED = action("joint_offer.accepted", "accepted a place in {title} of {leader}")
OFFER_DECLINED = action("joint_offer.declined", "declined a place in {title} of {leader}")
OFFER_LEFT = action("joint_offer.left", "left {title} of {leader}: {reason}")
OFFER_ENDED = action("joint_offer.ended", "lost the place in {title} of {leader}")
TOLD = action("joint_offer.told", "was told that {title} of {leader} is at: {standing}")
