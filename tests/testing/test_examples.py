"""Each example does what its first line says, as the program that a user starts."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from installed import OPENAI_HTTP as HTTP
from observing import observing
from openai import OpenAI

import firsttoken
from firsttoken.call import Usage
from firsttoken.testing import (
    Answer,
    CapturedTelemetry,
    Delivery,
    ErrorAnswer,
    Gate,
    ProviderServer,
    ToolCall,
    text_answer,
)
from testing.running import EXAMPLES, environ, run


def test_the_chat_example_streams_an_answer(server: ProviderServer) -> None:
    server.enqueue(text_answer("Grüß", " Gott"))
    done = run(server, str(EXAMPLES / "chat.py"), "How", "are", "you?")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Grüß Gott\n", "")
    assert server.requests[0].body["messages"] == [{"role": "user", "content": "How are you?"}]


def test_the_anthropic_example_streams_an_answer(server: ProviderServer) -> None:
    server.enqueue(text_answer("Grüß", " Gott"))
    done = run(server, str(EXAMPLES / "anthropic_chat.py"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "Grüß Gott\n", "")
    assert server.requests[0].body["stream"] is True


def test_the_fan_out_example_prints_every_answer(server: ProviderServer) -> None:
    done = run(server, str(EXAMPLES / "async_fan_out.py"), "Graz", "Riga", "Cork")
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {"Graz", "Riga", "Cork"}


MODELS = {"gpt-4o-mini": "/v1/chat/completions", "claude-haiku-4-5": "/v1/messages"}
"""Path by model."""


@pytest.mark.parametrize("model", MODELS)
def test_the_adapter_example_streams_an_answer_of_either_provider_and_says_how_it_went(
    model: str, server: ProviderServer
) -> None:
    server.enqueue(replace(text_answer("Grüß", " Gott"), usage=Usage(input_tokens=12, output_tokens=3)))
    done = run(server, str(EXAMPLES / "adapter_chat.py"), model, "How", "are", "you?")
    assert (done.returncode, done.stdout) == (0, "Grüß Gott\n\n")
    told = dict(line.split(": ") for line in done.stderr.splitlines())
    assert re.fullmatch(r"\d+\.\d{3} s", told.pop("first token"))
    assert told == {"model": model, "ended": told["ended"], "input tokens": "12", "output tokens": "3"}
    (request,) = server.requests
    assert (MODELS[model], model) == (request.path, request.model)


def test_the_adapter_example_ends_with_the_error_in_one_line(server: ProviderServer) -> None:
    server.enqueue(ErrorAnswer(status=401))
    done = run(server, str(EXAMPLES / "adapter_chat.py"), "claude-haiku-4-5")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"\nanthropic failed .*HTTP 401, authentication_error, .*\n", done.stderr)


FOUND = ToolCall("find_tables", ('{"town": ', '"Ghent"}'))
BOOKED = ToolCall("book_table", ('{"table": "20:00"}',))


@pytest.mark.parametrize(
    ("typed", "result"),
    [("y\n", '"20:00 is booked"'), ("\n", "the user does not want this")],
    ids=["agreed", "refused"],
)
@pytest.mark.parametrize("model", MODELS)
def test_the_agent_runs_its_tools_and_asks_a_person_before_it_books(
    model: str, typed: str, result: str, server: ProviderServer
) -> None:
    server.enqueue(Answer(tool_calls=(FOUND,)), Answer(tool_calls=(BOOKED,)), text_answer("Done", "."))
    done = run(server, str(EXAMPLES / "agent_loop.py"), model, "A", "table?", typed=typed)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == 'book_table {"table": "20:00"}? [y/N] Done.\n'
    asked = [json.dumps(request.body["messages"]) for request in server.requests]
    assert ['"A table?"' in turns for turns in asked] == [True] * 3
    assert ["18:30 at the harbour, Ghent" in turns for turns in asked] == [False, True, True]
    assert [json.dumps(result) in turns for turns in asked] == [False, False, True]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (ToolCall("find_tables", ('{"town": ',)), "Arguments of find_tables were no JSON object. Call it again."),
        (ToolCall("find_tables", ("[]",)), "Arguments of find_tables were no JSON object. Call it again."),
        (ToolCall("find_tables", ('{"city": "Ghent"}',)), "wrong call: "),
        (ToolCall("find_hotels", ("{}",)), "wrong call: 'find_hotels'"),
    ],
    ids=["no JSON", "no object", "no such argument", "no such tool"],
)
@pytest.mark.parametrize("model", MODELS)
def test_the_agent_tells_the_model_of_a_call_that_it_cannot_make(
    model: str, call: ToolCall, told: str, server: ProviderServer
) -> None:
    server.enqueue(Answer(tool_calls=(call,)), text_answer("Sorry"))
    done = run(server, str(EXAMPLES / "agent_loop.py"), model)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Sorry\n", "")
    assert told in json.dumps(server.requests[-1].body["messages"][-1])


def test_the_agent_runs_a_tool_that_takes_nothing_also_where_the_model_writes_nothing(
    server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = runpy.run_path(str(EXAMPLES / "agent_loop.py"))
    monkeypatch.setitem(program["WORK"], "now", lambda: "18:30")
    server.enqueue(Answer(tool_calls=(ToolCall("now", ("",)),)), text_answer("Half past six"))
    own_client = OpenAI(api_key="not-a-real-key", base_url=server.openai_base_url)
    with CapturedTelemetry() as telemetry, observing(telemetry), own_client as client:
        program["answer"](firsttoken.StreamAdapter(client), "gpt-4o-mini", "What time is it?")
    _, turn, result = server.requests[-1].body["messages"]
    assert turn["tool_calls"][0]["function"] == {"name": "now", "arguments": ""}
    assert (result["role"], result["content"]) == ("tool", '"18:30"')


def test_a_run_of_the_agent_is_one_tree(server: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.enqueue(Answer(tool_calls=(FOUND,)), text_answer("Done"))
    program = runpy.run_path(str(EXAMPLES / "agent_loop.py"))
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-real-key")
    monkeypatch.setenv("OPENAI_BASE_URL", server.openai_base_url)
    monkeypatch.setattr(sys, "argv", ["agent_loop.py"])
    with CapturedTelemetry() as telemetry, observing(telemetry):
        program["main"]()
    spans = sorted(telemetry.spans, key=lambda span: span["start_unix_ns"])
    (agent, *below) = spans
    assert (agent["name"], agent["parent_span_id"]) == ("invoke_agent concierge", None)
    assert [span["name"] for span in below] == ["chat gpt-4o-mini", "execute_tool find_tables", "chat gpt-4o-mini"]
    assert {agent["span_id"]} == {span["parent_span_id"] for span in below}


def test_the_agent_gives_up_after_some_steps() -> None:
    with ProviderServer(lambda _: Answer(tool_calls=(FOUND,))) as server:
        done = run(server, str(EXAMPLES / "agent_loop.py"), "gpt-4o-mini")
    assert (done.returncode, done.stderr) == (1, "no answer after 8 steps\n")


@contextmanager
def endpoint(server: ProviderServer) -> Iterator[str]:
    """The address of the endpoint, which runs in a process of its own."""
    command = [sys.executable, "-m", "uvicorn", "fastapi_streaming:app", "--app-dir", str(EXAMPLES), "--port", "0"]
    with subprocess.Popen(command, env=environ(server), stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            running = (re.search(r"running on (http://\S+)", line) for line in process.stderr)
            yield next(match.group(1) for match in running if match)
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert process.returncode in (0, -15)


def events(body: str) -> list[tuple[str, dict[str, object]]]:
    return [
        (event.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for event, data in (block.split("\n") for block in body.strip().split("\n\n"))
    ]


def test_the_endpoint_hands_on_each_token_and_says_how_it_ended(server: ProviderServer) -> None:
    server.enqueue(text_answer("Grüß", " Gott"), ErrorAnswer(status=404), text_answer("Again"))
    with endpoint(server) as url, HTTP.Client(timeout=30) as browser:
        first, failed, again = (events(browser.post(f"{url}/chat", json={"prompt": "x"}).text) for _ in range(3))
    assert first[:2] == [("text", {"text": "Grüß"}), ("text", {"text": " Gott"})]
    assert first[2][0] == "end"
    assert first[2][1]["reason"] == "stop"
    assert [(event, data["category"], data["retryable"]) for event, data in failed] == [("error", "not_found", False)]
    assert again[0] == ("text", {"text": "Again"})


@pytest.mark.parametrize("talkative", [False, True], ids=["while nothing comes", "while tokens come"])
def test_the_providers_stream_is_closed_when_the_browser_goes_away(talkative: bool) -> None:
    """The provider would go on for ever, so that its reply can end in one way alone."""
    many = replace(text_answer(*["word "] * 100_000), delivery=Delivery(each_after=0.001))
    quiet = replace(text_answer("One", "two"), delivery=Delivery(before={2: Gate()}))
    with ProviderServer() as server, endpoint(server) as url, HTTP.Client(timeout=30) as browser:
        server.enqueue(many if talkative else quiet)
        with browser.stream("POST", f"{url}/chat", json={"prompt": "x"}) as response:
            next(response.iter_lines())
        (request,) = server.wait_until_settled(1, timeout_s=30)
    assert request.client_disconnected
