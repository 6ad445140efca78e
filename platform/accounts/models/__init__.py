"""People and where they belong."""

from accounts.models.membership import Membership, MembershipSite
from accounts.models.seat import Seat
from accounts.models.staff_session import StaffRequest, StaffSession
from accounts.models.user import User

__all__ = ["Membership", "MembershipSite", "Seat", "StaffRequest", "StaffSession", "User"]
