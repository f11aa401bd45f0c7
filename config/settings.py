"""Settings of the clearinghouse. What differs between installations comes from the environment: docs/settings.md."""

import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from .logs import is_news
from .mail import mailers

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set it to a long random text, or DEBUG=1 to develop (`make run` does)."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Where visitors find the site; without it, every address shows the host at which somebody asked.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
if SITE_URL and not re.fullmatch(r"https?://[^/?#\s]+", SITE_URL):
    raise ImproperlyConfigured(
        f"SITE_URL is “{SITE_URL}”. It is a scheme and a host, such as https://clearinghouse.example."
    )
SITE_NAME = env.str("SITE_NAME", default="Evidence Clearinghouse")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
# The server that takes notifications for staff; without it, they are read on the desk alone.
MAILERS = mailers(env.str("EMAIL_URL", default=""))
SENDS_MAIL = bool(MAILERS)
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default=CONTACT_EMAIL)
if SENDS_MAIL and not (SITE_URL and DEFAULT_FROM_EMAIL):
    raise ImproperlyConfigured(
        "EMAIL_URL is set. Set SITE_URL too, to which mail leads, and EMAIL_FROM (or CONTACT_EMAIL), which sends it."
    )
# Whether somebody may approve what they have submitted themselves: for a team of one.
AUTHORS_MAY_APPROVE = env.bool("AUTHORS_MAY_APPROVE", default=False)
# Within how many months the research on a program is to be reviewed again; after that its page says "overdue".
REVIEW_INTERVAL_MONTHS = env.int("REVIEW_INTERVAL_MONTHS", default=24)
# Megabytes of public pages that each process keeps in memory.
KEPT_PAGES_MB = env.int("KEPT_PAGES_MB", default=24)

INSTALLED_APPS = [
    "catalog.apps.CatalogAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",  # thousands in numbers
    "django.forms",  # whose widgets' templates the public list's form uses among the project's
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "import_export",
    "simple_history",
    "axes",
    "catalog",
    "django_tasks_db",  # after the catalog, whose db_worker stays
]

MIDDLEWARE = [
    # What every answer says, also one that a later middleware gives: a static file, an error, a health check.
    "catalog.middleware.with_policies",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "catalog.health.with_health_checks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "catalog.middleware.without_nul",
    "catalog.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "catalog.middleware.with_words_for_methods",
    "catalog.middleware.ReadOnlyMiddleware",
    "catalog.middleware.SizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "catalog.middleware.as_one_save",
    "catalog.middleware.DatabaseAwayMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before the apps', so that the project's admin templates win.
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "catalog.context_processors.site",
            ],
        },
    }
]

DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A writer waits for its turn at the start, and not in the middle, where it would have to fail.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # 64 MB of pages in memory: by default an import of many rows writes and reads each of them again and again.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    # A pooler that gives each transaction another connection has no cursors on the server.
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
    # So long, in seconds, a request waits for a connection.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": env.int("CONNECT_TIMEOUT", default=5)}
# Seconds that a statement of a request may take, may wait for a lock, and may leave a transaction open; 0 is no limit.
DATABASE_TIMEOUTS = {
    "statement_timeout": env.float("STATEMENT_TIMEOUT", default=20),
    "lock_timeout": env.float("LOCK_TIMEOUT", default=5),
    "idle_in_transaction_session_timeout": env.float("IDLE_TRANSACTION_TIMEOUT", default=60),
}
# The development server makes a thread for each request, and would keep a connection for each.
if not DEBUG:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"

# Signing in: catalog/admin/throttle.py

