"""How the pages of dates and waves are pictured."""

from datetime import timedelta

from testing.pictures.registry import DARK, EVERY, LIGHT, MANAGER, SMALL, picture

DEPLOYMENT = {"deployment": "onboarding"}
PROGRAM = {"program": "program"}

picture("timeline", MANAGER, "plans:timeline", DEPLOYMENT, looks=EVERY)
picture(
    "move-go-live",
    MANAGER,
    "plans:move",
    DEPLOYMENT,
    query=lambda demo: f"?item=&to={demo.onboarding.go_live_on + timedelta(days=14)}",
    looks=(LIGHT, SMALL),
)
picture("pull-forward", MANAGER, "plans:forward", DEPLOYMENT)
picture("board", MANAGER, "plans:board", DEPLOYMENT, looks=(LIGHT, SMALL))
picture(
    "move-card",
    MANAGER,
    "plans:card",
    {**DEPLOYMENT, "item": lambda demo: demo.blocked.number},
    query="?to=in_progress",
)
picture("month", MANAGER, "plans:calendar", DEPLOYMENT, query=lambda demo: f"?month={demo.onboarding.go_live_on:%Y-%m}")
picture("program-timeline", MANAGER, "plans:program_timeline", PROGRAM, looks=(LIGHT, DARK))
picture("waves", MANAGER, "plans:waves", PROGRAM, looks=(LIGHT, SMALL))
picture("workload", MANAGER, "plans:workload")
picture("closed-days", MANAGER, "plans:closed_days")
picture("calendar-link", MANAGER, "plans:feed")
picture(
    "move-wave",
    MANAGER,
    "plans:move_many",
    query=lambda demo: f"?wave={demo.onboarding.wave_id}&days=14",
    looks=(LIGHT, SMALL),
)
