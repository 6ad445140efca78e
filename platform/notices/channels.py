"""The ways on which a message reaches somebody: a reminder is one row for each."""

MAIL = "mail"
IN_APP = "in_app"
PUSH = "push"
WEBHOOK = "webhook"

CHANNELS = {MAIL: "Mail", IN_APP: "In Causeway", PUSH: "Web push", WEBHOOK: "Webhook"}
DEFAULT = (MAIL, PUSH)
"""Web push reaches whoever turned it on in a browser; for everybody else it is no way at all."""
