"""What halts a wave by itself. Each rule looks at the deployments of the wave and of those before it in the program.

A rule is a function from deployments to sentences: whoever keeps defects adds one, and nothing else changes.
"""

from collections.abc import Callable, Sequence

from facts.models import Fact
from onboarding.deployments.models import Deployment
from onboarding.golive.models import GateReview

SEVERITY_ONE = "hypercare.sev1_open"
Rule = Callable[[Sequence[Deployment]], list[str]]


def rolled_back(deployments: Sequence[Deployment]) -> list[str]:
    """A site went back to how it worked before."""
    return [f"{one.site.name} was rolled back." for one in deployments if one.state == Deployment.State.ROLLED_BACK]


def gate_failed(deployments: Sequence[Deployment]) -> list[str]:
    """A gate that a site passed on its way does not hold any more, or the last meeting over one said no.

    What lapses once a site is live is its own alarm: the figures behind hypercare's gates grow old by themselves.
    """
    sites = {one.pk: one.site.name for one in deployments}
    lapsed = [
        f"{key} does not hold any more at {one.site.name}."
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
        f"{gate} was decided no-go at {sites[pk]}."
        for pk, gate, decision in newest.values_list("deployment_id", "gate", "decision")
        if decision == GateReview.Decision.NO_GO
    ]
    return lapsed + refused


def severity_one(deployments: Sequence[Deployment]) -> list[str]:
    """A severity-1 defect is open, as the command center reported last."""
    sites = {one.pk: one.site.name for one in deployments}
    facts = Fact.objects.filter(kind=SEVERITY_ONE, subject_id__in=sites).current()
    return [
        f"{value} severity-1 {'defect is' if value == 1 else 'defects are'} open at {sites[pk]}."
        for pk, value in facts.values_list("subject_id", "value")
        if value
    ]


RULES: list[Rule] = [rolled_back, gate_failed, severity_one]


def reasons(deployments: Sequence[Deployment]) -> list[str]:
    """Return every reason to halt, in order."""
    return [reason for rule in RULES for reason in rule(deployments)] if deployments else []
