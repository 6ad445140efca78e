"""People and where they belong."""

from accounts.models.membership import Membership, MembershipSite
from accounts.models.seat import Seat
from accounts.models.user import User

__all__ = ["Membership", "MembershipSite", "Seat", "User"]
