"""How pages of no app are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, NOBODY, SMALL, picture

picture("find", MANAGER, "find", query="?q=risk", looks=(LIGHT, SMALL))
picture("palette", MANAGER, "deployments:checklist", {"deployment": "onboarding"}, keys="Control+k")
picture("offline", NOBODY, "/offline", within=False, looks=(LIGHT, SMALL))
