"""Who does something: a person, a token, an operator's staff session, or the system itself."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts; every verb takes it as `by`."""

    kind: str
    """person, token, staff or system."""
    id: UUID | None
    """The user's id; None for the system."""
    name: str = field(compare=False)
    """For messages on screen; the event log keeps ids only, names live where they can be erased."""
    organization_id: UUID | None = None
    """The organization the actor belongs to; a partner's differs from the host in scope."""
    roles: frozenset[str] = frozenset()

    @property
    def person_id(self) -> UUID:
        """The person's id; raise PermissionError for the system, where only a person may act."""
        if self.id is None:
            raise PermissionError(f"{self.name} is no person: this has to be done by somebody.")
        return self.id

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Return the system acting through a named process ("nightly audit")."""
        return cls("system", None, name)

    def may_not_be(self, other_id: UUID | None) -> bool:
        """Whether this is the very person who must be somebody else (requester and approver)."""
        return self.id is not None and self.id == other_id
