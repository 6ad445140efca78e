"""How the pages of the log and of routines are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, SMALL, picture

picture("log", MANAGER, "logbook:deployment", {"deployment": "onboarding"}, looks=(LIGHT, SMALL))
picture("log-entry", MANAGER, "logbook:entry", {"entry": "entry"})
picture("log-everywhere", MANAGER, "logbook:index")
picture("log-program", MANAGER, "logbook:program", {"program": "program"})
picture("log-write", MANAGER, "logbook:write", {"deployment": "onboarding"})
picture("log-write-program", MANAGER, "logbook:write_for_program", {"program": "program"})
picture("routines", MANAGER, "logbook:routines", {"deployment": "live"})
