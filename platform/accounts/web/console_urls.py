"""The admin console, below `/o/<org>/admin/`."""

from django.urls import path

from accounts.web.views import invitations, leave, organization, people, roles, tokens

app_name = "console"
urlpatterns = [
    path("", people.console, name="home"),
    path("people/", people.people, name="people"),
    path("people/as-of/", people.as_of, name="people_as_of"),
    path("people/<uuid:member>/", people.person, name="person"),
    path("people/<uuid:member>/remove", people.remove, name="remove"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/new/", invitations.invite, name="invite"),
    path("invitations/<uuid:invitation>/renew", invitations.renew, name="renew"),
    path("invitations/<uuid:invitation>/revoke", invitations.revoke, name="revoke"),
    path("roles/", roles.roles, name="roles"),
    path("organization/", organization.organization, name="organization"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.make, name="make_token"),
    path("tokens/<uuid:token>/revoke", tokens.revoke, name="revoke_token"),
    path("leave/", leave.leave, name="leave"),
]
