"""Anthropic Message Batches: handing one in, and reading its results.

Source: Anthropic API reference, "Create a Message Batch" and "Retrieve Message Batch results".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from firsttoken.call import Parameters, Portion, Response, Usage, total_of
from firsttoken.call.timeline import NOTHING
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.fields import count, get, text
from firsttoken.providers.kinds import Kinds
from firsttoken.providers.novelty import MOST_UNKNOWN, NONE, novelties
from firsttoken.providers.summed import SummedPortions
from firsttoken.providers.wire import Reading, Wire

FAILED_RESULTS: Final = frozenset({"canceled", "errored", "expired"})
RESULTS: Final = FAILED_RESULTS | {"succeeded"}

REQUEST_COUNTS: Final = ("processing", "succeeded", "errored", "canceled", "expired")
"""The states that a request of a batch may be in. Each request is in one."""

BATCH_TIER: Final = "batch"
"""Whether or not a result says so: everything in a batch is billed on these terms."""

MESSAGES: Final = AnthropicMessages()


@dataclass(frozen=True, slots=True)
class AnthropicBatchCreation(Wire):
    """The wire of `POST /v1/messages/batches`. Nothing has been generated, or billed, when it is answered."""

    api: str = "anthropic.batches"
    operation: str = "create_batch"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        """The requests of the batch may be an iterator, which is the SDK's to read."""
        del asked
        return Parameters()

    def read_answer(self, answer: object) -> Reading:
        counts = [count(get(answer, "request_counts", state)) for state in REQUEST_COUNTS]
        known = [number for number in counts if number is not None]
        response = Response(
            id=text(get(answer, "id")),
            status=text(get(answer, "processing_status")),
            batch_requests=sum(known) if known else None,
        )
        return Reading(response=response, finished=True)


@dataclass(frozen=True, slots=True)
class AnthropicBatchResults(Wire):
    """The wire of `GET /v1/messages/batches/{id}/results`: a line of JSON for each request (decision 4)."""

    streams_lines: ClassVar[bool] = True
    batch: str = ""
    """The segment of the path, as it stands there."""
    api: str = "anthropic.batches"
    operation: str = "batch_results"

    @property
    def response_id(self) -> str | None:
        return text(unquote(self.batch))

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        del asked
        return Parameters()

    def tally(self) -> BatchTally:
        return BatchTally()

    def read_answer(self, answer: object) -> Reading:
        """Results come as a stream alone; read as anything else, they tell nothing."""
        del answer
        return Reading(finished=True)


class BatchTally:
    """How many requests there were, how many failed, and what the others used."""

    __slots__ = ("_failed", "_kinds", "_models", "_requests", "_uncounted", "_unknown", "_used")

    carries: int = NOTHING

    def __init__(self) -> None:
        self._requests = self._failed = self._uncounted = 0
        self._models: set[str | None] = set()
        self._unknown = NONE
        self._used = SummedPortions()
        self._kinds = Kinds()

    def note(self, chunk: Any) -> bool:
        """Never content: that a result was read says nothing of when a model wrote it."""
        kind = text(get(chunk, "result", "type"))
        self._requests += 1
        self._kinds.take(kind)
        if kind == "succeeded":
            self._take(MESSAGES.read_answer(get(chunk, "result", "message")))
        elif kind in FAILED_RESULTS:
            self._failed += 1
        else:
            self._learn(novelties("result", [kind], RESULTS))
        return False

    def _take(self, said: Reading) -> None:
        self._learn(said.unknown)
        self._models.add(said.response.model)
        if said.usage is None or said.usage.partial:
            self._uncounted += 1
        own = () if said.usage is None else (Portion(said.usage, said.response),)
        for portion in said.portions or own:
            self._used.add(replace(portion, response=replace(portion.response, service_tier=BATCH_TIER)))

    def _learn(self, words: frozenset[str]) -> None:
        if len(self._unknown) < MOST_UNKNOWN:
            self._unknown |= words

    def _usage(self, portions: tuple[Portion, ...]) -> Usage | None:
        """Partial where an answer did not say what it used; None where there was no answer to use anything."""
        if not portions:
            return Usage(partial=True) if self._uncounted else None
        usage = total_of(portion.usage for portion in portions)
        return replace(usage, partial=usage.partial or self._uncounted > 0)

    def reading(self) -> Reading:
        portions = self._used.portions()
        return Reading(
            response=Response(
                model=_only(self._models),
                service_tier=BATCH_TIER,
                batch_requests=self._requests,
                batch_failed=self._failed,
            ),
            usage=self._usage(portions),
            portions=portions,
            events=self._kinds.counted(),
            last_event=self._kinds.last,
            unknown=self._unknown,
            is_repeatable=True,
            finished=True,
        )


def _only(words: set[str | None]) -> str | None:
    """The one word that everybody said."""
    return next(iter(words)) if len(words) == 1 else None
