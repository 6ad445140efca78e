"""The ways on which a message reaches somebody: a reminder is one row for each."""

MAIL = "mail"
IN_APP = "in_app"
WEBHOOK = "webhook"

CHANNELS = {MAIL: "Mail", IN_APP: "In Causeway", WEBHOOK: "Webhook"}
DEFAULT = (MAIL,)
