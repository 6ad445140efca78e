"""Who may do what, as data. A role is a set of permissions; nothing in the code asks for a role by name."""

from enum import StrEnum


class Role(StrEnum):
    """What a membership may do (team roles, which say who does what, belong to a deployment)."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    IMPLEMENTATION_MANAGER = "implementation_manager"
    CONTRIBUTOR = "contributor"
    APPROVER = "approver"
    LEARNER = "learner"
    AUDITOR = "auditor"

    @property
    def title(self) -> str:  # type: ignore[override]  # nobody capitalizes a role
        """The role's name on screen."""
        return self.value.replace("_", " ").capitalize()


class Part(StrEnum):
    """The part a partner organization takes in a shared deployment."""

    VENDOR = "vendor"
    FUNDER = "funder"
    HUB = "hub"


LEAST_FIRST = (Part.FUNDER, Part.VENDOR, Part.HUB)
"""The parts by how much of a deployment they open: no items, those of one's own side, all of them."""


class Permission(StrEnum):
    """One thing that may be done. The value is stable: it stands in tokens and in the log."""

    DEPLOYMENT_READ = "deployment.read"
    DEPLOYMENT_PLAN = "deployment.plan"
    DEPLOYMENT_SHARE = "deployment.share"
    ITEM_READ = "item.read"
    ITEM_WORK = "item.work"
    ITEM_REVIEW = "item.review"
    COMMENT_INTERNAL = "comment.internal"
    EVIDENCE_READ = "evidence.read"
    EVIDENCE_ADD = "evidence.add"
    GATE_READ = "gate.read"
    GATE_CONVENE = "gate.convene"
    GATE_VOTE = "gate.vote"
    GATE_SIGN = "gate.sign"
    WAIVER_ASK = "waiver.ask"
    WAIVER_GRANT = "waiver.grant"
    GO_LIVE = "deployment.go_live"
    PLAYBOOK_READ = "playbook.read"
    PLAYBOOK_AUTHOR = "playbook.author"
    PLAYBOOK_PUBLISH = "playbook.publish"
    SITE_READ = "site.read"
    SITE_MANAGE = "site.manage"
    IMPORT_RUN = "import.run"
    TRAINING_LEARN = "training.learn"
    TRAINING_READ = "training.read"
    TRAINING_NAMES = "training.names"
    TRAINING_MANAGE = "training.manage"
    BILLING_READ = "billing.read"
    BILLING_MANAGE = "billing.manage"
    BILLING_FINALIZE = "billing.finalize"
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    POLICY_MANAGE = "policy.manage"
    LEDGER_READ = "ledger.read"
    AUDIT_READ = "audit.read"
    AUDIT_RUN = "audit.run"
    TOKEN_MANAGE = "token.manage"  # noqa: S105 - the name of a permission


P = Permission

SAYS: dict[Permission, str] = {
    P.DEPLOYMENT_READ: "See deployments, stages and readiness",
    P.DEPLOYMENT_PLAN: "Plan programs and deployments, move dates, set teams",
    P.DEPLOYMENT_SHARE: "Share a deployment with a vendor, funder or hub",
    P.ITEM_READ: "See checklist items",
    P.ITEM_WORK: "Work on checklist items: complete, block, assign, comment",
    P.ITEM_REVIEW: "Accept or return evidence, mark items not applicable",
    P.COMMENT_INTERNAL: "See and write internal comments",
    P.EVIDENCE_READ: "Open evidence files",
    P.EVIDENCE_ADD: "Add evidence",
    P.GATE_READ: "See gates and their criteria",
    P.GATE_CONVENE: "Convene a gate review and name its panel",
    P.GATE_VOTE: "Vote in a gate review",
    P.GATE_SIGN: "Decide and sign a gate",
    P.WAIVER_ASK: "Ask for a waiver",
    P.WAIVER_GRANT: "Grant a waiver that somebody else asked for",
    P.GO_LIVE: "Record go-live and rollback",
    P.PLAYBOOK_READ: "See playbooks",
    P.PLAYBOOK_AUTHOR: "Draft playbooks",
    P.PLAYBOOK_PUBLISH: "Publish playbooks",
    P.SITE_READ: "See sites and their profiles",
    P.SITE_MANAGE: "Add, change and close sites",
    P.IMPORT_RUN: "Import rosters and undo imports",
    P.TRAINING_LEARN: "Take assigned training",
    P.TRAINING_READ: "See training coverage as figures",
    P.TRAINING_NAMES: "See training by person",
    P.TRAINING_MANAGE: "Assign training and grant equivalence",
    P.BILLING_READ: "See contracts and statements",
    P.BILLING_MANAGE: "Draft contracts and review statements",
    P.BILLING_FINALIZE: "Finalize statements",
    P.PEOPLE_READ: "See people and roles",
    P.PEOPLE_MANAGE: "Invite people, change roles, remove people",
    P.POLICY_MANAGE: "Change reminder and security policy",
    P.LEDGER_READ: "See the delivery ledger",
    P.AUDIT_READ: "See the audit log and verify it",
    P.AUDIT_RUN: "Run and rerun audits",
    P.TOKEN_MANAGE: "Make and revoke API tokens",
}

