"""How the pages of adaptations are pictured."""

from testing.pictures.registry import LIGHT, MANAGER, SMALL, picture, unpictured

ITEM = {"deployment": "onboarding", "item": "adaptable"}

picture("adaptations", MANAGER, "adaptations:list")
picture("adapt-change", MANAGER, "adaptations:change", ITEM, looks=(LIGHT, SMALL))
picture("adapt-leave-out", MANAGER, "adaptations:drop", ITEM)
picture("adapt-add", MANAGER, "adaptations:add", {"deployment": "onboarding"})
picture("playbook-from-deployment", MANAGER, "adaptations:learn", {"deployment": "live"})
picture("proposals", MANAGER, "adaptations:proposals")
unpictured("adaptations:propose", "Nobody in the demo works with a playbook that another organization made.")
