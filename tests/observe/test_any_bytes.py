"""However the bytes of a stream are cut and packed, a program gets its own chunks, and the call is told alike."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from firsttoken.call import Call, Outcome, Usage
from firsttoken.call.content import Content, Message
from firsttoken.observe.patch import Patch
from firsttoken.observe.recording import Recording
from firsttoken.observe.seam import Seam
from firsttoken.privacy.policy import Levels
from firsttoken.providers.sdk import ANTHROPIC, OPENAI
from firsttoken.testing import Answer, FakeClock, ProviderServer, RawAnswer, ReceivedRequest, ToolCall
from firsttoken.testing import wire as wires
from observe import ways
from observe.asking import using
from observe.program import DONE, PROGRAMS, Program
from observe.surfaces import STREAMS, Surface
from observe.watching import raised, shown

ANSWER: Final = Answer(
    reasoning=("Größe", " →"),
    text=("naïve", " 令牌", "\n\ndata: x\r\n", "😀", "\u2028"),
    tool_calls=(ToolCall("wetter", ('{"ort"', ': "Zürich"}')),),
    usage=Usage(input_tokens=240, output_tokens=40, cache_read_tokens=200, reasoning_tokens=15),
    id="answer-1",
)
SURFACES: Final = [surface for surface in STREAMS if surface.open in (ways.create, ways.fetch)]
CASES: Final = [
    pytest.param(surface, program, id=f"{surface.name} {name}")
    for surface in SURFACES
    for name, program in PROGRAMS.items()
]
SIZES: Final = st.lists(st.integers(1, 400), min_size=1, max_size=20).map(tuple)
LINE_ENDS: Final = st.sampled_from([b"\n", b"\r\n", b"\r"])
FEW: Final = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(slots=True)
class Provider:
    """Sends the bytes of one stream after another, cut as it is told."""

    pieces: tuple[bytes, ...] = ()
    packed: bool = False
    server: ProviderServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = ProviderServer(self.reply)

    def reply(self, request: ReceivedRequest) -> RawAnswer:
        del request
        return RawAnswer(chunks=self.pieces, headers={"content-encoding": "gzip"} if self.packed else {})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    with provider.server:
        yield provider


class SeenChunks:
    """Takes the place of what captures content, and keeps the chunks themselves."""

    fields: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.chunks: list[Any] = []

    def transcript(self) -> SeenChunks:
        return self

    def note(self, chunk: Any) -> None:
        self.chunks.append(chunk)

    def answer(self) -> tuple[Message, ...]:
        return ()

    def read_request(self, asked: Mapping[str, object]) -> Content:
        del asked
        return Content()

    def read_answer(self, answer: object) -> tuple[Message, ...]:
        del answer
        return ()


class Seen:
    """What the observer saw: chunks, and calls without what differs from one to the next."""

    def __init__(self) -> None:
        self.reader = SeenChunks()
        self.calls: list[Call] = []

    def started(self, recording: Recording) -> None: ...
    def gaps(self, recording: Recording) -> None: ...

    def finished(self, recording: Recording) -> None:
        call = recording.call()
        timing = replace(call.timing, started_unix_ns=0)
        self.calls.append(replace(call, timing=timing, response=replace(call.response, request_id=None)))


def watched(surface: Surface, program: Program, provider: Provider) -> tuple[list[Any], list[Any], list[Call]]:
    """What a program got under observation, what the observer saw of it, and its calls."""
    seen, patches = Seen(), [Patch(OPENAI), Patch(ANTHROPIC)]
    contents = {surface.api.name: seen.reader}
    for patch in patches:
        seam = Seam(
            patch.sdk, seen, include_usage=False, clock=FakeClock(1), levels=Levels(spans="full"), contents=contents
        )
        patch.apply(seam)
    try:
        got = received(surface, program, provider)
    finally:
        for patch in patches:
            patch.remove()
    return got, seen.reader.chunks, seen.calls


def received(surface: Surface, program: Program, provider: Provider) -> list[Any]:
    """The chunks, and the exception if there was one."""
    got: list[Any] = []

    async def work(client: Any) -> None:
        iterator = program.iterate((await surface.ask(program, client)).stream)
        try:
            while (chunk := await program.next(iterator)) is not DONE:
                got.append(chunk)
        except Exception as error:  # noqa: BLE001  to be compared
            got.append(error)

    using(program, surface.sdk, provider.server, work)
    return got


def as_values(got: Sequence[Any]) -> list[Any]:
    return [raised(each) if isinstance(each, Exception) else shown(each) for each in got]


def body_of(surface: Surface) -> bytes:
    wire = {
        "openai.chat_completions": wires.OPENAI,
        "openai.completions": wires.OPENAI_COMPLETIONS,
        "openai.responses": wires.OPENAI_RESPONSES,
        "anthropic.messages": wires.ANTHROPIC,
    }[surface.api.name]
    body = {"model": "a-model", "stream": True, "stream_options": {"include_usage": True}}
    request = ReceivedRequest(
        number=1, serial="1", method="POST", path="", query="", headers={}, content=b"", body=body
    )
    assert wire.events is not None
    return b"".join(wire.events(ANSWER, request))


def cut(body: bytes, sizes: tuple[int, ...]) -> tuple[bytes, ...]:
    pieces, start, turn = list[bytes](), 0, 0
    while start < len(body):
        size = sizes[turn % len(sizes)]
        pieces.append(body[start : start + size])
        start, turn = start + size, turn + 1
    return tuple(pieces)


@pytest.mark.parametrize(("surface", "program"), CASES)
@FEW
@given(sizes=SIZES, line_end=LINE_ENDS, packed=st.booleans())
@example(sizes=(1,), line_end=b"\r\n", packed=False)
@example(sizes=(1,), line_end=b"\n", packed=True)
def test_any_way_of_cutting_and_packing_gives_the_same_call_and_the_very_chunks_of_the_bare_sdk(
    surface: Surface, program: Program, sizes: tuple[int, ...], line_end: bytes, packed: bool, provider: Provider
) -> None:
    body = body_of(surface).replace(b"\n", line_end)
    provider.pieces, provider.packed = (body,), False
    bare = received(surface, program, provider)
    _, _, (whole,) = watched(surface, program, provider)

    sent = gzip.compress(body, mtime=0) if packed else body
    provider.pieces, provider.packed = cut(sent, sizes), packed
    got, seen, (call,) = watched(surface, program, provider)

    assert as_values(bare) == as_values(got)
    assert len(got) == len(seen)
    assert all(mine is theirs for mine, theirs in zip(seen, got, strict=True))
    assert whole == call
    counted = None if surface.api.operation == "fetch_response" else 240
    assert (call.outcome, call.usage and call.usage.input_tokens) == (Outcome.COMPLETED, counted)


WORDS: Final = st.sampled_from(
    [
        b'"choices":null', b'"choices":[]', b'"choices":[null]', b'"delta":null', b'"delta":{}', b'"index":"x"',
        b'"type":"telepathy"', b'"id":null', b'"usage":{"output_tokens":-1}', b'"error":{}', b'"item":null',
        b'"response":null', b'"content_block":null', b'"message":7', b'"output_index":99', b"\xff\xfe", b"[1]", b"",
    ]
)  # fmt: skip
NAMES: Final = st.sampled_from([b"", b"ping", b"message_start", b"message_delta", b"content_block_delta", b"telepathy"])
ODD_EVENTS: Final = st.lists(st.tuples(st.integers(0, 20), NAMES, st.lists(WORDS, max_size=4)), min_size=1, max_size=4)


def with_odd(body: bytes, odd: list[tuple[int, bytes, list[bytes]]], line_end: bytes = b"\n") -> bytes:
    """The stream with events among its own that no provider should send."""
    events = body.split(line_end * 2)
    for place, name, words in odd:
        event = (b"event: " + name + line_end if name else b"") + b"data: {" + b",".join(words) + b"}"
        events.insert(min(place, len(events) - 1), event)
    return (line_end * 2).join(events)


@pytest.mark.parametrize(("surface", "program"), CASES)
@FEW
@given(odd=ODD_EVENTS, sizes=SIZES)
def test_whatever_stands_among_the_events_the_program_gets_what_the_bare_sdk_gives_it(
    surface: Surface,
    program: Program,
    odd: list[tuple[int, bytes, list[bytes]]],
    sizes: tuple[int, ...],
    provider: Provider,
) -> None:
    provider.pieces, provider.packed = cut(with_odd(body_of(surface), odd), sizes), False
    bare = received(surface, program, provider)
    got, seen, (call,) = watched(surface, program, provider)
    assert as_values(bare) == as_values(got)
    chunks = [each for each in got if not isinstance(each, Exception)]
    assert len(chunks) == len(seen)
    assert all(mine is theirs for mine, theirs in zip(seen, chunks, strict=True))
    if len(chunks) < len(got):
        assert call.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "surface",
    [surface for surface in SURFACES if surface.name in ("chat.create", "messages.create")],
    ids=lambda surface: surface.name,
)
def test_a_line_of_ten_megabytes_passes_as_it_came(surface: Surface, provider: Provider) -> None:
    provider.pieces = (body_of(surface).replace("naïve".encode(), b"x" * 10_000_000),)
    provider.packed = False
    program = PROGRAMS["sync"]
    bare = received(surface, program, provider)
    got, _, (call,) = watched(surface, program, provider)
    assert as_values(bare) == as_values(got)
    assert call.outcome is Outcome.COMPLETED
