"""Settings that hold everywhere. What differs lies in dev.py, test.py and production.py."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.settings.environment import ROOT, STATE, celery_url, database, env
from web.memory import collect_rarely

collect_rarely()

BASE_DIR = ROOT
STATE_DIR = STATE

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "accounts.operations.OperationsConfig",
    "django.contrib.postgres",
    "django.contrib.humanize",  # allauth's lists of sessions and keys load it
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "tenancy",
    "audit",
    "facts",
    "access",
    "accounts",
    "notices",
    "web",
    "api",
    "assurance",
    "onboarding.rosters",
    "onboarding.playbooks",
    "onboarding.vault",
    "onboarding.deployments",
    "onboarding.plans",
    "onboarding.golive",
    "onboarding.joint",
    "onboarding.adaptations",
    "onboarding.upgrades",
    "onboarding.cutover",
    "onboarding.hypercare",
    "onboarding.replies",
    "onboarding.logbook",
    "onboarding.trackers",
    "onboarding.continuity",
    "onboarding.decommission",
    "onboarding.reviews",
    "onboarding.windows",
    "onboarding.metrics",
    "training.courses",
    "training.learning",
    "training.credentials",
    "billing.contracts",
    "billing.statements",
    "config",
]

MIDDLEWARE = [
    "config.request_metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.compression.PageCompression",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.session_activity.SessionActivityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "api.door.ApiDoor",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.staff.StaffSessionMiddleware",
    "accounts.middleware.OrganizationMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Roles: `app` serves, `steward` looks over the queues of all tenants (workers only), `migrator` changes the schema.
DATABASE_ROLE = env.str("CAUSEWAY_DATABASE_ROLE", default="app")
_ROLE_URL = {"app": "DATABASE_URL", "migrator": "DATABASE_MIGRATOR_URL"}[DATABASE_ROLE]
DATABASES: dict[str, dict[str, Any]] = {"default": database(env.str(_ROLE_URL))}
if DATABASE_ROLE == "migrator":
    DATABASES["default"]["OPTIONS"]["options"] = "-c role=causeway_owner"
if _steward := env.str("DATABASE_STEWARD_URL", default=""):
    DATABASES["steward"] = {**database(_steward), "TEST": {"MIRROR": "default"}}
DATABASE_ROUTERS = ["tenancy.routers.OneSchema"]

REDIS_URL = env.str("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mail addresses are unique without regard to case, by a constraint
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signed_in.Backend"]
SESSION_ENGINE = "accounts.signed_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "accounts.web.adapter.AccountAdapter"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Causeway"
MFA_TOTP_TOLERANCE = 1  # RFC 6238, 5.2: the code that ended while it was being typed still counts, once
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {"add_webauthn": "accounts.web.passkey_form.AddPasskeyForm"}
USERSESSIONS_TRACK_ACTIVITY = True

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [
            ROOT / "platform" / "web" / "templates",
            *sorted((ROOT).glob("platform/*/web/templates")),
            *sorted(
                path for room in ("onboarding", "training", "billing") for path in (ROOT / room).glob("*/web/templates")
            ),
        ],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "web.jinja.environment", "context_processors": ["web.context.page"]},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "django",
        "DIRS": [ROOT / "platform" / "web" / "django_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
STATICFILES_FINDERS = [
    "web.bundles.Bundles",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": STATE / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = [
    "web.uploads.limit.UploadLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
LARGEST_UPLOAD = 64 * 1024 * 1024  # of a request; what keeps a file says how large that one may be
FILES_QUOTA = env.int("FILES_QUOTA", default=20 * 1024 * 1024 * 1024)  # bytes an organization may keep
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")  # tcp://host:port or unix:///path
CLAMD_TIMEOUT = 30.0  # seconds
MALWARE_SCANNER = "web.uploads.scanning.clamd" if CLAMD_ADDRESS else ""
MALWARE_SCAN_REQUIRED = env.bool("MALWARE_SCAN_REQUIRED", default=False)

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English"), ("es", "Español"), ("ar", "العربية")]
LOCALE_PATHS = [ROOT / "platform" / "web" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

EMAIL_BACKEND = "notices.smtp.EmailBackend"
EMAIL_HOST = env.str("SMTP_HOST", default="localhost")
EMAIL_PORT = env.int("SMTP_PORT", default=25)
EMAIL_HOST_USER = env.str("SMTP_USER", default="")
EMAIL_HOST_PASSWORD = env.str("SMTP_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("SMTP_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Causeway <notices@causeway.example>")
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", default="causeway.example")
WEBHOOK_LOCAL = False  # whether webhooks may call this machine, without TLS: for tests alone
MAIL_ACCEPTANCE = env.str("MAIL_ACCEPTANCE", default="notices.delivery.CannotAsk")
FAULT_POINTS = ""

CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 15 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 14 * 60
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 1, "socket_connect_timeout": 1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_DB_REUSE_MAX = 1000  # tasks over one connection (config.celery looks whether it still answers)
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

OPERATOR_ALERTS = "notices.watch.alerts"
REACTIONS = "config.reactions.REACTIONS"
DEPLOYMENTS_AT = "onboarding.deployments.models.deployment.at_sites"
WORKING_CALENDAR_AT = "onboarding.deployments.models.calendar.working_calendar"
WORKING_CALENDARS_AT = "onboarding.deployments.models.calendar.working_calendars"
BILLABLE_DEPLOYMENTS = "config.billable.deployments"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.callers.TokenOrSession"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Keyset",
    "DEFAULT_FILTER_BACKENDS": ["api.filters.Declared"],
    "DEFAULT_THROTTLE_CLASSES": ["api.callers.PerCaller"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Operation",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "api.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Causeway API",
    "DESCRIPTION": "Typed facts about bringing digital behavioral-health tools into use. docs/api.md says how to begin.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # bin/check draws the document from the right addresses
    "SCHEMA_PATH_PREFIX": "",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AdaptationKind": "onboarding.adaptations.frame.Kind",
        "AdaptationState": "onboarding.adaptations.models.Adaptation.State",
        "AlarmDecisionEnum": "onboarding.cutover.models.Alarm.Decision",
        "AlarmState": "onboarding.cutover.models.Alarm.State",
        "AuditFindingState": "assurance.models.Finding.State",
        "AuditPackState": "assurance.models.AuditPack.State",
        "AuditRhythm": "assurance.models.Definition.Rhythm",
        "AuditRunState": "assurance.models.Run.State",
        "DecommissionState": "onboarding.decommission.models.Decommission.State",
        "ExtensionState": "onboarding.hypercare.models.Extension.State",
        "SiteReviewDecision": "onboarding.reviews.models.Review.Decision",
        "SiteReviewState": "onboarding.reviews.models.Review.State",
        "CutoverRunKind": "onboarding.cutover.models.Run.Kind",
        "CutoverRunState": "onboarding.cutover.models.Run.State",
        "CutoverStepState": "onboarding.cutover.models.Step.State",
        "DeploymentState": "onboarding.deployments.models.Deployment.State",
        "FundingSourceKind": "onboarding.continuity.models.FundingSource.Kind",
        "GateDecision": "onboarding.golive.models.GateReview.Decision",
        "GateReviewState": "onboarding.golive.models.GateReview.State",
        "ItemState": "onboarding.deployments.models.Item.State",
        "LineKind": "billing.statements.models.Line.Kind",
        "OfferState": "tenancy.offers.OfferState",
        "OrganizationKind": "tenancy.models.Organization.Kind",
        "PaperKind": "onboarding.vault.models.Paper.Kind",
        "PaperState": "onboarding.vault.models.Paper.State",
        "PlaybookDraftState": "onboarding.playbooks.models.PlaybookDraft.State",
        "PlaceAnswer": "onboarding.joint.models.Answer",
        "WaveState": "onboarding.plans.models.staged.Staged.State",
        "SiteKind": "tenancy.models.Site.Kind",
        "ProgramTier": "onboarding.deployments.models.Program.Tier",
        "StatementState": "billing.statements.models.Statement.State",
        "TicketState": "onboarding.hypercare.models.Ticket.State",
        "TicketKind": "onboarding.hypercare.models.Ticket.Kind",
        "WindowSeriesState": "onboarding.windows.models.Series.State",
        "WindowState": "onboarding.windows.models.Window.State",
    },
}
API_REQUESTS_A_MINUTE = env.int("API_REQUESTS_A_MINUTE", default=600)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
}

# Signs the heads of the event log: 32 bytes in base64. Empty: a key made on first use under CAUSEWAY_STATE/keys.
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", default="")
# Signs push messages to browsers: 32 bytes in base64. Empty: a key made on first use under CAUSEWAY_STATE/keys, if that is allowed.
PUSH_KEY = env.str("PUSH_KEY", default="")
PUSH_OWN_KEY = True
AUDIT_RETENTION_YEARS = env.int("AUDIT_RETENTION_YEARS", default=6)
if AUDIT_RETENTION_YEARS < 6:
    raise ImproperlyConfigured("AUDIT_RETENTION_YEARS: the log is kept for at least six years")
# A folder that gets the export of what is about to end; empty: none is written. `audit expire` ends nothing it could not write.
AUDIT_ARCHIVE = env.str("AUDIT_ARCHIVE", default="")
SECRET_KEY_FALLBACKS = env.list("CAUSEWAY_FORMER_SECRET_KEYS", default=[])  # mailed links made under them still open
AUDIT_FORMER_KEYS = env.list("AUDIT_FORMER_KEYS", default=[])

# How operators hear of trouble: /metrics answers whoever brings the token; hours after which a backup is missed (0: none expected).
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_FOLDER = env.str(
    "METRICS_FOLDER", default=""
)  # where web processes keep what they count; empty: each for itself
BACKUP_HOURS = env.int("BACKUP_HOURS", default=0)
SWEEP_MINUTES = env.int("SWEEP_MINUTES", default=5)  # without a sweep, after which a process is not ready

REFUSE_OLD_SERVERS = False
DEVELOPMENT_SIGN_IN = False
INSTANCE_PORT = env.int("CAUSEWAY_PORT", default=8000)
PUBLIC_ADDRESS = env.str("PUBLIC_ADDRESS", default=f"http://localhost:{INSTANCE_PORT}")

# Answers by mail: the domain of their addresses, and where the receiving process listens (see docs/operations).
REPLY_DOMAIN = env.str("REPLY_DOMAIN", default=f"reply.{urlsplit(PUBLIC_ADDRESS).hostname}")

# Where messages that cannot be delivered come back to (the same receiving process); empty: to MAIL_FROM, which nobody reads.
RETURN_DOMAIN = env.str("RETURN_DOMAIN", default=REPLY_DOMAIN)

# Reports of mail providers, `POST /hooks/mail/<provider>`; a provider without its key has no address (docs/operations).
MAIL_HOOKS: dict[str, str] = {
    name: secret
    for name in ("generic", "sendgrid", "mailgun", "postmark", "ses")
    if (secret := env.str(f"MAIL_HOOK_{name.upper()}", default=""))
}
