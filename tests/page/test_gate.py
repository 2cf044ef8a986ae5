"""Only this machine is answered, and a browser may do with an answer only what the page itself does."""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress

import pytest

from firsttoken.page.gate import HEADERS, POLICY

from .site import Site

EVERY_KIND_OF_ANSWER = [
    "/",
    "/nowhere",
    "/?limit=x",
    "/static/page.css",
    "/static/nothing.js",
    "/api/health",
    "/api/hold",
    "/events",
    "/find?search=x",
    "/suggest",
    "/export/calls.csv",
    "/export/calls.parquet",
    "/overview/points",
]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4319",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "x.localhost",
        "10.0.0.1",
        "0.0.0.0",
        "",
        "localhost:80/static/",
        "localhost:80:80",
        "[::1]/static/?",
        "::1",
        "[::1",
    ],
)
def test_a_foreign_host_name_is_refused_in_one_line(shared_site: Site, host: str) -> None:
    answer = shared_site.get("/api/calls", {"host": host})
    assert (answer.status, answer.text.count("\n")) == (421, 1)
    assert "ask for localhost, 127.0.0.1 or [::1] instead" in answer.text


def test_two_host_names_are_refused_since_nobody_knows_which_one_counts(shared_site: Site) -> None:
    connection = http.client.HTTPConnection(shared_site.host, timeout=30)
    try:
        connection.putrequest("GET", "/api/health", skip_host=True)
        connection.putheader("Host", "localhost")
        connection.putheader("Host", "evil.example")
        connection.endheaders()
        assert connection.getresponse().status in (400, 421)
    finally:
        connection.close()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "x-forwarded-proto", "Forwarded", "Via", "X-Real-IP"])
def test_what_a_proxy_that_nobody_spoke_of_passes_on_is_refused_with_what_to_do(shared_site: Site, header: str) -> None:
    for path in ("/", "/api/calls", "/events", "/enter?token=x", "/static/page.css"):
        answer = shared_site.get(path, {header: "1.2.3.4"})
        assert (answer.status, answer.text.count("\n")) == (403, 1)
        assert "start it with --page-url" in answer.text


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:4319", "127.0.0.1", "127.1.2.3:80", "[::1]:4319"])
def test_every_name_of_this_machine_is_answered(shared_site: Site, host: str) -> None:
    assert shared_site.get("/api/health", {"host": host}).status == 200


@pytest.mark.parametrize("path", ["/api/calls", "/api/hold", "/events", "/static/calls.js"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_read_nor_one_on_another_port_of_this_machine(
    shared_site: Site, path: str, site: str
) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
    assert shared_site.get(path, headers).status == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_may_link_here(shared_site: Site, site: str) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert shared_site.get("/", headers).status == 200


@pytest.mark.parametrize("dest", ["iframe", "embed", "object", "frame"])
def test_another_site_cannot_show_a_page_inside_one_of_its_own(shared_site: Site, dest: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": dest}
    assert shared_site.get("/", headers).status == 403


def test_a_form_of_another_site_cannot_be_sent_here(shared_site: Site) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert shared_site.post("/api/sql", b'{"text": "SELECT 1"}', {**headers, "content-type": "application/json"}) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1", ""])
def test_a_script_of_another_origin_is_refused(shared_site: Site, origin: str) -> None:
    headers = {"origin": origin, "content-type": "application/json"}
    assert shared_site.post("/api/sql", b'{"text": "SELECT 1 AS one"}', headers) == 403
    assert shared_site.get("/api/calls", {"origin": origin}).status == 403


def test_a_script_of_our_own_may_ask(shared_site: Site) -> None:
    headers = {"origin": shared_site.url, "sec-fetch-site": "same-origin", "content-type": "application/json"}
    assert shared_site.post("/api/sql", b'{"text": "SELECT 1 AS one"}', headers) == 200


@pytest.mark.parametrize("path", EVERY_KIND_OF_ANSWER)
def test_every_answer_carries_the_security_headers(shared_site: Site, path: str) -> None:
    with shared_site.asking(path) as answer:
        assert {name: answer.getheader(name) for name in HEADERS} == HEADERS
        assert answer.getheader("cache-control") == "no-store"


def test_the_policy_allows_neither_inline_code_nor_another_origin() -> None:
    assert not {"unsafe", "http", "data:", "*"} & set(POLICY.replace("'", " ").replace("-", " ").split())


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/api/calls", "/events", "/static/page.css"])
def test_a_page_can_be_read_and_nothing_else(shared_site: Site, path: str, method: str) -> None:
    answer = shared_site.get(path, method=method)
    assert answer.status == 405
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/api/health", "/events", "/api/hold", "/static/page.css"])
def test_head_ends_at_once_without_a_body(shared_site: Site, path: str) -> None:
    answer = shared_site.get(path, method="HEAD")
    assert (answer.status, answer.text) == (200, "")


EVIL = "%0d%0aX-Evil:%201%0d%0a%0d%0a<b>"


@pytest.mark.parametrize(
    "path",
    [
        f"/find?search={EVIL}",
        f"/find?view=/spend&keep.by={EVIL}&where.x={EVIL}",
        f"/compare?by={EVIL}&a={EVIL}&b={EVIL}",
        f"/enter?token={EVIL}",
        f"/export/calls.csv?search={EVIL}",
        f"/export/{EVIL}.csv",
        f"/static/{EVIL}",
        f"/{EVIL}",
    ],
)
def test_no_line_of_an_address_becomes_a_header(shared_site: Site, path: str) -> None:
    with shared_site.asking(path) as answer:
        names = {name.lower() for name, _ in answer.getheaders()}
        assert "x-evil" not in names
        assert all("\n" not in value and "\r" not in value for _, value in answer.getheaders())
        assert b"X-Evil: 1\r\n" not in answer.read()


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_an_address_or_a_header_beyond_all_measure_is_not_read(shared_site: Site, size: int) -> None:
    for line in (f"GET /?search={'x' * size} HTTP/1.1\r\nhost: localhost", f"GET / HTTP/1.1\r\nx: {'y' * size}"):
        with socket.create_connection(("127.0.0.1", shared_site.port), timeout=30) as connection:
            with suppress(ConnectionError):
                connection.sendall(f"{line}\r\n\r\n".encode())
            with suppress(ConnectionError):
                assert connection.recv(16).startswith(b"HTTP/1.1 431 ")
    assert shared_site.get("/api/health").status == 200


@pytest.mark.parametrize("path", ["/", "/find", "/compare", "/overview", "/events", "/export/calls.csv", "/api/calls"])
def test_a_thousand_parameters_are_refused_with_one_of_them(shared_site: Site, path: str) -> None:
    asked = "&".join(f"x{number}=1" for number in range(6_000))
    answer = shared_site.get(f"{path}?{asked}", {"accept": "text/html"})
    assert (answer.status, len(answer.text) < 20_000) == (400, True)


def test_nobody_is_held_by_a_head_request(shared_site: Site) -> None:
    shared_site.get("/api/hold", method="HEAD")
    assert '"holders": 0' in shared_site.get("/api/health").text
