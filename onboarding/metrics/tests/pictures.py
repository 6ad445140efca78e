"""How stage metrics are looked at."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, picture

picture("stage-metrics", MANAGER, "metrics:organization", looks=(LIGHT, SMALL))
picture("stage-metrics-of-a-program", MANAGER, "metrics:program", {"program": "program"})
picture("stage-metrics-of-a-site", MANAGER, "metrics:deployment", {"deployment": "onboarding"}, looks=EVERY)
