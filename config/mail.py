"""The server that takes the site's mail, from its address in the environment."""

import re

import environ
from django.core.exceptions import ImproperlyConfigured

BACKEND = "django.core.mail.backends.smtp.EmailBackend"
# Seconds that it may take to answer.
TIMEOUT = 10
SCHEMES: dict[str, dict[str, bool]] = {
    "smtp": {},
    "smtp+tls": {"use_tls": True},
    "smtp+ssl": {"use_ssl": True},
}
FORM = re.compile(rf"({'|'.join(map(re.escape, SCHEMES))})://[^/?#\s]+/?")


def mailers(url: str) -> dict[str, object]:
    """Return Django's MAILERS for a URL such as "smtp+tls://user:password@mail.example:587".

    Without a URL there are none. Raises ImproperlyConfigured for what is no such URL, without the password in it.
    """
    if not url:
        return {}
    if not FORM.fullmatch(url):
        raise ImproperlyConfigured(
            "EMAIL_URL is not understood. It is such as smtp+tls://user:password@mail.example:587; "
            f"it begins with {', '.join(SCHEMES)}, and signs in a password are written as in any URL (%40 is @)."
        )
    found = environ.Env.email_url_config(url)
    options = {
        "host": found["EMAIL_HOST"],
        "port": found["EMAIL_PORT"] or 25,
        "username": found["EMAIL_HOST_USER"] or "",
        "password": found["EMAIL_HOST_PASSWORD"] or "",
        "timeout": TIMEOUT,
        **SCHEMES[url.partition("://")[0]],
    }
    return {"default": {"BACKEND": BACKEND, "OPTIONS": options}}
