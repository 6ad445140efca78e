"""How the pages of gates and go-live are pictured."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, SPONSOR, picture

picture("gates", MANAGER, "golive:gates", {"deployment": "meeting"}, looks=(LIGHT, SMALL))
picture("go-no-go", SPONSOR, "golive:review", {"review": "review"}, looks=EVERY)
picture("waivers", SPONSOR, "golive:waivers", {"deployment": "meeting"})
picture("go-live", MANAGER, "golive:go_live", {"deployment": "meeting"})
picture("roll-back", MANAGER, "golive:rollback", {"deployment": "live"})
picture("gate-as-of", MANAGER, "golive:gate_as_of", {"deployment": "live", "gate": lambda demo: "G6"})
picture("gate", MANAGER, "golive:gate", {"deployment": "meeting", "gate": lambda demo: "G6"}, looks=(LIGHT, SMALL))
picture("evidence-pack", SPONSOR, "golive:pack", {"review": "review", "number": lambda demo: 1}, looks=(LIGHT, SMALL))
picture(
    "gate-builder",
    MANAGER,
    "golive:build_gate",
    {"draft": "draft", "gate": lambda demo: "G5"},
    query=lambda demo: f"?deployment={demo.meeting.pk}",
    looks=EVERY,
)
