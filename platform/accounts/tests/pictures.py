"""How sign-in and the admin console are pictured."""

from testing.pictures.registry import EVERY, LIGHT, MANAGER, NOBODY, OWNER, SMALL, picture

picture("sign-in", NOBODY, "/accounts/login/", within=False, looks=EVERY)
picture("sign-in-code", NOBODY, "/accounts/login/code/", within=False)
picture("second-factor", OWNER, "/accounts/2fa/", within=False)
picture("passkeys", OWNER, "/accounts/2fa/webauthn/", within=False)
picture("organizations", "implementation.manager@vendor.example", "/organizations/", within=False)
picture("me", OWNER, "/me/", within=False, looks=(LIGHT, SMALL))
picture("organization", OWNER, "console:organization")
picture("people", OWNER, "console:people", looks=(LIGHT, SMALL))
picture("people-as-of", OWNER, "console:people_as_of")
picture("person", OWNER, "console:person", {"member": "member"})
picture("invite", OWNER, "console:invite")
picture("invitations", OWNER, "console:invitations")
picture("roles", OWNER, "console:roles")
picture("api-tokens", OWNER, "console:tokens")
picture("api-token-new", OWNER, "console:make_token")
picture("leave", MANAGER, "console:leave")
