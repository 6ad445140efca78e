"""How the pages of hypercare are pictured."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, picture

DEPLOYMENT = {"deployment": "live"}

picture("hypercare", MANAGER, "hypercare:overview", DEPLOYMENT, looks=EVERY)
picture("hypercare-terms", MANAGER, "hypercare:terms", DEPLOYMENT)
picture("command-center", MANAGER, "hypercare:command", DEPLOYMENT, looks=(LIGHT, SMALL))
picture("tickets", MANAGER, "hypercare:tickets", DEPLOYMENT, looks=(LIGHT, SMALL))
picture("ticket", MANAGER, "hypercare:ticket", {**DEPLOYMENT, "number": "ticket"}, looks=(LIGHT, SMALL))
picture("ticket-new", MANAGER, "hypercare:report", DEPLOYMENT, looks=(LIGHT, SMALL))
