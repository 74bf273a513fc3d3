"""What a browser is told, what another site may not start, and what no input may break."""

import pytest

from app.config import Settings
from tests import factories

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; worker-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    ("headers", "is_taken"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost:8080"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "nonsense"}, False),
        ({"Origin": "http://[::1"}, False),
        ({"Referer": "http://localhost/visits/new"}, True),
        ({"Referer": "http://evil.example/?http://localhost/"}, False),
        ({"Referer": "http://localhost@evil.example/"}, False),
        ({"Referer": "http://evil.example\\@localhost/"}, False),
        ({"Origin": "http://evil.example", "Referer": "http://localhost/"}, False),
    ],
)
@pytest.mark.parametrize("is_htmx", [False, True])
def test_another_site_starts_nothing(client, db, headers, is_taken, is_htmx):
    factories.the_user(db, "office")
    more = {"HX-Request": "true"} if is_htmx else {}
    response = client.post("/login", data={"username": "office", "password": "demo"}, headers={**headers, **more})
    assert response.status_code == ((204 if is_htmx else 303) if is_taken else 403)
    assert (client.get_cookie("qifang") is not None) is is_taken


def test_reading_is_for_everybody(client):
    assert client.get("/login", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/login", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/logout", 405),
        ("POST", "/login", 422),
        ("POST", "/issues/1/acceptance", 401),
        ("GET", "/issues/", 302),
        ("GET", "/healthz", 200),
        ("GET", "/static/{release}/css/app.css", 200),
        ("GET", "/static/{release}/css/none.css", 404),
        ("GET", "/static/other/css/app.css", 404),
    ],
)
def test_every_answer_carries_the_headers(app, client, method, url, status):
    response = client.open(url.format(release=app.config["RELEASE"]), method=method)
    response.close()  # WhiteNoise's file
    assert response.status_code == status
    assert response.headers.getlist("Content-Security-Policy") == [CSP]
    assert response.headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Permissions-Policy"].startswith("geolocation=(self)")
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Strict-Transport-Security" not in response.headers


def test_pages_are_never_kept_and_assets_always(app, client, sign_in):
    for response in (client.get("/login"), client.get("/nowhere"), sign_in("office").get("/issues/")):
        assert response.headers["Cache-Control"] == "no-store"
        assert {"HX-Request", "Cookie"} <= {part.strip() for part in response.headers["Vary"].split(",")}
    asset = client.get(f"/static/{app.config['RELEASE']}/css/app.css")
    asset.close()
    assert "immutable" in asset.headers["Cache-Control"] and "max-age=31536000" in asset.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "%2e%2e/pyproject.toml", "..%2f..%2fpyproject.toml", "css/../../app/db.py"]
)
def test_static_stays_in_its_folder(app, client, path):
    response = client.get(f"/static/{app.config['RELEASE']}/{path}")
    assert response.status_code == 404


@pytest.mark.parametrize("role", [None, "office"])
def test_errors_are_pages_with_a_way_on(page, role):
    here = page(role) if role else page
    for url, status in (("/nowhere", 404), ("/issues/999999999", 404 if role else 302)):
        answer = here.get(url, status=status)
        if status == 404:
            assert answer.one("main").has("a")
    # A firm has no account to sign in with; whoever has one finds the way back.
    assert here.get("/c/forged-token", status=404).one("main").has("a") is bool(role)
    if role:
        answer = here.htmx.get("/issues/999999999", status=404)
        assert answer.headers["HX-Retarget"] == "#messages"
        assert not answer.has("html")


def test_a_method_that_is_not_offered(page):
    answer = page.get("/logout", status=405)
    assert "POST" in answer.headers["Allow"]


MULTIPART, URLENCODED = "multipart/form-data; boundary=XX", "application/x-www-form-urlencoded"


def body_of(kind: str, length: int) -> bytes:
    """A form of one long text."""
    text = "x" * length
    if kind == URLENCODED:
        return f"notes={text}".encode()
    return f'--XX\r\nContent-Disposition: form-data; name="notes"\r\n\r\n{text}\r\n--XX--\r\n'.encode()


@pytest.mark.parametrize("url", ["/login", "/visits/", "/settings"])
def test_a_text_too_long_for_any_field(page, url):
    """One part of more than a megabyte is not even read into memory; urlencoded it is refused by the field."""
    here = page("officer")
    for kind, status in ((MULTIPART, 413), (URLENCODED, (303, 413, 422))):
        here.post(url, body_of(kind, 2 * 1024 * 1024), status=status, content_type=kind)


class TestSmallUploads:
    """With the largest request set to one megabyte."""

    @pytest.fixture
    def settings(self, instance):
        """One megabyte at most."""
        return Settings(instance=str(instance), secret_key="test-key", upload_mb=1)

    @pytest.mark.parametrize("kind", [MULTIPART, URLENCODED])
    def test_a_request_too_large(self, page, kind):
        here = page("officer")
        for url in ("/visits/", "/login"):
            here.post(url, body_of(kind, 1_100_000), status=413, content_type=kind)
            here.htmx.post(url, body_of(kind, 1_100_000), status=413, content_type=kind)


def test_too_many_fields(page):
    page.post("/login", {f"f{n}": "x" for n in range(600)}, status=(200, 413, 422), content_type="multipart/form-data")


