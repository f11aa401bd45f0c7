"""What the logs hold: a line for what was refused, a traceback for a fault, and nothing that lets a reader in."""

import io
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from django.db import connection
from django.urls import reverse
from gunicorn.config import Config

from .conftest import StrictClient

pytestmark = pytest.mark.once


@pytest.fixture
def log():
    """What the site writes into its log."""
    stream = io.StringIO()
    handler = logging.getHandlerByName("console")
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


def test_refused_permission_is_one_line(log, writer):
    client = StrictClient()
    client.force_login(writer)

    assert client.get(reverse("admin:auth_user_changelist")).status_code == 403

    assert log.getvalue().splitlines() == [
        "Sign-in of 'writer' from 0.0.0.0 succeeded",
        "Forbidden: /admin/auth/user/",
    ]


def test_foreign_host_is_one_line(log, db):
    assert StrictClient(headers={"host": "evil.example"}).get("/").status_code == 400

    assert log.getvalue().count("\n") == 1
    assert log.getvalue().startswith("Invalid HTTP_HOST header: 'evil.example'.")


def test_suspicious_request_is_one_line(log, client, db, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2

    answer = client.get("/programs/?a=1&b=2&c=3")

    assert answer.status_code == 400
    assert log.getvalue().count("\n") == 1


def test_refused_sign_in_is_one_line(log, client, db, settings):
    settings.SIGN_IN_ADDRESS_LIMIT = 1
    client.post("/admin/login/", {"username": "ann", "password": "wrong"})

    client.post("/admin/login/", {"username": "ann", "password": "wrong"})

    failed, refused = log.getvalue().splitlines()
    assert failed == "Sign-in of 'ann' from 127.0.0.1 failed"
    assert refused.startswith("Sign-in of 'ann' from 127.0.0.1 refused: ")


def test_fault_of_the_site_keeps_its_traceback(log, db):
    client = StrictClient(raise_request_exception=False)

    def fail(*_):
        raise ZeroDivisionError

    with connection.execute_wrapper(fail):
        assert client.get("/programs/").status_code == 500

    first, second, *_, last = log.getvalue().splitlines()
    assert (first, second) == (
        "Internal Server Error: /programs/",
        "Traceback (most recent call last):",
    )
    assert last == "ZeroDivisionError"


@pytest.mark.parametrize("kind", ["preview", "fact-check"])
def test_token_of_a_shared_address_is_left_out(log, client, db, kind):
    assert client.get(f"/{kind}/5:forged-Token_1/").status_code == 404

    assert log.getvalue() == f"Not Found: /{kind}/…/\n"


@pytest.fixture
def gunicorn_log(tmp_path):
    """Gunicorn's logger as the site has it, and the file of its access log."""
    configuration = {}
    exec((site.BASE_DIR / "gunicorn.conf.py").read_text(), configuration)  # noqa: S102
    path = tmp_path / "access.log"
    settings = Config()
    settings.set("logger_class", configuration["logger_class"])
    settings.set("accesslog", str(path))
    logger = settings.logger_class(settings)
    yield logger, path
    for handler in list(logger.access_log.handlers):
        logger.access_log.removeHandler(handler)
        handler.close()


def test_access_log_holds_no_secrets(gunicorn_log):
    logger, path = gunicorn_log
    token = "5:abc-DEF_123"
    request = SimpleNamespace(headers=[("REFERER", f"https://a.example/preview/{token}/?q=x")])
    environment = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/preview/{token}/?q=sleep&reset_token=abc&Password=x",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": request.headers[0][1],
        "HTTP_USER_AGENT": "Browser",
        "REMOTE_ADDR": "192.0.2.7",
    }
    answer = SimpleNamespace(status="200 OK", sent=9, headers=[])

    logger.access(answer, request, environment, timedelta(seconds=1))

    (line,) = path.read_text().splitlines()
    assert line.split("] ")[1] == (
        '"GET /preview/…/?q=sleep&reset_token=…&Password=… HTTP/1.1" 200 9 '
        '"https://a.example/preview/…/?q=x" "Browser"'
    )
