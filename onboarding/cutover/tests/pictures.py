"""How the cut-over's page is pictured."""

from testing.pictures.registry import EVERY, MANAGER, picture

picture("cut-over", MANAGER, "cutover:overview", {"deployment": "live"}, looks=EVERY)
