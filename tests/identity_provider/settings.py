"""Settings of the reference provider on one machine: its trust anchor, the provider, and the portals that test with it."""
import os

PORT = os.environ["PROVIDER_PORT"]
ORIGIN = f"http://127.0.0.1:{PORT}"
PROVIDER = f"{ORIGIN}/oidc/op"
MARK_OF_PROVIDERS = f"{ORIGIN}/marks/openid_provider"
MARK_OF_PORTALS = f"{ORIGIN}/marks/openid_relying_party"

SECRET_KEY = "of a provider without real people"
ALLOWED_HOSTS = ["127.0.0.1"]
APPEND_SLASH = False
USE_TZ = True
ROOT_URLCONF = "urls"
STATIC_URL = "static/"
AUTH_USER_MODEL = "spid_cie_oidc_accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["PROVIDER_DATABASE"],
        "OPTIONS": {"timeout": 20},
    }
}
INSTALLED_APPS = [
    "spid_cie_oidc.accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "spid_cie_oidc.entity",
    "spid_cie_oidc.authority",
    "spid_cie_oidc.provider",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The package leaves the frame of its pages to whoever runs it.
        "DIRS": [os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
# The quick and weak way: these passwords keep nobody out.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

OIDCFED_DEFAULT_TRUST_ANCHOR = ORIGIN
OIDCFED_TRUST_ANCHORS = [ORIGIN]
# SPID: attributes at userinfo only, signed and encrypted.
OIDCFED_PROVIDER_PROFILE = "spid"
OIDCFED_REQUIRED_TRUST_MARKS = [MARK_OF_PORTALS]
