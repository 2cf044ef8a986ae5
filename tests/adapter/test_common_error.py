"""What providers, proxies and networks do to a call becomes one error of the common tree, and keeps what is known."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import re
from dataclasses import replace
from typing import Any, Final

import anthropic
import openai
import pytest
from installed import OPENAI_HTTP as HTTP
from installed import needs
from observe.asking import opened, read, using, whole
from observe.error_cases import ANSWER, CASES, Case
from observe.program import PROGRAMS, Program
from patience import PATIENCE_S

import firsttoken
from firsttoken import StreamAdapter, errors
from firsttoken.adapter.common_error import CLASSES, failed, llm_error
from firsttoken.call import Category, Failure, Response, Stage
from firsttoken.errors import FirstTokenError, LLMError
from firsttoken.observe.failure import CUT_SHORT, as_told
from firsttoken.providers.openai_responses import OpenAIResponses
from firsttoken.testing import CapturedTelemetry, ErrorAnswer, ProviderServer

NAMES: Final = {
    "timeout": "LLMTimeoutError",
    "connection": "LLMConnectionError",
    "rate_limit": "LLMRateLimitError",
    "quota": "LLMQuotaError",
    "auth": "LLMAuthenticationError",
    "permission": "LLMPermissionError",
    "not_found": "LLMNotFoundError",
    "context_length": "LLMContextWindowError",
    "bad_request": "LLMBadRequestError",
    "overloaded": "LLMOverloadedError",
    "server": "LLMServerError",
    "content_filter": "LLMContentFilterError",
    "cancelled": "LLMCancelledError",
    "unknown": "LLMUnknownError",
}
RETRYABLE: Final = {"timeout", "connection", "rate_limit", "overloaded", "server"}
EVERY: Final = tuple(
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, LLMError)
)


@pytest.fixture(params=PROGRAMS.values(), ids=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Program:
    return request.param


@pytest.fixture
def server() -> Any:
    with ProviderServer() as running:
        yield running


def common(
    program: Program, sdk: str, server: ProviderServer, kind: str, response: Response | None = None, **options: Any
) -> LLMError:
    """What becomes of a call that fails: of its exception, or of a stream that stops before its end."""
    answering = False

    async def ask(client: Any) -> LLMError:
        nonlocal answering
        try:
            if kind == "whole":
                await whole(program, client)
            else:
                stream = await opened(program, client)
                answering = True
                await read(program, stream)
        except Exception as error:  # noqa: BLE001  whatever it is
            return llm_error(error, provider="somebody", answering=answering, response=response)
        return failed(CUT_SHORT, provider="somebody", response=response)

    return using(program, sdk, server, ask, **options)


@pytest.mark.parametrize(("case", "sdk", "kind"), CASES)
def test_whatever_happens_to_a_call_is_one_error_of_the_tree(case: Case, sdk: str, kind: str, program: Program) -> None:
    with ProviderServer() as server:
        server.enqueue(*[case.reply] * (case.reply is not None))
        response = Response(status_code=200, request_id="req_of_the_answer") if case.status == 200 else None
        error = common(program, sdk, server, kind, response, **case.client)
    said = case.expected(sdk)
    name = "LLMUnprocessableError" if case.status == 422 else NAMES[case.category]
    assert (name, case.category, case.status, said.get("firsttoken.error.code"), case.stage, "somebody") == (
        type(error).__name__,
        error.category,
        error.status,
        error.code,
        error.stage,
        error.provider,
    )
    assert error.retryable == (case.category in RETRYABLE or case.status == 409)
    assert error.retry_after_s == said.get("firsttoken.error.retry_after")
    assert (error.request_id or "").startswith("req_") == (case.status is not None)


@pytest.mark.parametrize("kind", ["whole", "streamed"])
def test_the_providers_exception_is_the_cause(kind: str, program: Program, server: ProviderServer) -> None:
    server.enqueue(ErrorAnswer(status=429))
    error = common(program, "openai", server, kind)
    assert isinstance(error.__cause__, openai.RateLimitError)
    assert not isinstance(error, openai.OpenAIError)
    assert isinstance(error, FirstTokenError)


@pytest.mark.parametrize(("sdk", "says_it"), [("openai", False), ("anthropic", True)])
def test_what_an_error_in_mid_stream_does_not_say_is_that_of_its_answer(
    sdk: str, says_it: bool, program: Program, server: ProviderServer
) -> None:
    server.enqueue(replace(ANSWER, error=ErrorAnswer(status=500), error_after=2))
    answer = Response(status_code=200, request_id="req_of_the_answer")
    error = common(program, sdk, server, "streamed", answer)
    assert (errors.LLMServerError, 200) == (type(error), error.status)
    assert says_it == (error.request_id != answer.request_id)


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("status", "said", "expected"), [(500, "false", False), (400, "true", True), (429, "perhaps", True)]
)
def test_a_provider_that_says_whether_to_retry_is_believed(
    status: int, said: str, expected: bool, sdk: str, program: Program, server: ProviderServer
) -> None:
    server.enqueue(ErrorAnswer(status=status, headers={"x-should-retry": said}))
    assert common(program, sdk, server, "whole").retryable is expected


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_a_message_says_what_where_and_what_helps_and_quotes_nobody(
    sdk: str, program: Program, server: ProviderServer
) -> None:
    server.enqueue(ErrorAnswer(status=429, message="You asked 'canary' with sk-12345678", headers={"retry-after": "7"}))
    error = common(program, sdk, server, "whole")
    code = {"openai": "rate_limit_exceeded", "anthropic": "rate_limit_error"}[sdk]
    assert str(error) == (
        f"somebody failed before there was an answer to read (HTTP 429, {code}, request {error.request_id}): "
        "Too many requests or tokens in too short a time. It works again after a wait. "
        "The provider asks to wait 7 s."
    )
    assert "canary" in (error.provider_message or "")
    assert "sk-12345678" not in (error.provider_message or "")
    assert "canary" not in repr(error)


@pytest.mark.parametrize(("status", "told"), [(400, True), (500, False)])
def test_a_message_says_where_the_providers_own_words_are_if_only_they_help(
    status: int, told: bool, program: Program, server: ProviderServer
) -> None:
    server.enqueue(ErrorAnswer(status=status))
    error = common(program, "openai", server, "whole")
    assert told == str(error).endswith(" What was said of it is in provider_message.")
    assert error.provider_message


def test_a_representation_tells_what_is_known() -> None:
    error = errors.LLMQuotaError("no credit", provider="openai", status=429, code="insufficient_quota")
    assert repr(error) == (
        "LLMQuotaError('no credit', provider='openai', status=429, code='insufficient_quota', retryable=False)"
    )


def test_an_error_that_was_mapped_is_not_mapped_again() -> None:
    error = llm_error(openai.APITimeoutError(HTTP.Request("POST", "http://a")), provider="openai")
    assert llm_error(error, provider="anthropic", answering=True) is error


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt, GeneratorExit, SystemExit])
def test_what_is_no_exception_passes_through(kind: type[BaseException]) -> None:
    stop = kind()
    with pytest.raises(kind) as caught:
        llm_error(stop)  # type: ignore[arg-type]
    assert caught.value is stop


def test_an_exception_that_cannot_be_read_is_mapped_all_the_same() -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

        @property
        def response(self) -> object:
            raise RuntimeError("no response")

    broken = Broken()
    error = llm_error(broken, provider="openai")
    assert (type(error), error.__cause__) == (errors.LLMUnknownError, broken)


def test_a_helper_that_will_not_send_a_request_is_the_callers_mistake() -> None:
    with (
        anthropic.Anthropic(api_key="key", base_url="http://127.0.0.1:1") as client,
        pytest.raises(ValueError, match=r"[Ss]treaming") as caught,
    ):
        client.messages.create(model="claude-3-opus-20240229", max_tokens=200_000, messages=[])
    assert type(llm_error(caught.value)) is errors.LLMBadRequestError


@pytest.mark.parametrize("wrong", [{"messages": None}, {"max_token": 3}], ids=["missing", "unknown"])
@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_arguments_that_the_sdk_itself_refuses_are_a_bad_request(
    sdk: str, wrong: dict[str, object], program: Program, server: ProviderServer, adapters: CapturedTelemetry
) -> None:
    arguments = {name: value for name, value in {**REQUESTS[sdk], **wrong}.items() if value is not None}

    async def ask(client: Any) -> None:
        with pytest.raises(errors.LLMBadRequestError) as caught:
            await program.get(StreamAdapter(client).stream(arguments).read())
        assert isinstance(caught.value.__cause__, TypeError)

    using(program, sdk, server, ask)
    assert server.requests == ()


FAILED: Final = {
    "rate_limit_exceeded": "rate_limit",
    "insufficient_quota": "quota",
    "context_length_exceeded": "context_length",
    "authentication_error": "auth",
    "server_error": "server",
    "image_content_policy_violation": "content_filter",
    "weather": "unknown",
}


@needs("openai.resources.responses")
@pytest.mark.parametrize("code", FAILED)
def test_a_response_that_says_that_it_failed_is_an_error_without_a_cause(code: str, server: ProviderServer) -> None:
    server.enqueue(replace(ANSWER, status="failed", finish_reason=code))
    tally = OpenAIResponses().tally()
    with openai.OpenAI(api_key="key", base_url=server.openai_base_url) as client:
        for event in client.responses.create(model="m", input="x", stream=True):
            tally.note(event)
    said = tally.reading().failure
    assert said is not None
    error = failed(as_told(said, answering=True), provider="openai", response=Response(status_code=200))
    assert (NAMES[FAILED[code]], code, "mid_stream", None) == (
        type(error).__name__,
        error.code,
        error.stage,
        error.__cause__,
    )


def test_every_category_has_a_class_of_its_own_that_says_so() -> None:
    assert CLASSES.keys() == set(Category)
    assert {category: NAMES[category] for category in Category} == {
        category: cls.__name__ for category, cls in CLASSES.items()
    }
    assert all(cls.category == category for category, cls in CLASSES.items())


def test_every_class_is_drawn_in_the_tree_with_its_category_and_whether_a_retry_makes_sense() -> None:
    lines = [line.partition("── ")[2] for line in (errors.__doc__ or "").splitlines()]
    drawn = {line.split()[0]: line for line in lines if line.startswith("LLM")}
    assert {cls.__name__ for cls in EVERY} - {"LLMError"} == drawn.keys() - {"LLMError"}
    for cls in CLASSES.values():
        *_, category, retried = re.split(r"  +", drawn[cls.__name__])
        assert (cls.category, "yes" if cls.retried else "no") == (category, retried.partition(",")[0])


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: cls.__name__)
def test_an_error_can_be_pickled_and_copied(cls: type[LLMError]) -> None:
    error = cls(
        "what happened",
        provider="openai",
        status=429,
        code="1113",
        request_id="req_1",
        retry_after_s=0.25,
        retryable=not cls.retried,
        stage="headers",
        provider_message="words",
    )
    error.add_note("of the application's")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301  ours
        assert (cls, repr(error), vars(error)) == (type(again), repr(again), vars(again))


def test_an_error_mapped_from_a_real_one_can_be_pickled(program: Program, server: ProviderServer) -> None:
    server.enqueue(ErrorAnswer(status=401))
    error = common(program, "openai", server, "whole")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  ours
    assert (vars(error), None) == (vars(again), again.__cause__)
    json.dumps(vars(again))


def test_a_group_of_errors_is_told_apart_by_class() -> None:
    slow, empty = errors.LLMRateLimitError("slow"), errors.LLMQuotaError("empty")
    met: list[BaseException] = []
    try:
        raise ExceptionGroup("two calls", [slow, empty])
    except* errors.LLMQuotaError as group:
        met.extend(group.exceptions)
    except* LLMError as group:
        met.extend(group.exceptions)
    assert met == [empty, slow]


@pytest.mark.parametrize("stage", [None, *Stage])
@pytest.mark.parametrize("category", Category)
def test_every_kind_of_failure_reads_as_a_sentence(category: Category, stage: Stage | None) -> None:
    error = failed(Failure("x", "words", category=category, stage=stage))
    assert str(error).startswith("the call failed")
    assert str(error).endswith(".")
    assert "\n" not in str(error)
    assert (error.stage, error.category) == (stage, category)


REQUESTS: Final = {
    "openai": {"model": "m", "messages": [{"role": "user", "content": "Hi"}]},
    "anthropic": {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]},
}
STREAMED: Final = [case for case in CASES if case.values[2] == "streamed"]


@pytest.mark.parametrize(("case", "sdk", "kind"), STREAMED)
def test_what_the_adapter_raises_and_what_its_span_says_are_the_same(
    case: Case, sdk: str, kind: str, program: Program, adapters: CapturedTelemetry
) -> None:
    async def ask(client: Any) -> LLMError:
        with pytest.raises(LLMError) as caught:
            await program.get(StreamAdapter(client).stream(REQUESTS[sdk]).read())
        return caught.value

    with ProviderServer() as server:
        server.enqueue(*[case.reply] * (case.reply is not None))
        error = using(program, sdk, server, ask, **case.client)
    assert firsttoken.flush(PATIENCE_S)
    (span,) = adapters.spans
    on_span = span["attributes"]
    assert (case.category, case.status, case.stage) == (error.category, error.status, error.stage)
    assert (error.category, error.status, error.stage, error.code, error.retry_after_s, error.provider) == (
        on_span["firsttoken.error.category"],
        on_span.get("http.response.status_code"),
        on_span.get("firsttoken.error.stage"),
        on_span.get("firsttoken.error.code"),
        on_span.get("firsttoken.error.retry_after"),
        on_span["gen_ai.provider.name"],
    )
