"""How the pages of a tracker's import are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, SMALL, picture

picture("tracker", MANAGER, "trackers:show", {"tracker": "tracker"}, looks=(LIGHT, SMALL))
picture("tracker-upload", MANAGER, "trackers:index", {"deployment": "onboarding"})
