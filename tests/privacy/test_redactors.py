"""What is private is taken out of a text, and nothing else; in time that grows with the text, whatever is in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken import redactors
from firsttoken.privacy.redaction import Redaction, sights_for
from firsttoken.privacy.sighting import REACH, WINDOW

BASE64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
CREDENTIALS = {
    "openai": "sk-abcdefghij0123456789ABCD",
    "openai project": "sk-proj-" + "a1B2c3D4" * 10,
    "anthropic": "sk-ant-api03-" + "x9Y8_z-7" * 10 + "AA",
    "openrouter": "sk-or-v1-" + "0123456789abcdef" * 4,
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "aws session": "ASIAY34FZKBOKMUTVV7A",
    "github": "ghp_" + "a1B2" * 9,
    "github fine-grained": "github_pat_" + "11ABCDEFG0" * 8,
    "gitlab": "glpat-" + "Ab1_" * 5,
    "slack": "xoxb-2048-4096-aBcDeFgHiJkL",
    "slack app": "xapp-1-A0123-4567-abcdef0123",
    "google": "AIza" + "SyD3x4mple_" * 3 + "k3",
    "google oauth": "ya29.a0AfB_byC" + "d1E2" * 10,
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "hugging face": "hf_" + "aBcD1234" * 4,
    "groq": "gsk_" + "aBcD1234" * 6,
}
SETTINGS = {
    "header": ("Authorization: Bearer {}", "abcd1234efgh5678ijkl"),
    "lower case": ("authorization: bearer {}", "abcd1234efgh5678ijkl"),
    "basic": ("Authorization: Basic {}", "dXNlcjpwYXNzd29yZDEyMw=="),
    "query": ("https://example.com/v1?api_key={}&q=1", "Zx81Zx81Zx81"),
    "signature": ("https://x.blob.core.windows.net/a?sv=2024&sig={}", "Zx81%2BZx81%3D"),
    "json": ('{{"api_key": "{}", "n": 1}}', "Zx81Zx81Zx81"),
    "escaped json": ('{{\\"api-key\\": \\"{}\\"}}', "Zx81Zx81Zx81"),
    "environment": ("AZURE_OPENAI_API_KEY={}", "0123456789abcdef0123456789abcdef"),
    "password": ("password: {}", "correct-horse-1"),
    "user in a url": ("postgres://me:{}@db.example.com/x", "p4ssw0rd"),
    "user in a url, with an at": ("postgres://me:{}@db.example.com/x", "p4ss@w0@rd"),
    "user in a url before an at": ("https://me:{}@example.com?mail=joe@example.com", "p4ssw0rd"),
    "token": ("access_token={}", "Zx81Zx81Zx81"),
}


@pytest.mark.parametrize("around", ["{}", "key: {} and more", '"{}",', "({})", "a\n{}\nb", "https://x/{}/y", "={}"])
@pytest.mark.parametrize("key", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_key_of_a_known_form_is_taken_out_wherever_it_stands(key: str, around: str) -> None:
    redacted = redactors.keys(around.format(key))
    assert key[6:] not in redacted
    assert " removed]" in redacted


@pytest.mark.parametrize(("form", "secret"), SETTINGS.values(), ids=SETTINGS)
def test_the_value_of_what_is_called_a_secret_is_taken_out_and_nothing_beside_it(form: str, secret: str) -> None:
    head, tail = (part.format() for part in form.split("{}"))
    redacted = redactors.keys(form.format(secret))
    assert redacted.startswith(head)
    assert redacted.endswith(tail)
    assert redacted[len(head) : len(redacted) - len(tail)] in ("[authorization removed]", "[secret removed]")


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
@pytest.mark.parametrize("breaks", ["\n", "\\n", "\r\n"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_private_key_is_taken_out_also_where_its_end_is_missing(kind: str, breaks: str, whole: bool) -> None:
    block = " BLOCK" if kind == "PGP " else ""
    end = f"-----END {kind}PRIVATE KEY{block}-----" if whole else ""
    key = breaks.join([f"-----BEGIN {kind}PRIVATE KEY{block}-----", *[BASE64] * 25, end])
    redacted = redactors.keys(f"before {key} after")
    assert BASE64[:10] not in redacted
    assert redacted == ("before [private_key removed] after" if whole else "before [private_key removed]")


@pytest.mark.parametrize(
    "text",
    [
        "The task-oriented sk-learn package, and a desk-mounted risk-averse asterisk-shaped thing",
        "tokens: 12345678, max_tokens=16384000, completion_tokens: 10000000",
        "basic understanding-of-things, and the bearer of-the-ring-of-power",
        "a signature: somewhat-illegible. password: forgotten",
        "see https://example.com:8080/path?page=12345678 and mailto:someone",
        '{"token": "Hello", "logprob": -0.1, "bytes": [72, 101]}',
        "eyJ and AKIA and ghp_ and -----BEGIN CERTIFICATE----- are only beginnings",
        "550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e",
        "",
    ],
)
def test_what_is_no_key_stays(text: str) -> None:
    assert redactors.keys(text) is text


@pytest.mark.parametrize(
    "address", ["a@b.io", "first.last+tag@sub.example.co.uk", "o_b%1@xn--bcher-kva.example", "müller@bücher.de"]
)
@pytest.mark.parametrize("around", ["{}", "<{}>", "mail {}, or call", "mailto:{}?x=1"])
def test_an_address_is_taken_out(address: str, around: str) -> None:
    assert around.format("[email removed]") == redactors.email(around.format(address))


@pytest.mark.parametrize("text", ["@mention", "a@b", "user@localhost", "x @ y.com", "decorator @app.route", "a@@b.com"])
def test_what_is_no_address_stays(text: str) -> None:
    assert redactors.email(text) == text


@pytest.mark.parametrize(
    "number",
    [
        "+41 44 668 18 00",
        "+1 (415) 555-2671",
        "+14155552671",
        "0041 44 668 18 00",
        "044 668 18 00",
        "(030) 901820-0",
        "020 7946 0958",
        "(415) 555-2671",
        "415-555-2671",
        "415.555.2671",
    ],
)
@pytest.mark.parametrize("around", ["{}", "call {} now", "tel:{}", "({})."])
def test_a_phone_number_is_taken_out(number: str, around: str) -> None:
    redacted = redactors.phone(around.format(number))
    assert "[phone removed]" in redacted
    assert number[-4:] not in redacted


@pytest.mark.parametrize(
    "text",
    ["2026-11-22 17:30:00", "3.14159265358979", "192.168.100.200", "1732294800000000000", "v2.10.3", "1,234,567"],
)
def test_a_date_a_number_and_an_address_of_a_host_are_no_phone_numbers(text: str) -> None:
    assert redactors.phone(text) == text


CARDS = ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005", "3782 822463 10005"]


@pytest.mark.parametrize("number", [*CARDS, "6011000990139424", "4222222222222"])
@pytest.mark.parametrize("around", ["{}", "card {}, 12/27", "7 {} 8", "no {}.", "5501 {}"])
def test_a_card_number_is_taken_out(number: str, around: str) -> None:
    assert around.format("[card removed]") == redactors.card(around.format(number))


@pytest.mark.parametrize(
    "number", ["4111111111111112", "41111111111111111111111", "1732294800000000000", "4111 1111 1111"]
)
def test_what_does_not_add_up_or_is_too_long_is_no_card(number: str) -> None:
    assert redactors.card(number) == number


def test_what_is_taken_out_is_counted_by_kind_and_stays_uncounted_where_nothing_was() -> None:
    redaction = Redaction(sights_for(["email", "card"]), known=("the-clients-own-key",))
    text = f"a@b.io, c@d.io, {CREDENTIALS['aws']}, the-clients-own-key and 4111111111111111"
    assert redaction(text) == (
        "[email removed], [email removed], [aws_key removed], [credential removed] and [card removed]"
    )
    assert redaction.counts == {"email": 2, "aws_key": 1, "credential": 1, "card": 1}


def test_what_overlaps_is_taken_out_once_and_whole() -> None:
    redaction = Redaction(sights_for([]), known=("Bearer abcdefgh",))
    assert redaction("x Bearer abcdefgh12345678 y") == "x [credential removed] y"


def test_functions_of_the_application_come_after_ours_in_their_order_and_are_counted() -> None:
    seen: list[str] = []

    def first(text: str) -> str:
        seen.append(text)
        return text.replace("secret plan", "plan")

    redaction = Redaction(sights_for([]), own=(first, str.upper))
    assert redaction(f"secret plan {CREDENTIALS['aws']}") == "PLAN [AWS_KEY REMOVED]"
    assert seen == ["secret plan [aws_key removed]"]
    assert redaction.counts["own"] == 2


def test_redactors_can_be_chained() -> None:
    assert redactors.chain(redactors.email, redactors.card, str.lower)("To A@B.io 4111111111111111") == (
        "to [email removed] [card removed]"
    )


@pytest.mark.parametrize("offset", [-40, -20, -1, 0, 1, 20])
@pytest.mark.parametrize("key", [CREDENTIALS["anthropic"], CREDENTIALS["jwt"]])
def test_a_key_is_found_across_the_border_of_two_searches(key: str, offset: int) -> None:
    text = " " * (WINDOW + offset) + key + " " * WINDOW
    assert key[8:] not in redactors.keys(text)


def test_a_key_that_is_longer_than_a_search_reaches_is_taken_out_whole() -> None:
    key = "sk-" + "a1" * (WINDOW + REACH)
    assert redactors.keys(f"{' ' * 1000}{key} end") == f"{' ' * 1000}[api_key removed] end"


ADVERSARIAL = {
    "one letter": "a",
    "digits": "1",
    "digits apart": "4 ",
    "groups of digits": "4111 ",
    "beginnings of keys": "sk-",
    "beginnings of bearer": "bearer ",
    "beginnings of tokens": "eyJ.",
    "beginnings of private keys": "-----BEGIN PRIVATE KEY-----",
    "halves of private keys": "-----BEGIN RSA PRIVATE KEY-----\n-",
    "dashes": "-",
    "ats": "@",
    "addresses without an end": "a@",
    "labels": "a@b.",
    "local parts": "a.b+c-",
    "plus signs": "+1 ",
    "brackets": "+1(2)",
    "colons": "://a:",
    "passwords": "://a:b@c@",
    "assignments": "api_key=",
    "signs": "=:",
    "accents": "é",
    "nul": "\0",
}


@pytest.mark.parametrize("piece", ADVERSARIAL.values(), ids=ADVERSARIAL)
def test_time_grows_with_the_text_and_no_faster_whatever_it_is_made_of(piece: str) -> None:
    """In time of the processor. A text twenty times as long takes what is quadratic four hundred times as long."""

    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        best = float("inf")
        for _ in range(2):
            started = time.process_time()
            Redaction(sights_for(["email", "phone", "card"]))(text)
            best = min(best, time.process_time() - started)
        return best

    small, large = seconds(50_000), seconds(1_000_000)
    assert large < max(small, 0.01) * 100


@pytest.mark.parametrize("redact", [redactors.keys, redactors.email, redactors.phone, redactors.card])
@given(text=st.text(st.characters(exclude_categories=[])))
def test_any_text_can_be_redacted_twice_as_well_as_once(redact: Callable[[str], str], text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.sampled_from(list(CREDENTIALS.values())), st.text(" \n,;\"'", max_size=20), st.text(" \n,;\"'", max_size=20))
def test_a_key_inside_json_is_taken_out_and_the_json_stays_json(key: str, before: str, after: str) -> None:
    redacted = redactors.keys(json.dumps({"a": f"{before} {key} {after}"}))
    assert key not in redacted
    assert " removed]" in json.loads(redacted)["a"]
