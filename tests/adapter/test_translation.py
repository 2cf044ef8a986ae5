"""A request in neutral words, as each provider receives it from its own SDK."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import openai
import pytest
from installed import found, needs
from observe.program import PROGRAMS
from pydantic import TypeAdapter

from adapter.over_loopback import SDKS, WIRES, ask
from firsttoken.adapter.ask import Ask, AskMessage, AskTool, ToolCallAsked
from firsttoken.adapter.chat_request import limit_of
from firsttoken.testing import ProviderServer, text_answer

SYNC: Final = PROGRAMS["sync"]
SCHEMA: Final = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
EVERY_WIRE = pytest.mark.parametrize(
    "wire", ["chat", pytest.param("responses", marks=needs("openai.resources.responses")), "messages"]
)
SAID: Final = Ask(
    model="m",
    messages=(
        AskMessage("system", "Be brief."),
        AskMessage("user", "Weather in Bern and Basel?"),
        AskMessage(
            "assistant",
            "Let me see.",
            tool_calls=(
                ToolCallAsked("c1", "weather", '{"city": "Bern"}'),
                ToolCallAsked("c2", "weather", '{"city": "Basel"}'),
                ToolCallAsked("c3", "now", ""),
            ),
        ),
        AskMessage("tool", "Sun.", tool_call_id="c1"),
        AskMessage("tool", "No station.", tool_call_id="c2", tool_failed=True),
        AskMessage("tool", [{"type": "text", "text": "Noon."}], tool_call_id="c3"),
        AskMessage("user", "So?"),
    ),
    tools=(AskTool("weather", "The weather.", SCHEMA), AskTool("now")),
    tool_choice="auto",
    max_tokens=50,
    temperature=0.5,
    top_p=0.9,
    more={"metadata": {"user_id": "u"}},
)

CHAT: Final[dict[str, Any]] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather in Bern and Basel?"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bern"}'}},
                {"id": "c2", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Basel"}'}},
                {"id": "c3", "type": "function", "function": {"name": "now", "arguments": ""}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "Sun."},
        {"role": "tool", "tool_call_id": "c2", "content": "No station."},
        {"role": "tool", "tool_call_id": "c3", "content": [{"type": "text", "text": "Noon."}]},
        {"role": "user", "content": "So?"},
    ],
    "tools": [
        {"type": "function", "function": {"name": "weather", "description": "The weather.", "parameters": SCHEMA}},
        {"type": "function", "function": {"name": "now", "parameters": {"type": "object", "properties": {}}}},
    ],
    "tool_choice": "auto",
    "max_tokens": 50,
    "temperature": 0.5,
    "top_p": 0.9,
    "metadata": {"user_id": "u"},
    "stream": True,
    "stream_options": {"include_usage": True},
}
RESPONSES: Final[dict[str, Any]] = {
    "model": "m",
    "instructions": "Be brief.",
    "input": [
        {"type": "message", "role": "user", "content": "Weather in Bern and Basel?"},
        {"type": "message", "role": "assistant", "content": "Let me see."},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": '{"city": "Bern"}'},
        {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": '{"city": "Basel"}'},
        {"type": "function_call", "call_id": "c3", "name": "now", "arguments": ""},
        {"type": "function_call_output", "call_id": "c1", "output": "Sun."},
        {"type": "function_call_output", "call_id": "c2", "output": "No station."},
        {"type": "function_call_output", "call_id": "c3", "output": [{"type": "text", "text": "Noon."}]},
        {"type": "message", "role": "user", "content": "So?"},
    ],
    "tools": [
        {
            "type": "function",
            "name": "weather",
            "description": "The weather.",
            "parameters": SCHEMA,
            "strict": False,
        },
        {"type": "function", "name": "now", "parameters": {"type": "object", "properties": {}}, "strict": False},
    ],
    "tool_choice": "auto",
    "max_output_tokens": 50,
    "temperature": 0.5,
    "top_p": 0.9,
    "metadata": {"user_id": "u"},
    "stream": True,
}
MESSAGES: Final[dict[str, Any]] = {
    "model": "m",
    "system": "Be brief.",
    "messages": [
        {"role": "user", "content": "Weather in Bern and Basel?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Bern"}},
                {"type": "tool_use", "id": "c2", "name": "weather", "input": {"city": "Basel"}},
                {"type": "tool_use", "id": "c3", "name": "now", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": "Sun."},
                {"type": "tool_result", "tool_use_id": "c2", "content": "No station.", "is_error": True},
                {"type": "tool_result", "tool_use_id": "c3", "content": [{"type": "text", "text": "Noon."}]},
            ],
        },
        {"role": "user", "content": "So?"},
    ],
    "tools": [
        {"name": "weather", "description": "The weather.", "input_schema": SCHEMA},
        {"name": "now", "input_schema": {"type": "object", "properties": {}}},
    ],
    "tool_choice": {"type": "auto"},
    "max_tokens": 50,
    "temperature": 0.5,
    "top_p": 0.9,
    "metadata": {"user_id": "u"},
    "stream": True,
}
RECEIVED: Final[Mapping[str, dict[str, Any]]] = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES}


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(lambda _: text_answer("ok")) as running:
        yield running


def translated(wire: str, asked: Ask) -> dict[str, Any]:
    with ProviderServer() as server, SYNC.client(SDKS[wire], server) as client:
        return WIRES[wire].translate(asked, client)


@EVERY_WIRE
def test_a_provider_receives_what_was_asked_in_its_own_words(wire: str, server: ProviderServer) -> None:
    _, said = ask(wire, SYNC, server, translated(wire, SAID))
    (request,) = server.requests
    assert RECEIVED[wire] == request.body
    assert said.text == "ok"


TYPES: Final = [
    pytest.param("chat", path, kind, marks=needs(f"openai.types.{kind}"), id=f"chat {path}")
    for path, kind in (
        ("messages", "chat.ChatCompletionMessageParam"),
        ("tools", "chat.ChatCompletionToolParam"),
        ("tool_choice", "chat.ChatCompletionToolChoiceOptionParam"),
    )
] + [
    pytest.param("responses", path, kind, marks=needs(f"openai.types.{kind}"), id=f"responses {path}")
    for path, kind in (
        ("input", "responses.ResponseInputItemParam"),
        ("tools", "responses.FunctionToolParam"),
    )
]
ANTHROPIC_TYPES: Final = [
    pytest.param("messages", path, kind, marks=needs(f"anthropic.types.{kind}"), id=f"messages {path}")
    for path, kind in (
        ("messages", "MessageParam"),
        ("tools", "ToolParam"),
        ("tool_choice", "ToolChoiceParam"),
    )
]


def read_through(value: Any) -> Any:
    """With every iterator read to its end: pydantic checks what is in one when it is read, and not before."""
    if isinstance(value, Mapping):
        return {name: read_through(inner) for name, inner in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [read_through(inner) for inner in value]
    return value


@pytest.mark.parametrize(("wire", "path", "kind"), [*TYPES, *ANTHROPIC_TYPES])
@pytest.mark.parametrize("choice", ["auto", "none", "required", "weather"])
def test_what_is_sent_is_of_the_sdks_own_types(wire: str, path: str, kind: str, choice: str) -> None:
    plain = [replace(message, content="x") for message in SAID.messages]
    said = translated(wire, replace(SAID, tool_choice=choice, messages=plain))[path]
    adapter: TypeAdapter[Any] = TypeAdapter(found(f"{SDKS[wire]}.types.{kind}"))
    for value in said if isinstance(said, list) else [said]:
        assert value == read_through(adapter.validate_python(value))


@EVERY_WIRE
@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("none", {"chat": "none", "responses": "none", "messages": {"type": "none"}}),
        ("required", {"chat": "required", "responses": "required", "messages": {"type": "any"}}),
        (
            "now",
            {
                "chat": {"type": "function", "function": {"name": "now"}},
                "responses": {"type": "function", "name": "now"},
                "messages": {"type": "tool", "name": "now"},
            },
        ),
    ],
)
def test_a_choice_of_tools_is_said_in_each_wires_words(wire: str, choice: str, expected: Mapping[str, Any]) -> None:
    assert expected[wire] == translated(wire, replace(SAID, tool_choice=choice))["tool_choice"]


@EVERY_WIRE
def test_what_was_not_said_is_not_sent(wire: str) -> None:
    bare = Ask(model="m", messages=[AskMessage("user", "Hi")], max_tokens=9)
    limit = {"chat": "max_tokens", "responses": "max_output_tokens", "messages": "max_tokens"}[wire]
    turns = "input" if wire == "responses" else "messages"
    assert {"model", limit, turns} == translated(wire, bare).keys()


@EVERY_WIRE
def test_parts_in_the_providers_own_form_are_handed_on_as_they_are(wire: str) -> None:
    part = {"type": "of_its_own", "x": 1}
    asked = Ask(model="m", messages=[AskMessage("user", [part])], max_tokens=9)
    (turn,) = translated(wire, asked)["input" if wire == "responses" else "messages"]
    assert [part] == turn["content"]


@pytest.mark.parametrize(("wire", "name"), [("chat", "stop"), ("messages", "stop_sequences")])
def test_stop_sequences_go_by_each_wires_name(wire: str, name: str) -> None:
    assert translated(wire, replace(SAID, stop=("END",)))[name] == ["END"]


@pytest.mark.parametrize(
    ("wire", "name", "expected"),
    [
        ("chat", "reasoning_effort", "low"),
        pytest.param("responses", "reasoning", {"effort": "low"}, marks=needs("openai.resources.responses")),
        ("messages", "output_config", {"effort": "low"}),
    ],
)
def test_how_much_to_reason_goes_by_each_wires_name(
    server: ProviderServer, wire: str, name: str, expected: object
) -> None:
    ask(wire, SYNC, server, translated(wire, replace(SAID, reasoning="low")))
    assert expected == server.requests[0].body[name]


@pytest.mark.parametrize("betas", [{}, {"betas": ["b"]}], ids=["messages", "beta"])
def test_what_the_installed_sdk_has_no_argument_for_is_sent_all_the_same(
    server: ProviderServer, betas: dict[str, Any]
) -> None:
    more = {"extra_body": {"top_k": 3}, **betas}
    asked = replace(SAID, more=more, temperature=0.5, top_p=0.9, reasoning="low")
    ask("messages", SYNC, server, translated("messages", asked))
    body = server.requests[0].body
    assert tuple(body[name] for name in ("temperature", "top_p", "top_k", "output_config")) == (
        0.5,
        0.9,
        3,
        {"effort": "low"},
    )


@pytest.mark.parametrize(
    ("expected", "url"),
    [
        ("max_completion_tokens", "https://api.openai.com/v1"),
        ("max_completion_tokens", "https://example.openai.azure.com/openai/v1"),
        ("max_tokens", "https://openrouter.ai/api/v1"),
        ("max_tokens", "https://api.z.ai/api/paas/v4"),
        ("max_tokens", "http://127.0.0.1:8000/v1"),
        ("max_tokens", "http://localhost:11434/v1"),
    ],
)
def test_the_limit_has_its_newer_name_where_the_older_one_is_refused(expected: str, url: str) -> None:
    with openai.OpenAI(api_key="key", base_url=url) as client:
        assert expected == limit_of(client)


def test_azures_own_client_takes_the_newer_name_wherever_it_is(server: ProviderServer) -> None:
    with openai.AzureOpenAI(api_key="key", api_version="v", azure_endpoint=server.base_url) as client:
        assert limit_of(client) == "max_completion_tokens"


def with_calls(arguments: str) -> Ask:
    call = ToolCallAsked("c1", "f", arguments)
    return Ask(model="m", messages=[AskMessage("assistant", tool_calls=(call,))], max_tokens=9)


@pytest.mark.parametrize("arguments", ['{"a": ', "[1]", "null", "nonsense", "[" * 100_000], ids=lambda said: said[:9])
def test_arguments_that_are_no_object_are_refused_for_anthropic_with_what_to_do(arguments: str) -> None:
    with pytest.raises(ValueError, match=r"the call 'c1' of 'f' are not a JSON object.*leave the call"):
        translated("messages", with_calls(arguments))


@pytest.mark.parametrize("wire", ["chat", pytest.param("responses", marks=needs("openai.resources.responses"))])
def test_arguments_that_are_no_json_go_back_to_openai_as_the_model_wrote_them(
    wire: str, server: ProviderServer
) -> None:
    ask(wire, SYNC, server, translated(wire, with_calls('{"a": ')))
    assert '{\\"a\\": ' in server.requests[0].content.decode()


def test_only_calls_of_tools_are_a_turn_without_a_text() -> None:
    asked = with_calls("{}")
    assert translated("chat", asked)["messages"][0]["content"] is None
    assert [block["type"] for block in translated("messages", asked)["messages"][0]["content"]] == ["tool_use"]
    assert [item["type"] for item in translated("responses", asked)["input"]] == ["function_call"]


def test_several_system_messages_stay_several_and_a_later_one_stays_in_its_place() -> None:
    first, second, later = AskMessage("system", "A"), AskMessage("system", "B"), AskMessage("system", "C")
    asked = Ask(model="m", messages=[first, second, AskMessage("user", "Hi"), later], max_tokens=9)
    messages = translated("messages", asked)
    assert messages["system"] == [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]
    assert [turn["role"] for turn in messages["messages"]] == ["user", "system"]
    responses = translated("responses", asked)
    assert "instructions" not in responses
    assert [item["role"] for item in responses["input"]] == ["system", "system", "user", "system"]


@pytest.mark.parametrize(
    ("wire", "changes", "message"),
    [
        ("messages", {"max_tokens": None}, r"give Ask\(max_tokens=\.\.\.\)"),
        ("responses", {"stop": ("END",)}, "leave `stop` out, or use Chat Completions"),
        ("chat", {"tool_choice": "wether"}, r"'wether', which is not among the tools \(weather, now\)"),
        ("chat", {"more": {"temperature": 1.0}}, "says temperature twice"),
        ("messages", {"messages": [AskMessage("tool", "x")]}, "needs `tool_call_id`"),
        ("chat", {"messages": [AskMessage("tool", "x")]}, "needs `tool_call_id`"),
        ("responses", {"messages": [AskMessage("tool", "x")]}, "needs `tool_call_id`"),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_to_do(wire: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        translated(wire, replace(SAID, **changes))


def test_one_text_is_not_taken_for_its_letters_where_it_would_stop_the_answer() -> None:
    with pytest.raises(TypeError, match=r"give \['END'\]"):
        replace(SAID, stop="END")


def test_a_limit_or_tools_of_the_providers_own_are_enough() -> None:
    more = {"max_tokens": 7, "tools": [{"type": "web_search_20250305", "name": "web_search"}]}
    asked = Ask(model="m", messages=[AskMessage("user", "Hi")], tool_choice="web_search", more=more)
    said = translated("messages", asked)
    assert (said["max_tokens"], said["tool_choice"]) == (7, {"type": "tool", "name": "web_search"})
