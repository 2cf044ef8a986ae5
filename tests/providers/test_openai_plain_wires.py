"""Embeddings and legacy Completions: what their answers say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from firsttoken.call import Response, Usage
from firsttoken.providers.openai_completions import CompletionTally, OpenAICompletions
from firsttoken.providers.openai_embeddings import OpenAIEmbeddings
from firsttoken.providers.wire import Reading

Json = dict[str, Any]
Build = Callable[[Json], Any]

HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "gpt-3.5-turbo-instruct"}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


def chunk(text: str, reason: str | None = None) -> Json:
    return {**HEAD, "choices": [{"index": 0, "text": text, "logprobs": None, "finish_reason": reason}]}


STREAM = (chunk("Once"), chunk(" upon"), chunk("", "length"), {**HEAD, "choices": [], "usage": USAGE})
SAID = Response(id="cmpl-1", model="gpt-3.5-turbo-instruct", finish_reasons=("length",))
COUNTED = Usage(input_tokens=5, output_tokens=2)


def test_a_stream_of_completions_says_what_one_of_chat_does(completion_chunk: Build) -> None:
    tally = CompletionTally()
    noted = [tally.note(completion_chunk(each)) for each in STREAM]
    assert noted[0]
    assert Reading(SAID, COUNTED, finished=True) == tally.reading()


def test_a_completion_without_text_is_not_the_first_token(completion_chunk: Build) -> None:
    assert not CompletionTally().note(completion_chunk(chunk("")))


def test_a_completion_that_was_cut_ended_in_an_error(completion_chunk: Build) -> None:
    tally = CompletionTally()
    tally.note(completion_chunk(STREAM[0]))
    assert Reading(Response(id=SAID.id, model=SAID.model, finish_reasons=("error",))) == tally.reading()


def test_a_whole_completion_is_read_like_one_of_chat() -> None:
    answer = {**chunk("Once upon", "length"), "usage": USAGE}
    assert Reading(SAID, COUNTED, finished=True) == OpenAICompletions().read_answer(answer)


def test_embeddings_say_their_model_and_their_input() -> None:
    answer = {"object": "list", "data": [], "model": "text-embedding-3-small", "usage": USAGE}
    expected = Reading(Response(model="text-embedding-3-small"), Usage(input_tokens=5), finished=True)
    assert expected == OpenAIEmbeddings().read_answer(answer)


@pytest.mark.parametrize("answer", [None, {}, "<html>", 7, [], {"model": 3, "usage": {"prompt_tokens": -1}}])
def test_embeddings_that_say_nothing_are_unknown(answer: object) -> None:
    assert Reading(finished=True) == OpenAIEmbeddings().read_answer(answer)


def test_a_wire_that_knows_no_streams_takes_one_for_whole() -> None:
    tally = OpenAIEmbeddings().tally()
    assert (tally.note({"object": "list"}), tally.reading()) == (False, Reading(finished=True))
