"""Push messages to browsers (RFC 8030): encrypted for one browser (RFC 8291), signed by this installation (RFC 8292)."""

from notices.push.sending import deliver

__all__ = ["deliver"]