_READ = {P.DEPLOYMENT_READ, P.ITEM_READ, P.GATE_READ, P.PLAYBOOK_READ, P.SITE_READ, P.TRAINING_READ}
_WORK = _READ | {P.ITEM_WORK, P.EVIDENCE_READ, P.EVIDENCE_ADD, P.COMMENT_INTERNAL, P.WAIVER_ASK}
_LEARN = {P.TRAINING_LEARN}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMINISTRATOR: frozenset(set(Permission) - {P.GATE_SIGN, P.WAIVER_GRANT, P.BILLING_FINALIZE}),
    Role.IMPLEMENTATION_MANAGER: frozenset(
        _WORK
        | _LEARN
        | {
            P.DEPLOYMENT_PLAN,
            P.DEPLOYMENT_SHARE,
            P.ITEM_REVIEW,
            P.GATE_CONVENE,
            P.GATE_VOTE,
            P.GO_LIVE,
            P.PLAYBOOK_AUTHOR,
            P.SITE_MANAGE,
            P.IMPORT_RUN,
            P.TRAINING_NAMES,
            P.TRAINING_MANAGE,
            P.PEOPLE_READ,
            P.LEDGER_READ,
        }
    ),
    Role.CONTRIBUTOR: frozenset(_WORK | _LEARN | {P.GATE_VOTE}),
    Role.APPROVER: frozenset(
        _READ
        | _LEARN
        | {
            P.EVIDENCE_READ,
            P.COMMENT_INTERNAL,
            P.ITEM_REVIEW,
            P.GATE_VOTE,
            P.GATE_SIGN,
            P.WAIVER_GRANT,
            P.BILLING_READ,
            P.BILLING_FINALIZE,
        }
    ),
    Role.LEARNER: frozenset(_LEARN),
    Role.AUDITOR: frozenset(
        _READ
        | {
            P.EVIDENCE_READ,
            P.COMMENT_INTERNAL,
            P.TRAINING_NAMES,
            P.BILLING_READ,
            P.PEOPLE_READ,
            P.LEDGER_READ,
            P.AUDIT_READ,
            P.AUDIT_RUN,
        }
    ),
}

# Inside a host's scope a partner has what its part allows, and never more than its own role allows at home.
PARTS: dict[Part, frozenset[Permission]] = {
    Part.VENDOR: frozenset(
        {
            P.DEPLOYMENT_READ,
            P.GATE_READ,
            P.ITEM_READ,
            P.ITEM_WORK,
            P.EVIDENCE_READ,
            P.EVIDENCE_ADD,
            P.TRAINING_READ,
            P.SITE_READ,
            P.BILLING_READ,
        }
    ),
    Part.HUB: frozenset(
        {
            P.DEPLOYMENT_READ,
            P.GATE_READ,
            P.ITEM_READ,
            P.ITEM_WORK,
            P.EVIDENCE_READ,
            P.EVIDENCE_ADD,
            P.TRAINING_READ,
            P.SITE_READ,
            P.GATE_VOTE,
        }
    ),
    Part.FUNDER: frozenset(
        {P.DEPLOYMENT_READ, P.GATE_READ, P.EVIDENCE_READ, P.TRAINING_READ, P.SITE_READ, P.BILLING_READ}
    ),
}

# What a member limited to sites keeps of a role concerns those sites; this concerns the organization as a whole.
OF_THE_WHOLE = frozenset(
    {
        P.PLAYBOOK_AUTHOR,
        P.PLAYBOOK_PUBLISH,
        P.SITE_MANAGE,
        P.IMPORT_RUN,
        P.TRAINING_MANAGE,
        P.BILLING_READ,
        P.BILLING_MANAGE,
        P.BILLING_FINALIZE,
        P.PEOPLE_MANAGE,
        P.POLICY_MANAGE,
        P.LEDGER_READ,
        P.AUDIT_READ,
        P.AUDIT_RUN,
        P.TOKEN_MANAGE,
    }
)
# Whoever manages the people could lift their own limit, so these are never limited.
NEVER_LIMITED = frozenset({Role.OWNER, Role.ADMINISTRATOR})

# Whoever holds one of these may change what others rely on: a second factor is required (docs/adr/0009-access.md).
SECOND_FACTOR_ROLES = frozenset({Role.OWNER, Role.ADMINISTRATOR, Role.APPROVER})


def permissions_of(
    roles: "list[str] | frozenset[str]", part: str | None = None, *, limited: bool = False
) -> frozenset[Permission]:
    """Return what these roles allow: to a partner inside a host's scope, and to a member limited to sites, less."""
    allowed = frozenset().union(*(ROLES[Role(role)] for role in roles))
    if limited:
        allowed -= OF_THE_WHOLE
    return allowed & PARTS[Part(part)] if part else allowed


def grantable(roles: "list[str] | frozenset[str]") -> frozenset[Role]:
    """Return the roles that a holder of these may give: nobody gives what they do not hold."""
    own = permissions_of(roles)
    if Permission.PEOPLE_MANAGE not in own:
        return frozenset()
    return frozenset(role for role, allowed in ROLES.items() if allowed <= own)