AUTHENTICATION_BACKENDS = ["catalog.admin.throttle.ThrottledBackend"]
# So many attempts may fail within so many minutes: with one account's name, and from one address, behind which may be
# a whole office.
SIGN_IN_ACCOUNT_LIMIT = env.int("SIGN_IN_ACCOUNT_LIMIT", default=5)
SIGN_IN_ADDRESS_LIMIT = env.int("SIGN_IN_ADDRESS_LIMIT", default=30)
SIGN_IN_MINUTES = env.int("SIGN_IN_MINUTES", default=15)
AXES_HANDLER = "catalog.admin.throttle.ThrottleHandler"
AXES_CLIENT_IP_CALLABLE = "catalog.values.throttling.counted_address"
AXES_LOCKOUT_CALLABLE = "catalog.admin.throttle.say_when_to_retry"
# Waiting ends when it was said to end.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Nothing is kept of who signed in; its pages would show tables that are used in part.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False

# Fact checks: catalog/editorial/fact_checks.py

# So many times within an hour answers may be sent: at one shared address, and from one client's address.
FACT_CHECK_LIMIT = env.int("FACT_CHECK_LIMIT", default=20)
FACT_CHECK_CLIENT_LIMIT = env.int("FACT_CHECK_CLIENT_LIMIT", default=60)

# What visitors write: catalog/editorial/submissions.py

# So much within an hour may be sent: from one client's address, and in all.
SUBMISSION_CLIENT_LIMIT = env.int("SUBMISSION_CLIENT_LIMIT", default=10)
SUBMISSION_LIMIT = env.int("SUBMISSION_LIMIT", default=200)

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = env.str("TIME_ZONE", default="America/Los_Angeles")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Uploads are private: no address serves this folder, and no other account of the machine reads it. Views serve single
# files after asking who may see them.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "var"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # The uploads of imports, until they are cleaned away or for as long as their record.
    "imports": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": f"{MEDIA_ROOT}/imports"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# Security

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
CSRF_FAILURE_VIEW = "catalog.admin.resending.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
# A program's form has some 25 fields for each of its studies, and a program may have hundreds. Every text of it may be
# as long as the models let it, with a hundred studies, in any script: what is larger gets a page that says so.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 48 * 1024 * 1024
SESSION_COOKIE_AGE = 12 * 60 * 60  # an editor's day
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
# So many proxies stand before the site, each of which adds to X-Forwarded-For.
PROXY_COUNT = env.int("PROXY_COUNT", default=int(BEHIND_TLS_PROXY))
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if BEHIND_TLS_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Importing and exporting: catalog/resources

# Unset, these would let every member of staff import.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
# What an upload may hold; the command line has no limit but the second, which keeps a small workbook from filling
# the memory.
IMPORT_MAX_BYTES = 50 * 1024 * 1024
IMPORT_MAX_UNZIPPED_BYTES = 100 * 1024 * 1024
IMPORT_MAX_ROWS = 100_000
# Larger ones are work for `manage.py db_worker`: a request would keep somebody waiting.
IMPORT_ROWS_IN_REQUEST = 2_000
# So many entries a request exports itself, by the extension of the file; before a workbook is sent it is complete.
EXPORT_ENTRIES_IN_REQUEST = {"csv": 10_000, "xlsx": 500}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# What site and worker tell each other, and no history needs: how far an import is, who has which entry open. Files,
# because on SQLite nobody else writes during an import. They lie with the uploads, which both share; the check warns
# of that because it takes these for public. A site without EMAIL_URL sends no mail (mail.W001).
SILENCED_SYSTEM_CHECKS = ["caches.W002", "mail.W001"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": f"{MEDIA_ROOT}/shared",
        "TIMEOUT": 24 * 60 * 60,
        # Beyond this, any third of them is thrown away, and an import among them would look abandoned.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # The PDF of each topic area as it was made last: half a megabyte, if it is long.
    "summaries": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": f"{MEDIA_ROOT}/made_summaries",
        "TIMEOUT": 7 * 24 * 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": is_news}},
    "formatters": {"line": {"()": "config.logs.LineFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["news"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "catalog.admin.throttle": {"level": "INFO"},
        # Its own handler would write every line once more in development, with secrets.
        "django": {"handlers": []},
    },
}
