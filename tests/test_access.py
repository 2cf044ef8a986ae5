"""Who is let in, and what a token has to be."""

from __future__ import annotations

import pytest

from firsttoken.access import Access, Asker, Token
from firsttoken.errors import SettingsError

TOKEN = Token.given("a-token-of-the-tests-0123456789-abcdefghijk")
HERE = Asker("127.0.0.1", "localhost")
ELSEWHERE = [
    Asker("192.168.1.2", "localhost"),
    Asker("10.0.0.9", "desk"),
    Asker("::ffff:192.168.1.2", "localhost"),
    Asker("127.0.0.1", "calls.example.com"),
    Asker("127.0.0.1", "192.168.1.2"),
    Asker("127.0.0.1", "localhost", is_forwarded=True),
    Asker(None, "localhost"),
    Asker("not an address", "localhost"),
]


def test_a_random_token_has_256_bits_and_is_never_the_same() -> None:
    assert len({Token.random().secret for _ in range(100)}) == 100
    assert {len(Token.random().secret) for _ in range(100)} == {43}


def test_a_token_is_not_shown_by_its_repr() -> None:
    assert TOKEN.secret not in repr(Access(TOKEN)) + str(TOKEN)


@pytest.mark.parametrize("offered", [None, "", "x", TOKEN.secret[:-1], TOKEN.secret + "x", "\udc80", "é" * 43])
def test_nothing_but_the_token_is_the_token(offered: str | None) -> None:
    assert TOKEN.is_said_by(TOKEN.secret)
    assert not TOKEN.is_said_by(offered)


def test_what_is_derived_for_one_use_is_of_no_other() -> None:
    assert len({TOKEN.secret, TOKEN.derived("one").secret, TOKEN.derived("two").secret}) == 3


@pytest.mark.parametrize(
    "secret", ["", "short", "x" * 31, "x" * 32 + "é", "x" * 32 + " y", "x" * 32 + "\r\n", "x" * 32 + ";"]
)
def test_a_token_that_could_be_guessed_or_fits_in_no_header_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="FIRSTTOKEN_TOKEN must have at least 32"):
        Token.given(secret)
    assert Token.given("x" * 32).secret == "x" * 32


@pytest.mark.parametrize("asker", [HERE, Asker("::1", "::1"), Asker("::ffff:127.0.0.1", "127.0.0.1")])
def test_a_program_of_this_machine_needs_no_token_unless_it_is_told_to(asker: Asker) -> None:
    assert Access(TOKEN).lets_in(asker)
    assert not Access(TOKEN, spares_this_machine=False).lets_in(asker)


@pytest.mark.parametrize("asker", ELSEWHERE)
def test_whoever_does_not_come_over_loopback_needs_the_token(asker: Asker) -> None:
    assert not Access(TOKEN).lets_in(asker)


@pytest.mark.parametrize(
    ("host", "known"), [("localhost", True), ("desk", True), ("192.168.1.2", True), ("evil", False)]
)
def test_a_server_answers_to_its_own_names_and_to_addresses(host: str, known: bool) -> None:
    assert Access(TOKEN, frozenset({"desk"})).answers_to(host) is known


def test_without_a_token_nobody_comes_through_a_proxy() -> None:
    assert Access().lets_in(HERE)
    assert not Access().lets_in(Asker("127.0.0.1", "localhost", is_forwarded=True))


def test_without_a_token_an_address_that_is_not_loopback_is_no_name_either() -> None:
    assert not Access().answers_to("192.168.1.2")