STRANGE = [
    "/%00",
    "/issues/%00",
    "/issues/1%00",
    "/%ff%fe",
    "/login?next=%00",
    "/login?next=%ff",
    "/login?%ff=%ff&next=%E4%BD",
    "/issues/99999999999999999999999999",
    "/issues/-1",
    "/issues/0",
    "/issues/1.5",
    "/issues/١",
    "/issues/?page=99999999999999999999",
    "/issues/?page=-1",
    "/issues/?page=x",
    "/issues/?page=%D9%A1",
    "/issues/?status=nonsense&department=x&district=%00&category=1e9&due=never",
    "/issues/?q=%00",
    "/issues/?q=%22%27)*%20OR%20AND%20NEAR(",
    "/issues/?q=" + "%E4%BC%81" * 3000,
    "/issues/?q=" + "x" * 10_000,
    "/issues/?age=nonsense",
    "/issues/?from=9999-99-99&to=x",
    "/firms/?q=%22",
    "/firms/?q=*",
    "/firms/?q=" + "a" * 10_000,
    "/firms/?after=x&show=nonsense",
    "/firms/?after=%E4%BC%81,99999999999999999999999",
    "/firms/?page=99999999999999999999",
    "/firms/99999999999999999999",
    "/visits/new?firm_id=99999999999999999999",
    "/visits/new?firm_id=x",
    "/visits/?page=99999999999999999999&firm_id=x&district=y",
    "/visits/?page=0",
    "/visits/0",
    "/photos/1/huge",
    "/photos/99999999999999999999/main",
    "/review/?district=x&period=nonsense",
    "/review/districts/99999999999999999999",
    "/office/audit/?before=x",
    "/office/audit/?before=99999999999999999999",
    "/office/audit/?page=99999999999999999999",
    "/c/" + "x" * 5000,
    "/c/%00",
    "/c/1-%ff",
    "/" + "x" * 10_000,
    "//evil.example/",
    "/issues//",
    "/.env",
    "/login;a=b",
]


@pytest.mark.parametrize("role", [None, "officer", "office"])
def test_no_address_breaks_it(client, sign_in, role):
    here = sign_in(role) if role else client
    found = []
    for url in STRANGE:
        for headers in ({}, {"HX-Request": "true"}):
            response = here.get(url, headers=headers)
            if response.status_code >= 500:
                found.append(f"{url[:80]} {headers}: {response.status_code}")
            assert "Traceback" not in response.text
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "cookies",
    [
        {"language": "xx"},
        {"language": "en\x7f"},
        {"language": "../../etc", "theme": '"><script>', "text_size": "9" * 500},
        {"theme": "%00", "text_size": "ü"},
        {"qifang": "."},
        {"qifang": "e30.e30.e30"},
        {"unknown": "x" * 3000},
    ],
)
def test_no_cookie_breaks_it(page, cookies):
    for name, value in cookies.items():
        page.client.set_cookie(name, value)
    answer = page.get("/login")
    assert "<script>" not in answer.text
    assert page.get("/nowhere", status=404)


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Current-URL": "\xff"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
        {"HX-Request": "nonsense"},
        {"HX-Request": "true", "HX-Prompt": "%", "HX-Prompt-URI-AutoEncoded": "true"},
        {"HX-Request": "true", "HX-Target": "x" * 5000},
        {"Accept-Language": "x" * 5000},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "multipart/form-data; boundary=" + "x" * 500},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"},
        {"Content-Type": "\xff"},
        {"Range": "bytes=0-"},
        {"If-None-Match": '"x"', "If-Modified-Since": "yesterday"},
    ],
)
@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"username=%ff&password=%00", b'{"a": ' + b"1" * 5000 + b"}"])
def test_no_header_or_body_breaks_it(client, headers, body):
    assert client.get("/login", headers=headers).status_code < 500
    for url in ("/login", "/settings"):
        assert client.post(url, headers=headers, data=body).status_code < 500


@pytest.mark.parametrize("host", ["evil.example", "", "localhost:99999999", "[::1]", "a b", "中文"])
def test_no_host_breaks_it(client, host):
    response = client.get("/issues/", headers={"Host": host.encode("utf-8").decode("latin-1")})
    assert response.status_code < 500
    assert "evil" not in response.headers.get("Location", "")


def test_a_failure_says_its_number_and_no_more(app, page):
    """A 500 shows words and the request's number; what went wrong stays in the log."""

    @app.get("/broken")
    def broken():
        raise RuntimeError("the inner secret")

    broken.permission = None
    answer = page.get("/broken", status=500)
    assert "secret" not in answer.text and "RuntimeError" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(28, "No space left on device"), 503),
        (PermissionError(13, "Permission denied"), 503),
        (LookupError("a bug of ours"), 500),
    ],
)
def test_a_full_disk_is_told_apart_from_a_bug(app, client, error, status):
    @app.get("/failing")
    def failing():
        raise error

    failing.permission = None
    assert client.get("/failing").status_code == status


def test_a_missing_template_is_a_bug_and_no_full_disk(app, client):
    """Jinja's TemplateNotFound is an OSError by descent."""
    from flask import render_template

    @app.get("/untemplated")
    def untemplated():
        return render_template("not/there.html")

    untemplated.permission = None
    assert client.get("/untemplated").status_code == 500


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG", "PROPFIND", "PATCH"])
def test_trace_is_not_offered(client, method):
    for url in ("/login", "/healthz", "/nowhere"):
        response = client.open(url, method=method, headers={"X-Secret": "told-again"})
        assert response.status_code in (400, 404, 405, 501), url
        assert b"told-again" not in response.data
