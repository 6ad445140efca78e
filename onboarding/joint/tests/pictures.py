"""How the pages of joint programs are pictured."""

from testing.pictures.registry import MANAGER, picture, unpictured

picture("joint", MANAGER, "joint:index")
unpictured("joint:program", "Nobody in the demo leads sites of other organizations.")
