"""How the API's reference is pictured."""

from testing.pictures.registry import OWNER, picture

picture("api-reference", OWNER, "api:reference")
