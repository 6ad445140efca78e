"""One tool version at one site, and the work that brings it there."""

from onboarding.deployments.models.approval import ApprovalPolicy, ApprovalRequest
from onboarding.deployments.models.approval_code import ApprovalCode
from onboarding.deployments.models.calendar import ClosedDay
from onboarding.deployments.models.change import Change
from onboarding.deployments.models.comment import Comment
from onboarding.deployments.models.dependency import ItemDependency
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.evidence import Evidence, EvidenceVersion
from onboarding.deployments.models.item import Item
from onboarding.deployments.models.portfolio import PortfolioRow
from onboarding.deployments.models.program import Program, Wave
from onboarding.deployments.models.status_link import StatusLink
from onboarding.deployments.models.team import TeamRole
from onboarding.deployments.models.watch import Watch

__all__ = [
    "ApprovalCode",
    "ApprovalPolicy",
    "ApprovalRequest",
    "Change",
    "ClosedDay",
    "Comment",
    "Deployment",
    "Evidence",
    "EvidenceVersion",
    "Item",
    "ItemDependency",
    "PortfolioRow",
    "Program",
    "StatusLink",
    "TeamRole",
    "Watch",
    "Wave",
]
