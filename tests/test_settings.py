"""Options out of the environment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from firsttoken import Settings
from firsttoken.errors import SettingsError
from firsttoken.settings import CAPTURE_CONTENT


def test_kinds_of_private_data_may_have_a_comma_too_many() -> None:
    assert Settings.from_environment({"FIRSTTOKEN_REDACT": " email, card,"}).redact == ("email", "card")


@pytest.mark.parametrize(
    ("redact", "told"),
    [
        ("email", "redact='email' is no"),
        (["email"], "redact=['email'] is no"),
        (5, "redact=5"),
        (("email", 5), "has 5"),
    ],
)
def test_what_is_no_redactor_is_told_as_it_was_given(redact: Any, told: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)):
        Settings(redact=redact)


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings() == Settings.from_environment({})


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_variable_is_unset(blank: str) -> None:
    every = {f"FIRSTTOKEN_{field.name.upper()}": blank for field in fields(Settings)}
    assert Settings() == Settings.from_environment(every)


def test_every_option_has_a_variable_of_its_name() -> None:
    environ = {
        "FIRSTTOKEN_INCLUDE_USAGE": "true",
        "FIRSTTOKEN_HTTPX": "true",
        "FIRSTTOKEN_PRICES": "/etc/prices.toml",
        "FIRSTTOKEN_PROVIDERS": "llm.example.com=vllm, *.corp.example=openai,[::1]:8000=x_ai",
        "FIRSTTOKEN_LOCAL_ENDPOINT": "http://127.0.0.1:4318",
        "FIRSTTOKEN_EXIT_TIMEOUT_S": "0.5",
        "FIRSTTOKEN_FLUSH_ON_SIGTERM": "true",
        "FIRSTTOKEN_STALL_S": "2.5",
        "FIRSTTOKEN_CONTENT_LIMIT_BYTES": "1000",
        "FIRSTTOKEN_CONTENT_PART_LIMIT_BYTES": "100",
        "FIRSTTOKEN_CONTENT_STORE": "/var/lib/content",
        "FIRSTTOKEN_TRACE_CONTENT": "Metadata",
        "FIRSTTOKEN_REDACT": "email, CARD",
        "FIRSTTOKEN_CONVENTIONS": "both",
        "FIRSTTOKEN_BAGGAGE": "user.id, session.id,,user.id",
        "FIRSTTOKEN_METRIC_ATTRIBUTES": "call_type,feature",
        "FIRSTTOKEN_PROVIDER_TRACES": "logs",
        "FIRSTTOKEN_LIVE": "true",
        "FIRSTTOKEN_TIMELINE": "false",
    }
    expected = Settings(
        include_usage=True,
        httpx=True,
        prices=Path("/etc/prices.toml"),
        providers={"llm.example.com": "vllm", "*.corp.example": "openai", "[::1]:8000": "x_ai"},
        local_endpoint="http://127.0.0.1:4318",
        exit_timeout_s=0.5,
        flush_on_sigterm=True,
        stall_s=2.5,
        content_limit_bytes=1000,
        content_part_limit_bytes=100,
        content_store="/var/lib/content",
        trace_content="metadata",
        redact=("email", "card"),
        conventions="both",
        baggage=("user.id", "session.id"),
        metric_attributes=("call_type", "feature"),
        provider_traces="logs",
        live=True,
        timeline=False,
    )
    named = {field.name for field in fields(Settings)} - {"capture_content"}
    assert {f"FIRSTTOKEN_{name.upper()}" for name in named} == environ.keys()
    assert expected == Settings.from_environment(environ)


@pytest.mark.parametrize("word", ["1", "true", "TRUE", " yes ", "On"])
def test_a_yes_may_be_spelt_as_usual(word: str) -> None:
    assert Settings(include_usage=True) == Settings.from_environment({"FIRSTTOKEN_INCLUDE_USAGE": word})


@pytest.mark.parametrize("word", ["0", "false", "False", " no ", "OFF"])
def test_a_no_may_be_spelt_as_usual(word: str) -> None:
    assert Settings() == Settings.from_environment({"FIRSTTOKEN_HTTPX": word})


@pytest.mark.parametrize("word", ["maybe", "2", "tru", "yes please", "ja"])
@pytest.mark.parametrize("name", ["FIRSTTOKEN_INCLUDE_USAGE", "FIRSTTOKEN_HTTPX"])
def test_another_word_is_refused_with_what_to_do(name: str, word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: word})
    assert f"{name}={word!r} is not a yes or no: set it to true or false, or unset it" == str(refused.value)


@pytest.mark.parametrize(("seconds", "word"), [(0.0, "0"), (2.5, " 2.5 "), (1000.0, "1e3")])
def test_a_time_is_a_number_of_seconds(seconds: float, word: str) -> None:
    assert Settings(exit_timeout_s=seconds) == Settings.from_environment({"FIRSTTOKEN_EXIT_TIMEOUT_S": word})


@pytest.mark.parametrize("word", ["soon", "-1", "nan", "inf", "-inf", "2s", "1,5"])
def test_a_time_that_is_none_is_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"FIRSTTOKEN_EXIT_TIMEOUT_S": word})
    expected = f"FIRSTTOKEN_EXIT_TIMEOUT_S={word!r} is not a number of seconds: set it to 0 or more, or unset it"
    assert expected == str(refused.value)


@pytest.mark.parametrize("wrong", ["vllm", "=vllm", "host=", "a=b=c", "", "http://host/v1=vllm", "a host=vllm"])
def test_a_list_of_providers_that_is_none_is_refused_with_what_to_do(wrong: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"FIRSTTOKEN_PROVIDERS": f"llm.example.com=vllm,{wrong}"})
    expected = f"FIRSTTOKEN_PROVIDERS has {wrong!r}, which is not host=name: write host=name,host=name, or unset it"
    assert expected == str(refused.value)


@pytest.mark.parametrize("option", ["capture_content", "conventions", "provider_traces", "trace_content"])
@pytest.mark.parametrize("word", ["nonsense", "", None, True, "NO_CONTENT, SPAN_ONLY"])
def test_a_word_in_code_that_an_option_does_not_know_is_refused(option: str, word: Any) -> None:
    with pytest.raises(SettingsError, match=rf"^{option}={re.escape(repr(word))} is none of .*: name one of these$"):
        Settings(**{option: word})


@pytest.mark.parametrize("option", ["baggage", "metric_attributes"])
@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("user.id", "='user.id' is not a tuple of names: write (\"user.id\",)"),
        (["user.id"], "=['user.id'] is not a tuple of names: write (\"user.id\",)"),
        (None, '=None is not a tuple of names: write ("user.id",)'),
        (("user.id", 7), " has 7, which is no name of an attribute: leave it out"),
        (("user id",), " has 'user id', which is no name of an attribute: leave it out"),
    ],
    ids=["text", "list", "None", "number", "space"],
)
def test_names_in_code_that_are_none_are_refused(option: str, given: Any, complaint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings(**{option: given})
    assert f"{option}{complaint}" == str(refused.value)


@pytest.mark.parametrize("name", ["FIRSTTOKEN_BAGGAGE", "FIRSTTOKEN_METRIC_ATTRIBUTES"])
@pytest.mark.parametrize("wrong", ["user id", "*", "1st", "user.id=7", "naïve", "x" * 129])
def test_a_list_of_names_with_another_word_in_it_is_refused_with_what_to_do(name: str, wrong: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: f"user.id,{wrong}"})
    assert f"{name} has {wrong!r}, which is no name: write user.id,session.id, or unset it" == str(refused.value)


@pytest.mark.parametrize("word", ["SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT", "NO_CONTENT"])
@pytest.mark.parametrize("spelt", [str.upper, str.lower, str.title, " {} ".format], ids=lambda spelt: spelt.__name__)
def test_content_is_captured_by_the_standard_variable_in_any_case(word: Any, spelt: Callable[[str], str]) -> None:
    assert Settings(capture_content=word) == Settings.from_environment({CAPTURE_CONTENT: spelt(word)})


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", "SPAN", "span-only"])
def test_another_word_for_the_content_is_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({CAPTURE_CONTENT: word})
    words = "NO_CONTENT, SPAN_ONLY, EVENT_ONLY, SPAN_AND_EVENT"
    assert f"{CAPTURE_CONTENT}={word!r} is none of {words}: set one, or unset it" == str(refused.value)


@pytest.mark.parametrize("word", ["current", "older", "both"])
@pytest.mark.parametrize("spelt", [str.upper, str.lower, str.title, " {}\t".format], ids=lambda spelt: spelt.__name__)
def test_the_conventions_are_one_word_in_any_case(word: Any, spelt: Callable[[str], str]) -> None:
    assert Settings(conventions=word) == Settings.from_environment({"FIRSTTOKEN_CONVENTIONS": spelt(word)})


@pytest.mark.parametrize("word", ["old", "new", "true", "older,current", "gen_ai_latest_experimental", "both."])
def test_other_conventions_are_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"FIRSTTOKEN_CONVENTIONS": word})
    expected = f"FIRSTTOKEN_CONVENTIONS={word!r} is none of current, older, both: set one, or unset it"
    assert expected == str(refused.value)


@pytest.mark.parametrize("word", ["logs", "span_events", "both", "off"])
@pytest.mark.parametrize("spelt", [str.upper, str.lower, " {}\t".format], ids=lambda spelt: spelt.__name__)
def test_where_provider_traces_go_is_one_word_in_any_case(word: Any, spelt: Callable[[str], str]) -> None:
    assert Settings(provider_traces=word) == Settings.from_environment({"FIRSTTOKEN_PROVIDER_TRACES": spelt(word)})


@pytest.mark.parametrize("word", ["true", "none", "log", "span", "logs,span_events"])
def test_another_place_for_provider_traces_is_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({"FIRSTTOKEN_PROVIDER_TRACES": word})
    words = "logs, span_events, both, off"
    assert f"FIRSTTOKEN_PROVIDER_TRACES={word!r} is none of {words}: set one, or unset it" == str(refused.value)


@pytest.mark.parametrize("word", ["gen_ai_latest_experimental", "gen_ai", "gen_ai/dup", "http/dup,database", "garbage"])
def test_the_standard_opt_in_is_for_instrumentations_that_began_with_the_older_conventions(word: str) -> None:
    assert Settings() == Settings.from_environment({"OTEL_SEMCONV_STABILITY_OPT_IN": word})


@pytest.mark.parametrize(("size", "word"), [(0, "0"), (4096, " 4096 "), (10**18 - 1, "9" * 18)])
def test_a_size_is_a_whole_number_of_bytes(size: int, word: str) -> None:
    name = "FIRSTTOKEN_CONTENT_LIMIT_BYTES"
    assert Settings(content_limit_bytes=size) == Settings.from_environment({name: word})


@pytest.mark.parametrize("word", ["much", "-1", "1.5", "4KiB", "1e6", "²", "9" * 5000])
def test_a_size_that_is_none_is_refused_with_what_to_do(word: str) -> None:
    name = "FIRSTTOKEN_CONTENT_LIMIT_BYTES"
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({name: word})
    assert f"{name}={word!r} is not a number of bytes: set it to 0 or more, or unset it" == str(refused.value)


@pytest.mark.parametrize("name", ["exit_timeout_s", "stall_s"])
@pytest.mark.parametrize("seconds", [-1, -0.5, float("nan"), float("inf"), "2", None, True])
def test_code_that_gives_no_number_of_seconds_is_refused_as_the_environment_is(name: str, seconds: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings(**{name: seconds})
    assert f"{name}={seconds!r} is not a number of seconds: give 0 or more" == str(refused.value)


@pytest.mark.parametrize("name", ["content_limit_bytes", "content_part_limit_bytes"])
@pytest.mark.parametrize("size", [-1, 1.5, float("inf"), "4096", None, True, 10**18])
def test_code_that_gives_no_number_of_bytes_is_refused_as_the_environment_is(name: str, size: Any) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings(**{name: size})
    assert f"{name}={size!r} is not a number of bytes: give 0 or more" == str(refused.value)


def test_the_process_environment_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTTOKEN_INCLUDE_USAGE", "true")
    assert Settings.from_environment().include_usage
