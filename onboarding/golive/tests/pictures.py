"""How the pages of gates and go-live are pictured."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, SPONSOR, picture

picture("gates", MANAGER, "golive:gates", {"deployment": "meeting"}, looks=(LIGHT, SMALL))
picture("go-no-go", SPONSOR, "golive:review", {"review": "review"}, looks=EVERY)
picture("waivers", SPONSOR, "golive:waivers", {"deployment": "meeting"})
picture("go-live", MANAGER, "golive:go_live", {"deployment": "meeting"})
picture("roll-back", MANAGER, "golive:rollback", {"deployment": "live"})
