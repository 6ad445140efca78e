"""What halts a wave by itself. Each rule looks at the deployments of the wave and of those before it in the program.

A rule is a function from deployments to sentences, each with whose it is: whoever keeps defects adds one, and nothing else changes.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from facts.models import Fact
from onboarding.deployments.models import Deployment
from onboarding.golive.models import GateReview

SEVERITY_ONE = "hypercare.sev1_open"
Reason = tuple[UUID, str]
"""A deployment, and the sentence that says why it halts its wave."""
Rule = Callable[[Sequence[Deployment]], list[Reason]]


def rolled_back(deployments: Sequence[Deployment]) -> list[Reason]:
    """A site went back to how it worked before."""
    back = Deployment.State.ROLLED_BACK
    return [(one.pk, f"{one.site.name} was rolled back.") for one in deployments if one.state == back]


def gate_failed(deployments: Sequence[Deployment]) -> list[Reason]:
    """A gate that a site passed on its way does not hold any more, or the last meeting over one said no.

    What lapses once a site is live is its own alarm: the figures behind hypercare's gates grow old by themselves.
    """
    sites = {one.pk: one.site.name for one in deployments}
    lapsed = [
        (one.pk, f"{key} does not hold any more at {one.site.name}.")
        for one in deployments
        if one.state != Deployment.State.LIVE
        for key, gate in sorted(one.gates.items())
        if gate.get("state") == "lapsed"
    ]
    newest = (
        GateReview.objects.filter(deployment_id__in=sites, state=GateReview.State.DECIDED)
        .order_by("deployment_id", "gate", "-number")
        .distinct("deployment_id", "gate")
    )
    refused = [
        (pk, f"{gate} was decided no-go at {sites[pk]}.")
        for pk, gate, decision in newest.values_list("deployment_id", "gate", "decision")
        if decision == GateReview.Decision.NO_GO
    ]
    return lapsed + refused


def severity_one(deployments: Sequence[Deployment]) -> list[Reason]:
    """A severity-1 defect is open, as the command center reported last."""
    sites = {one.pk: one.site.name for one in deployments}
    facts = Fact.objects.filter(kind=SEVERITY_ONE, subject_id__in=sites).current()
    return [
        (pk, f"{value} severity-1 {'defect is' if value == 1 else 'defects are'} open at {sites[pk]}.")
        for pk, value in facts.values_list("subject_id", "value")
        if value
    ]


RULES: dict[str, Rule] = {
    "A site was rolled back.": rolled_back,
    "A gate failed at a site.": gate_failed,
    "A severity-1 defect is open at a site.": severity_one,
}
"""Each rule by what is said of it to those who must not know where it is so."""


def reasons(deployments: Sequence[Deployment]) -> list[Reason]:
    """Return every reason to halt, in the order of the rules."""
    return [found for rule in RULES.values() for found in rule(deployments)] if deployments else []


def reasons_by_kind(deployments: Sequence[Deployment]) -> list[tuple[str, str]]:
    """Return every reason to halt: what kind it is, and the sentence that names the site."""
    return [(kind, says) for kind, rule in RULES.items() for _, says in rule(deployments)] if deployments else []
