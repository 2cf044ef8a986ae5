"""Nothing secret stands in what is shown."""

from __future__ import annotations

import pytest

from firsttoken.diagnosis.secrets import Secrets, shown_url


@pytest.mark.parametrize(
    ("name", "value", "said", "shown"),
    [
        ("OPENAI_API_KEY", "sk-abc123", "sent sk-abc123", "sent ***"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20tok-1,x=y", "got Bearer tok-1!", "got ***!"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer tok-1", "the token tok-1", "the token ***"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "api-key", "malformed: api-key", "malformed: ***"),
        ("DB_PASSWORD", "hunter22", "hunter22hunter22", "******"),
        ("SOME_TOKEN", "abc", "an abc of things", "an abc of things"),
        ("PATH", "/usr/bin", "in /usr/bin", "in /usr/bin"),
        ("PATH", "", "http://me:pass@host/x and https://t@h", "http://***@host/x and https://***@h"),
        ("PATH", "", "traces to me:pass@h:4317, retrying", "traces to ***@h:4317, retrying"),
        ("PATH", "", "http://me:p@ss@host/x, me:p@ss@h:4317", "http://***@host/x, ***@h:4317"),
        ("PATH", "", "http://h/a@b http://h1,http://me@h2", "http://h/a@b http://h1,http://***@h2"),
        ("HTTP_PROXY", "http://me:hunter@22@proxy", "password hunter@22", "password ***"),
        ("PATH", "", "mail joe@example.com at 10:22", "mail joe@example.com at 10:22"),
        ("HTTPS_PROXY", "http://me:hunter%2122@proxy:1", "hunter%2122, hunter!22", "***, ***"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://h/x?k=tok-1", "url: /x?k=tok-1/v1/traces", "url: /x?***/v1/traces"),
        ("A_URL", "https://h/x?k=#tok-1", "url: /x?k=#tok-1", "url: /x?***"),
        ("A_URL", "https://h/x?a=words&token=tok%2D1", "words, tok-1, tok%2D1", "words, ***, ***"),
    ],
    ids=[
        "key",
        "header",
        "bare-token",
        "malformed-header",
        "twice",
        "too-short",
        "no-secret",
        "user-info",
        "user-info-without-scheme",
        "password-with-a-sign-in-it",
        "sign-in-a-path",
        "password-of-an-address-with-a-sign-in-it",
        "mail",
        "password-of-an-address",
        "query-of-an-address",
        "fragment-of-an-address",
        "token-in-a-query",
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(name: str, value: str, said: str, shown: str) -> None:
    assert shown == Secrets({name: value}).hide(said)


def test_a_secret_within_another_leaves_nothing_of_either() -> None:
    assert Secrets({"A_KEY": "longer-secret", "B_KEY": "secret"}).hide("longer-secret") == "***"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:pass@host:4318/v1/traces?key=1#x", "http://host:4318/v1/traces"),
        ("localhost:4317", "localhost:4317"),
        ("me:pass@localhost:4317", "localhost:4317"),
        ("me:pass@localhost:4317?key=1", "localhost:4317"),
        ("", ""),
        ("http://[::1", "http://[::1"),
        ("http://me:pass@[::1?key=1", "http://***@[::1"),
    ],
)
def test_an_address_is_shown_without_user_password_and_query(url: str, shown: str) -> None:
    assert shown == shown_url(url)
