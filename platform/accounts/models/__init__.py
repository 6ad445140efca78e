"""People and where they belong."""

from accounts.models.api_token import ApiToken
from accounts.models.invitation import Invitation, InvitationSite
from accounts.models.membership import Membership, MembershipSite
from accounts.models.seat import Seat
from accounts.models.staff_session import StaffRequest, StaffSession
from accounts.models.user import User

__all__ = [
    "ApiToken",
    "Invitation",
    "InvitationSite",
    "Membership",
    "MembershipSite",
    "Seat",
    "StaffRequest",
    "StaffSession",
    "User",
]
