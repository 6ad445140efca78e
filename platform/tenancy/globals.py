"""Tables outside every tenant, by name. A table that is neither here nor a tenant's fails the catalogue check."""

SIGN_IN = {
    "accounts_user",
    "accounts_user_groups",
    "accounts_user_user_permissions",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "usersessions_usersession",
    "notices_pushsubscription",
    "django_session",
}
STAFF = {"accounts_staffsession", "accounts_staffrequest"}
FRAMEWORK = {
    "django_content_type",
    "django_admin_log",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}
DIRECTORY = {"tenancy_organization"}
REFERENCE = {"rosters_ruralcode", "rosters_vulnerabilityindex"}
PLACES = {"audit_cursor", "notices_reading"}
PUBLISHED = {"metrics_peerrelease"}

GLOBAL_TABLES = SIGN_IN | STAFF | FRAMEWORK | DIRECTORY | REFERENCE | PLACES | PUBLISHED
READ_ONLY_TABLES: set[str] = set()
