"""A page with a token: who comes in with what, what the link leaves behind, and what others are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from firsttoken.access import Access, Token
from firsttoken.analyse import Health
from firsttoken.page import create_app
from firsttoken.store import Store

from .samples import STREAMED
from .site import Answer, Site, running_site

TOKEN = Token.given("a-token-of-the-tests-0123456789-abcdefghijk")
NAME = "calls.example.com"
BEARER = {"authorization": f"Bearer {TOKEN.secret}"}
HTML = {"accept": "text/html"}
EVERYTHING = [
    "/",
    "/api/calls",
    "/api/health",
    "/api/hold",
    "/events",
    "/api/sql",
    "/nowhere",
    "/calls/" + "0" * 32 + "/" + "0" * 16,
]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Site]:
    """A page behind a proxy: everybody needs the token."""
    access = Access(TOKEN, frozenset({NAME}), spares_this_machine=False, is_https=True)
    with Store.open(None) as store, running_site(store, access=access) as site:
        site.add(STREAMED)
        yield site


@pytest.fixture(scope="module")
def shared() -> Iterator[Site]:
    """A page for other machines too."""
    with Store.open(None) as store, running_site(store, access=Access(TOKEN, frozenset({"desk"}))) as site:
        yield site


def entered(site: Site, token: str, **headers: str) -> Answer:
    return site.get(f"/enter?token={token}", headers)


def cookie_of(answer: Answer) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


@pytest.mark.parametrize("path", EVERYTHING)
def test_nothing_is_told_without_the_token(guarded: Site, path: str) -> None:
    answer = guarded.get(path)
    assert (answer.status, answer.text.count("\n")) == (401, 1)
    assert answer.headers["www-authenticate"] == 'Bearer realm="firsttoken"'
    assert "open the link that firsttoken serve printed" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/events?model=x",
        "/rows?at=0",
        "/suggest",
        "/find?search=x",
        "/overview/points",
        "/chart/counts.json",
        "/export/calls.csv",
        "/export/calls.parquet?search=x",
        "/export/compare.json",
        "/compare/before",
        "/traces",
        "/health",
        "//static/page.css",
        "/static",
        "/%2fstatic/page.css",
        "/STATIC/page.css",
        "/api/calls?/static/",
        "/api/calls;/static/",
    ],
)
def test_no_part_of_a_view_no_stream_and_no_file_is_given_without_the_token(guarded: Site, path: str) -> None:
    assert guarded.get(path).status == 401
    assert guarded.get(path, {"cookie": "firsttoken_1=x", "authorization": "Bearer "}).status == 401


@pytest.mark.parametrize(
    "path", ["/static/../api/calls", "/static/%2e%2e/api/calls", "/static/%2e%2e%2fapp.py", "/enterx"]
)
def test_what_is_open_leads_to_nothing_that_is_not(guarded: Site, path: str) -> None:
    assert guarded.get(path).status == 404


@pytest.mark.parametrize("prefix", ["/static", "/enter", "/x"])
def test_a_page_that_stands_below_a_path_is_not_opened_by_its_name(prefix: str) -> None:
    """As where a proxy takes the path away before it asks, and its server is told so (`root_path`)."""

    def below(store: Store, health: Callable[[], Health]) -> ASGIApp:
        app = create_app(store, health, Access(TOKEN, spares_this_machine=False))

        async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope = {**scope, "root_path": prefix, "path": prefix + scope["path"]}
            await app(scope, receive, send)

        return mounted

    with Store.open(None) as store, running_site(store, below) as site:
        assert [site.get(path).status for path in ("/api/calls", "/", "/static/page.css")] == [401, 401, 200]
        assert site.get("/api/calls", BEARER).status == 200


@pytest.mark.parametrize("path", ["/", "/api/calls", "/api/health"])
def test_a_program_comes_in_with_the_token_in_its_header(guarded: Site, path: str) -> None:
    assert guarded.get(path, BEARER).status == 200
    assert guarded.get(path, {"authorization": f"bearer  {TOKEN.secret} "}).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer"},
        {"authorization": "Bearer x"},
        {"authorization": f"Basic {TOKEN.secret}"},
        {"authorization": TOKEN.secret},
        {"authorization": f"Bearer {TOKEN.secret[:-1]}"},
        {"x-forwarded-for": "127.0.0.1"},
        {"cookie": f"firsttoken={TOKEN.secret}"},
    ],
)
def test_nothing_else_comes_in(guarded: Site, headers: dict[str, str]) -> None:
    assert guarded.get("/api/calls", headers).status == 401


def test_a_token_in_any_other_address_than_the_door_is_nothing(guarded: Site) -> None:
    assert guarded.get(f"/?token={TOKEN.secret}").status == 401


def test_the_link_leads_to_the_page_with_a_cookie_that_is_not_the_token(guarded: Site) -> None:
    answer = entered(guarded, TOKEN.secret)
    assert (answer.status, answer.headers["location"], answer.text) == (303, "/", "")
    assert TOKEN.secret not in str(answer.headers)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    name, *rules = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"firsttoken_{guarded.port}=")
    assert {rule.lower() for rule in rules} == {"httponly", "path=/", "samesite=strict", "secure"}


def test_a_cookie_is_secure_only_where_browsers_speak_https(shared: Site) -> None:
    assert "secure" not in entered(shared, TOKEN.secret).headers["set-cookie"].lower()


def test_the_cookie_opens_every_page_of_its_server_and_of_no_other(guarded: Site, shared: Site) -> None:
    cookie = cookie_of(entered(guarded, TOKEN.secret))
    assert guarded.get("/", {"cookie": cookie}).status == 200
    assert shared.get("/", {"cookie": cookie, "host": "desk"}).status == 401
    assert guarded.get("/", {"cookie": cookie[:-1]}).status == 401
    assert guarded.get("/", {"authorization": f"Bearer {cookie.partition('=')[2]}"}).status == 401


@pytest.mark.parametrize("token", ["", "x", "%ff", TOKEN.secret + "x"])
def test_a_wrong_link_opens_nothing_and_says_where_the_right_one_is(guarded: Site, token: str) -> None:
    answer = entered(guarded, token)
    assert (answer.status, answer.text.count("\n"), answer.headers.get("set-cookie")) == (401, 1, None)
    assert "That is not the token of this server" in answer.text


def test_a_browser_without_a_token_gets_a_page_that_says_what_to_do(guarded: Site) -> None:
    answer = guarded.get("/", HTML)
    assert answer.status == 401
    assert "This page is locked" in answer.text
    assert 'http-equiv="refresh"' not in answer.text
    assert guarded.get("/static/page.css").status == 200


def test_a_link_on_another_site_brings_no_cookie_so_that_the_page_follows_it_once_more_itself(guarded: Site) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    answer = guarded.get("/?model=a%22b&limit=2", {**HTML, **link})
    assert '<meta http-equiv="refresh" content="0; url=/?model=a%22b&amp;limit=2">' in answer.text


@pytest.mark.parametrize("path", ["//elsewhere.example/x", "///elsewhere.example/x?a=1"])
def test_a_link_from_elsewhere_is_followed_nowhere_else(guarded: Site, path: str) -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    answer = guarded.get(path, {**link, "accept": "text/html"})
    assert answer.status == 401
    assert "/elsewhere.example/x" in answer.text
    assert "//elsewhere" not in answer.text


@pytest.mark.parametrize("host", [NAME, NAME.upper() + ":443", "localhost", "192.168.1.2:4319"])
def test_the_names_that_were_given_are_answered(guarded: Site, host: str) -> None:
    assert guarded.get("/api/health", {**BEARER, "host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", f"{NAME}.evil.example", "desk", ""])
def test_the_token_makes_no_other_name_ours(guarded: Site, host: str) -> None:
    answer = guarded.get("/api/health", {**BEARER, "host": host})
    assert answer.status == 421
    assert f"ask for {NAME}, localhost" in answer.text


def test_programs_of_this_machine_need_no_token_for_a_page_that_others_may_open(shared: Site) -> None:
    assert shared.get("/api/calls").status == 200


@pytest.mark.parametrize(
    "headers", [{"host": "desk"}, {"host": "192.168.1.2"}, {"x-forwarded-for": "1.2.3.4"}, {"via": "1.1 a"}]
)
def test_whoever_comes_by_another_way_needs_it(shared: Site, headers: dict[str, str]) -> None:
    assert shared.get("/api/calls", headers).status == 401
    assert shared.get("/api/calls", {**headers, **BEARER}).status == 200


def test_the_door_of_a_page_without_a_token_is_open(shared_site: Site) -> None:
    answer = entered(shared_site, "anything")
    assert (answer.status, answer.headers["location"], answer.headers.get("set-cookie")) == (303, "/", None)
