"""Real calls in the real Phoenix: straight from their program, and through the gateway."""

from __future__ import annotations

from collections import Counter

import pytest
from patience import until

from e2e.documented import BACK_ENDS, exported
from e2e.gateway import gateway
from e2e.others.calling import ANSWER, CAPTURED, CLAUDE, GPT, PROMPT, call
from e2e.others.phoenix import phoenix

pytestmark = pytest.mark.timeout(1800)
SPANS = {
    ("chat gpt-4.1", "LLM", "UNSET"): 1,
    ("chat gpt-4.1", "LLM", "ERROR"): 1,
    ("chat claude-sonnet-4-6", "LLM", "UNSET"): 2,
    ("execute_tool search", "TOOL", "UNSET"): 1,
    ("invoke_agent planner", "AGENT", "UNSET"): 1,
}
COUNTED = {"prompt": 1200, "prompt_details.cache_read": 1000, "completion": 34, "total": 1234}
ASKED, ANSWERED = "llm.input_messages.0.message.content", "llm.output_messages.0.message.content"


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with phoenix(tmp_path_factory.mktemp("phoenix")) as server:
        yield server


def documented(there, project):
    """What back-ends.md says to export."""
    places = {"phoenix:6006": there.http, "project.name=shop": f"project.name={project}"}
    return exported(BACK_ENDS, "Phoenix", places)


def arrived(there, project):
    until(lambda: len(there.spans(project)) == sum(SPANS.values()))
    return there.spans(project)


def chats(spans):
    return [span["attributes"] for span in spans if span["span_kind"] == "LLM" and span["status_code"] == "UNSET"]


def test_each_call_is_there_with_its_model_and_tokens_and_without_a_word(there):
    call("s-1", documented(there, "quiet"))

    spans = arrived(there, "quiet")
    assert Counter((span["name"], span["span_kind"], span["status_code"]) for span in spans) == SPANS
    assert sorted(chat["llm.model_name"] for chat in chats(spans)) == [CLAUDE, CLAUDE, GPT]
    counts = [{kind: chat[f"llm.token_count.{kind}"] for kind in COUNTED} for chat in chats(spans)]
    assert counts == [COUNTED] * 3
    assert not any(words in str(spans) for words in (PROMPT, ANSWER))


def test_a_stream_says_when_its_first_token_came_and_a_whole_answer_does_not(there):
    call("s-2", documented(there, "streams"))

    said = Counter(
        (chat.get("gen_ai.request.stream", False), "firsttoken.time_to_first_token" in chat)
        for chat in chats(arrived(there, "streams"))
    )
    assert said == {(True, True): 2, (False, False): 1}


def test_a_refusal_says_what_the_provider_said(there):
    call("s-3", documented(there, "refused"))

    [refused] = [span for span in arrived(there, "refused") if span["status_code"] == "ERROR"]
    assert "The server had an error" in refused["status_message"]
    assert refused["attributes"]["firsttoken.error.category"] == "server"


def test_an_agent_s_call_is_below_its_tool(there):
    call("s-4", documented(there, "agents"))

    by_id = {span["context"]["span_id"]: span for span in arrived(there, "agents")}
    below = {span["name"]: by_id[span["parent_id"]]["name"] for span in by_id.values() if span["parent_id"]}
    assert below == {"execute_tool search": "invoke_agent planner", f"chat {CLAUDE}": "execute_tool search"}


def test_calls_of_a_session_are_its_traces_there_too(there):
    call("s-5", documented(there, "sessions"))
    arrived(there, "sessions")

    [session] = there.sessions("sessions")
    assert (session["session_id"], len(session["traces"]), session["token_count_total"]) == ("s-5", 4, 3 * 1234)


def test_captured_content_is_there_and_the_prompt_is_shown_as_a_message(there):
    call("s-6", {**documented(there, "spoken"), **CAPTURED})

    for chat in chats(arrived(there, "spoken")):
        assert chat[ASKED] == PROMPT
        assert ANSWER in chat["gen_ai.output.messages"]
        assert ANSWERED not in chat


def test_an_answer_is_shown_as_a_message_where_older_conventions_are_wanted_too(there):
    call("s-7", {**documented(there, "both"), **CAPTURED, "FIRSTTOKEN_CONVENTIONS": "both"})

    for chat in chats(arrived(there, "both")):
        assert (chat[ASKED], chat[ANSWERED]) == (PROMPT, ANSWER)


def test_calls_come_through_the_gateway(there, collector_binary, tmp_path):
    place = gateway(collector_binary, tmp_path, TRACES_ENDPOINT=there.grpc)
    quiet = {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    project = {"OTEL_RESOURCE_ATTRIBUTES": "openinference.project.name=gateway"}
    with place.running():
        call("s-8", {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{place.grpc}", **quiet, **project})

        spans = arrived(there, "gateway")
    assert Counter((span["name"], span["span_kind"], span["status_code"]) for span in spans) == SPANS
