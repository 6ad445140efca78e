"""How the pages of upgrades are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, SMALL, picture

picture("upgrades", MANAGER, "upgrades:list")
picture(
    "upgrade-plan",
    MANAGER,
    "upgrades:plan",
    {"program": "program"},
    query=lambda demo: f"?to={demo.own_version.pk}",
    looks=(LIGHT, SMALL),
)
picture("upgrade", MANAGER, "upgrades:upgrade", {"upgrade": "upgrade"})
