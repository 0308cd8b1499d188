"""The floor: Django with nothing but session, user and a bare table, on the same rows. The least any page can cost."""

from portal.configuration import database
from portal.settings import *  # noqa: F403
from portal.settings import CONFIG, DATABASES, TEMPLATES

ROOT_URLCONF = "bench.floor"
WSGI_APPLICATION = "bench.floor_wsgi.application"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # allauth refuses to load without it
]
# As the owner, whose policy lets every row through: the floor has no tenancy
DATABASES = {
    "default": database(CONFIG["PORTAL_OWNER_DATABASE_URL"]) | {"ENGINE": "django.db.backends.postgresql"},
    "ratelimit": DATABASES["ratelimit"],
}
TEMPLATES = [TEMPLATES[0] | {"OPTIONS": {"context_processors": []}}]
