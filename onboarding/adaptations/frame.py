"""The words of FRAME (Wiltsey Stirman et al. 2019) in which a difference from a playbook is told."""

from collections.abc import Mapping
from typing import Any

from django.db import models


class Kind(models.TextChoices):
    """What was done."""

    CHANGED = "changed", "Changed"
    DROPPED = "dropped", "Dropped"
    ADDED = "added", "Added"


class Reason(models.TextChoices):
    """Where the reason lies."""

    SOCIOPOLITICAL = "sociopolitical", "Law, policy or society"
    ORGANIZATION = "organization", "Our organization or setting"
    PROVIDER = "provider", "The people who deliver it"
    RECIPIENT = "recipient", "The people who receive it"


class Goal(models.TextChoices):
    """What it is to improve."""

    FIT = "fit", "Fit with our people"
    REACH = "reach", "Reach more people"
    RETENTION = "retention", "Keep people in care"
    FEASIBILITY = "feasibility", "Make it doable"
    OUTCOMES = "outcomes", "Better outcomes"
    COST = "cost", "Less cost"
    EQUITY = "equity", "Fewer people left out"


class Fidelity(models.TextChoices):
    """Whether what makes it work stays."""

    CONSISTENT = "consistent", "The core stays"
    INCONSISTENT = "inconsistent", "The core changes"
    UNKNOWN = "unknown", "Not sure"


class Phase(models.TextChoices):
    """When."""

    PRE_IMPLEMENTATION = "pre_implementation", "Before go-live"
    IMPLEMENTATION = "implementation", "From go-live on"
    SCALE_UP = "scale_up", "Scaling up"
    SUSTAINMENT = "sustainment", "Lasting use"


class Planned(models.TextChoices):
    """Whether it was planned."""

    PROACTIVE = "planned_proactive", "Planned ahead"
    REACTIVE = "planned_reactive", "Planned when a problem showed"
    UNPLANNED = "unplanned", "Not planned"


class What(models.TextChoices):
    """What was modified."""

    CONTENT = "content", "Content"
    CONTEXT = "context", "Context: who, where, when"
    TRAINING = "training_evaluation", "Training and evaluation"
    IMPLEMENTATION = "implementation", "Implementation activities"


class Level(models.TextChoices):
    """For whom."""

    INDIVIDUAL = "individual", "Single persons"
    GROUP = "group", "A group"
    CLINIC = "clinic", "This site"
    ORGANIZATION = "organization", "The organization"
    NETWORK = "network", "A network of organizations"


class Nature(models.TextChoices):
    """In what way."""

    TAILORING = "tailoring", "Worded or refined"
    SUBSTITUTING = "substituting", "Replaced by something else"
    REMOVING = "removing", "Left out"
    ADDING = "adding", "Added"
    LOOSENING = "loosening", "Made less strict"
    TIGHTENING = "tightening", "Made stricter"


class Duration(models.TextChoices):
    """For how long."""

    TRANSIENT = "transient", "For a while"
    LASTING = "lasting", "For good"


ASKED = {
    "reason": "why",
    "goal": "what for",
    "fidelity": "whether the core stays",
    "planned": "whether it was planned",
    "decided_by": "who decided",
}
"""What only people know, in words. The rest of FRAME (when, what, for whom, in what way, for how long) follows from what is done."""
CHOICES: dict[str, type[models.TextChoices]] = {
    "reason": Reason,
    "goal": Goal,
    "fidelity": Fidelity,
    "planned": Planned,
    "phase": Phase,
    "what": What,
    "level": Level,
    "nature": Nature,
    "duration": Duration,
}


def lacking(frame: Mapping[str, Any]) -> list[str]:
    """Return in words what is asked for and not said, and what is said in other words than FRAME's."""
    unsaid = [words for name, words in ASKED.items() if not frame.get(name)]
    unknown = [
        f"{name} as one of {', '.join(kind.values)}"
        for name, kind in CHOICES.items()
        if frame.get(name) and frame[name] not in kind.values
    ]
    return unsaid + unknown
