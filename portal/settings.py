"""All settings, everything from the environment: the variables and their meaning stand in portal/configuration.py."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE

from portal.configuration import ENVIRONMENT, read
from portal.embedded.layout import Layout
from portal.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
LAYOUT = Layout.from_env()
CONFIG = read(os.environ, LAYOUT)

DEBUG = False  # never on: error pages for people hold no tracebacks, and logs hold the detail
SECRET_KEY = CONFIG["PORTAL_SECRET_KEY"]
PORTAL_URL = CONFIG["PORTAL_URL"]
PORTAL_DEMO = CONFIG["PORTAL_DEMO"]
READY = CONFIG["READY"]  # ages after which /readyz is red
PORTAL_HOME = LAYOUT.home
_url = urlsplit(PORTAL_URL)
PORTAL_INSECURE_LOCALHOST = _url.scheme == "http" and _url.hostname == "localhost"
ALLOWED_HOSTS = sorted({_url.hostname or "localhost", "localhost", *CONFIG["PORTAL_ALLOWED_HOSTS"]})
if PORTAL_INSECURE_LOCALHOST:
    ALLOWED_HOSTS.append("127.0.0.1")  # only to be redirected to localhost: passkeys need a name
CSRF_TRUSTED_ORIGINS = [f"{_url.scheme}://{_url.netloc}"]

INSTALLED_APPS = [
    "portal",
    "protocols",
    "signatories",
    "breaches",
    "reviews",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "simple_history",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.guards.CanonicalHostMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.uploads.UploadLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.guards.SessionLimitsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.guards.KeepTypedMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.guards.SecondFactorMiddleware",
    "portal.guards.PrivateResponsesMiddleware",
    "portal.guards.StateErrorMiddleware",
    "portal.guards.RequestFactsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "portal.forms.GovUKRenderer"

DATABASES = {"default": CONFIG["DATABASE"], "ratelimit": CONFIG["DATABASE"] | {"TEST": {"MIRROR": "default"}}}
DATABASE_ROUTERS = ["portal.db.routers.RateLimitRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_CACHE = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "portal_cache",
    # Django's 300 would let a stranger push out counters and used codes by making many entries
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
REDIS_CACHE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CONFIG["REDIS_URL"]}
CACHES = {"default": REDIS_CACHE if CONFIG["REDIS_URL"] else DATABASE_CACHE}
# in the session, which ends at sign-out: a cookie would show one person's messages to the next one at the desk
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- people and sign-in
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "portal.accounts.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.passwords.ContextWordsValidator"},
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is made only through an invitation that was mailed to it
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # as the mail says
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers cannot make us write to anybody
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIG["PORTAL_TRUSTED_PROXIES"]
ACCOUNT_FORMS = {
    "login": "portal.account_forms.LoginForm",
    "reset_password": "portal.account_forms.ResetPasswordForm",
    "reset_password_from_key": "portal.account_forms.ResetPasswordKeyForm",
    "change_password": "portal.account_forms.ChangePasswordForm",
    "reauthenticate": "portal.account_forms.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": "portal.account_forms.AuthenticateForm",
    "reauthenticate": "portal.account_forms.FactorReauthenticateForm",
    "activate_totp": "portal.account_forms.ActivateTOTPForm",
    "deactivate_totp": "portal.account_forms.DeactivateTOTPForm",
    "generate_recovery_codes": "portal.account_forms.GenerateRecoveryCodesForm",
    "add_webauthn": "portal.account_forms.AddPasskeyForm",
    "edit_webauthn": "portal.account_forms.RenamePasskeyForm",
    "authenticate_webauthn": "portal.account_forms.PasskeyStepForm",
    "login_webauthn": "portal.account_forms.PasskeySignInForm",
    "reauthenticate_webauthn": "portal.account_forms.PasskeyReauthenticateForm",
}
MFA_ADAPTER = "portal.accounts.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PORTAL_INSECURE_LOCALHOST
MFA_TOTP_ISSUER = "Concordat"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_ABSOLUTE_SECONDS = 12 * 3600
SECOND_FACTOR_SECONDS = 5 * 60  # how long a proof made for one text may wait for its signature

# --- mail: always through the outbox (portal.models.outbox)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
globals().update(CONFIG["EMAIL"])
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG["PORTAL_FROM_EMAIL"]

# --- background work
CELERY_BROKER_URL = CONFIG["REDIS_URL"] or "filesystem://"
if not CONFIG["REDIS_URL"]:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(LAYOUT.broker),
        "data_folder_out": str(LAYOUT.broker),
        "control_folder": str(LAYOUT.broker / "control"),
    }
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(LAYOUT.home / "beat-schedule")
CELERY_TIMEZONE = "UTC"

# --- language and time
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]  # Welsh follows when its catalogue is whole: a mixture helps nobody
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/London"

# --- files
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = LAYOUT.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
UPLOAD_MAX_BYTES = 20_000_000

# --- headers (OWASP ASVS V3)
_prefix = "" if PORTAL_INSECURE_LOCALHOST else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    _prefix + word for word in ("session", "csrf", "language")
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PORTAL_INSECURE_LOCALHOST
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 0 if PORTAL_INSECURE_LOCALHOST else 31_536_000
SECURE_SSL_REDIRECT = False  # the proxy redirects; behind it we see http
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CONFIG["PORTAL_TRUSTED_PROXIES"] else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "portal.views_errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- sealing and evidence
SEAL_PKCS12 = CONFIG["PORTAL_SEAL_PKCS12"]
SEAL_PASSPHRASE = CONFIG["PORTAL_SEAL_PASSPHRASE"]
SEAL_TSA_URL = CONFIG["PORTAL_TSA_URL"]
SEAL_TSA_CERTIFICATES = CONFIG["PORTAL_TSA_CERTIFICATES"]

LOGGING_CONFIG = None
logging_config(level=CONFIG["PORTAL_LOG_LEVEL"])
SILENCED_SYSTEM_CHECKS = (
    ["security.W004", "security.W008", "security.W012", "security.W016"]
    if PORTAL_INSECURE_LOCALHOST
    else ["security.W008"]
)
__all__ = [name for name in dir() if name.isupper()] + ["ENVIRONMENT"]
