"""What happens to answers by mail."""

from audit.vocabulary import action

REPLY_TAKEN = action("reply.taken", "answered #{number} {title} by mail")
